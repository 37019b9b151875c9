//! What this process asks of the system: files to open, and that no one can look into it.

use std::io;

/// Open files other than clients' connections: 192 calls each to Slack and Jules at most, the store, Socket Mode.
const OWN_FILES: u64 = 448;

/// Keeps secrets out of core dumps, and other programs of the same user out of this process's memory.
///
/// # Errors
/// What the system says when it refuses that.
pub fn protect() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    }
    Ok(())
}

/// Lets this process open as many files as the system allows it, and says how many of them may be clients'
/// connections: so many that enough are left for everything else.
#[must_use]
pub(crate) fn connections_allowed() -> usize {
    usize::try_from(for_clients(open_files())).unwrap_or(usize::MAX)
}

fn for_clients(files: u64) -> u64 {
    files - OWN_FILES.min(files / 2)
}

/// Raises the soft limit to the hard one, and returns what holds then.
#[cfg(unix)]
fn open_files() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limits = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limits.maximum, ..limits };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limits.maximum.unwrap_or(u64::MAX),
        Err(error) => {
            tracing::warn!(%error, "the soft limit of open files (`ulimit -n`) stays as it is");
            limits.current.unwrap_or(u64::MAX)
        }
    }
}

/// There is no such limit here.
#[cfg(not(unix))]
fn open_files() -> u64 {
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enough_files_are_left_for_the_rest() {
        for (files, clients) in [
            (1024, 576),
            (524_288, 523_840),
            (256, 128),
            (64, 32),
            (0, 0),
            (u64::MAX, u64::MAX - 448),
        ] {
            assert_eq!(for_clients(files), clients, "{files}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_looks_into_a_protected_process() {
        use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};
        protect().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
        assert!(connections_allowed() > 0);
        let files = getrlimit(Resource::Nofile);
        assert_eq!(files.current, files.maximum);
    }
}
