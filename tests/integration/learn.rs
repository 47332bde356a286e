//! Learns releases from binaries that are made here: the metadata is written from the facts of the
//! built-in schemas, in words of our own.

use crate::program::{CONFIG, Folder, RULES, Ran};
use crate::repository::Repository;
use refinery_preflight::internals::learn::{LearnError, learn};
use refinery_preflight::internals::release::facts::{Groups, KeyFacts, compare};
use refinery_preflight::internals::release::{Release, newest};
use refinery_preflight::internals::schema::{Kind, facts_of, releases};
use serde_json::{Value as Json, json};
use std::fmt::Write;

fn release(name: &str) -> Release {
    Release::parse(name).expect("a release")
}

/// Facts as the documents that a release embeds: JSON is YAML.
fn document(groups: &Groups) -> String {
    let mut text = "groups:\n".to_owned();
    let names = groups.keys().filter(|name| name.as_str() != "General");
    let general = groups.keys().filter(|name| name.as_str() == "General");
    for name in general.chain(names) {
        let group = &groups[name];
        let _ = write!(text, "  - name: \"{name}\"\n    title: About {name}\n");
        if let Some(last) = &group.last_version {
            let _ = writeln!(text, "    lastversion: {last}");
        }
        if group.explained {
            let _ = writeln!(text, "    deprecationtext: gone");
        }
        let _ = writeln!(text, "    fields:");
        for (key, facts) in &group.keys {
            let _ = writeln!(text, "      - {}", field(key, facts));
            let _ = writeln!(text, "        # of {key}\n");
        }
    }
    text
}

fn field(name: &str, facts: &KeyFacts) -> Json {
    let mut validations = Vec::new();
    let mut validate = |word: &str, argument: Option<Json>| {
        validations.push(json!({"type": word, "arg": argument}));
    };
    for (word, limit) in [
        ("minimum", &facts.minimum),
        ("minOrZero", &facts.minimum_or_zero),
        ("maximum", &facts.maximum),
    ] {
        if limit.is_some() {
            validate(word, limit.clone());
        }
    }
    for (word, text) in [("format", &facts.format), ("elementType", &facts.elements)] {
        if let Some(text) = text {
            validate(word, Some(json!(text)));
        }
    }
    for (word, is) in [
        ("choice", facts.only_choices),
        ("notempty", facts.not_empty),
        ("requiredInGroup", facts.required),
        ("noReservedHeaders", facts.no_reserved_headers),
    ] {
        if is {
            validate(word, None);
        }
    }
    for (word, names) in
        [("requiredWith", &facts.required_with), ("conflictsWith", &facts.conflicts_with)]
    {
        for name in names {
            validate(word, Some(json!(name)));
        }
    }
    if !facts.children.is_empty() {
        validate("validChildren", Some(json!(facts.children)));
    }
    let mut field = json!({
        "name": name,
        "type": facts.kind,
        "choices": facts.choices,
        "validations": validations,
        "description": "a sentence that must not be kept",
        "reload": facts.reload,
        "firstversion": facts.first_version,
        "envvar": facts.variables.join(", "),
        "commandline": facts.flag,
    });
    let mut set = |name: &str, value: Option<Json>| {
        if let Some(value) = value {
            field[name] = value;
        }
    };
    set("default", facts.default.clone());
    set("lastversion", facts.last_version.clone().map(Json::String));
    set("deprecationtext", facts.explained.then(|| json!("gone")));
    field
}

/// What the Go linker writes about a module.
fn build_info(lines: &str) -> Vec<u8> {
    let string = |text: &[u8]| {
        let length = text.len();
        let mut bytes =
            vec![u8::try_from(length & 0x7f).unwrap() | 0x80, u8::try_from(length >> 7).unwrap()];
        bytes.extend(text);
        bytes
    };
    let mut info = b"\xff Go buildinf:\x08\x02".to_vec();
    info.resize(32, 0);
    info.extend(string(b"go1.27.1"));
    info.extend(string(&[&[7; 16], lines.as_bytes(), &[8; 16]].concat()));
    info
}

