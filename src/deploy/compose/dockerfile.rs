//! Parses a Dockerfile into stages and instructions.
//!
//! Must neither replace variables nor open files.

use crate::deploy::here_document::{HereDocument, openings};
use crate::deploy::script::words::command_at;
use crate::deploy::texts::through;
use crate::span::{FileId, Piece, Span};

/// Files with more instructions are not analyzed.
const MOST_INSTRUCTIONS: usize = 300;

/// An instruction: its name in upper case, and the rest joined to one line.
#[derive(Debug)]
pub struct Instruction {
    pub name: String,
    pub text: String,
    /// Its first line.
    pub span: Span,
    /// Its here-documents, in order.
    pub documents: Vec<HereDocument>,
}

/// A stage: a `FROM` and the instructions up to the next one.
#[derive(Debug)]
pub struct Stage {
    /// The base image or an earlier stage, as written.
    pub base: String,
    pub name: Option<String>,
    pub span: Span,
    pub instructions: Vec<Instruction>,
}

/// A parsed Dockerfile.
#[derive(Debug)]
pub struct Dockerfile {
    /// Instructions before the first stage.
    pub head: Vec<Instruction>,
    pub stages: Vec<Stage>,
    /// The escape character, which also joins lines.
    pub escape: char,
}

impl Dockerfile {
    /// Reads a file. `None` if it has too many instructions.
    pub fn read(file: FileId, text: &str) -> Option<Self> {
        Self::read_within(text, &[Piece::written(0..text.len(), Span::new(file, 0, text.len()))])
    }

    /// Reads a text at these places. `None` if it has too many instructions.
    pub fn read_within(text: &str, places: &[Piece]) -> Option<Self> {
        let escape = escape_of(text);
        let mut read = Self { head: Vec::new(), stages: Vec::new(), escape };
        let mut instructions = instructions(places.first()?.outer.file, text, escape);
        for instruction in &mut instructions {
            instruction.move_to(places);
        }
        if instructions.len() > MOST_INSTRUCTIONS {
            return None;
        }
        for instruction in instructions {
            if instruction.name == "FROM" {
                read.stages.push(Stage::open(&instruction));
            } else {
                let stage = read.stages.last_mut();
                stage.map_or(&mut read.head, |stage| &mut stage.instructions).push(instruction);
            }
        }
        Some(read)
    }

    /// Finds a stage by its name, ignoring case, or by its number.
    pub fn find(&self, name: &str) -> Option<usize> {
        let number = || name.parse().ok().filter(|&at| at < self.stages.len());
        self.stages.iter().rposition(|stage| stage.has_name(name)).or_else(number)
    }

    /// The stages that are images of their own: the last one, and those that no other stage uses.
    pub fn images(&self) -> Vec<usize> {
        let uses = |at: usize, stage: usize| {
            let Some(user) = self.stages.get(at) else { return false };
            let words = user.instructions.iter().flat_map(|it| it.text.split_whitespace());
            let mut sources = words.filter_map(|word| word.strip_prefix("--from="));
            self.base_stage(at, &user.base) == Some(stage)
                || sources.any(|source| self.earlier(at, source) == Some(stage))
        };
        let count = self.stages.len();
        let is_used = |stage: usize| (stage + 1..count).any(|at| uses(at, stage));
        (0..count).filter(|&stage| stage + 1 == count || !is_used(stage)).collect()
    }

    /// The stage before stage `at` that `COPY --from` names.
    pub fn earlier(&self, at: usize, name: &str) -> Option<usize> {
        self.base_stage(at, name).or_else(|| name.parse().ok().filter(|&stage| stage < at))
    }

    /// The earlier stage called `base`, if any, that stage `at` builds on.
    pub fn base_stage(&self, at: usize, base: &str) -> Option<usize> {
        self.stages.get(..at)?.iter().rposition(|stage| stage.has_name(base))
    }
}

impl Stage {
    /// `FROM` with flags, an image, and perhaps `AS` and a name.
    fn open(from: &Instruction) -> Self {
        let mut words = from.text.split_whitespace().filter(|word| !word.starts_with("--"));
        let base = words.next().unwrap_or_default().to_owned();
        let name = words.nth(1).map(str::to_owned);
        Self { base, name, span: from.span, instructions: Vec::new() }
    }

    fn has_name(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(name))
    }
}

/// The character that the directive `# escape=` sets. Directives are comments at the very top, such
/// as `# syntax=docker/dockerfile:1`; any other line ends them.
fn escape_of(text: &str) -> char {
    for line in text.trim_start_matches('\u{feff}').lines() {
        let directive = line.trim().strip_prefix('#').and_then(|rest| rest.split_once('='));
        match directive.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim())) {
            Some((name, value)) if name == "escape" => return value.chars().next().unwrap_or('\\'),
            Some((name, _)) if name.chars().all(|c| c.is_ascii_alphanumeric()) => {}
            _ => break,
        }
    }
    '\\'
}

/// All instructions, with continued lines joined, without comments, and with here-documents.
fn instructions(file: FileId, text: &str, escape: char) -> Vec<Instruction> {
    let mut all = Vec::new();
    let (mut open, mut start) = (None, 0);
    while let Some(line) = text.get(start..).and_then(|rest| rest.split_inclusive('\n').next()) {
        let at = start + line.len() - line.trim_start().len();
        let span =
            Span::new(file, at.min(start + line.trim_end().len()), start + line.trim_end().len());
        start += line.len();
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let line = line.trim_end();
        let part = line.strip_suffix(escape);
        let (mut whole, span) = open.take().unwrap_or((String::new(), span));
        whole.push_str(part.unwrap_or(line));
        if part.is_some() {
            open = Some((whole, span));
            continue;
        }
        let mut instruction = Instruction::new(&whole, span);
        start = instruction.read_documents(text, start);
        all.push(instruction);
    }
    all.extend(open.map(|(whole, span)| Instruction::new(&whole, span)));
    all
}

