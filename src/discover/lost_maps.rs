//! `ConfigMap`s that pods of Refinery need and that a change removes, renames or misspells.

use super::Sources;
use crate::deploy::kubernetes::missing_key::MISSING_KEY;
use crate::deploy::map_use::MapUse;
use crate::deploy::object_index::ObjectIndex;
use crate::diagnostic::Finding;
use crate::syntax::DataFormat;
use crate::vfs::Vfs;
use crate::vfs::decode::text_of;
use crate::vfs::path::format_of;
use std::path::Path;
use strsim::levenshtein;

/// The largest distance of a name that is the same name misspelled.
const NEAR: usize = 3;

impl Sources {
    /// Reports maps that pods need and that were found `before`, under this or nearly this name, but not
    /// now. In any other case a map may be from elsewhere.
    pub fn report_lost_maps(&mut self, before: &Self, new: &dyn Vfs) {
        let missing = self.maps.iter().filter(|used| !used.is_found);
        let mut findings: Vec<Finding> = Vec::new();
        for used in missing {
            let is_lost = before.had(used) || self.misspells(used, before);
            if is_lost && !is_elsewhere(&used.map, new) {
                let message = if before.had(used) {
                    format!(
                        "this change removes the ConfigMap `{}`, which this pod needs",
                        used.map
                    )
                } else {
                    format!("no ConfigMap `{}`, which this pod needs", used.map)
                };
                let finding =
                    Finding::new(&MISSING_KEY, message).at_some(used.place, "needed here");
                let finding = finding.help("restore the ConfigMap, or correct the reference");
                findings.extend((!findings.contains(&finding)).then_some(finding));
            }
        }
        self.unchecked.extend(findings);
    }

    /// Whether pods in the same file had the map.
    fn had(&self, used: &MapUse) -> bool {
        let is_it = |known: &MapUse| {
            known.map == used.map && known.container.file() == used.container.file()
        };
        self.maps.iter().any(|known| known.is_found && is_it(known))
    }

    /// Whether a map replaces one with almost the same name that its container had before.
    fn misspells(&self, used: &MapUse, before: &Self) -> bool {
        let of_container = |known: &&MapUse| known.container == used.container;
        let had = before.maps.iter().filter(of_container).filter(|known| known.is_found);
        let still = |map: &str| self.maps.iter().filter(of_container).any(|now| now.map == map);
        let was_needed = before.maps.iter().filter(of_container).any(|was| was.map == used.map);
        let mut gone = had.filter(|known| !still(&known.map));
        !was_needed && gone.any(|known| levenshtein(&known.map, &used.map) <= NEAR)
    }
}

/// Whether a file anywhere may make the map.
fn is_elsewhere(map: &str, new: &dyn Vfs) -> bool {
    let Ok(walk) = new.walk(Path::new("."), |_| true) else { return true };
    walk.files.into_iter().any(|file| {
        let text = text_of(&file.name, new).unwrap_or_default();
        match format_of(&file.name) {
            _ if !text.contains(map) => false,
            Some(DataFormat::Yaml | DataFormat::Json) => ObjectIndex::of(&text).has_map(map, None),
            _ => ["configmap", "config_map"].iter().any(|it| text.to_lowercase().contains(it)),
        }
    })
}
