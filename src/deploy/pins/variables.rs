//! Variables in versions and tags, and the values that files near them set: in scripts, Makefiles,
//! pipelines, Dockerfiles, Terraform and inventories.

use crate::deploy::near::NearFile;
use crate::sniff::comment::is_comment;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The name of the variable that a text consists of: `$NAME`, `${NAME:-default}`, `$(NAME)`,
/// `{{ name }}`, `${{ env.NAME }}`, `var.name`, also after a `v`.
pub fn variable(text: &str) -> Option<&str> {
    let text = text.trim().trim_matches('"');
    let text = text.strip_prefix('v').filter(|rest| rest.starts_with(['$', '{'])).unwrap_or(text);
    let inner = text.trim_start_matches(['$', '{', '(', ' ']).trim_end_matches(['}', ')', ' ']);
    let is_variable = inner.len() < text.len() || inner.starts_with("var.");
    let inner = inner.split([':', '|', '-']).next()?.trim();
    let name = inner.rsplit('.').next()?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_one = is_variable && !name.is_empty() && name.chars().all(is_name);
    is_one.then_some(name)
}

/// The value of a variable: what its own file sets, or else what all other files set that set it.
pub fn value(name: &str, own: &str, near: &[Rc<NearFile>]) -> Option<String> {
    if let Some(file) = near.iter().find(|file| file.name == own)
        && let Some(value) = set_to(name, &file.text)
    {
        return Some(value.to_owned());
    }
    let others = near.iter().filter(|file| file.name != own);
    let all: BTreeSet<&str> = others.filter_map(|file| set_to(name, &file.text)).collect();
    let mut all = all.into_iter();
    all.next().filter(|_| all.next().is_none()).map(str::to_owned)
}

/// The only value that a text sets, in any language: `NAME=2.9.4`, `ARG NAME=2.9.4`, `NAME: "2.9.4"`, or
/// the default of a variable of Terraform.
pub fn set_to<'t>(name: &str, text: &'t str) -> Option<&'t str> {
    let in_line = |line: &'t str| {
        line.match_indices(name)
            .filter_map(|(at, _)| {
                let (before, after) = (&line[..at], &line[at + name.len()..]);
                let is_whole = !before.ends_with("${")
                    && (before.is_empty() || before.ends_with([' ', '\t', '"', '\'', '{', ',']));
                let after = after.trim_start_matches(['"', '\'']).trim_start();
                let value = after.strip_prefix(['=', ':', '?'])?.trim_start_matches(['=', ':']);
                plain(value).filter(|_| is_whole)
            })
            .collect::<Vec<_>>()
    };
    let all: BTreeSet<&str> =
        text.lines().filter(|line| !is_comment(line)).flat_map(in_line).collect();
    let mut all = all.into_iter();
    if let Some(value) = all.next() {
        return all.next().is_none().then_some(value);
    }
    let (_, after) = text.split_once(&format!("variable \"{name}\""))?;
    let body = after.split_once("\n}").map_or(after, |(body, _)| body);
    let (_, default) = body.split_once("default")?;
    plain(default.trim_start().strip_prefix('=')?.lines().next()?)
}

/// The first word of a value, if it has no variables.
fn plain(value: &str) -> Option<&str> {
    let word = value.split_whitespace().next()?;
    let word = word.trim_matches(['"', '\'', '\\', ',', ';', '}', ']']);
    (!word.is_empty() && !word.contains(['$', '{'])).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_name_of_a_variable() {
        for (text, expected) in [
            ("$V", Some("V")),
            ("${V}", Some("V")),
            ("${V:-1}", Some("V")),
            ("$(V)", Some("V")),
            ("v${V}", Some("V")),
            ("{{ refinery_version }}", Some("refinery_version")),
            ("{{refinery_version | default('x')}}", Some("refinery_version")),
            ("${{ env.V }}", Some("V")),
            ("${var.tag}", Some("tag")),
            ("var.tag", Some("tag")),
            ("2.9.4", None),
            ("latest", None),
            ("${a}-${b}", None),
            ("", None),
        ] {
            assert_eq!(variable(text), expected, "{text}");
        }
    }

    #[test]
    fn finds_the_value_of_a_variable() {
        for (text, expected) in [
            ("V=1.2.3\n", Some("1.2.3")),
            ("V := 1.2.3\n", Some("1.2.3")),
            ("V ?= 1.2.3\n", Some("1.2.3")),
            ("export V=\"1.2.3\"\n", Some("1.2.3")),
            ("ARG V=1.2.3\n", Some("1.2.3")),
            ("env:\n  V: '1.2.3' # newest\n", Some("1.2.3")),
            ("docker build --build-arg V=1.2.3 .\n", Some("1.2.3")),
            ("{\"V\": \"1.2.3\"}\n", Some("1.2.3")),
            ("- {a: b, V: 1.2.3}]\n", Some("1.2.3")),
            ("V=1.2.3\nV=1.2.4\n", None),
            ("variable \"V\" {\n  type = string\n  default = \"1.2.3\"\n}\n", Some("1.2.3")),
            ("variable \"V\" {\n}\nvariable \"W\" {\n  default = \"1\"\n}\n", None),
            ("# V=1.2.3\nMY_V=1\nV=$W\n", None),
            ("echo $V\n", None),
        ] {
            assert_eq!(set_to("V", text), expected, "{text}");
        }
    }

    #[test]
    fn other_files_must_agree() {
        let file =
            |name: &str, text: &str| Rc::new(NearFile::new(name.to_owned(), text.to_owned()));
        let near = [file("a", "V=1"), file("b", "V=2"), file("c", "W=3"), file("d", "W=3")];
        assert_eq!(value("V", "a", &near).as_deref(), Some("1"));
        assert_eq!(value("V", "c", &near), None);
        assert_eq!(value("W", "a", &near).as_deref(), Some("3"));
    }
}
