//! What was measured, for programs: `target/bench/PART.json`.

use serde_json::{Map, Value};
use std::fs;
use std::path::Path;

/// The figures of one part.
#[derive(Default)]
pub(crate) struct Results(Map<String, Value>);

impl Results {
    /// Notes a figure under a name.
    pub(crate) fn note(&mut self, name: impl Into<String>, figure: impl Into<Value>) {
        self.0.insert(name.into(), figure.into());
    }

    /// Writes the file.
    pub(crate) fn write(self, part: &str) {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
        fs::create_dir_all(&directory).expect("a directory");
        let text = serde_json::to_string_pretty(&Value::Object(self.0)).expect("is JSON");
        fs::write(directory.join(format!("{part}.json")), text + "\n").expect("a file");
    }
}
