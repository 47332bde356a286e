//! What makes the command start fast: a hook pays for every page and every byte, each time.

#![expect(clippy::expect_used, reason = "a build that cannot go on stops")]

use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    link_without_relocations();
    for name in ["config.schema.json", "rules.schema.json", "refinery-chart.json", "releases.json"]
    {
        pack(name);
    }
}

/// Addresses that are fixed need no relocating at the start: 13,000 places on 60 pages.
fn link_without_relocations() {
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}

/// Writes a schema without the blanks that make it readable: it is parsed in every run.
fn pack(name: &str) {
    let path = Path::new("schemas").join(name);
    println!("cargo:rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path).expect("a schema");
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let folder = env::var_os("OUT_DIR").expect("cargo names a folder");
    fs::write(Path::new(&folder).join(name), schema.to_string()).expect("a folder to write to");
}
