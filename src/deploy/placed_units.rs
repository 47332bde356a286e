//! Units of systemd that a document writes, such as those in cloud-init's `write_files`, and the files of
//! Refinery's and variables that it writes for them.

use super::loader::Loader;
use super::placed::{PlacedText, texts};
use super::script::units_in;
use super::unit::{InstalledFiles, InstalledVariables, Unit, holds_variables};
use super::{EmbeddedFile, Opened, Outer};
use crate::schema::Kind;
use crate::sniff::file_name::{is_unit, kind_of_name};
use crate::source_name::SourceName;
use crate::syntax::Item;
use crate::vfs::path::format_of;
use std::collections::HashMap;

/// Gives the files in a document the launch of the units in it. Units for other files are added.
pub fn launch(
    outer: Outer<'_>,
    document: &Item,
    files: &mut [EmbeddedFile],
    loader: &Loader<'_>,
    opened: &mut Opened,
) {
    let all = texts(outer, document);
    let text = |one: &PlacedText<'_>| one.content.item.text().map(str::to_owned);
    let variables = all.iter().filter(|one| holds_variables(one.path));
    let variables = variables.filter_map(|one| InstalledVariables::read(one.path, &text(one)?));
    let variables: Vec<InstalledVariables> = variables.collect();
    let units = all.iter().filter(|one| one.path.starts_with('/') && is_unit(one.path));
    let units = units.filter_map(|one| {
        let (text, place) = (text(one)?, one.content.item.span.or(one.content.key_span)?);
        Some(units_in(outer, (one.path, &text), &one.name, place, loader))
    });
    let units: Vec<Unit> = units.flatten().collect();
    let ours = all.iter().filter_map(|one| {
        format_of(one.path)?;
        Some((one.name.clone(), (kind_of_name(one.path)?, one.path.to_owned())))
    });
    let ours: HashMap<SourceName, (Kind, String)> = ours.collect();
    let mut installed = InstalledFiles::of(SourceName::of_file(outer.name));
    installed.paths = ours.values().cloned().collect();
    let installed = [installed];
    let mut unused = vec![true; units.len()];
    for (unit, is_unused) in units.iter().zip(&mut unused) {
        opened.unchecked.extend(unit.find_missing(&installed, &units, &|_| true));
        for file in &mut *files {
            if ours.get(&file.name).is_some_and(|path| unit.paths.contains(path)) {
                file.launch = unit.launch_with(&variables);
                *is_unused = false;
            }
        }
    }
    let left = units.into_iter().zip(unused).filter(|(_, is_unused)| *is_unused);
    opened.units.extend(left.map(|(unit, _)| unit));
    opened.variables.extend(variables);
}
