//! A user's own chart, as it was read. Each is read once in a run, because it may have many
//! templates.

use super::hidden::Hidden;
use crate::span::{FileId, Piece};
use crate::syntax::Item;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The charts that were read, by folder.
#[derive(Default)]
pub struct Charts(RefCell<HashMap<String, Rc<Chart>>>);

impl Charts {
    pub fn get(&self, folder: &str) -> Option<Rc<Chart>> {
        self.0.borrow().get(folder).cloned()
    }

    pub fn add(&self, chart: Chart) -> Rc<Chart> {
        let chart = Rc::new(chart);
        self.0.borrow_mut().insert(chart.folder.clone(), Rc::clone(&chart));
        chart
    }
}

/// A chart with templates of its own.
pub struct Chart {
    pub folder: String,
    pub description: Item,
    pub helpers: String,
    /// The files with helpers that may write entries of maps.
    pub helper_files: Vec<HelperFile>,
    /// The names of its files, relative to the folder.
    pub files: Vec<String>,
    pub hidden: Hidden,
    /// Those of its files that have actions.
    pub templates: Vec<String>,
    /// Its values: its own, and those of files that are merged over them.
    pub layers: Vec<Layer>,
    /// Whether all values with which one file installs it were found.
    pub is_read: bool,
}

/// A file with helpers.
pub struct HelperFile {
    pub name: String,
    pub file: FileId,
    pub text: String,
}

/// Values with which a chart may be installed.
pub struct Layer {
    /// The file that is merged over the chart's own; `None` for those alone.
    pub over: Option<String>,
    pub values: Item,
    /// The names of single values that are set over those of all files.
    pub sets: Vec<String>,
    /// A file that Helm cannot read, so that all values are unknown.
    pub unread: Option<UnreadValues>,
}

/// Values with a syntax error, or that are not a mapping.
#[derive(Clone, Debug)]
pub struct UnreadValues {
    pub name: String,
    pub text: String,
    /// Where the text is.
    pub pieces: Vec<Piece>,
}
