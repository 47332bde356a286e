//! Objects that say how many pods there are: autoscalers and disruption budgets.

use super::identity::Identity;
use super::{at, kind, namespace, template_of};
use crate::deploy::word;
use crate::machine::{Budget, Keeps, Machine, Share};
use crate::syntax::{Entry, Item};

/// An autoscaler or disruption budget.
#[derive(Clone, Debug)]
pub struct ScalingObject {
    pub namespace: String,
    about: About,
}

#[derive(Clone, Debug)]
enum About {
    /// The minimum and maximum number of pods of an object.
    Scale { kind: String, name: String, least: u32, most: u32 },
    /// A budget for pods with all these labels.
    Guard { labels: Vec<(String, String)>, budget: Budget },
}

impl ScalingObject {
    /// `None` if the object is of another kind, or not understood.
    pub fn of(object: &Item) -> Option<Self> {
        let spec = object.get("spec")?;
        let about = match kind(object)? {
            "HorizontalPodAutoscaler" => scale(spec)?,
            "PodDisruptionBudget" => guard(spec)?,
            _ => return None,
        };
        let namespace = namespace(object).to_owned();
        Some(Self { namespace, about })
    }

    /// Applies it to the machine of the pods that an object creates, if it selects them.
    pub fn apply(&self, identity: &Identity, object: &Item, machine: &mut Machine) {
        if self.namespace != identity.namespace {
            return;
        }
        match &self.about {
            About::Scale { kind, name, least, most } => {
                if identity.is(kind, name) {
                    machine.replicas = nodes(*least, *most);
                }
            }
            About::Guard { labels: selected, budget } => {
                let template = template_of(object);
                let theirs = labels(template.and_then(|it| at(it, &["metadata", "labels"])));
                if selected.iter().all(|label| theirs.contains(label)) {
                    machine.budget = Some(*budget);
                }
            }
        }
    }
}

fn scale(spec: &Item) -> Option<About> {
    let target = spec.get("scaleTargetRef")?;
    let (kind, name) = (word(target.get("kind")?)?, word(target.get("name")?)?);
    let least = number(spec.get("minReplicas")).unwrap_or(1);
    Some(About::Scale { kind, name, least, most: number(spec.get("maxReplicas"))? })
}

fn guard(spec: &Item) -> Option<About> {
    let selector = spec.get("selector")?;
    if selector.get("matchExpressions").is_some() {
        return None;
    }
    let labels = labels(selector.get("matchLabels"));
    Some(About::Guard { labels, budget: budget(spec)? })
}

/// The budget of an object or of chart values. `None` if Kubernetes would reject it.
pub fn budget(spec: &Item) -> Option<Budget> {
    let bound = |key| spec.get(key).filter(|item| word(item).is_some_and(|text| text != "null"));
    let (keeps, item) = match (bound("minAvailable"), bound("maxUnavailable")) {
        (Some(least), None) => (Keeps::AtLeast(share(least)?), Some(least)),
        (None, Some(most)) => (Keeps::AllBut(share(most)?), Some(most)),
        // Without a bound Kubernetes allows no disruptions.
        (None, None) => (Keeps::AllBut(Share::Count(0)), None),
        (Some(_), Some(_)) => return None,
    };
    Some(Budget { keeps, span: item.and_then(|item| item.span) })
}

fn share(item: &Item) -> Option<Share> {
    let text = word(item)?;
    match text.strip_suffix('%') {
        Some(percent) => percent.parse().ok().map(Share::Percent),
        None => text.parse().ok().map(Share::Count),
    }
}

/// The number of nodes to assume with an autoscaler: the minimum, or `None` for a single node that
/// may become several.
pub fn nodes(least: u32, most: u32) -> Option<u32> {
    (least == most || least > 1).then_some(least)
}

pub fn number(item: Option<&Item>) -> Option<u32> {
    item.and_then(word)?.parse().ok()
}

pub fn labels(item: Option<&Item>) -> Vec<(String, String)> {
    let pair = |entry: &Entry| Some((entry.key.clone(), word(&entry.item)?));
    item.map(Item::entries).unwrap_or_default().iter().filter_map(pair).collect()
}
