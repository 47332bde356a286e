//! Compares YAML events and errors with those of Refinery's reader (go-yaml v3.0.1).
//!
//! All expectations were observed with go-yaml.

use proptest::prelude::*;
use refinery_preflight::internals::span::FileId;
use refinery_preflight::internals::syntax::yaml::{
    ComposeError, EventKind, MAX_DEPTH, Parser, Problem, Properties, ScalarStyle, compose, parse,
};

/// `+MAP &anchor <tag> =plain 'single "double |literal >folded *alias -MAP`, one word per event.
fn notation(kind: &EventKind<'_>) -> String {
    let with = |word: &str, properties: &Properties<'_>| {
        let anchor = properties.anchor.map(|a| format!("&{a} ")).unwrap_or_default();
        let tag = properties.tag.as_ref().map(|t| format!("<{t}> ")).unwrap_or_default();
        format!("{anchor}{tag}{word}")
    };
    let flow = |word, flow: bool, flowed| if flow { flowed } else { word };
    match kind {
        EventKind::DocumentStart => "+DOC".to_owned(),
        EventKind::DocumentEnd => "-DOC".to_owned(),
        EventKind::Alias { name } => format!("*{name}"),
        EventKind::SequenceStart { flow: f, properties } => {
            with(flow("+SEQ", *f, "+SEQ[]"), properties)
        }
        EventKind::SequenceEnd => "-SEQ".to_owned(),
        EventKind::MappingStart { flow: f, properties } => {
            with(flow("+MAP", *f, "+MAP{}"), properties)
        }
        EventKind::MappingEnd => "-MAP".to_owned(),
        EventKind::Scalar { value, style, properties } => {
            let mark = match style {
                ScalarStyle::Plain => '=',
                ScalarStyle::SingleQuoted => '\'',
                ScalarStyle::DoubleQuoted => '"',
                ScalarStyle::Literal => '|',
                ScalarStyle::Folded => '>',
            };
            with(&format!("{mark}{}", value.escape_debug()), properties)
        }
    }
}

/// The events inside the first document, or its first problem.
fn events(text: &str) -> Result<String, Problem> {
    let mut words = Vec::new();
    for event in Parser::new(text) {
        match event.map_err(|fault| fault.problem)?.kind {
            EventKind::DocumentStart => {}
            EventKind::DocumentEnd => break,
            kind => words.push(notation(&kind)),
        }
    }
    Ok(words.join(" "))
}

#[test]
fn tricky_documents_are_parsed_as_by_go_yaml() {
    for (text, expected) in [
        ("", ""),
        ("# only a comment", ""),
        ("---", "="),
        ("a: b", "+MAP =a =b -MAP"),
        ("a:\tb", "+MAP =a =b -MAP"),
        ("a:\r\n  - b\r\n", "+MAP =a +SEQ =b -SEQ -MAP"),
        ("a:\n- b\n-\nc:", "+MAP =a +SEQ =b = -SEQ =c = -MAP"),
        ("- - a\n  - b\n- c: d\n  e:", "+SEQ +SEQ =a =b -SEQ +MAP =c =d =e = -MAP -SEQ"),
        ("? a\n: b\n? c", "+MAP =a =b =c = -MAP"),
        ("? - a\n: - b", "+MAP +SEQ =a -SEQ +SEQ =b -SEQ -MAP"),
        ("{a:}", "+MAP{} =a: = -MAP"),
        ("{a: b, c, ? d, \"e\":f}", "+MAP{} =a =b =c = =d = \"e =f -MAP"),
        ("[a: b, ? c : d, e]", "+SEQ[] +MAP{} =a =b -MAP +MAP{} =c =d -MAP =e -SEQ"),
        ("[!x, y]", "+SEQ[] <!x,> =y -SEQ"),
        ("[a, b, ]", "+SEQ[] =a =b -SEQ"),
        ("a: [\nb,\n# c\n{d:\ne}\n]", "+MAP =a +SEQ[] =b +MAP{} =d =e -MAP -SEQ -MAP"),
        ("\"x\"#c", "\"x"),
        ("a: b#c #d", "+MAP =a =b#c -MAP"),
        ("a: b\n  c\n\n   d\n", "+MAP =a =b c\\nd -MAP"),
        ("a: |+\n  b\n\nc: >-\n  d\n  e", "+MAP =a |b\\n\\n =c >d e -MAP"),
        ("&a !!int 5", "&a <tag:yaml.org,2002:int> =5"),
        ("! 5", "<!> =5"),
        ("&x\n- &y !t\n- *x", "&x +SEQ &y <!t> = *x -SEQ"),
        ("&a a: &b b\n*a : *b", "+MAP &a =a &b =b *a *b -MAP"),
        ("<<: *x", "+MAP =<< *x -MAP"),
        ("%YAML 1.1\n%TAG !e! tag:e:\n---\n!e!x y\n...\n", "<tag:e:x> =y"),
        ("a: 'it''s'\nb: \"\\x41\\\n  c\"", "+MAP =a 'it\\'s =b \"Ac -MAP"),
        ("a\n---\nb: *c", "=a"),
        ("a: b\n---\n- @", "+MAP =a =b -MAP"),
        ("{} a: b", "+MAP{} -MAP"),
        ("\u{feff}a: b", "+MAP =a =b -MAP"),
        ("a: \u{feff}b", "+MAP =a =\\u{feff}b -MAP"),
        ("404: ~", "+MAP =404 =~ -MAP"),
        ("a:\u{85}  b: c", "+MAP =a +MAP =b =c -MAP -MAP"),
    ] {
        assert_eq!(events(text).as_deref(), Ok(expected), "{text:?}");
    }
}

