//! What was released is never changed: a golden file of a released version is in its list, `VERSION.sha256`, for good.

use super::{golden_folder, golden_names, golden_path, kind_and_version, reads_and_writes};
use data_encoding::HEXLOWER;
use domain::audit::AuditRecord;
use domain::binding::ChannelBinding;
use domain::meter::Meter;
use domain::policy::Starts;
use domain::pull::WatchedPull;
use domain::queue::WaitQueue;
use domain::task::Task;
use domain::tenant::{Holders, Install, Installation, PersonSettings, WorkspaceSettings};
use domain::watch::{Watch, WatchedSession};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use store::documents::{AccountPointer, ChannelAlias, KINDS, Process, ProcessedEvent, TaskPointer};
use store::records::Record;

/// The released versions, as the changelog has them.
fn releases() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/CHANGELOG.md");
    let changelog = fs::read_to_string(path).expect("is there");
    let titles = changelog.lines().filter_map(|line| line.strip_prefix("## ["));
    let names = titles.filter_map(|title| title.split(']').next());
    names.filter(|name| *name != "Unreleased").map(str::to_owned).collect()
}

/// The lines of a release's list: digest and name of a file, as `sha256sum` writes them.
fn list_of(release: &str) -> Vec<(String, String)> {
    let path = golden_folder().join(format!("{release}.sha256"));
    let list = fs::read_to_string(&path).unwrap_or_else(|_| {
        panic!(
            "{release} is released, and tests/fixtures/records has no list of its golden files: \
             cd tests/fixtures/records && sha256sum *.json >{release}.sha256"
        )
    });
    let lines = list.lines().filter_map(|line| line.split_once("  "));
    lines.map(|(digest, name)| (digest.to_owned(), name.to_owned())).collect()
}

#[test]
fn a_golden_file_of_a_released_version_never_changes() {
    let releases = releases();
    assert!(!releases.is_empty(), "nothing is released");
    for release in releases {
        for (digest, name) in list_of(&release) {
            let file = fs::read(golden_folder().join(&name));
            let is_same = file.is_ok_and(|file| HEXLOWER.encode(&Sha256::digest(file)) == digest);
            assert!(
                is_same,
                "tests/fixtures/records/{name} changed or is gone, and {release} was released with it: stores out \
                 there have such documents. Restore the file, keep reading it, and add another file for the new \
                 shape (docs/ARCHITECTURE.md, \"When a stored shape changes\")"
            );
        }
    }
}

#[test]
fn every_kind_has_a_golden_file_of_each_of_its_versions() {
    let found: BTreeSet<(&str, u32)> =
        golden_names().iter().map(|name| kind_and_version(name)).collect();
    for (kind, newest) in KINDS {
        for version in 1..=*newest {
            assert!(
                found.contains(&(*kind, version)),
                "documents of the kind {kind} are written with version {version}, and no file \
                 tests/fixtures/records/{kind}….v{version}.json shows one"
            );
        }
    }
}

/// Reads and writes a golden file as a record of its kind.
macro_rules! reads_as_one_of {
    ($name:expr, $kind:expr; $($record:ty)*) => {
        $(if $kind == <$record as Record>::KIND {
            reads_and_writes::<$record>($name).await;
            return;
        })*
        panic!("{} is of a kind that is not read here: {}", $name, $kind);
    };
}

async fn is_read(name: &str) {
    let (kind, _) = kind_and_version(name);
    reads_as_one_of!(name, kind;
        Task ChannelBinding PersonSettings WorkspaceSettings Starts Holders AccountPointer AuditRecord WaitQueue
        ProcessedEvent Watch WatchedSession WatchedPull Meter Installation Install TaskPointer ChannelAlias Process
    );
}

#[tokio::test]
async fn every_golden_file_is_read_and_written() {
    for name in golden_names() {
        assert!(golden_path(&name).exists());
        is_read(&name).await;
    }
}
