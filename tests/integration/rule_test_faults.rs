//! The `test` command: what is wrong with a test file is an error at its place, and never passes.

use crate::program::Folder;
use crate::rule_test_files::{RULES, findings, run_file};
use serde_json::Value as Json;
use std::io::Write;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_wrong_with_a_test_file_is_an_error_at_its_place() {
    let head = "target: production\ntests:\n";
    let good = "  - {name: x, trace: [{}], expect: {keep: 1 in 50}}\n";
    for (text, line, message, label) in [
        (
            format!("{head}  - {{name: x, trace: [{{}}], expect: {{kep: never}}}}"),
            3,
            "unknown key `kep` in `expect`",
            "did you mean `keep`?",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}]}}"),
            3,
            "missing required key `expect`",
            "add it here",
        ),
        (
            format!("{head}  - {{name: x, expect: {{keep: never}}}}"),
            3,
            "a test needs `trace`, `traces` or `for-all`",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], traces: y, expect: {{keep: never}}}}"),
            3,
            "a test must have exactly one of",
            "",
        ),
        (
            format!(
                "{head}  - {{name: x, trace: [{{meta.refinery.root: false}}], expect: {{keep: never}}}}"
            ),
            3,
            "`meta.refinery.root` must be `true` for this span",
            "remove this",
        ),
        (
            format!("{head}  - {{name: x, trace: [], expect: {{keep: never}}}}"),
            3,
            "a trace needs a span",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [5], expect: {{keep: never}}}}"),
            3,
            "a span must be a mapping of fields, not an integer",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{root: 1}}], expect: {{keep: never}}}}"),
            3,
            "`root` must be a boolean",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], expect: {{keep: sometimes}}}}"),
            3,
            "invalid value `sometimes` for `keep`",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], expect: {{}}}}"),
            3,
            "`expect` needs `keep`, `rule` or `kept`",
            "",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], expect: {{kept: 5%}}}}"),
            3,
            "`kept` is a share of recorded traces",
            "",
        ),
        (
            format!("{head}  - {{name: x, traces: t.jsonl, every: soon, expect: {{kept: 5%}}}}"),
            3,
            "`every` must be a duration",
            "such as `20ms`",
        ),
        (
            format!(
                "{head}  - {{name: x, traces: t.jsonl, every: 1s, during: 5, expect: {{kept: 5%}}}}"
            ),
            3,
            "`during` must be a string, not an integer",
            "not a string",
        ),
        (
            format!(
                "{head}  - {{name: x, traces: t.jsonl, every: 1s, during: -5m, expect: {{kept: 5%}}}}"
            ),
            3,
            "`during` must be a duration",
            "such as `20ms`",
        ),
        (
            format!("{head}  - {{name: x, traces: t.jsonl, during: 5m, expect: {{kept: 5%}}}}"),
            3,
            "`during` needs `every`",
            "number of traces unknown",
        ),
        (
            format!(
                "{head}  - {{name: x, traces: t.jsonl, every: 0s, during: 5m, expect: {{kept: 5%}}}}"
            ),
            3,
            "`during` needs `every`",
            "number of traces unknown",
        ),
        (
            format!(
                "{head}  - {{name: x, traces: t.jsonl, every: 1s, during: 0s, expect: {{kept: 5%}}}}"
            ),
            3,
            "no trace arrives during 0s",
            "too short",
        ),
        (
            format!(
                "{head}  - {{name: x, traces: t.jsonl, every: 1ms, during: 10h, expect: {{kept: 5%}}}}"
            ),
            3,
            "36000000 traces arrive, more than 5000000",
            "too long",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], during: 5m, expect: {{keep: 1 in 50}}}}"),
            3,
            "`during` does not apply to `trace`",
            "only for `traces`",
        ),
        (
            format!("{head}  - {{name: x, trace: [{{}}], expect: {{rule: eror}}}}"),
            3,
            "no rule `eror` in the target `production`",
            "did you mean `errors`?",
        ),
        (
            format!("{head}  - {{name: x, traces: no.jsonl, expect: {{keep: never}}}}"),
            3,
            "no such file: `no.jsonl`",
            "",
        ),
        (
            format!("{head}  - {{name: x, traces: rules.yaml, expect: {{keep: never}}}}"),
            3,
            "invalid traces in `rules.yaml`: line 1",
            "",
        ),
        (
            format!("{head}  - {{name: x, for-all: [{{any: {{}}}}], expect: {{keep: never}}}}"),
            3,
            "unknown key `any`",
            "did you mean `any-span`?",
        ),
        (
            format!(
                "{head}  - {{name: x, for-all: [{{root: {{a: \"=> 5\"}}}}], expect: {{keep: never}}}}"
            ),
            3,
            "unknown operator `=>`",
            "",
        ),
        (format!("{head}{good}  - 5"), 4, "a test must be a mapping, not an integer", ""),
        (
            format!("target: prodution\ntests:\n{good}"),
            1,
            "no target `prodution` in the rules",
            "did you mean `production`?",
        ),
        (
            format!("target: production\nroute: http\ntests:\n{good}"),
            2,
            "unknown route `http`",
            "expected `otlp`, `json` or `msgpack`",
        ),
        (
            format!("target: production\nrules: other.yaml\ntests:\n{good}"),
            2,
            "no such file: `other.yaml`",
            "",
        ),
        (
            format!("target: production\nrules: ../../../etc/passwd\ntests:\n{good}"),
            2,
            "passwd",
            "",
        ),
        (
            format!("target: production\nrules: a.preflight.yaml\ntests:\n{good}"),
            2,
            "Refinery cannot load any rules from `a.preflight.yaml`",
            "",
        ),
        (format!("tests:\n{good}"), 1, "missing required key `target` in a test file", ""),
        ("target: production\ntests: []".to_owned(), 2, "`tests` is empty", ""),
        (
            "target: production\ntests: 5".to_owned(),
            2,
            "`tests` must be a list, not an integer",
            "",
        ),
        ("[]".to_owned(), 1, "the file must be a mapping, not a list", ""),
        (String::new(), 1, "", ""),
        (
            format!("target: production\ntarget: production\ntests:\n{good}"),
            2,
            "duplicate key `target`",
            "",
        ),
        (format!("{head} x: y\n{good}"), 4, "", ""),
    ] {
        let found = findings(&text, &[], &[]);
        let wanted = |finding: &&Json| finding["message"].as_str().unwrap().contains(message);
        let finding = found.iter().find(wanted).unwrap_or_else(|| panic!("{text}\n{found:#?}"));
        let primary = &finding["labels"].as_array().unwrap()[0];
        assert_eq!(primary["start"]["line"], line, "{text}\n{finding:#}");
        assert_eq!(primary["file"], "a.preflight.yaml", "{text}");
        assert!(primary["text"].as_str().unwrap().contains(label), "{text}\n{finding:#}");
        let ran = run_file(&text, &[], &[]);
        assert_eq!(ran.status, 1, "{text}\n{}", ran.output);
        assert!(ran.output.ends_with("could not run\n"), "{text}\n{}", ran.output);
    }
}