#[test]
fn invalid_documents_are_rejected_at_the_same_place() {
    for (text, problem, at) in [
        ("a:\n\tb: c", Problem::Tab, "\t"),
        ("-\ta", Problem::Tab, "\t"),
        ("a: b\n\t\nc: d", Problem::Tab, "\t"),
        ("a: b: c", Problem::StrayValue, ":"),
        ("a: b\n c: d", Problem::Continues, ":"),
        ("a: b\nc\n", Problem::NoColon, "c"),
        ("a: @b", Problem::CannotStart('@'), "@"),
        ("a: \"\\/\"", Problem::Escape('/'), "\\/"),
        ("a: 'b", Problem::OpenQuote, ""),
        ("a: [b", Problem::OpenSequence, ""),
        ("%YAML 1.2\n---\n", Problem::Version, "%YAML 1.2"),
        ("%", Problem::Directive, "%"),
        ("a: \u{7}", Problem::Forbidden('\u{7}'), "\u{7}"),
        ("a\0", Problem::Forbidden('\0'), "\0"),
        ("a\n---\n@", Problem::CannotStart('@'), "@"),
        ("a\n...\n\t@", Problem::Tab, "\t"),
        ("---\n---\nb: @", Problem::CannotStart('@'), "@"),
        (": b", Problem::NoKey, ":"),
        ("a: b\n- c", Problem::NoKey, "-"),
        ("[a] b: c", Problem::Trailing, "b"),
        ("a: 'it's'", Problem::Trailing, "s'"),
        ("a: |\n  b\n c: d", Problem::NoKey, ""),
        ("!y!x a", Problem::TagHandle, "!y!x"),
    ] {
        let fault = Parser::new(text).find_map(Result::err).expect(text);
        let place = text.get(fault.at.clone()).unwrap_or_default();
        assert_eq!((fault.problem, place), (problem, at), "{text:?}");
    }
}

#[test]
fn every_event_covers_its_text() {
    let text =
        "# c\na: &x 'b' # d\ne:\n  - !t f g\n  - |\n    h\n    i\n\n  -\nj: {k: [l], m: *x}\n";
    let covered: Vec<&str> = Parser::new(text)
        .map(|event| event.expect(text))
        .map(|event| &text[event.start..event.end])
        .collect();
    let expected = [
        "",
        "",
        "a",
        "&x 'b'",
        "e",
        "",
        "!t f g",
        "|\n    h\n    i",
        "",
        "",
        "j",
        "{",
        "k",
        "[",
        "l",
        "]",
        "m",
        "*x",
        "}",
        "",
        "",
    ];
    assert_eq!(covered, expected);
    let tree = compose(FileId(0), text).ok().expect(text).tree;
    let root = tree.get(tree.root().unwrap()).span.range();
    assert_eq!(&text[root], text[4..].trim_end());
}

#[test]
fn a_control_character_counts_only_if_it_is_read() {
    let after = |distance: usize| format!("a: b\n---\nc: d\n{}\u{1}", "#".repeat(distance));
    assert!(events(&after(400)).is_err());
    assert!(events(&after(600)).is_ok());
}