fn of_version(version: &str) -> Vec<u8> {
    build_info(&format!(
        "path\texample.com/refinery/cmd\nmod\texample.com/refinery\t(devel)\t\n\
         build\t-ldflags=\"-s -X main.BuildID={version} -w\"\nbuild\tvcs.time=2026-10-02T23:30:00Z\n"
    ))
}

/// A program with these parts in it.
fn binary(mark: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = mark.to_vec();
    bytes.resize(4096, 0x90);
    bytes.extend(b"all groups:\n  are here\0");
    for part in parts {
        bytes.extend(*part);
        bytes.extend([0; 24]);
    }
    bytes.resize(bytes.len() + 4096, 0xcc);
    bytes
}

const ELF: &[u8] = b"\x7fELF\x01";

/// A binary with the facts of a built-in release, changed.
fn binary_of(version: &str, base: Release, change: impl Fn(&mut Groups, &mut Groups)) -> Vec<u8> {
    let [mut config, mut rules] = Kind::ALL.map(|kind| facts_of(kind, base));
    change(&mut config, &mut rules);
    let (config, rules) = (document(&config), document(&rules));
    binary(ELF, &[rules.as_bytes(), config.as_bytes(), &of_version(version)])
}

fn next(config: &mut Groups, rules: &mut Groups) {
    let traces = &mut config.get_mut("Traces").unwrap().keys;
    traces.get_mut("TraceTimeout").unwrap().minimum = Some(json!("5s"));
    traces.get_mut("SendDelay").unwrap().default = Some(json!("3s"));
    let new = KeyFacts {
        kind: "int".to_owned(),
        default: Some(json!(7)),
        maximum: Some(json!(9)),
        ..KeyFacts::default()
    };
    traces.insert("MostRounds".to_owned(), new);
    config.get_mut("Debugging").unwrap().keys.remove("DryRun");
    let operator = &mut rules.get_mut("Conditions").unwrap().keys;
    operator.get_mut("Operator").unwrap().choices.push("ends-with".to_owned());
}