/// The first bytes of a recording, as when a download or a disk fails.
#[test]
fn recordings_that_end_early_never_pass() {
    let line = r#"{"id":"a","spans":[{"root":true,"fields":{"http.status_code":503}}]}"#;
    let lines = format!("{line}\n").repeat(50);
    let otlp = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102"}]}]}]}"#;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(lines.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = ruzstd::encoding::compress_to_vec(
        lines.as_bytes(),
        ruzstd::encoding::CompressionLevel::Fastest,
    );
    let text =
        "target: production\ntests:\n  - {name: x, traces: peak, expect: {kept: 0%..100%}}\n";
    let run = |bytes: &[u8]| {
        let folder = Folder::new(&[("rules.yaml", RULES), ("a.preflight.yaml", text)]);
        folder.write("peak", bytes);
        folder.run(&["test", "--output-format", "short"])
    };
    for (what, bytes) in
        [("lines", lines.as_bytes()), ("gzip", &gzip), ("zstd", &zstd), ("OTLP", otlp.as_bytes())]
    {
        let whole = run(bytes);
        assert_eq!(whole.status, 0, "{what}: {}", whole.output);
        for length in [0, 1, bytes.len() / 2 - 5, bytes.len() - 2] {
            let cut = run(&bytes[..length]);
            assert_eq!(cut.status, 1, "{what}, {length} bytes: {}", cut.output);
            let place = "a.preflight.yaml:3:23: error[test/invalid]: invalid traces in `peak`";
            assert!(cut.output.contains(place), "{what}, {length} bytes: {}", cut.output);
        }
    }
    let message = [0x0a, 0xff, 0xff, 0xff, 0x7f, 1, 2, 3];
    assert_eq!(run(&message).status, 1);
}
