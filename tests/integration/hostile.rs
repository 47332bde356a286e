//! Malicious files: they cause a finding or an error, never a pass or a crash.

use crate::program::{BROKEN, CONFIG, Folder, RULES, Ran};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// The program rejects it with a finding or an error of its own.
fn assert_rejected(what: &str, ran: &Ran) {
    assert!([1, 2].contains(&ran.status), "{what}: status {} {}", ran.status, ran.errors);
    let said = if ran.status == 1 { &ran.output } else { &ran.errors };
    assert!(said.contains("error"), "{what}: {said}");
    assert!(!ran.errors.contains("panicked"), "{what}: {}", ran.errors);
    assert!(!ran.output.contains("internal/panic"), "{what}: {}", ran.output);
}

/// Checks bytes as a config, as rules, and as whatever they are detected as.
fn assert_bytes_rejected(what: &str, extension: &str, bytes: &[u8]) {
    let folder = Folder::new(&[("good/config.yaml", CONFIG), ("good/rules.yaml", RULES)]);
    let name = format!("bad.{extension}");
    folder.write(&name, bytes);
    for arguments in [
        &["check", "-c", &name, "-r", "good/rules.yaml"][..],
        &["check", "-c", "good/config.yaml", "-r", &name],
        &["check", "--output-format", "json", &name],
    ] {
        assert_rejected(&format!("{what} {arguments:?}"), &folder.run(arguments));
    }
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    format!("General: {}{}\n", open.repeat(depth), close.repeat(depth))
}

fn indented(depth: usize) -> String {
    (0..depth).map(|level| format!("{}a:\n", " ".repeat(level))).collect()
}

#[test]
fn invalid_utf8() {
    assert_bytes_rejected("nothing", "yaml", b"");
    assert_bytes_rejected("a byte order mark", "yaml", b"\xef\xbb\xbf");
    assert_bytes_rejected("zero bytes", "yaml", &[0; 4096]);
    assert_bytes_rejected("a zero byte", "yaml", b"General:\n  ConfigurationVersion: 2\0\n");
    assert_bytes_rejected("all bytes", "yaml", &(0..=255).collect::<Vec<u8>>());
    assert_bytes_rejected("a raw surrogate", "yaml", b"General:\n  A: \xed\xa0\x80\n");
    assert_bytes_rejected("a surrogate in JSON", "json", br#"{"General": {"\ud800": "\udc00"}}"#);
    assert_bytes_rejected("half a surrogate in JSON", "json", br#"{"General": {"A": "\ud8"#);
    for extension in ["yaml", "json", "toml"] {
        assert_bytes_rejected("zero bytes", extension, &[0; 100]);
        assert_bytes_rejected("nothing", extension, b"");
    }
}

#[test]
fn other_encodings() {
    let little: Vec<u8> = BROKEN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = BROKEN.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_bytes_rejected("UTF-16", "yaml", &[b"\xff\xfe", &little[..]].concat());
    assert_bytes_rejected("UTF-16, big", "yaml", &[b"\xfe\xff", &big[..]].concat());
    assert_bytes_rejected("UTF-16 without a mark", "yaml", &little);
    assert_bytes_rejected("half a unit", "yaml", b"\xff\xfeG");
}

#[test]
fn deep_nesting() {
    for depth in [400, 9_000, 30_000] {
        assert_bytes_rejected("flow lists", "yaml", nested("[", "]", depth).as_bytes());
        assert_bytes_rejected("flow maps", "yaml", nested("{a: ", "}", depth).as_bytes());
        assert_bytes_rejected("open lists", "yaml", nested("[", "", depth).as_bytes());
        assert_bytes_rejected("block lists", "yaml", nested("\n- ", "", depth).as_bytes());
        assert_bytes_rejected(
            "inline lists",
            "yaml",
            format!("{}a\n", "- ".repeat(depth)).as_bytes(),
        );
        assert_bytes_rejected("JSON lists", "json", nested("[", "]", depth).as_bytes());
        let json = format!("{{\"General\": {}1{}}}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert_bytes_rejected("JSON maps", "json", json.as_bytes());
        let toml = format!("General = {}{}\n", "[".repeat(depth), "]".repeat(depth));
        assert_bytes_rejected("TOML lists", "toml", toml.as_bytes());
        let toml = format!("[General{}]\n", ".a".repeat(depth));
        assert_bytes_rejected("TOML tables", "toml", toml.as_bytes());
    }
    for depth in [500, 4_000] {
        assert_bytes_rejected("block maps", "yaml", indented(depth).as_bytes());
    }
}

#[test]
fn exponential_aliases() {
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..60 {
        let last = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [last.as_str(); 10].join(", ")));
    }
    assert_bytes_rejected("an alias bomb", "yaml", bomb.as_bytes());
    let merges = bomb.replace('[', "{<<: [").replace(']', "]}").replace("x, x", "{x: 1}");
    assert_bytes_rejected("a merge bomb", "yaml", merges.as_bytes());
    assert_bytes_rejected("a loop", "yaml", b"General: &g\n  A: *g\n");
    assert_bytes_rejected("a merged loop", "yaml", b"General: &g\n  <<: *g\n");
}

/// Aliases may repeat a text more often than it can be checked.
#[test]
fn repeated_text() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(100));
    let folder = Folder::new(&[("config.yaml", &text)]);
    let ran = folder.run(&["check", "-c", "config.yaml"]);
    assert_eq!(ran.status, 1);
    assert!(ran.output.contains("syntax/repeated-text"), "{}", ran.output);
}

