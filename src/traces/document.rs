//! JSON documents with strings and numbers as they are read, for exports and batches.
//!
//! Objects are small and read once, so their members are in a list: nothing is hashed, and strings
//! without escapes are not copied. Must not know what the members mean.

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A JSON value that borrows from its text.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'j> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(Cow<'j, str>),
    List(Vec<Json<'j>>),
    Object(Members<'j>),
}

/// The members of an object, each name once: with the last value of several, at the place of the
/// first.
#[derive(Clone, Debug, PartialEq)]
pub struct Members<'j>(Vec<(Cow<'j, str>, Json<'j>)>);

impl<'j> Json<'j> {
    /// Parses a document.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn parse(text: &'j str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    pub fn as_object(&self) -> Option<&Members<'j>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
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
    pub fn get(&self, name: &str) -> Option<&Json<'j>> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json<'j>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Members that have different names.
    pub fn of_distinct(members: impl IntoIterator<Item = (&'j str, Json<'j>)>) -> Self {
        Self(members.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
    }

    fn new(all: Vec<(Cow<'j, str>, Json<'j>)>) -> Self {
        /// Up to this many names are compared with each other.
        const FEW: usize = 16;
        let names = || all.iter().map(|(name, _)| name);
        let is_repeated = |(place, name)| names().take(place).any(|earlier| earlier == name);
        if all.len() <= FEW && !names().enumerate().any(is_repeated) {
            return Self(all);
        }
        let mut unique: IndexMap<_, _, RandomState> = IndexMap::default();
        unique.extend(all);
        Self(unique.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

/// A name, borrowed if it has no escapes.
struct Name<'j>(Cow<'j, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(text.to_owned())))
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(i64::try_from(value).map_or(Json::Uint(value), Json::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json<'de>, A::Error> {
        let mut all = Vec::new();
        while let Some((Name(name), value)) = members.next_entry()? {
            all.push((name, value));
        }
        Ok(Json::Object(Members::new(all)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_name_is_used() {
        let many: Vec<String> = (0..40).map(|n| format!(r#""m{n}":0,"#)).collect();
        let many = many.concat();
        for text in [r#"{"a":1,"b":2,"a":3}"#, &format!(r#"{{"a":1,"b":2,{many}"a":3}}"#)] {
            let json = Json::parse(text).unwrap();
            let names: Vec<&str> =
                json.as_object().unwrap().iter().map(|(n, _)| n).take(2).collect();
            assert_eq!((names, json.get("a")), (vec!["a", "b"], Some(&Json::Int(3))));
        }
    }

    #[test]
    fn numbers_keep_their_type() {
        for (text, int, float) in [
            ("5", Some(5), Some(5.0)),
            ("-5", Some(-5), Some(-5.0)),
            ("5.0", None, Some(5.0)),
            ("18446744073709551615", None, Some(18_446_744_073_709_551_615.0)),
            ("\"5\"", None, None),
        ] {
            let json = Json::parse(text).unwrap();
            assert_eq!((json.as_i64(), json.as_f64()), (int, float), "{text}");
            assert_eq!(json.is_number(), float.is_some());
        }
        assert_eq!(Json::parse(r#""a\n\u00e9""#).unwrap().as_str(), Some("a\né"));
    }
}
