//! Classifies texts: Refinery's files, and container files that may embed or describe them.

use super::containers::{
    MARKS, applies_path, has_long_string, has_version, includes_others, may_contain,
    may_contain_in_json, may_have_commands, only_includes,
};
use super::file_name::{
    builds_image, is_fly_app, is_hcl, is_kamal_deploy, is_kustomization, is_pipeline,
    is_render_blueprint, is_yaml_without_extension, manages_machine, sets_up_machine,
};
use super::flaw::{compression, encryption, is_lfs_pointer, is_without_content};
use super::key_scan::key_scan;
use super::names::names;
use super::recognise::{Recognised, recognise};
use super::shebang::{is_script_file, names_shell};
use crate::syntax::DataFormat;
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// The class of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileClass {
    Refinery(Recognised),
    /// A file that may embed or describe Refinery's files.
    Container,
}

/// Classifies a text by its content; `None` if it is something else.
pub fn classify(format: Option<DataFormat>, text: &str) -> Option<FileClass> {
    may_be_any(format, text).then(|| classify_closely(format, text))?
}

/// Classifies a file by its name and content. Dockerfiles, scripts and files of Terraform and Nomad
/// are container files if they mention Refinery.
pub fn classify_file(name: &str, format: Option<DataFormat>, text: &str) -> Option<FileClass> {
    let is_script = is_script_file(name, text) || sets_up_machine(name) && names_shell(text);
    if builds_image(name) || is_hcl(name) || is_script || manages_machine(name) {
        // A file that it names may be Refinery's.
        let names_file = is_hcl(name) && text.contains("file(")
            || is_script && (text.contains("--from-file") || applies_path(text));
        let is_any = names_file || text.contains("refinery") || has_version(text);
        return is_any.then_some(FileClass::Container);
    }
    let format = format.or_else(|| is_yaml_without_extension(name).then_some(DataFormat::Yaml));
    classify(format, text).or_else(|| {
        let is_platform = is_fly_app(name) || is_render_blueprint(name) || is_kamal_deploy(name);
        let is_app = is_platform && text.contains("refinery");
        let may_include = || includes_others(name, text) || only_includes(text);
        let may_be_any = || is_empty_overlay(name, text) || may_include();
        let is_any = is_app
            || is_pipeline(name) && applies_path(text)
            || format == Some(DataFormat::Yaml) && may_be_any();
        is_any.then_some(FileClass::Container)
    })
}

/// Whether it is a kustomization without any key, such as an empty file or a Git LFS pointer, with which
/// Kustomize stops.
pub fn is_empty_overlay(name: &str, text: &str) -> bool {
    let has_keys = || key_scan(DataFormat::Yaml, text).iter().any(|key| key.top);
    is_kustomization(name) && (is_without_content(text) || !has_keys())
}

/// Whether a text is worth a closer look. A single pass over its bytes rules out most files of a
/// repository.
fn may_be_any(format: Option<DataFormat>, text: &str) -> bool {
    static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        let words = names().words().chain(MARKS.iter().map(|&mark| mark.to_owned()));
        AhoCorasick::new(words.collect::<Vec<_>>()).ok()
    });
    let is_walked = matches!(format, Some(DataFormat::Yaml | DataFormat::Json));
    !is_walked || WORDS.as_ref().is_none_or(|words| words.is_match(text))
}

/// Whether a deployment may use a file of any name with this content: it has Refinery's words or
/// variables, or stands for content that may have them.
pub fn may_be_used(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    is_lfs_pointer(&text)
        || encryption(&text).is_some()
        || compression(bytes).is_some()
        || may_be_any(Some(DataFormat::Yaml), &text)
}

fn classify_closely(format: Option<DataFormat>, text: &str) -> Option<FileClass> {
    let own = recognise(format, text).map(FileClass::Refinery);
    own.or_else(|| contains(format, text))
}

fn contains(format: Option<DataFormat>, text: &str) -> Option<FileClass> {
    let is_container = match format {
        Some(DataFormat::Yaml) => may_contain(text),
        Some(DataFormat::Json) => may_contain_in_json(text),
        Some(DataFormat::Toml) => {
            has_long_string(text) && has_version(text) || may_have_commands(text)
        }
        None => false,
    };
    is_container.then_some(FileClass::Container)
}

#[cfg(test)]
mod tests {
    use super::*;
    use walkdir::WalkDir;

    #[test]
    fn the_first_pass_misses_nothing() {
        let folders = ["fixtures", "tests", "benches"];
        let root = env!("CARGO_MANIFEST_DIR");
        let all = folders.iter().flat_map(|folder| WalkDir::new(format!("{root}/{folder}")));
        let (mut seen, mut passed) = (0, 0);
        for file in all.flatten().filter(|file| file.file_type().is_file()) {
            let Ok(text) = std::fs::read_to_string(file.path()) else { continue };
            for format in [DataFormat::Yaml, DataFormat::Json].map(Some) {
                let closely = classify_closely(format, &text);
                assert_eq!(classify(format, &text), closely, "{}", file.path().display());
                seen += usize::from(closely.is_some());
                passed += usize::from(!may_be_any(format, &text));
            }
        }
        assert!(seen > 100 && passed > 10, "{seen} {passed}");
    }

    #[test]
    fn the_first_pass_rules_out_most_files() {
        for text in [
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n    - port: 80\n",
            "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n",
            "",
        ] {
            assert!(!may_be_any(Some(DataFormat::Yaml), text), "{text}");
        }
    }
}
