//! A reference of a pod to a `ConfigMap` that it needs.

use crate::source_name::SourceName;
use crate::span::Span;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapUse {
    /// The container that runs Refinery.
    pub container: SourceName,
    pub map: String,
    pub place: Option<Span>,
    /// Whether the map is in the repository.
    pub is_found: bool,
}
