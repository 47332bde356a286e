//! What stands beside pods and says how many of them there are: autoscalers and disruption budgets.

use super::objects::Pods;
use super::{at, kind, namespace, template_of};
use crate::deploy::{Outer, word};
use crate::machine::{Budget, Keeps, Machine, Share};
use crate::syntax::{Entry, Item};

/// An object that is about pods.
#[derive(Clone, Debug)]
pub struct ScalingObject {
    /// The file in which it stands.
    pub file: String,
    pub namespace: String,
    about: About,
}

#[derive(Clone, Debug)]
enum About {
    /// Of one kind of pods there are at least and at most so many.
    Scale { kind: String, name: String, least: u32, most: u32 },
    /// Pods with all these labels are kept.
    Guard { labels: Vec<(String, String)>, budget: Budget },
}

impl ScalingObject {
    /// None where an object is no such thing, or says nothing that is certain.
    pub fn of(outer: Outer<'_>, object: &Item) -> Option<Self> {
        let spec = object.get("spec")?;
        let about = match kind(object)? {
            "HorizontalPodAutoscaler" => scale(spec)?,
            "PodDisruptionBudget" => guard(spec)?,
            _ => return None,
        };
        let (file, namespace) = (outer.name.to_owned(), namespace(object).to_owned());
        Some(Self { file, namespace, about })
    }

    /// Adds what it says of these pods, if it is about them.
    pub fn tell(&self, pods: &Pods, machine: &mut Machine) {
        if self.namespace != pods.identity.namespace {
            return;
        }
        match &self.about {
            About::Scale { kind, name, least, most } => {
                if pods.identity.is(kind, name) {
                    machine.replicas = nodes(*least, *most);
                }
            }
            About::Guard { labels: selected, budget } => {
                let template = template_of(&pods.item);
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

/// The budget that an object or a chart's values describe. None where Kubernetes would take none of
/// it.
pub fn budget(spec: &Item) -> Option<Budget> {
    let bound = |key| spec.get(key).filter(|item| word(item).is_some_and(|text| text != "null"));
    let (keeps, item) = match (bound("minAvailable"), bound("maxUnavailable")) {
        (Some(least), None) => (Keeps::AtLeast(share(least)?), Some(least)),
        (None, Some(most)) => (Keeps::AllBut(share(most)?), Some(most)),
        // Without a bound Kubernetes expects no pods, and lets none of them go.
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

/// How many nodes there are, as far as that is certain enough to reckon with: with an autoscaler at
/// least so many, and nothing is known where that is one that may become more.
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
