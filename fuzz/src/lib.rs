//! The targets, for libFuzzer. `fuzz/run` builds and runs it.

#[path = "../targets/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the test `laws::fuzz` uses the rest")]
mod targets;

/// Feeds `data` to the target of that name.
pub fn run(name: &str, data: &[u8]) {
    let target = targets::TARGETS.iter().find(|target| target.name == name);
    (target.expect("is in the table").run)(data);
}