#[test]
fn hostile_texts_are_rejected_quickly() {
    let big = 1 << 20;
    for (text, problem) in [
        ("[".repeat(5 * big), Problem::TooDeep),
        ("- ".repeat(big), Problem::TooDeep),
        ("? ".repeat(big), Problem::TooDeep),
        ("{a: ".repeat(100_000), Problem::TooDeep),
        ("]".repeat(big), Problem::NoValue),
        ("'".repeat(big + 1), Problem::OpenQuote),
        (format!("\"{}", " \n".repeat(big)), Problem::OpenQuote),
        ("\0".repeat(big), Problem::Forbidden('\0')),
        (format!("a: b\n&{} c", "d".repeat(big)), Problem::NoColon),
        ("&a ".repeat(big), Problem::NoDocumentStart),
    ] {
        let first = Parser::new(&text).find_map(Result::err).map(|fault| fault.problem);
        assert_eq!(first, Some(problem), "{:?}…", &text[..8]);
    }
}

#[test]
fn parsing_takes_linear_time() {
    let big = 1 << 18;
    for text in [
        "a ".repeat(4 * big),
        format!("[{}]", "a, ".repeat(big)),
        format!("[{}]", "{}, ".repeat(big)),
        format!("{{{}}}", "\"a\": [b], ".repeat(big)),
        "- a\n".repeat(big),
        "# c\n".repeat(big),
        format!("a: |+\n  b{}", "\n".repeat(4 * big)),
        format!("[{}]", "{}, [a, ".repeat(4_000) + &"]".repeat(4_000)),
    ] {
        assert!(Parser::new(&text).all(|event| event.is_ok()), "{:?}…", &text[..8]);
    }
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(compose(FileId(0), &nested(MAX_DEPTH)).is_ok());
    let deep = compose(FileId(0), &nested(MAX_DEPTH + 1));
    assert!(matches!(deep, Err(ComposeError::TooDeep(_))));
    assert!(Parser::new(&nested(10_000)).all(|event| event.is_ok()));
}

#[test]
fn several_errors_are_found_in_one_run() {
    let text = "A:\n  B: 'open\n  C: d\nE:\n  F: g: h\n  I: [j\nK: l\n";
    let findings = parse(FileId(0), text).findings;
    let places: Vec<&str> =
        findings.iter().map(|f| &text[f.primary().expect("a place").range()]).collect();
    assert_eq!(places, ["'", ":", "["]);
    assert!(findings.iter().all(|f| f.help.is_some()));
}

#[test]
fn text_after_the_first_document_is_reported() {
    for (text, place) in [("a: b\n---\nc: d\n", "---"), ("[a] b\n", "b"), ("a: b\n...\n@x", "")] {
        let parsed = parse(FileId(0), text);
        let place = Some(place).filter(|p| !p.is_empty());
        let found = parsed.findings.first().map(|f| &text[f.primary().expect(text).range()]);
        assert_eq!(parsed.tree.is_some(), place.is_some(), "{text:?}");
        if place.is_some() {
            assert_eq!(found, place, "{text:?}");
        }
    }
}

/// Random texts made of YAML syntax, so that they reach most of the parser.
const PIECES: &[&str] = &[
    "a", "b: ", ":", " ", "  ", "\n", "\n  ", "- ", "-", "? ", "[", "]", "{", "}", ",", "#",
    " # c", "&a ", "*a", "!t ", "!", "!<", "|", ">+2", "'", "\"", "\\", "\t", "---", "\n---\n",
    "\n...\n", "%", "@", "\u{feff}", "\u{2028}", "\u{85}", "\r", "é", "😀", "\0", "<<: ",
];

proptest! {
    #[test]
    fn no_text_panics_and_every_span_is_valid(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..60),
        noise in ".{0,8}",
    ) {
        let text = pieces.concat() + &noise;
        let lies_within = |start: usize, end: usize| {
            start <= end && text.is_char_boundary(start) && text.is_char_boundary(end)
        };
        let mut depth = 0_usize;
        for event in Parser::new(&text) {
            match event {
                Ok(event) => {
                    prop_assert!(lies_within(event.start, event.end), "{text:?} {event:?}");
                    let word = notation(&event.kind);
                    if word.contains("+SEQ") || word.contains("+MAP") {
                        depth += 1;
                    } else if matches!(event.kind, EventKind::SequenceEnd | EventKind::MappingEnd) {
                        prop_assert!(depth > 0, "{text:?}");
                        depth -= 1;
                    } else if event.kind == EventKind::DocumentEnd {
                        prop_assert_eq!(depth, 0);
                    }
                }
                Err(fault) => prop_assert!(lies_within(fault.at.start, fault.at.end), "{fault:?}"),
            }
        }
        for finding in parse(FileId(0), &text).findings {
            for label in finding.labels {
                let range = label.span.range();
                prop_assert!(lies_within(range.start, range.end), "{text:?} {range:?}");
            }
        }
    }
}
