//! The decision chain of a target as a Mermaid flowchart, which code hosts render.

use super::plan_chain::{Chain, Step};
use crate::plan::Outcome;
use std::fmt::Write as _;

/// Longer texts are cut.
const LONGEST: usize = 60;
/// Further conditions are counted.
const CONDITIONS: usize = 3;

/// One line for each text, and little space between the rules, of which there may be many.
const LAYOUT: &str =
    r#"%%{init: {"flowchart": {"wrappingWidth": 600, "rankSpacing": 24, "padding": 8}}}%%"#;

/// Each rule is a node with its outcome, so that a long chain is a straight column.
pub fn draw(target: &str, chain: &Chain) -> String {
    let mut out = format!("```mermaid\n{LAYOUT}\nflowchart TD\n");
    let _ = writeln!(out, "  start([\"{}\"]) --> r0", label(target));
    let last = chain.steps.len().saturating_sub(1);
    for (number, step) in chain.steps.iter().enumerate() {
        let kind = class_of(&step.outcome);
        let _ = writeln!(out, "  r{number}[\"{}\"]:::{kind}", text(step));
        if step.is_changed {
            let _ = writeln!(out, "  class r{number} changed");
        }
        if number < last {
            let _ = writeln!(out, "  r{number} -->|no| r{}", number + 1);
        }
    }
    out.push_str(
        "  classDef kept fill:#dafbe1,stroke:#1a7f37,color:#1f2328\n  \
         classDef sampled fill:#fff8c5,stroke:#9a6700,color:#1f2328\n  \
         classDef dropped fill:#ffebe9,stroke:#cf222e,color:#1f2328\n  \
         classDef changed stroke:#0969da,stroke-width:3px\n```\n",
    );
    out
}

/// The colour of an outcome.
pub fn class_of(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Kept => "kept",
        Outcome::Dropped | Outcome::Crash(_) => "dropped",
        _ => "sampled",
    }
}

fn text(step: &Step) -> String {
    let mut lines = vec![label(&step.name)];
    lines.extend(step.conditions.iter().take(CONDITIONS).map(|condition| label(condition)));
    if let Some(more) = step.conditions.len().checked_sub(CONDITIONS).filter(|more| *more > 0) {
        lines.push(format!("and {more} more"));
    }
    let share = step.share_text().map(|share| format!(", {share} of traces")).unwrap_or_default();
    lines.push(format!("{} {}{}", label("→"), label(&step.outcome.to_string()), label(&share)));
    lines.join("<br/>")
}

/// Text that is never markup: everything but letters, digits and spaces by its number.
fn label(text: &str) -> String {
    let mut out = String::new();
    for c in shorten(text, LONGEST).chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '%' | '…') {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out
}

/// The first characters of a longer text.
pub fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_never_markup() {
        for (text, expected) in [
            ("a \"b\" ```", "a #34;b#34; #96;#96;#96;"),
            ("<b>]--> x", "#60;b#62;#93;#45;#45;#62; x"),
            ("a;b#c\n", "a#59;b#35;c#10;"),
        ] {
            assert_eq!(label(text), expected);
        }
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(shorten("abcd", 4), "abcd");
    }

    #[test]
    fn a_chain_ends_with_its_last_step() {
        let step = |name: &str, outcome, is_changed| Step {
            name: name.to_owned(),
            conditions: ["a", "b", "c", "d"].map(str::to_owned).into(),
            outcome,
            share: Some(0.25),
            is_changed,
        };
        let steps = vec![step("x", Outcome::Dropped, true), step("y", Outcome::OneIn(5), false)];
        let drawn = draw("prod", &Chain { steps });
        for line in [
            "start([\"prod\"]) --> r0",
            "r0[\"x<br/>a<br/>b<br/>c<br/>and 1 more<br/>#8594; dropped, 25.0% of traces\"]:::dropped",
            "class r0 changed",
            "r0 -->|no| r1",
            "r1[\"y<br/>a<br/>b<br/>c<br/>and 1 more<br/>#8594; kept 1 in 5, 25.0% of traces\"]:::sampled",
        ] {
            assert!(drawn.contains(&format!("  {line}\n")), "{line}: {drawn}");
        }
        assert!(!drawn.contains("r2") && !drawn.contains("class r1"), "{drawn}");
    }
}
