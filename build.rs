//! Build steps that shorten the start of the command, which a git hook runs for every commit.

#![expect(clippy::expect_used, reason = "a failed step must stop the build")]

#[path = "src/release/number.rs"]
#[allow(dead_code, reason = "the program uses more of it")]
mod number;
#[path = "src/schema/project.rs"]
mod project;
#[path = "src/schema/reference.rs"]
mod reference;
#[path = "src/schema/secret_names.rs"]
mod secret_names;

use number::Release;
use secret_names::SecretNames;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    for file in [
        "build.rs",
        "src/release/number.rs",
        "src/schema/project.rs",
        "src/schema/reference.rs",
        "src/schema/secret_names.rs",
    ] {
        println!("cargo:rerun-if-changed={file}");
    }
    let releases = read("releases.json");
    let releases = releases["releases"].as_array().expect("a list of releases");
    write("refinery-chart.json", &read("refinery-chart.json").to_string());
    write("releases.rs", &release_rows(releases));
    write("schema_tables.rs", &schema_tables(releases));
    write("secret_names.rs", &name_tables(&SecretNames::of(&read("config.schema.json"))));
}

/// A file of `schemas/`.
fn read(name: &str) -> Value {
    let path = Path::new("schemas").join(name);
    println!("cargo:rerun-if-changed={}", path.display());
    let text = fs::read_to_string(&path).expect("a file of facts");
    serde_json::from_str(&text).expect("JSON")
}

fn write(name: &str, text: &str) {
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(folder.join(name), text).expect("a writable folder");
}

/// Rust source of the names of keys, by whether their values are secret.
fn name_tables(names: &SecretNames) -> String {
    let SecretNames { keys, all, flags, harmless } = names;
    let mut source = String::new();
    for (table, names) in [("KEYS", keys), ("ALL", all), ("HARMLESS", harmless)] {
        writeln!(source, "static {table}: [NormalizedName; {}] = [", names.len())
            .expect("a string");
        for name in names {
            writeln!(source, "    NormalizedName::known({name:?}),").expect("a string");
        }
        source.push_str("];\n");
    }
    let flags: Vec<&String> = flags.iter().collect();
    writeln!(source, "static FLAGS: [&str; {}] = {flags:?};", flags.len()).expect("a string");
    source
}

/// Rust source of all releases.
fn release_rows(releases: &[Value]) -> String {
    let mut rows = String::new();
    for row in releases {
        let text = |name: &str| row[name].as_str();
        let number = |text: &str| text.trim_start_matches('0').to_owned();
        let numbers: Vec<&str> = text("name").expect("a name")[1..].split('.').collect();
        let date: Vec<String> = text("date").expect("a date").split('-').map(number).collect();
        let evidence = match text("evidence") {
            Some("proved") => "Proved",
            Some("documented") => "Documented",
            other => panic!("unknown evidence {other:?}"),
        };
        let go = text("go").map(|go| go.strip_prefix("1.").expect("a version of Go"));
        let go = go.map_or("None".to_owned(), |line| format!("Some({line})"));
        let (numbers, date) = (numbers.join(", "), date.join(", "));
        writeln!(rows, "    row([{numbers}], ({date}), Evidence::{evidence}, {go}),")
            .expect("a string");
    }
    format!("static ROWS: [(Known, GoLine); {}] = [\n{rows}];\n", releases.len())
}

/// Rust source of both schemas, with the keys of all releases and projected to each, and of the
/// descriptions of keys.
fn schema_tables(releases: &[Value]) -> String {
    let names: Vec<&str> =
        releases.iter().map(|row| row["name"].as_str().expect("a name")).collect();
    let mut tables = Tables::default();
    for (kind, file) in [("CONFIG", "config.schema.json"), ("RULES", "rules.schema.json")] {
        let schema = read(file);
        let whole = tables.node(&schema, &schema);
        writeln!(tables.source, "pub static {kind}: Node = {whole};").expect("a string");
        let mut rows = String::new();
        for name in &names {
            let release = Release::parse(name).expect("a release");
            let schema = project::project(&schema, release);
            let node = tables.named(&schema, &schema);
            writeln!(rows, "    ({name:?}, &{node}),").expect("a string");
        }
        let count = names.len();
        writeln!(tables.source, "pub static {kind}_OF: [(&str, &Node); {count}] = [\n{rows}];")
            .expect("a string");
    }
    let mut descriptions = read("descriptions.json");
    descriptions.as_object_mut().expect("a mapping").shift_remove("$comment");
    let descriptions = tables.node(&descriptions, &descriptions);
    writeln!(tables.source, "pub static DESCRIPTIONS: Node = {descriptions};").expect("a string");
    tables.source
}

/// Statics for JSON values. Equal collections share one.
#[derive(Default)]
struct Tables {
    source: String,
    /// The names of statics by their definitions.
    known: HashMap<String, String>,
}

impl Tables {
    /// An expression for a value of a document.
    fn node(&mut self, value: &Value, document: &Value) -> String {
        match value {
            Value::Null => "Node::Null".to_owned(),
            Value::Bool(value) => format!("Node::Bool({value})"),
            Value::Number(n) if n.is_i64() => format!("Node::Int({n})"),
            Value::Number(n) if n.is_f64() => {
                format!("Node::Float({:?})", n.as_f64().expect("a float"))
            }
            Value::Number(n) => panic!("{n} is too large"),
            Value::String(text) => format!("Node::Text({text:?})"),
            Value::Array(items) => {
                let items: Vec<String> =
                    items.iter().map(|item| self.node(item, document)).collect();
                format!("Node::List(&{})", self.collection("Node", &items))
            }
            Value::Object(members) => {
                let place = |name| members.keys().position(|known| known == name);
                let (facts, properties) = (place("x-refinery"), place("properties"));
                let base = reference::referred(value, document);
                let base = base.map_or("None".to_owned(), |base| {
                    format!("Some(&{})", self.named(base, document))
                });
                let member = |(name, node): (&String, &Value)| {
                    format!("({name:?}, {})", self.node(node, document))
                };
                let all: Vec<String> = members.iter().map(member).collect();
                let all = self.collection("(&str, Node)", &all);
                let members = format!(
                    "Members = Members {{ all: &{all}, facts: {facts:?}, properties: {properties:?}, base: {base} }}"
                );
                format!("Node::Map(&{})", self.shared(&members))
            }
        }
    }

    fn collection(&mut self, of: &str, parts: &[String]) -> String {
        self.shared(&format!("[{of}; {}] = [{}]", parts.len(), parts.join(", ")))
    }

    /// The name of a static with this value.
    fn named(&mut self, value: &Value, document: &Value) -> String {
        let node = self.node(value, document);
        self.shared(&format!("Node = {node}"))
    }

    fn shared(&mut self, definition: &str) -> String {
        if let Some(name) = self.known.get(definition) {
            return name.clone();
        }
        let name = format!("T{}", self.known.len());
        writeln!(self.source, "static {name}: {definition};").expect("a string");
        self.known.insert(definition.to_owned(), name.clone());
        name
    }
}
