//! Values files with which the Refinery chart is installed, whatever is in them.

use super::Assembly;
use crate::deploy::loader::Loader;
use crate::deploy::{find_unread_in, find_unusable};
use crate::diagnostic::Finding;
use crate::vfs::Vfs;
use crate::vfs::input_error::InputError;
use std::collections::HashSet;
use std::mem::take;

impl Assembly {
    /// Reports values files that Helm cannot read, unless they are checked or reported already, and values
    /// that the chart does not.
    pub(super) fn find_unusable_values(&mut self, store: &dyn Vfs) -> Result<(), InputError> {
        let members: HashSet<&str> = self.members.iter().map(|member| member.name.file()).collect();
        let names = take(&mut self.values).into_iter();
        let names: Vec<String> = names.filter(|name| !members.contains(name.as_str())).collect();
        for name in names {
            let mut loader = Loader { store, loaded: &mut self.loaded };
            let finding = find_unusable(&name, &mut loader)?;
            let is_new = |finding: &Finding| {
                let place = |finding: &Finding| finding.primary().map(|place| place.file);
                self.unchecked.iter().all(|known| place(known) != place(finding))
            };
            self.unchecked.extend(finding.filter(is_new));
        }
        for name in take(&mut self.top_values) {
            let mut loader = Loader { store, loaded: &mut self.loaded };
            let findings = find_unread_in(&name, &mut loader)?;
            let file = |finding: &Finding| finding.primary().map(|place| place.file);
            let is_new = |finding: &Finding| {
                let mut known = self.unchecked.iter().filter(|it| it.check == finding.check);
                known.all(|known| file(known) != file(finding))
            };
            let new: Vec<Finding> = findings.into_iter().filter(is_new).collect();
            self.unchecked.extend(new);
        }
        Ok(())
    }
}
