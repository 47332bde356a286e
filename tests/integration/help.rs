//! `--help` of every command: examples that work, exit statuses, links; one line per option in `-h`.

use crate::program::Folder;
use std::fs;
use std::path::Path;

/// The names of all commands that the help lists, such as `hook run`.
fn commands(folder: &Folder, of: &str) -> Vec<String> {
    let words: Vec<&str> = of.split_whitespace().chain(["-h"]).collect();
    let help = folder.run(&words).output;
    let Some((_, list)) = help.split_once("\nCommands:\n") else {
        return vec![of.to_owned()];
    };
    let names = list.lines().take_while(|line| !line.is_empty());
    let names = names.filter_map(|line| line.split_whitespace().next());
    let below = names.filter(|name| *name != "help");
    below.flat_map(|name| commands(folder, format!("{of} {name}").trim())).collect()
}

fn long_help(folder: &Folder, command: &str) -> String {
    let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
    folder.run(&words).output
}

#[test]
fn every_command_has_examples_statuses_and_a_link() {
    let folder = Folder::new(&[]);
    let commands = commands(&folder, "");
    assert!(commands.len() >= 12 && commands.iter().any(|name| name == "hook run"), "{commands:?}");
    let docs =
        concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/v", env!("CARGO_PKG_VERSION"), "/docs/");
    for command in commands {
        let help = long_help(&folder, &command);
        let (_, end) =
            help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{command}: {help}"));
        let (examples, rest) = end.split_once("\nExit status:\n  0  ").expect("statuses");
        assert!(examples.contains(&format!(" {command}")), "{command}: {examples}");
        assert!(rest.contains("\n  2  ") && rest.contains("\n  3  "), "{command}: {rest}");
        for line in examples.lines().filter(|line| line.starts_with("  refinery-preflight")) {
            let words = line.split_whitespace().skip(1);
            // Arguments after `--` belong to another command line.
            let words: Vec<&str> =
                words.take_while(|word| *word != "--").chain(["--help"]).collect();
            let ran = folder.run(&words);
            assert_eq!((ran.status, ran.errors.as_str()), (0, ""), "{line}");
        }
        let links: Vec<&str> =
            rest.split_whitespace().filter(|word| word.contains("://")).collect();
        assert_eq!(links.len(), 2, "{command}");
        for link in links {
            let (file, place) = link
                .strip_prefix(docs)
                .expect(link)
                .split_once('#')
                .unwrap_or((link.strip_prefix(docs).unwrap(), ""));
            let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
            let text = fs::read_to_string(page).expect(link).to_lowercase();
            let heading = format!("# {}", place.replace('-', " "));
            assert!(text.contains(&heading), "{command}: {link}");
        }
    }
}

#[test]
fn the_short_help_has_a_line_for_each_option() {
    let folder = Folder::new(&[]);
    for command in commands(&folder, "").into_iter().chain([String::new(), "hook".to_owned()]) {
        let words: Vec<&str> = command.split_whitespace().chain(["-h"]).collect();
        let help = folder.run(&words).output;
        for line in help.lines() {
            let is_continued = line.len() - line.trim_start().len() > 10;
            assert!(!is_continued && line.chars().count() <= 100, "{command}: {line}");
        }
        assert!(!help.contains("[env"), "{command}");
    }
}

#[test]
fn the_long_help_lists_values() {
    let help = long_help(&Folder::new(&[]), "check");
    for value in ["- human:", "- gitlab:", "- checkstyle:", "possible values: note, warning"] {
        assert!(help.to_lowercase().contains(value), "{value}: {help}");
    }
}
