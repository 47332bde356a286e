//! Turns OTLP/JSON exports into traces, like Refinery's ingest.
//!
//! Unlike OTLP, Refinery rejects times that are numbers.

mod attributes;
mod json;
pub mod message;
mod span;

use super::intake::{Arrivals, Intake};
use crate::engine::ReadFields;
use crate::engine::ingest::{Event, Route};
use crate::traces::document::Json;
use attributes::Attributes;
use bumpalo::Bump;
use json::{array, each, object, text};
use span::Enclosing;

/// Why Refinery rejects an export: the path, and the error.
type Refusal = String;

/// An event, and when its span ended.
type Timed = (Event, Option<i64>);

/// Adds the spans of an export. Spans without a trace ID are ignored.
///
/// # Errors
/// Refinery rejects the export.
pub fn add(export: Json<'_>, intake: &Intake, arrivals: &mut Arrivals) -> Result<(), Refusal> {
    for (event, time) in timed_events(export, &intake.seen)? {
        arrivals.add(intake, event, Route::Otlp, time);
    }
    Ok(())
}

/// All events of an export in JSON: for each span its span events, its links, and itself. Only these fields
/// are read.
///
/// # Errors
/// It is not JSON, or Refinery rejects the export.
pub fn events(export: &str, read: &ReadFields) -> Result<Vec<Event>, Refusal> {
    let arena = Bump::new();
    let export = Json::parse(export, &arena).map_err(|error| error.to_string())?;
    Ok(timed_events(export, read)?.into_iter().map(|(event, _)| event).collect())
}

fn timed_events(export: Json<'_>, read: &ReadFields) -> Result<Vec<Timed>, Refusal> {
    let mut events = Vec::new();
    each(array(object(export, "the export")?.get("resourceSpans")), "resourceSpans", |part| {
        resource_spans(part, read, &mut events)
    })?;
    Ok(events)
}

fn resource_spans(
    part: Json<'_>,
    read: &ReadFields,
    events: &mut Vec<Timed>,
) -> Result<(), Refusal> {
    let part = object(part, "it")?;
    let mut resource = Attributes::new(read);
    for (name, value) in part.iter() {
        match name {
            "resource" => resource.add_all(value.get("attributes")).map_err(under("resource"))?,
            "schemaUrl" => resource.push_unless_empty("resource.schema_url", text(value)),
            _ => {}
        }
    }
    each(array(part.get("scopeSpans")), "scopeSpans", |part| {
        scope_spans(part, read, &resource, events)
    })
}

fn scope_spans(
    part: Json<'_>,
    read: &ReadFields,
    resource: &Attributes<'_>,
    events: &mut Vec<Timed>,
) -> Result<(), Refusal> {
    let part = object(part, "it")?;
    let mut scope = Attributes::new(read);
    for (name, value) in part.iter() {
        match name {
            "scope" => add_scope(&mut scope, value).map_err(under("scope"))?,
            "schemaUrl" => scope.push_unless_empty("scope.schema_url", text(value)),
            _ => {}
        }
    }
    let enclosing = Enclosing { read, scope: &scope, resource };
    each(array(part.get("spans")), "spans", |span| span::read(span, &enclosing, events))
}

/// Prefixes of scope names that Refinery treats as instrumentation libraries.
const INSTRUMENTATION: [&str; 9] = [
    "io.opentelemetry",
    "opentelemetry.instrumentation",
    "OpenTelemetry.Instrumentation",
    "OpenTelemetry::Instrumentation",
    "go.opentelemetry.io/contrib/instrumentation",
    "@opentelemetry/instrumentation",
    "io.opentelemetry.contrib.php",
    "github.com/open-telemetry/opentelemetry-collector",
    "@honeycombio/",
];

fn add_scope(scope: &mut Attributes<'_>, value: Json<'_>) -> Result<(), Refusal> {
    let Json::Object(members) = value else { return Ok(()) };
    for (name, value) in members.iter() {
        match name {
            "name" => {
                scope.push_unless_empty("library.name", text(value));
                if INSTRUMENTATION.iter().any(|prefix| text(value).starts_with(prefix)) {
                    scope.push("telemetry.instrumentation_library", true);
                }
            }
            "version" => scope.push_unless_empty("library.version", text(value)),
            "attributes" => scope.add_all(Some(value))?,
            _ => {}
        }
    }
    Ok(())
}

/// Adds a path to an error.
fn under(place: impl std::fmt::Display) -> impl FnOnce(Refusal) -> Refusal {
    move |refusal| format!("{place}: {refusal}")
}
