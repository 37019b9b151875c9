//! Writes the manifest of the Slack app as JSON, so that the program needs no reader of YAML.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "Cargo says in the environment where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=manifest.yml");
    let manifest: serde_json::Value = serde_norway::from_str(&fs::read_to_string("manifest.yml")?)?;
    let out = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    fs::write(Path::new(&out).join("manifest.json"), manifest.to_string())?;
    Ok(())
}
