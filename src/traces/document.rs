//! JSON documents with strings and numbers as they are read, for exports and batches.
//!
//! A document is read once and then dropped as a whole, so its values are in an arena: nothing is
//! hashed, and strings without escapes are not copied. Must not know what the members mean.

use super::json_number::parse_float;
use super::scan::Scan;
use bumpalo::Bump;
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::collections::HashMap;

/// A JSON value that borrows from its text and from an arena.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Json<'j> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(&'j str),
    List(&'j [Json<'j>]),
    Object(Members<'j>),
}

/// A name and its value.
pub type Member<'j> = (&'j str, Json<'j>);

/// The members of an object, each name once: with the last value of several, at the place of the
/// first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Members<'j>(&'j [Member<'j>]);

impl<'j> Json<'j> {
    /// Parses a document.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn parse(text: &'j str, arena: &'j Bump) -> Result<Self, serde_json::Error> {
        if let Some(json) = Builder::new(arena).document(text) {
            return Ok(json);
        }
        // Slower, and knows what is wrong and where.
        Ok(Self::copied(&serde_json::from_str(text)?, arena))
    }

    fn copied(json: &serde_json::Value, arena: &'j Bump) -> Self {
        use serde_json::Value as Parsed;
        match json {
            Parsed::Null => Self::Null,
            Parsed::Bool(value) => Self::Bool(*value),
            Parsed::Number(n) => match (n.as_i64(), n.as_u64()) {
                (Some(n), _) => Self::Int(n),
                (_, Some(n)) => Self::Uint(n),
                _ => Self::Float(n.as_f64().unwrap_or_default()),
            },
            Parsed::String(text) => Self::Text(arena.alloc_str(text)),
            Parsed::Array(items) => {
                let items = items.iter().map(|item| Self::copied(item, arena));
                Self::List(arena.alloc_slice_fill_iter(items.collect::<Vec<_>>()))
            }
            Parsed::Object(members) => {
                let member = |(name, json): (&String, _)| {
                    (&*arena.alloc_str(name), Self::copied(json, arena))
                };
                let members: Vec<Member<'_>> = members.iter().map(member).collect();
                Self::Object(Members(arena.alloc_slice_copy(&members)))
            }
        }
    }

    pub fn get(&self, name: &str) -> Option<Self> {
        self.as_object()?.get(name)
    }

    pub fn as_object(&self) -> Option<Members<'j>> {
        match self {
            Self::Object(members) => Some(*members),
            _ => None,
        }
    }

    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub fn as_list(&self) -> Option<&'j [Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&'j str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Uint(_) | Self::Float(_))
    }

    /// A number without a decimal point and exponent that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Int(n) => Some(n),
            Self::Uint(n) => i64::try_from(n).ok(),
            _ => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "as Refinery reads them")]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Int(n) => Some(n as f64),
            Self::Uint(n) => Some(n as f64),
            Self::Float(n) => Some(n),
            _ => None,
        }
    }
}

impl<'j> Members<'j> {
    /// Members that have different names.
    pub fn of_distinct(members: &'j [Member<'j>]) -> Self {
        Self(members)
    }

    pub fn get(&self, name: &str) -> Option<Json<'j>> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = Member<'j>> + use<'j> {
        self.0.iter().copied()
    }
}

/// Builds valid documents in one pass; leaves errors to the other parser.
struct Builder<'j> {
    arena: &'j Bump,
    /// The items and members of lists and objects that are not complete yet.
    items: Vec<Json<'j>>,
    members: Vec<Member<'j>>,
}

impl<'j> Builder<'j> {
    fn new(arena: &'j Bump) -> Self {
        Self { arena, items: Vec::new(), members: Vec::new() }
    }