/// Each further one is an error, so that it cannot pass unchecked.
#[test]
fn many_deployments_in_one_file() {
    let config_map = |n: usize| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\ndata:\n  config.yaml: |\n    \
             General:\n      ConfigurationVersion: 2\n"
        )
    };
    for (count, status) in [(1000, 0), (1002, 1)] {
        let text: String = (0..count).map(config_map).collect();
        let folder = Folder::new(&[("m.yaml", &text)]);
        let ran = folder.run(&["check", "--output-format", "short", "m.yaml"]);
        assert_eq!(ran.status, status, "{count}: {}", ran.errors);
        let excess = ran.output.matches("intake/too-many-deployments").count();
        assert_eq!(excess, count - 1000, "{}", ran.output);
    }
}

/// Comments beyond the limit suppress nothing.
#[test]
fn many_suppressions() {
    let comment = "# preflight: ignore[rules/implicit-drop] because\n";
    for (count, is_told) in [(1000, false), (1001, true)] {
        let folder = Folder::new(&[("config.yaml", &(CONFIG.to_owned() + &comment.repeat(count)))]);
        let ran = folder.run(&["check", "-c", "config.yaml", "--output-format", "short"]);
        assert_eq!(ran.output.contains("more than 1000 suppressed checks"), is_told, "{count}");
    }
}

#[test]
fn large_inputs() {
    let keys: String = (0..100_000).map(|n| format!("k{n}: 1\n")).collect();
    assert_bytes_rejected("keys", "yaml", keys.as_bytes());
    let keys: String = (0..100_000).map(|n| format!("k{n} = 1\n")).collect();
    assert_bytes_rejected("keys", "toml", keys.as_bytes());
    let line = format!("General: {{A: \"{}\"}}\n", "x".repeat(5 << 20));
    assert_bytes_rejected("a long line", "yaml", line.as_bytes());
    assert_bytes_rejected("a long key", "yaml", format!("{}: 1\n", "k".repeat(5 << 20)).as_bytes());
    assert_bytes_rejected("blanks", "yaml", " ".repeat(5 << 20).as_bytes());
    assert_bytes_rejected("tabs", "yaml", "\t\n".repeat(1 << 20).as_bytes());
    assert_bytes_rejected("too many bytes", "yaml", &vec![b'#'; 100 << 20]);
}

#[test]
fn endless_standard_input() {
    let folder = Folder::new(&[]);
    let mut command = folder.command(&["check", "-"]);
    command.write_stdin(vec![b'#'; 20 << 20]);
    assert_rejected("20 MiB", &Ran::of(command));
}

#[test]
fn folders_and_missing_files() {
    let folder = Folder::new(&[("folder/other.txt", "")]);
    for (name, said) in
        [("folder", "a folder"), ("none.yaml", "no such file"), ("", "names no file")]
    {
        let ran = folder.run(&["check", "-c", name]);
        assert_rejected(name, &ran);
        assert!((ran.output.clone() + &ran.errors).contains(said) || name.is_empty(), "{ran:?}");
    }
}

#[cfg(unix)]
#[test]
fn pipes_devices_and_links() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(&[]);
    let at = |name: &str| folder.path().join(name);
    let made = std::process::Command::new("mkfifo").arg(at("pipe.yaml")).status().expect("mkfifo");
    assert!(made.success());
    symlink(at("nowhere"), at("dangling.yaml")).expect("a link");
    symlink(at("loop.yaml"), at("loop.yaml")).expect("a link");
    symlink("/dev/zero", at("device.yaml")).expect("a link");
    for name in ["pipe.yaml", "dangling.yaml", "loop.yaml", "device.yaml", "/dev/zero", "/dev/null"]
    {
        for arguments in [&["check", "-c", name][..], &["check", name]] {
            let ran = folder.run(arguments);
            assert_rejected(name, &ran);
            assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{name}");
        }
    }
    assert_eq!(folder.run(&["check"]).status, 2, "a walk meets them");
}

/// The text of the file would be rejected; without the file there is nothing to check.
#[test]
fn a_file_that_appears_and_disappears() {
    let folder = Folder::new(&[]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                folder.write("config.yaml", BROKEN.as_bytes());
                drop(std::fs::remove_file(folder.path().join("config.yaml")));
            }
        });
        let runs: Vec<Ran> = (0..20).map(|_| folder.run(&["check"])).collect();
        done.store(true, Ordering::Relaxed);
        for ran in &runs {
            assert_rejected("now and then", ran);
        }
    });
}

#[test]
fn a_name_that_is_not_utf8() {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"bad\xff\x1b[31m.yaml");
        let folder = Folder::new(&[]);
        std::fs::write(folder.path().join(name), BROKEN).expect("a file");
        let ran = folder.run(&["check"]);
        assert_rejected("a name", &ran);
        assert!(!ran.output.contains('\u{1b}'), "{}", ran.output);
        assert!(Path::new(folder.path()).join(name).exists());
    }
}
