//! The environment of a container, as the kubelet builds it.
//!
//! Kubernetes documentation: "Define Environment Variables for a Container" and the API reference
//! of `Container.env` and `Container.envFrom`. `env` overrides `envFrom`, the last of several
//! sources or entries wins, values can refer to variables above them, and values from maps are not
//! expanded.

use super::expand::{Reference, expand, may_be_of_service};
use super::is_true;
use super::missing_key::missing_key;
use super::view::View;
use crate::deploy::command::Word;
use crate::deploy::content::Content;
use crate::deploy::placeholder::is_placeholder;
use crate::deploy::{at, list, word};
use crate::diagnostic::Finding;
use crate::machine::Machine;
use crate::syntax::Item;
use crate::value::MemorySize;
use std::collections::BTreeMap;

/// The variables of a container.
#[derive(Default)]
pub struct Env {
    /// Variables that are set, some to unknown values.
    pub variables: BTreeMap<String, Word>,
    /// Whether an unknown source may set more variables.
    pub is_open: bool,
    pub findings: Vec<Finding>,
    /// Whether services of the namespace set variables.
    has_services: bool,
}

impl Env {
    /// The variables of a container with these limits.
    pub fn of(pod: &Item, container: &Item, view: View<'_>, limits: &Machine) -> Self {
        let has_services = pod.get("enableServiceLinks").is_none_or(|is| is_true(Some(is)));
        let mut env = Self { has_services, ..Self::default() };
        for source in list(container, "envFrom") {
            env.take_all(source, view);
        }
        for variable in list(container, "env") {
            env.set(variable, Some(view), limits);
        }
        env
    }

    /// The variables of a list outside a pod; everything that it refers to is unknown.
    pub fn listed(variables: &Item, limits: &Machine) -> Self {
        let mut env = Self { is_open: true, ..Self::default() };
        for variable in variables.list().unwrap_or_default() {
            env.set(variable, None, limits);
        }
        env
    }

    /// Adds all keys of a map from `envFrom`.
    fn take_all(&mut self, source: &Item, view: View<'_>) {
        let prefix = source.get("prefix").and_then(Item::text).unwrap_or_default();
        for (key, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
            let Some(reference) = source.get(key) else { continue };
            let name = reference.get("name").and_then(Item::text).unwrap_or_default();
            let Some(map) = view.map(kind, name) else {
                // An unknown source is unlikely to override known variables.
                self.is_open = true;
                continue;
            };
            for datum in map.data.iter().filter(|datum| !datum.is_binary) {
                let name = format!("{prefix}{}", datum.key);
                if is_name(&name) {
                    let span = match &datum.content {
                        Content::Within { pieces, .. } => pieces.first().map(|piece| piece.outer),
                        Content::File { named, .. } => Some(*named),
                        Content::Refused { span, .. } => *span,
                        Content::Unevaluated { .. } => None,
                    };
                    let word = Word { text: datum.value().map(str::to_owned), span };
                    self.variables.insert(name, word);
                }
            }
        }
    }

    /// Sets a variable from `env`.
    fn set(&mut self, variable: &Item, view: Option<View<'_>>, limits: &Machine) {
        let Some(name) = variable.get("name").and_then(word) else { return };
        let written = variable.get("value");
        let value = written.and_then(word).unwrap_or_default();
        let span = written.and_then(|item| item.span).or_else(|| variable.beginning());
        let text = match (value.is_empty(), variable.get("valueFrom")) {
            (true, Some(from)) => match self.value_from(from, view, limits) {
                Taken::Text(text) => text,
                Taken::Nothing => return,
            },
            _ => expand(&value, |name| self.look_up(name)).filter(|text| !is_placeholder(text)),
        };
        self.variables.insert(name, Word { text, span });
    }

    fn value_from(&mut self, from: &Item, view: Option<View<'_>>, limits: &Machine) -> Taken {
        for (key, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
            let Some(reference) = from.get(key) else { continue };
            let name = reference.get("name").and_then(Item::text).unwrap_or_default();
            let Some(map) = view.and_then(|view| view.map(kind, name)) else { break };
            let Some(key) = reference.get("key") else { break };
            let datum = key.text().and_then(|key| map.get(key));
            return match datum.filter(|datum| !datum.is_binary) {
                Some(datum) => Taken::Text(datum.value().map(str::to_owned)),
                None if is_true(reference.get("optional")) => Taken::Nothing,
                None => {
                    self.findings.push(missing_key(key, kind, name, &map.data));
                    Taken::Text(None)
                }
            };
        }
        Taken::Text(at(from, &["resourceFieldRef"]).and_then(|field| limit(field, limits)))
    }

    /// Adds these variables to a machine.
    #[must_use]
    pub fn onto(self, mut machine: Machine) -> Machine {
        machine.set(self.variables.into_iter().map(|(name, word)| (name, word.text, word.span)));
        machine
    }

    /// Looks up a reference to a variable.
    pub fn look_up(&self, name: &str) -> Reference {
        match self.variables.get(name) {
            Some(Word { text: Some(text), .. }) => Reference::Known(text.clone()),
            Some(_) => Reference::Unknown,
            None if self.is_open || self.has_services && may_be_of_service(name) => {
                Reference::Unknown
            }
            None => Reference::Absent,
        }
    }
}

/// The result of `valueFrom`.
enum Taken {
    /// The variable is set; `None` if its value is unknown.
    Text(Option<String>),
    /// The variable is not set.
    Nothing,
}

/// A limit of the container as an integer, rounded up; `None` if it has none.
fn limit(field: &Item, limits: &Machine) -> Option<String> {
    let divisor = field.get("divisor").and_then(word).unwrap_or_default();
    let is_one = matches!(divisor.as_str(), "" | "0" | "1");
    match field.get("resource")?.text()? {
        "limits.memory" if is_one => limits.memory.map(|bytes| bytes.to_string()),
        "limits.memory" => {
            let MemorySize(divisor) = MemorySize::parse(&divisor).ok()?;
            Some(limits.memory?.div_ceil(divisor.max(1)).to_string())
        }
        "limits.cpu" if is_one => limits.cores.map(|cores| cores.to_string()),
        _ => None,
    }
}

/// Whether a key is a valid variable name. Others are skipped.
fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_graphic() && c != '=';
    !name.is_empty() && name.chars().all(is_part)
}
