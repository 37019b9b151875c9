//! What strangers' bytes are fed to, written once: libFuzzer (`fuzz/fuzz_targets`) and the test
//! `laws::fuzz`, which needs no nightly toolchain, feed the same functions.
//!
//! Each takes any bytes and panics if something does not hold. That nothing panics, overflows or hangs
//! is the least of it; what else holds is said at each.

mod inbound;
mod jules;
mod kept;
mod manifest;
mod safe;
mod words;

pub(crate) use safe::{check, check_rich_text, is_safe};

/// A function, and where the bytes are that it is fed first.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&[u8]),
    /// Folders of the repository. A file that is meant for another target is no harm.
    pub(crate) seeds: &'static [&'static str],
}

const SLACK: &str = "tests/fixtures/slack";
const JULES: &str = "tests/fixtures/jules";

/// All of them.
pub(crate) const TARGETS: [Target; 13] = [
    Target { name: "signature", run: inbound::signature, seeds: &["fuzz/seeds/signature"] },
    Target { name: "form", run: inbound::form, seeds: &[SLACK] },
    Target { name: "interaction", run: inbound::interaction, seeds: &[SLACK, "fuzz/seeds/json"] },
    Target { name: "event", run: inbound::event, seeds: &[SLACK, "fuzz/seeds/json"] },
    Target { name: "frame", run: inbound::frame, seeds: &[SLACK, "fuzz/seeds/frame"] },
    Target { name: "command", run: words::command, seeds: &["fuzz/seeds/command"] },
    Target { name: "markdown", run: words::markdown, seeds: &["fuzz/seeds/markdown"] },
    Target { name: "sources", run: jules::sources, seeds: &[JULES] },
    Target { name: "sessions", run: jules::sessions, seeds: &[JULES] },
    Target { name: "activities", run: jules::activities, seeds: &[JULES] },
    Target { name: "refusals", run: jules::refusals, seeds: &[JULES] },
    Target { name: "records", run: kept::records, seeds: &["tests/fixtures/records"] },
    Target { name: "manifest", run: manifest::manifest, seeds: &["fuzz/seeds/manifest"] },
];
