//! A use of the Refinery chart outside of its values, and the release that it pins.

use super::chart::set::Setting;

/// A chart that a file installs with values from other files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartPin {
    /// The file that installs it.
    pub file: String,
    /// The chart, as written: its name, an address or a path.
    pub chart: String,
    /// A version or a range, as written.
    pub version: Option<String>,
    /// The tag of the image, if it is set in the file.
    pub tag: Option<String>,
    /// The values files that it names.
    pub values: Vec<String>,
    /// Those that a script means, which may run in any folder around it.
    pub found: Vec<String>,
    /// Whether its own values are merged over those of the files.
    pub has_own: bool,
    /// The single values that a command sets.
    pub settings: Vec<Setting>,
    /// The `ConfigMap`s and Secrets that it takes values from.
    pub maps: Vec<String>,
    /// The name of a release of Flux.
    pub release: Option<String>,
}
