//! The functions of a script, which it calls with arguments.

use super::words::lines;
use std::collections::HashMap;

/// The lines of functions, by name.
#[derive(Default)]
pub struct Functions(HashMap<String, Vec<String>>);

impl Functions {
    /// Those that a script defines as `name() {` or `function name {`.
    pub fn of(script: &str) -> Self {
        let mut all = HashMap::new();
        let lines = lines(script);
        let mut rest = lines.iter();
        while let Some(line) = rest.next() {
            let Some((name, first)) = opening(&line.text) else { continue };
            let indent = indent(&line.text);
            let mut body: Vec<String> = Vec::new();
            if let Some(only) = first.trim_end().strip_suffix('}') {
                body.push(only.trim_end().trim_end_matches(';').to_owned());
            } else {
                body.push(first.to_owned());
                let is_inside = |text: &&str| {
                    !(text.trim_start().starts_with('}') && self::indent(text) <= indent)
                };
                let inside = rest.by_ref().map(|line| line.text.as_str()).take_while(is_inside);
                body.extend(inside.map(str::to_owned));
            }
            all.insert(name.to_owned(), body);
        }
        Self(all)
    }

    /// The lines of a function that uses its arguments.
    pub fn body(&self, name: &str) -> Option<&[String]> {
        let uses_arguments = |line: &String| line.contains("$1") || line.contains("${1");
        self.0.get(name).filter(|body| body.iter().any(uses_arguments)).map(Vec::as_slice)
    }
}

/// The name of the function that a line starts, and what follows the brace.
fn opening(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let line = line.strip_prefix("function ").unwrap_or(line);
    let (name, body) = line.split_once('{')?;
    let name = name.trim().trim_end_matches("()").trim();
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-:".contains(c);
    (!name.is_empty() && name.chars().all(is_part)).then_some((name, body))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_functions() {
        let script =
            "deploy() {\n  helm $1\n}\nfunction one { a \"$1\"; }\nnone() {\n  b\n}\ndeploy x\n";
        let functions = Functions::of(script);
        let body = |name| functions.body(name).map(|lines| lines.join("/"));
        assert_eq!(body("deploy").as_deref(), Some("/  helm $1"));
        assert_eq!(body("one").as_deref(), Some(" a \"$1\""));
        assert_eq!((body("none"), body("helm")), (None, None));
    }
}