impl Instruction {
    fn new(whole: &str, span: Span) -> Self {
        let (name, text) =
            whole.trim().split_once(char::is_whitespace).unwrap_or((whole.trim(), ""));
        let (name, text) = (name.to_ascii_uppercase(), text.trim().to_owned());
        Self { name, text, span, documents: Vec::new() }
    }

    /// Reads its here-documents, which start at a byte, and returns where they end. Only some
    /// instructions have them; elsewhere `<<` is part of a value.
    fn read_documents(&mut self, text: &str, mut start: usize) -> usize {
        let taker = match self.name.as_str() {
            "ONBUILD" => self.text.split_whitespace().next().unwrap_or_default(),
            name => name,
        };
        if !["RUN", "COPY", "ADD"].iter().any(|name| taker.eq_ignore_ascii_case(name)) {
            return start;
        }
        for opening in openings(&self.text) {
            let command = command_at(&self.text, opening.at);
            let (document, end) = opening.read(text, start, self.span, command);
            self.documents.push(document);
            start = end;
        }
        start
    }

    /// Moves its places from a text to the file that contains the text.
    fn move_to(&mut self, places: &[Piece]) {
        let span = Piece::written(0..self.span.range().len(), self.span);
        self.span = through(vec![span], places).first().map_or(self.span, |piece| piece.outer);
        let documents = std::mem::take(&mut self.documents).into_iter();
        self.documents = documents.map(|document| document.within(places)).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_stages() {
        let text = "# x\nARG TAG=1\nfrom --platform=x a:$TAG as One\n\nRUN b && \\\n  # no\n\n  c\n\
                    COPY <<E /x\nFROM no\nE\nFrom one\r\n  Cmd [\"d\"]\r\nENV \\\n";
        let read = Dockerfile::read(FileId(0), text).unwrap();
        let shown = |all: &[Instruction]| -> Vec<String> {
            all.iter().map(|one| format!("{} {}", one.name, one.text)).collect()
        };
        assert_eq!(shown(&read.head), ["ARG TAG=1"]);
        let [one, two] = &read.stages[..] else { panic!("{read:?}") };
        assert_eq!((&*one.base, one.name.as_deref()), ("a:$TAG", Some("One")));
        assert_eq!(shown(&one.instructions), ["RUN b &&   c", "COPY <<E /x"]);
        assert_eq!(&text[one.instructions[0].span.range()], "RUN b && \\");
        assert_eq!((&*two.base, two.name.as_deref()), ("one", None));
        assert_eq!(shown(&two.instructions), ["CMD [\"d\"]", "ENV "]);
        assert_eq!(&text[two.instructions[0].span.range()], "Cmd [\"d\"]");
    }

    #[test]
    fn only_some_instructions_have_here_documents() {
        for (line, takes) in [
            ("RUN <<EOF", true),
            ("copy <<EOF /x", true),
            ("ADD <<-'EOF' /x", true),
            ("ONBUILD RUN <<EOF", true),
            ("ENV X=\"a <<EOF b\"", false),
            ("LABEL x=a <<EOF", false),
            ("CMD sh -c 'cat <<EOF'", false),
            ("ARG X=<<EOF", false),
        ] {
            let read = Dockerfile::read(FileId(0), &format!("FROM a\n{line}\nUSER u\nEOF\n"));
            let instructions = read.unwrap().stages.remove(0).instructions;
            let is_seen = instructions.iter().any(|one| one.name == "USER");
            assert_eq!(is_seen, !takes, "{line}");
        }
    }

    #[test]
    fn a_directive_sets_the_escape_character() {
        for (top, escape) in [
            ("", '\\'),
            ("# escape=`\n", '`'),
            ("#syntax=docker/dockerfile:1\n#  Escape = `\n", '`'),
            ("# a comment\n# escape=`\n", '\\'),
            ("\n# escape=`\n", '\\'),
            ("ARG X\n# escape=`\n", '\\'),
        ] {
            let text = format!("{top}FROM a\nENV X=1 {escape}\n  Y=2\n");
            let read = Dockerfile::read(FileId(0), &text).unwrap();
            let [env] = &read.stages[0].instructions[..] else { panic!("{top}: {read:?}") };
            assert_eq!((read.escape, &*env.text), (escape, "X=1   Y=2"), "{top}");
        }
    }

    #[test]
    fn stages_that_no_other_uses_are_images() {
        for (text, expected) in [
            ("FROM a\n", &[0][..]),
            ("FROM a AS x\nFROM b\nCOPY --from=x /p /p\n", &[1]),
            ("FROM a AS x\nFROM x AS eu\nFROM x AS us\n", &[1, 2]),
            ("FROM a\nFROM b\nCOPY --from=0 /p /p\n", &[1]),
        ] {
            assert_eq!(Dockerfile::read(FileId(0), text).unwrap().images(), expected, "{text}");
        }
    }

    #[test]
    fn finds_stages_by_name_and_number() {
        let read = Dockerfile::read(FileId(0), "FROM a AS x\nFROM X\nFROM b AS x\n").unwrap();
        for (name, expected) in [("x", Some(2)), ("0", Some(0)), ("3", None), ("a", None)] {
            assert_eq!(read.find(name), expected, "{name}");
        }
        assert_eq!((read.base_stage(1, "X"), read.base_stage(0, "x")), (Some(0), None));
        assert!(Dockerfile::read(FileId(0), &"RUN a\n".repeat(301)).is_none());
    }
}
