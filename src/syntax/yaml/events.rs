//! TEMPORARY stand-in.
use libyaml_safer as ly;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalarStyle {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}
#[derive(Debug)]
pub enum EventKind {
    StreamStart,
    StreamEnd,
    DocumentStart { explicit: bool },
    DocumentEnd { explicit: bool },
    Alias { name: String },
    Scalar { value: String, style: ScalarStyle, anchor: Option<String>, tag: Option<String> },
    SequenceStart { flow: bool, anchor: Option<String>, tag: Option<String> },
    SequenceEnd,
    MappingStart { flow: bool, anchor: Option<String>, tag: Option<String> },
    MappingEnd,
}
#[derive(Debug)]
pub struct Event {
    pub kind: EventKind,
    pub start: usize,
    pub end: usize,
}
#[derive(Debug)]
pub struct Fault {
    pub problem: Problem,
    pub at: usize,
    pub context: Option<(ContextKind, usize)>,
}
#[derive(Debug)]
pub struct Problem(String);
impl Problem {
    pub fn repair(&self) -> Option<&'static str> {
        None
    }
}
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
#[derive(Debug)]
pub struct ContextKind;
impl ContextKind {
    pub fn is_opening(&self) -> bool {
        false
    }
}
impl std::fmt::Display for ContextKind {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("")
    }
}
pub struct Parser<'a> {
    p: ly::Parser<std::io::Cursor<Vec<u8>>>,
    _i: &'a [u8],
    done: bool,
    bom: usize,
}
impl<'a> Parser<'a> {
    pub fn new(input: &'a [u8]) -> Self {
        let bom = if input.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let mut v = input[bom..].to_vec();
        v.push(b'\n');
        let mut p = ly::Parser::new();
        p.set_input(std::io::Cursor::new(v));
        Self { p, _i: input, done: false, bom }
    }
    pub fn comments(&self) -> &[std::ops::Range<usize>] {
        &[]
    }
    pub fn next(&mut self) -> Option<Result<Event, Fault>> {
        if self.done {
            return None;
        }
        let r = self.p.parse();
        let e = match r {
            Ok(e) => e,
            Err(e) => {
                self.done = true;
                let at = e.problem_mark().map_or(0, |m| usize::try_from(m.index).unwrap_or(0))
                    + self.bom;
                return Some(Err(Fault { problem: Problem(e.to_string()), at, context: None }));
            }
        };
        use ly::EventData as D;
        let kind = match e.data {
            D::StreamStart { .. } => EventKind::StreamStart,
            D::StreamEnd => {
                self.done = true;
                EventKind::StreamEnd
            }
            D::DocumentStart { implicit, .. } => EventKind::DocumentStart { explicit: !implicit },
            D::DocumentEnd { implicit } => EventKind::DocumentEnd { explicit: !implicit },
            D::Alias { anchor } => EventKind::Alias { name: anchor },
            D::Scalar { anchor, tag, value, style, .. } => EventKind::Scalar {
                value,
                anchor,
                tag,
                style: match style {
                    ly::ScalarStyle::Plain | ly::ScalarStyle::Any => ScalarStyle::Plain,
                    ly::ScalarStyle::SingleQuoted => ScalarStyle::SingleQuoted,
                    ly::ScalarStyle::DoubleQuoted => ScalarStyle::DoubleQuoted,
                    ly::ScalarStyle::Literal => ScalarStyle::Literal,
                    _ => ScalarStyle::Folded,
                },
            },
            D::SequenceStart { anchor, tag, style, .. } => {
                EventKind::SequenceStart { flow: style == ly::SequenceStyle::Flow, anchor, tag }
            }
            D::SequenceEnd => EventKind::SequenceEnd,
            D::MappingStart { anchor, tag, style, .. } => {
                EventKind::MappingStart { flow: style == ly::MappingStyle::Flow, anchor, tag }
            }
            D::MappingEnd => EventKind::MappingEnd,
            _ => EventKind::StreamStart,
        };
        Some(Ok(Event {
            kind,
            start: e.start_mark.index as usize + self.bom,
            end: e.end_mark.index as usize + self.bom,
        }))
    }
}
