//! Compiles schemas for the `jsonschema` crate, each part once in a process.
//!
//! Files with the same keys share a validator, and so do releases whose schemas agree on them. Must
//! not choose messages.

use super::instance::Engine;
use super::key::Key;
use super::keywords;
use super::node::Node;
use super::restrict::{Values, restrict};
use crate::syntax::Item;
use jsonschema::{Draft, Registry, ValidationError};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

pub type Validator = jsonschema::Validator<Engine>;

/// The URI under which the validator finds the schema.
const ADDRESS: &str = "json-schema:///refinery";

/// After this many parts of a schema the whole schema is compiled, which all further files use. That
/// takes as long as finding the parts of about so many files.
const MAX_PARTS: usize = 24;

/// What is compiled.
#[derive(Default)]
struct Compiled {
    /// Parts of schemas, of which there are few.
    parts: Vec<(Json, Arc<Validator>)>,
    /// By the addresses of schemas, which live as long as the process: how many parts of one were
    /// found, and the whole.
    schemas: HashMap<usize, (usize, Option<Arc<Validator>>)>,
}

/// A validator that decides about the keys of this file as the whole schema does; `None` if it accepts
/// all of them.
///
/// # Errors
/// Never for the schemas that a test has compiled.
pub fn validator(
    schema: &'static Node,
    item: &Item,
) -> Result<Option<Arc<Validator>>, ValidationError<'static>> {
    static COMPILED: Mutex<Option<Compiled>> = Mutex::new(None);
    let lock = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let address = std::ptr::from_ref(schema).addr();
    let is_large = {
        let mut compiled = lock();
        let compiled = compiled.get_or_insert_default();
        let (parts, whole) = compiled.schemas.entry(address).or_default();
        if let Some(whole) = whole {
            return Ok(Some(Arc::clone(whole)));
        }
        *parts += 1;
        *parts > MAX_PARTS
    };
    let values = if is_large { Values::Any } else { Values::These(vec![item]) };
    let part = restrict(Key::of(schema), &values);
    if part == Json::Bool(true) {
        return Ok(None);
    }
    let known = {
        let mut compiled = lock();
        let mut parts = compiled.get_or_insert_default().parts.iter();
        parts.find(|(known, _)| *known == part).map(|(_, validator)| Arc::clone(validator))
    };
    let (validator, is_new) = match known {
        Some(known) => (known, false),
        None => (Arc::new(compile(&part)?), true),
    };
    let mut compiled = lock();
    let compiled = compiled.get_or_insert_default();
    compiled.parts.extend(is_new.then(|| (part, Arc::clone(&validator))));
    if is_large {
        compiled.schemas.entry(address).or_default().1 = Some(Arc::clone(&validator));
    }
    Ok(Some(validator))
}

/// Passes the schema as a referenced resource, because the crate does not check those against the
/// meta-schema at every start. A test does.
pub fn compile(document: &Json) -> Result<Validator, ValidationError<'static>> {
    let registry = Registry::new().add(ADDRESS, document)?.prepare()?;
    keywords::register(jsonschema::options_for::<Engine>())
        .with_draft(Draft::Draft202012)
        .with_registry(&registry)
        .build(&json!({ "$ref": ADDRESS }))
}
