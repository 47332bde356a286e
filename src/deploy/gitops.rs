//! Objects of Flux and Argo CD that install the Refinery chart: its version, and values inside a
//! string.
//!
//! Only finds the values; must not open them.

use super::chart::facts::Chart;
use super::{Outer, at, block, kubernetes, word};
use crate::syntax::Item;

/// The path of values in a string in an Argo CD `Application`.
const TEXT: [&str; 4] = ["spec", "source", "helm", "values"];

/// The chart for the values at this path of an object.
pub fn chart(object: &Item, path: &[&str]) -> Option<Chart> {
    let (source, version) = match (kubernetes::kind(object)?, path) {
        ("HelmRelease", ["spec", "values"]) => (at(object, &["spec", "chart", "spec"])?, "version"),
        ("Application", ["spec", "source", "helm", _]) => {
            (at(object, &["spec", "source"])?, "targetRevision")
        }
        _ => return None,
    };
    let is_ours = source.get("chart").and_then(Item::text) == Some("refinery");
    is_ours.then(|| Some(Chart::versioned(&word(source.get(version)?)?)))?
}

/// The lines of an `Application`'s values and their offset, if they are a literal block.
pub fn values_text<'t>(outer: Outer<'t>, object: &Item) -> Option<(usize, &'t str)> {
    if kubernetes::kind(object)? != "Application" {
        return None;
    }
    let values = at(object, &TEXT)?;
    let text = values.text().filter(|text| !text.is_empty())?;
    let span = values.span?;
    // A single piece means one line, or a style other than a literal block.
    let first = block::pieces(outer, span, text).into_iter().next()?.outer.range().start;
    let start = outer.text.get(..first)?.rfind('\n')? + 1;
    let is_block = start > span.range().start;
    Some((start, outer.text.get(start..span.range().end)?)).filter(|_| is_block)
}

/// The object with the string of values replaced by the parsed values.
pub fn with_values(mut object: Item, values: Item) -> Item {
    let place = TEXT.iter().try_fold(&mut object, |item, key| {
        item.entries_mut().iter_mut().find(|entry| entry.key == *key).map(|entry| &mut entry.item)
    });
    if let Some(place) = place {
        *place = values;
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    fn read(text: &str) -> Item {
        read_item(FileId(0), text).unwrap()
    }

    fn application(values: &str) -> String {
        let head = "apiVersion: argoproj.io/v1alpha1\nkind: Application\n";
        format!("{head}spec:\n  source:\n    helm:\n      values: {values}\n")
    }

    #[test]
    fn maps_values_in_a_string_to_the_file() {
        let text = application("|\n        config: {}\n        rules:\n          a: b\n");
        let object = read(&text);
        let (start, lines) = values_text(Outer::of("f", FileId(0), &text), &object).unwrap();
        let object = with_values(object, read(lines).moved(start));
        let place = at(&object, &[&TEXT[..], &["rules", "a"]].concat()).unwrap();
        assert_eq!((place.text(), &text[place.span.unwrap().range()]), (Some("b"), "b"));
        for other in ["{config: {}}", "\"config: {}\"", "''", "|\n", ">\n        config: {}\n"] {
            let text = application(other);
            let found = values_text(Outer::of("f", FileId(0), &text), &read(&text));
            assert!(found.is_none(), "{other}");
        }
    }

    #[test]
    fn finds_versions_of_the_chart() {
        let flux = "apiVersion: x\nkind: HelmRelease\nspec:\n  chart: {spec: {chart: refinery, version: 2.15.1}}\n";
        let argo = "apiVersion: x\nkind: Application\nspec:\n  source: {chart: refinery, targetRevision: 2.15.1}\n";
        let release = |text: &str, path: &[&str]| chart(&read(text), path)?.named?.release();
        let (of_flux, of_argo) = (["spec", "values"], ["spec", "source", "helm", "valuesObject"]);
        assert!(release(flux, &of_flux).is_some() && release(argo, &of_argo).is_some());
        assert!(release(flux, &of_argo).is_none() && release(argo, &of_flux).is_none());
        let range = release(&flux.replace("2.15.1", "2.x"), &of_flux);
        assert_eq!(range.map(|release| release.to_string()).as_deref(), Some("v2.9.7"));
        assert_eq!(release(&flux.replace("chart: refinery", "chart: other"), &of_flux), None);
    }
}
