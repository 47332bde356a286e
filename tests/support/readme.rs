//! The code blocks in README and the documentation.

use std::path::Path;

/// The maximum number of lines of a set-up block.
const SHORT: usize = 3;

/// README and the page about deployment formats.
fn text() -> String {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        std::fs::read_to_string(path).expect(name)
    };
    ["README.md", "docs/formats.md"].map(read).concat()
}

/// The blocks of a language under a heading, up to the next heading.
pub fn blocks(heading: &str, language: &str) -> Vec<String> {
    let text = text();
    let (_, section) = text.split_once(&format!("\n{heading}\n")).expect(heading);
    let section = section.split_once("\n#").map_or(section, |(section, _)| section);
    let fence = format!("```{language}\n");
    let blocks = section.split(&fence).skip(1).filter_map(|rest| rest.split_once("```"));
    blocks.map(|(block, _)| block.to_owned()).collect()
}

/// The set-up instructions: the first, short block of a section.
pub fn set_up(heading: &str, language: &str) -> String {
    let block = blocks(heading, language).into_iter().next().expect(heading);
    assert!(block.lines().count() <= SHORT, "{heading}: more than {SHORT} lines\n{block}");
    block
}
