//! The fuzz targets are a package of their own, which nothing here compiles.

use std::collections::BTreeSet;
use std::fs;
use toml::{Table, Value};

fn read(path: &str) -> Table {
    fs::read_to_string(path).expect(path).parse().expect("TOML")
}

fn dependencies(table: &Table) -> impl Iterator<Item = String> {
    let groups = ["dependencies", "build-dependencies"];
    groups.into_iter().filter_map(|name| table.get(name)?.as_table()).flat_map(Table::keys).cloned()
}

fn named<'t>(tables: &'t Value, name: &str) -> &'t Value {
    let mut tables = tables.as_array().expect("a list").iter();
    tables.find(|table| table["name"].as_str() == Some(name)).expect("a table of that name")
}

#[test]
fn their_lock_file_has_the_dependencies_of_the_program() {
    let manifest = read("Cargo.toml");
    let systems = manifest["target"].as_table().expect("tables").values();
    let systems = systems.filter_map(Value::as_table);
    let wanted: BTreeSet<String> =
        dependencies(&manifest).chain(systems.flat_map(dependencies)).collect();
    let lock = read("fuzz/Cargo.lock");
    let program = &named(&lock["package"], env!("CARGO_PKG_NAME"))["dependencies"];
    let locked = program.as_array().expect("a list").iter().filter_map(Value::as_str);
    let locked = locked.map(|it| it.split(' ').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(wanted, locked, "`cargo metadata --manifest-path fuzz/Cargo.toml` updates it");
}

#[test]
fn all_of_them_run_every_night() {
    let manifest = read("fuzz/Cargo.toml");
    let targets = manifest["bin"].as_array().expect("targets").iter();
    let mut names: Vec<&str> = targets.filter_map(|target| target["name"].as_str()).collect();
    names.sort_unstable();
    let workflow = fs::read_to_string(".github/workflows/fuzz.yml").expect("a workflow");
    assert!(workflow.contains(&format!("target: [{}]\n", names.join(", "))), "{names:?}");
}
