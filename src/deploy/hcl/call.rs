//! A call of a module of Terraform, which gives it inputs.

use crate::deploy::chart::layers::Values;
use crate::syntax::{Entry, Item};

/// One call.
pub struct Call {
    /// Who calls: `module.refinery in main.tf`, or a file of variables.
    pub name: String,
    pub inputs: Vec<Entry>,
    /// Whether all other inputs have their defaults.
    pub is_whole: bool,
    /// The path from the folder of the module to that of the root module, ending in `/`.
    pub root: String,
    /// The files that the inputs are in.
    pub files: Vec<Values>,
}

impl Call {
    pub fn input(&self, name: &str) -> Option<&Item> {
        self.inputs.iter().find(|input| input.key == name).map(|input| &input.item)
    }
}
