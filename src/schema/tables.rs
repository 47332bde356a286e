//! The schemas as static tables, which `build.rs` makes of `schemas/*.schema.json`: with the keys of
//! all releases, and projected to each release. What releases have in common is stored once. And the
//! descriptions of keys in `schemas/descriptions.json`.

#![allow(clippy::unreadable_literal, reason = "written by a program")]

use super::node::{Members, Node};

include!(concat!(env!("OUT_DIR"), "/schema_tables.rs"));