#[test]
fn every_release_is_learned_as_it_is_known() {
    for known in releases() {
        let learned = learn(binary_of(&known.to_string(), known, |_, _| ()), None).unwrap();
        assert_eq!(learned.release, known);
        assert!(learned.not_understood.is_empty(), "{known}: {:?}", learned.not_understood);
        for (kind, groups) in
            [(Kind::Config, &learned.file.config), (Kind::Rules, &learned.file.rules)]
        {
            let before = facts_of(kind, known);
            assert!(before.values().map(|group| group.keys.len()).sum::<usize>() > 40);
            assert_eq!(compare(&before, groups), [], "{known}");
        }
    }
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, bytes) in files {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        archive.extend(header);
        archive.extend(*bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// Stored, not compressed, with a name in the header.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03layer.tar\0".to_vec();
    let mut chunks = bytes.chunks(0xffff).peekable();
    while let Some(chunk) = chunks.next() {
        let length = u16::try_from(chunk.len()).unwrap();
        packed.push(u8::from(chunks.peek().is_none()));
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(chunk);
    }
    packed.extend([0; 8]);
    packed
}

#[test]
fn a_binary_is_found_in_its_archive() {
    let wanted = binary_of("9.1.0", newest(), next);
    let other = binary(ELF, &[&build_info("mod\texample.com/shell\tv1.0.0\t\n")]);
    let layer = tar(&[("etc/os", b"text"), ("bin/sh", &other), ("app/refinery", &wanted)]);
    let image = tar(&[("blobs/0", &tar(&[("etc/x", b"y")])), ("blobs/1", &gzip(&layer))]);
    for bytes in [wanted, layer.clone(), gzip(&layer), image] {
        let learned = learn(bytes, None).unwrap();
        assert_eq!(learned.file.release, "v9.1.0");
        assert_eq!(learned.file.go.as_deref(), Some("go1.27.1"));
        assert_eq!(learned.file.date, Some("2026-10-02".parse().unwrap()));
    }
    assert_eq!(
        learn(layer[..layer.len() / 2].to_vec(), None).unwrap_err(),
        LearnError::Archive("a file in the archive is truncated")
    );
    let packed = gzip(&layer);
    assert_eq!(
        learn(packed[..packed.len() / 2].to_vec(), None).unwrap_err(),
        LearnError::Archive("the compressed data is truncated")
    );
    assert_eq!(learn(tar(&[("bin/sh", &other)]), None).unwrap_err(), LearnError::NotInArchive);
}

#[test]
fn all_forms_of_binaries_are_read() {
    let [config, rules] = Kind::ALL.map(|kind| document(&facts_of(kind, newest())));
    let info = of_version("9.1.0");
    for mark in [ELF, b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ\x90"] {
        let bytes = binary(mark, &[config.as_bytes(), &info, rules.as_bytes()]);
        assert_eq!(learn(bytes, None).unwrap().release, release("v9.1.0"), "{mark:?}");
    }
    // A checkout on Windows ends its lines otherwise.
    let crlf = |text: &str| text.replace('\n', "\r\n").into_bytes();
    let bytes = binary(ELF, &[&crlf(&config), &crlf(&rules), &info]);
    assert_eq!(
        learn(bytes, None).unwrap().file.config.len(),
        facts_of(Kind::Config, newest()).len()
    );
}

#[test]
fn missing_parts_are_reported() {
    let [config, rules] = Kind::ALL.map(|kind| document(&facts_of(kind, newest())));
    let (config, rules) = (config.as_bytes(), rules.as_bytes());
    let info = of_version("9.1.0");
    let whole = binary(ELF, &[rules, config, &info]);
    let within_config = 4096 + 23 + rules.len() + 24 + config.len() / 2;
    // A header that promises more than the file holds.
    let mut cut = b"\x7fELF\x02\x01".to_vec();
    cut.resize(64, 0);
    cut[40..44].copy_from_slice(&[0, 0, 0, 1]);
    cut[58] = 64;
    cut[60] = 3;
    let says = |bytes: Vec<u8>| learn(bytes, None).unwrap_err().to_string();
    for (bytes, expected) in [
        (Vec::new(), "it is empty"),
        (b"#!/bin/sh\n".to_vec(), "it is not an ELF, Mach-O or PE file, nor a tar archive"),
        (binary(ELF, &[]), "the metadata for config and rules is not in it"),
        (binary(ELF, &[config, &info]), "the metadata for rules is not in it"),
        (binary(ELF, &[rules, &info]), "the metadata for config is not in it"),
        (binary(ELF, &[config, rules]), "its version is not in it"),
        (
            whole[..within_config].to_vec(),
            "the file ends within the metadata for config: it is truncated",
        ),
        (
            binary(&cut, &[]),
            "the metadata for config and rules is not in it: the file is truncated; according to \
             its header, more should follow",
        ),
        (
            binary(&cut, &[config, rules]),
            "its version is not in it: the file is truncated; according to its header, more \
             should follow",
        ),
        (
            binary(b"\x7fELF\x01 UPX!", &[]),
            "it is packed with UPX, which hides the metadata for config and rules",
        ),
        (
            binary(ELF, &[&build_info("mod\texample.com/other\tv1.2.3\t\n")]),
            "it is a Go program, but `example.com/other`, not Refinery",
        ),
        (
            binary(ELF, &[config, rules, &of_version("1.21.0")]),
            "unsupported version `1.21.0`; expected a release from 2.0 on",
        ),
        (
            binary(ELF, &[b"groups:\n  - name: General\n   - x: [\n", rules, &info]),
            "the metadata for config cannot be read: ",
        ),
    ] {
        let said = says(bytes);
        let is_same =
            if expected.ends_with(": ") { said.starts_with(expected) } else { said == expected };
        assert!(is_same, "{said}, not {expected}");
    }
    let named = learn(binary(ELF, &[config, rules]), Some(release("v3.6.0"))).unwrap();
    assert_eq!(named.release, release("v3.6.0"));
}

#[test]
fn unknown_validations_are_reported() {
    let odd = |config: &mut Groups, _: &mut Groups| {
        let keys = &mut config.get_mut("Traces").unwrap().keys;
        keys.get_mut("SendDelay").unwrap().kind = "moment".to_owned();
    };
    let [mut config, mut rules] = Kind::ALL.map(|kind| facts_of(kind, newest()));
    odd(&mut config, &mut rules);
    let config = document(&config).replace("noReservedHeaders", "isHappy");
    let parts =
        [config.as_bytes(), document(&rules).as_bytes(), &of_version("9.1.0")].map(<[u8]>::to_vec);
    let learned = learn(binary(ELF, &parts.each_ref().map(Vec::as_slice)), None).unwrap();
    assert_eq!(
        learned.not_understood,
        [
            "`Network.AdditionalHeaders`: the validation `isHappy` is not known",
            "`Traces.SendDelay`: the type `moment` is not known",
        ]
    );
}

/// A folder with a binary of v9.1.0 and the release file that was learned from it.
fn learned_folder() -> (Folder, Ran) {
    let folder = Folder::new(&[("config.yaml", CONFIG), ("rules.yaml", RULES)]);
    folder.write("refinery", &binary_of("9.1.0", newest(), next));
    let ran = folder.run(&["learn", "refinery", "--output-file", "v9.1.0.json"]);
    (folder, ran)
}

#[test]
fn differences_from_the_nearest_release_are_printed() {
    let (folder, ran) = learned_folder();
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(
        ran.errors.lines().skip(1).collect::<Vec<_>>(),
        [
            &format!("compared with {}:", newest()),
            "  config removed key `Debugging.DryRun`",
            "  config new key `Traces.MostRounds` (int)",
            "  config changed key `Traces.SendDelay`: default was `2s`, is `3s`",
            "  config changed key `Traces.TraceTimeout`: minimum was `1s`, is `5s`",
            "  rules changed key `Conditions.Operator`: choices was `=, !=, >, <, >=, <=, \
             starts-with, contains, does-not-contain, exists, not-exists, has-root-span, matches, \
             in, not-in`, is `=, !=, >, <, >=, <=, starts-with, contains, does-not-contain, exists, \
             not-exists, has-root-span, matches, in, not-in, ends-with`",
        ]
    );
    let file = std::fs::read_to_string(folder.path().join("v9.1.0.json")).unwrap();
    assert!(!file.contains("sentence") && !file.contains("About"), "no descriptions are kept");
    let again = folder.run(&["learn", "refinery"]);
    assert_eq!(again.output, file);
}

#[test]
fn a_binary_without_metadata_is_unusable() {
    let folder = Folder::new(&[("tool", "#!/bin/sh\n")]);
    let ran = folder.run(&["learn", "tool"]);
    assert_eq!((ran.status, ran.output.as_str()), (2, ""));
    assert!(ran.errors.contains("cannot learn from `tool`: it is not an ELF"), "{}", ran.errors);
}

#[test]
fn a_release_file_makes_its_release_known() {
    let (folder, _) = learned_folder();
    let check = |config: &str, rules: &str, arguments: &[&str]| {
        folder.write("config.yaml", config.as_bytes());
        folder.write("rules.yaml", rules.as_bytes());
        let mut all = vec!["check", "-c", "config.yaml", "-r", "rules.yaml", "--color", "never"];
        all.extend(arguments);
        folder.run(&all)
    };
    let learned = ["--release-file", "v9.1.0.json", "--refinery", "9.1.0"];
    let with = |text: &str| format!("{CONFIG}Traces:\n  {text}\n");
    let fine = check(&with("MostRounds: 9"), RULES, &learned);
    assert_eq!(fine.status, 0, "{}", fine.output);
    assert!(fine.output.contains("known from its binary"), "{}", fine.output);
    assert!(!fine.output.contains("unknown-release"), "{}", fine.output);
    let conditions = |operator: &str| {
        RULES.replace("DeterministicSampler:\n      SampleRate: 1", "RulesBasedSampler:\n      Rules:\n        - Name: a\n          Drop: true\n          Conditions:\n            - Field: x\n              Operator: ")
            .trim_end()
            .to_owned()
            + &format!(" {operator}\n              Value: y\n")
    };
    for (config, rules, expected) in [
        (with("MostRounds: 10"), RULES.to_owned(), "9"),
        (with("MostRounds: x"), RULES.to_owned(), "an integer"),
        (with("TraceTimeout: 4s"), RULES.to_owned(), "5s"),
        (format!("{CONFIG}Debugging:\n  DryRun: true\n"), RULES.to_owned(), "DryRun"),
        (CONFIG.to_owned(), conditions("ends-wit"), "ends-with"),
    ] {
        let ran = check(&config, &rules, &learned);
        assert_eq!(ran.status, 1, "{config}{rules}{}", ran.output);
        assert!(ran.output.contains(expected), "{expected}: {}", ran.output);
    }
    let ends = check(CONFIG, &conditions("starts-with"), &learned);
    assert_eq!(ends.status, 0, "{}", ends.output);
    // Without the file it is checked as the nearest known one.
    let unknown = check(&with("MostRounds: 9"), RULES, &["--refinery", "9.1.0"]);
    assert!(unknown.output.contains("unknown release v9.1.0"), "{}", unknown.output);
    // Without other information, the newest known release is used.
    let newest = check(&with("MostRounds: 9"), RULES, &["--release-file", "v9.1.0.json"]);
    assert_eq!(newest.status, 0, "{}", newest.output);
    let effective = folder.run(&[
        "effective",
        "-c",
        "config.yaml",
        "--release-file",
        "v9.1.0.json",
        "--refinery",
        "9.1",
    ]);
    assert!(effective.output.contains("SendDelay: 3s"), "{}", effective.output);
    assert!(effective.output.contains("MostRounds: 9"), "{}", effective.output);
    let schema =
        folder.run(&["schema", "config", "--release-file", "v9.1.0.json", "--refinery", "9.1.0"]);
    let schema: Json = serde_json::from_str(&schema.output).unwrap();
    let traces = &schema["properties"]["Traces"]["properties"];
    assert_eq!(traces["MostRounds"], json!({"$ref": "#/$defs/int", "default": 7, "maximum": 9}));
}

#[test]
fn values_of_an_unknown_type_are_reported() {
    let odd = |config: &mut Groups, rules: &mut Groups| {
        let keys = &mut config.get_mut("Traces").unwrap().keys;
        keys.get_mut("SendDelay").unwrap().kind = "moment".to_owned();
        let keys = &mut rules.get_mut("DeterministicSampler").unwrap().keys;
        keys.get_mut("SampleRate").unwrap().kind = "ratio".to_owned();
    };
    let config = format!("{CONFIG}Traces:\n  SendDelay: soon\n");
    let folder = Folder::new(&[("config.yaml", config.as_str()), ("rules.yaml", RULES)]);
    folder.write("refinery", &binary_of("9.1.0", newest(), odd));
    folder.run(&["learn", "refinery", "--output-file", "v9.1.0.json"]);
    let check = |arguments: &[&str]| {
        let mut all = vec!["check", "-c", "config.yaml", "-r", "rules.yaml"];
        all.extend(["--output-format", "short", "--release-file", "v9.1.0.json", "--refinery"]);
        all.extend(arguments);
        folder.run(&all)
    };
    let learned = check(&["9.1.0"]);
    assert_eq!(learned.status, 0, "{}", learned.output);
    for expected in [
        "config.yaml:6:14: warning[schema/unknown-type]: `Traces.SendDelay` is not checked: its \
         type is `moment`",
        "rules.yaml:5:19: warning[schema/unknown-type]: \
         `Samplers.__default__.DeterministicSampler.SampleRate` is not checked: its type is `ratio`",
    ] {
        assert!(learned.output.contains(expected), "{expected}: {}", learned.output);
    }
    assert_eq!(learned.output.matches("schema/unknown-type").count(), 2, "{}", learned.output);
    let strict = check(&["9.1.0", "--fail-on", "warning"]);
    assert_eq!(strict.status, 1, "{}", strict.output);
    let built_in = check(&[&newest().to_string()]);
    assert!(!built_in.output.contains("schema/unknown-type"), "{}", built_in.output);
}

/// Settings that name release files, and a config with a key of the learned release.
#[test]
fn settings_name_release_files() {
    let (learned, _) = learned_folder();
    let file = std::fs::read_to_string(learned.path().join("v9.1.0.json")).unwrap();
    let config = format!("{CONFIG}Traces:\n  MostRounds: 3\n");
    let settings = "[releases]\nlearned = [\"releases/*.json\"]\n";
    let pinned = "services:\n  refinery:\n    image: honeycombio/refinery:9.1.0\n    volumes: ['./conf:/etc/refinery']\n";
    let base: [(&str, &str); 3] =
        [("compose.yaml", pinned), ("conf/refinery.yaml", &config), ("conf/rules.yaml", RULES)];
    let with: [(&str, &str); 2] =
        [(".refinery-preflight.toml", settings), ("releases/v9.1.0.json", &file)];
    let known = Folder::new(&[&base[..], &with].concat()).run(&["check", "."]);
    assert_eq!(known.status, 0, "{}", known.output);
    assert!(known.output.contains("known from its binary"), "{}", known.output);
    assert_eq!(Folder::new(&base).run(&["check", "."]).status, 1, "unknown without the file");
    // A change cannot bring the file, or change it.
    let repository = Repository::with(&[("readme.txt", "x\n")]);
    for (name, text) in base.iter().chain(&with) {
        repository.write(name, text);
    }
    repository.git(&["add", "."]);
    assert_eq!(repository.run(&["hook", "run"]).status, 1);
    repository.commit_all("Add it");
    assert_eq!(repository.run(&["check", "--since", "HEAD~1"]).status, 1);
    repository.write("conf/rules.yaml", &format!("{RULES}# x\n"));
    repository.git(&["add", "."]);
    assert_eq!(repository.run(&["hook", "run"]).status, 0, "the last commit has the file");
    for (name, text, said) in [
        ("releases/v9.1.0.json", "{}", "invalid release file `releases/v9.1.0.json`"),
        (".refinery-preflight.toml", "[releases]\nlearned = [\"x/*.json\"]\n", "matches no file"),
        (".refinery-preflight.toml", "[releases]\nlearnt = []\n", "unknown key `learnt`"),
    ] {
        let changed = [&base[..], &with, &[(name, text)]].concat();
        let ran = Folder::new(&changed).run(&["check", "."]);
        assert!(ran.status == 2 && ran.errors.contains(said), "{text}: {}", ran.errors);
    }
}

#[test]
fn a_proved_release_stays_as_it_is() {
    let folder = Folder::new(&[("rules.yaml", RULES)]);
    folder.write("config.yaml", format!("{CONFIG}Traces:\n  MostRounds: 9\n").as_bytes());
    folder.write("refinery", &binary_of("3.2.2", release("v3.2.2"), next));
    assert_eq!(folder.run(&["learn", "refinery", "--output-file", "f.json"]).status, 0);
    let ran =
        folder.run(&["check", "--refinery", "3.2.2", "--release-file", "f.json", "config.yaml"]);
    assert_eq!(ran.status, 1, "{}", ran.output);
    assert!(ran.output.contains("MostRounds"), "{}", ran.output);
    assert!(ran.errors.contains("`f.json` is ignored"), "{}", ran.errors);
}

#[test]
fn an_invalid_release_file_is_unusable() {
    let good = {
        let bytes = binary_of("9.1.0", newest(), next);
        serde_json::to_value(learn(bytes, None).unwrap().file).unwrap()
    };
    let with = |pointer: &str, value: Json| {
        let mut file = good.clone();
        *file.pointer_mut(pointer).unwrap() = value;
        file.to_string()
    };
    let folder = Folder::new(&[("config.yaml", CONFIG), ("rules.yaml", RULES)]);
    for text in [
        String::new(),
        "[]".to_owned(),
        with("/format", json!(2)),
        with("/release", json!("v1.21.0")),
        with("/release", json!("newest")),
        with("/config", json!({})),
        with("/rules", json!({})),
        with("/config/Traces/keys/SendDelay", json!({"type": "duration", "minimun": 1})),
        with("/config/Traces/keys/SendDelay/minimum", json!({"a": 1})),
        with("/config/Traces/keys/SendDelay/minimum", json!("soon")),
        with("/config/Traces/keys/SendDelay/default", json!("soon")),
        with("/config/Traces/keys/MaxBatchSize/default", json!(["a"])),
    ] {
        folder.write("f.json", text.as_bytes());
        let ran = folder.run(&["check", "config.yaml", "--release-file", "f.json"]);
        assert_eq!(ran.status, 2, "{text:.60}: {}{}", ran.output, ran.errors);
        assert!(ran.errors.contains("invalid release file `f.json`"), "{}", ran.errors);
    }
}
