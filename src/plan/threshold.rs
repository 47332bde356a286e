//! `--fail-on`: limits for recorded traffic.

use super::budget::Volume;
use super::target_plan::TargetPlan;
use super::traffic::Flow;
use crate::settings::Budget;
use std::fmt;

/// A limit such as `flips>1%`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// A share of the traces of each target.
    Share { of: Quantity, is_above: bool, percent: f64 },
    /// The budget in the settings.
    Budget,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Traces whose decision changes.
    Flips,
    /// Traces that were kept and are dropped.
    Lost,
    /// Traces that were dropped and are kept.
    Gained,
    /// Traces that are kept after the change.
    Kept,
}

const QUANTITIES: [(&str, Quantity); 4] = [
    ("flips", Quantity::Flips),
    ("lost", Quantity::Lost),
    ("gained", Quantity::Gained),
    ("kept", Quantity::Kept),
];

impl Threshold {
    /// Parses one limit.
    ///
    /// # Errors
    /// It is not a limit.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == "budget" {
            return Ok(Self::Budget);
        }
        let parsed = || {
            let at = text.find(['>', '<'])?;
            let (name, rest) = text.split_at_checked(at)?;
            let (_, of) = *QUANTITIES.iter().find(|(known, _)| *known == name.trim())?;
            let number = rest.get(1..)?.trim().strip_suffix('%')?.trim_end();
            let percent: f64 = number.parse().ok()?;
            let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let is_above = rest.starts_with('>');
            (is_plain && (0.0..=100.0).contains(&percent)).then_some(Self::Share {
                of,
                is_above,
                percent,
            })
        };
        parsed().ok_or_else(|| {
            "expected `flips`, `lost`, `gained` or `kept`, then `>` or `<`, then a percentage, such \
             as `flips>1%`; or `budget`"
                .to_owned()
        })
    }

    /// What is beyond the limit: a line for each such target, or one for the budget.
    pub fn failures(
        &self,
        targets: &[TargetPlan],
        budget: Option<Budget>,
        volume: Option<&Volume>,
    ) -> Vec<String> {
        let Self::Share { of, is_above, percent } = self else {
            return budget_failure(targets, budget, volume).into_iter().collect();
        };
        let share = |target: &TargetPlan| {
            let all = target.traffic.as_ref()?.all;
            let share = 100.0 * all.share(of.count(&all));
            let is_beyond = if *is_above { share > *percent } else { share < *percent };
            let (name, word) = (&target.name, of.word());
            is_beyond.then(|| {
                format!("`{name}`: {word} {} of traces (limit: {self})", percent_text(share))
            })
        };
        targets.iter().filter_map(share).collect()
    }
}

/// What is not compared with the budget does not pass.
fn budget_failure(
    targets: &[TargetPlan],
    budget: Option<Budget>,
    volume: Option<&Volume>,
) -> Option<String> {
    if targets.iter().all(|target| target.traffic.is_none()) {
        return None;
    }
    let Some(budget) = budget else {
        return Some("`budget` needs `[plan] budget` in the settings".to_owned());
    };
    match volume {
        None => Some("cannot check the budget: not all traces have a timestamp".to_owned()),
        Some(volume) => {
            volume.exceeded().map(|_| format!("the events exceed the budget of {budget}"))
        }
    }
}

/// A percentage with as many digits as matter.
fn percent_text(percent: f64) -> String {
    if percent > 0.0 && percent < 0.1 { format!("{percent:.4}%") } else { format!("{percent:.1}%") }
}

impl Quantity {
    fn count(self, flow: &Flow) -> f64 {
        match self {
            Self::Flips => flow.flips(),
            Self::Lost => flow.lost,
            Self::Gained => flow.gained,
            Self::Kept => flow.kept[1],
        }
    }

    fn word(self) -> &'static str {
        QUANTITIES.iter().find(|(_, of)| *of == self).map_or("", |(word, _)| word)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share { of, is_above, percent } => {
                let sign = if *is_above { '>' } else { '<' };
                write!(f, "`{}{sign}{percent}%`", of.word())
            }
            Self::Budget => f.write_str("`budget`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_parsed() {
        for (text, shown) in [
            ("flips>1%", Some("`flips>1%`")),
            (" kept < 0.5 % ", Some("`kept<0.5%`")),
            ("budget", Some("`budget`")),
            ("lost>0%", Some("`lost>0%`")),
            ("flips>1", None),
            ("flips=1%", None),
            ("flip>1%", None),
            ("kept>101%", None),
            ("kept>-1%", None),
            ("kept>1e1%", None),
            ("kept>NaN%", None),
            ("", None),
        ] {
            let parsed = Threshold::parse(text).ok().map(|limit| limit.to_string());
            assert_eq!(parsed.as_deref(), shown, "{text}");
        }
    }
}
