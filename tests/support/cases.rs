//! The cases of a test table: the files of a folder of `tests/integration`, sorted by name.

use std::fs;
use std::path::Path;

/// The name and the text of each file. There must be more than `least`.
pub fn cases(folder: &str, least: usize) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration").join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let case = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    let mut cases: Vec<_> = paths.map(case).collect();
    cases.sort();
    assert!(cases.len() > least, "{}", cases.len());
    cases
}
