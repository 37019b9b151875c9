//! Feeds the fuzz targets on the stable toolchain: each seed, then changes of it. The same bytes in
//! every run; `PROPTEST_CASES=100000` makes it a long one (`fuzz/run`).

#[path = "../../../fuzz/targets/mod.rs"]
mod targets;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use targets::{TARGETS, Target};
pub(crate) use targets::{check, check_rich_text, is_safe};

/// Far longer than any input takes, in a build that is not optimised, on a busy machine.
const LONGEST: Duration = Duration::from_secs(30);

/// The largest input, in bytes: a quarter of what is read of a request.
const LARGEST: usize = 64 * 1024;

/// Something done to a seed.
#[derive(Debug, Clone)]
enum Change {
    Put(Index, Vec<u8>),
    Flip(Index, u8),
    Cut(Index, Index),
    /// A part again and again.
    Repeat(Index, Index, usize),
    /// The rest is that of another seed.
    Cross(Index, Index, Index),
}

/// What means something to some reader.
const WORDS: [&str; 40] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "\\ud800",
    "\\u0000",
    "%",
    "%00",
    "&",
    "=",
    "+",
    "<",
    ">",
    "<!channel>",
    "<https://a.b|c>",
    "```",
    "`",
    "*",
    "_",
    "> ",
    "- ",
    "1. ",
    "| ",
    "](",
    "[",
    "\n\n",
    "\u{202e}",
    "\u{200d}",
    "\u{1f1e9}",
    "repo=",
    "$secret",
];

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    let some = prop_oneof![
        select(&WORDS[..]).prop_map(|word| word.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..5),
    ];
    prop_oneof![
        3 => (at(), some).prop_map(|(at, bytes)| Change::Put(at, bytes)),
        1 => (at(), 1_u8..=255).prop_map(|(at, bits)| Change::Flip(at, bits)),
        2 => (at(), at()).prop_map(|(from, to)| Change::Cut(from, to)),
        1 => (at(), at(), 1_usize..400).prop_map(|(from, to, n)| Change::Repeat(from, to, n)),
        2 => (at(), at(), at()).prop_map(|(at, other, from)| Change::Cross(at, other, from)),
    ]
}

fn changed(mut bytes: Vec<u8>, change: &Change, seeds: &[Vec<u8>]) -> Vec<u8> {
    let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
    let range = |from: &Index, to: &Index, bytes: &[u8]| {
        let (from, to) = (place(from, bytes), place(to, bytes));
        from.min(to)..from.max(to)
    };
    match change {
        Change::Put(at, some) => {
            let at = place(at, &bytes);
            bytes.splice(at..at, some.iter().copied());
        }
        Change::Flip(at, bits) => {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] ^= bits;
            }
        }
        Change::Cut(from, to) => drop(bytes.drain(range(from, to, &bytes))),
        Change::Repeat(from, to, times) => {
            let range = range(from, to, &bytes);
            let times = (*times).min(LARGEST / range.len().max(1));
            let part = bytes[range.clone()].repeat(times);
            bytes.splice(range, part);
        }
        Change::Cross(at, other, from) => {
            let other = &seeds[other.index(seeds.len())];
            bytes.truncate(place(at, &bytes));
            bytes.extend(&other[place(from, other)..]);
        }
    }
    bytes.truncate(LARGEST);
    bytes
}

/// The seeds of a target, in an order that stays.
fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = target
        .seeds
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("a folder of seeds"))
        .map(|entry| entry.expect("a seed").path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a seed")).collect()
}

fn run(target: &Target, bytes: &[u8]) {
    let begun = Instant::now();
    (target.run)(bytes);
    assert!(begun.elapsed() < LONGEST, "it took {:?}", begun.elapsed());
}

fn feed(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("is in the table");
    let seeds = seeds(target);
    seeds.iter().for_each(|seed| run(target, seed));

    // Each step on the way to a smaller example is a panic of its own in the output.
    let config = Config { failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let dice = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let changes = (any::<Index>(), prop::collection::vec(change(), 1..8));
    let bytes = changes.prop_map(|(seed, changes)| {
        let seed = seeds[seed.index(seeds.len())].clone();
        changes.iter().fold(seed, |bytes, change| changed(bytes, change, &seeds))
    });
    let ended = TestRunner::new_with_rng(config, dice).run(&bytes, |bytes| {
        run(target, &bytes);
        Ok(())
    });
    match ended {
        Ok(()) => {}
        Err(TestError::Fail(reason, bytes)) => {
            panic!("{name} does not hold for \"{}\": {reason}", bytes.escape_ascii())
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

macro_rules! each {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                feed(stringify!($name));
            }
        )*

        /// Here, in the table, and for libFuzzer.
        #[test]
        fn every_target_is_fed() {
            let here = [$(stringify!($name)),*];
            assert_eq!(TARGETS.map(|target| target.name), here);
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
            let files = fs::read_dir(folder).expect("the folder").map(|entry| {
                let name = entry.expect("a file").file_name().into_string().expect("a name");
                name.trim_end_matches(".rs").to_owned()
            });
            assert_eq!(files.collect::<BTreeSet<_>>(), BTreeSet::from(here.map(str::to_owned)));
            let cargo = include_str!("../../../fuzz/Cargo.toml");
            let built = cargo.lines().filter_map(|queue| queue.strip_prefix("path = \"fuzz_targets/"));
            let built: Vec<_> = built.map(|file| file.trim_end_matches(".rs\"")).collect();
            assert_eq!(built, here);
        }
    };
}

each! {
    signature form interaction event frame command markdown sources sessions activities refusals
    records manifest
}
