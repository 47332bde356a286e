//! The picture of a report in README is what the program prints.
//!
//! `RECORD=1` draws it again.

use std::fs;
use std::path::Path;
use std::process::Command;

const PICTURE: &str = "docs/report.svg";
const COMMAND: [&str; 4] = ["check", "--color", "always", "fixtures/deployments/incident"];

#[test]
fn the_picture_shows_the_current_report() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_refinery-preflight"));
    let output = command.env_clear().current_dir(root).args(COMMAND).output().expect("a program");
    let report = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(report.contains('\u{1b}') && report.contains("blocked: 1 error"), "{report}");
    let shown = format!("$ refinery-preflight check deploy\n{report}");
    let shown = shown.replace("fixtures/deployments/incident/", "deploy/");
    let drawn = anstyle_svg::Term::new().render_svg(&shown);
    let path = root.join(PICTURE);
    if std::env::var_os("RECORD").is_some() {
        fs::write(&path, &drawn).expect("a writable file");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, drawn, "run this test with RECORD=1 and look at {PICTURE}");
    let picture = roxmltree::Document::parse(&kept).expect("XML");
    let texts: String = picture.descendants().filter_map(|node| node.text()).collect();
    assert!(texts.contains("wrong indentation: `TraceTimeout` does not line up"), "{texts}");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains(&format!("]({PICTURE})")), "README shows the picture");
}