    fn document(mut self, text: &'j str) -> Option<Json<'j>> {
        let mut scan = Scan::new(text);
        let json = self.value(&mut scan)?;
        scan.end()?;
        Some(json)
    }

    fn value(&mut self, scan: &mut Scan<'j>) -> Option<Json<'j>> {
        Some(match scan.peek()? {
            b'"' => Json::Text(self.text(scan.string()?)),
            b'{' => {
                let start = self.members.len();
                scan.object(|scan, name| {
                    let name = self.text(name);
                    let value = self.value(scan)?;
                    self.members.push((name, value));
                    Some(())
                })?;
                let members = self.members.get(start..)?;
                let members = if are_distinct(members) {
                    self.arena.alloc_slice_copy(members)
                } else {
                    self.arena.alloc_slice_copy(&last_of_each(members))
                };
                self.members.truncate(start);
                Json::Object(Members(members))
            }
            b'[' => {
                let start = self.items.len();
                scan.list(|scan| {
                    let item = self.value(scan)?;
                    self.items.push(item);
                    Some(())
                })?;
                let items = self.arena.alloc_slice_copy(self.items.get(start..)?);
                self.items.truncate(start);
                Json::List(items)
            }
            b't' | b'f' => Json::Bool(scan.boolean()?),
            b'n' => {
                scan.text("null")?;
                Json::Null
            }
            _ => number(scan.number()?),
        })
    }

    fn text(&self, text: Cow<'j, str>) -> &'j str {
        match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.arena.alloc_str(&text),
        }
    }
}

/// A number beyond 64 bits and the negative zero are floats.
fn number(text: &str) -> Json<'static> {
    if text == "-0" || text.contains(['.', 'e', 'E']) {
        return Json::Float(parse_float(text));
    }
    let int = text.parse().map(Json::Int).or_else(|_| text.parse().map(Json::Uint));
    int.unwrap_or_else(|_| Json::Float(parse_float(text)))
}

/// Each name once, with its last value.
fn last_of_each<'j>(members: &[Member<'j>]) -> Vec<Member<'j>> {
    let mut places: HashMap<&str, usize, RandomState> = HashMap::default();
    let mut all: Vec<Member<'j>> = Vec::with_capacity(members.len());
    for &(name, value) in members {
        let place = *places.entry(name).or_insert(all.len());
        match all.get_mut(place) {
            Some(member) => member.1 = value,
            None => all.push((name, value)),
        }
    }
    all
}

/// Whether no name is repeated, as far as it is worth finding out.
fn are_distinct(members: &[Member<'_>]) -> bool {
    /// Up to this many names are compared with each other.
    const FEW: usize = 16;
    let is_repeated = |(place, (name, _)): (usize, &Member<'_>)| {
        members.iter().take(place).any(|(earlier, _)| earlier == name)
    };
    members.len() <= FEW && !members.iter().enumerate().any(is_repeated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_name_is_used() {
        let many: Vec<String> = (0..40).map(|n| format!(r#""m{n}":0,"#)).collect();
        let many = many.concat();
        for text in [r#"{"a":1,"b":2,"a":3}"#, &format!(r#"{{"a":1,"b":2,{many}"a":3}}"#)] {
            let arena = Bump::new();
            let json = Json::parse(text, &arena).unwrap();
            let names: Vec<&str> =
                json.as_object().unwrap().iter().map(|(n, _)| n).take(2).collect();
            assert_eq!((names, json.get("a")), (vec!["a", "b"], Some(Json::Int(3))));
        }
    }

    #[test]
    fn numbers_keep_their_type() {
        let arena = Bump::new();
        for (text, int, float) in [
            ("5", Some(5), Some(5.0)),
            ("-5", Some(-5), Some(-5.0)),
            ("-0", None, Some(0.0)),
            ("5.0", None, Some(5.0)),
            ("18446744073709551615", None, Some(18_446_744_073_709_551_615.0)),
            ("18446744073709551616", None, Some(18_446_744_073_709_551_616.0)),
            ("1e3", None, Some(1000.0)),
            ("-1E400", None, Some(f64::NEG_INFINITY)),
            ("\"5\"", None, None),
        ] {
            let json = Json::parse(text, &arena).unwrap();
            assert_eq!((json.as_i64(), json.as_f64()), (int, float), "{text}");
            assert_eq!(json.is_number(), float.is_some());
        }
        assert_eq!(Json::parse(r#""a\n\u00e9""#, &arena).unwrap().as_str(), Some("a\né"));
    }

    /// Both parsers build the same, and the fast one builds what is usual.
    #[test]
    fn the_fast_parser_agrees_with_the_other() {
        let arena = Bump::new();
        for (text, is_usual) in [
            (r#" {"a": [1, -2.5e3, "x\"y", null], "b": {"c": {}, "d": []}, "e": true} "#, true),
            ("[[1, [2, 3]], {\"a\": [4]}, 5]", true),
            (r#"{"a\u0041": 18446744073709551615}"#, true),
            ("-0", true),
            ("99999999999999999999", true),
            (r#"{"a": 1, "b": 3, "a": 2}"#, true),
            ("[1,]", false),
            ("{\"a\":1} x", false),
        ] {
            let fast = Builder::new(&arena).document(text);
            assert_eq!(fast.is_some(), is_usual, "{text}");
            let parsed = serde_json::from_str(text).map(|json| Json::copied(&json, &arena));
            assert!(fast.is_none_or(|fast| parsed.is_ok_and(|other| other == fast)), "{text}");
        }
    }
}
