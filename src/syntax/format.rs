//! The data formats of configuration files.

use super::{Parsed, json, toml, yaml};
use crate::span::FileId;

/// The formats that Refinery's loader knows, selected by file extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataFormat {
    Yaml,
    Toml,
    Json,
}

impl DataFormat {
    /// The format of an extension. Refinery accepts exactly these eight spellings.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "yaml" | "yml" | "YAML" | "YML" => Some(Self::Yaml),
            "toml" | "TOML" => Some(Self::Toml),
            "json" | "JSON" => Some(Self::Json),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
            Self::Json => "JSON",
        }
    }
}

/// Parses a text of the given format.
pub fn parse(file: FileId, format: DataFormat, text: &str) -> Parsed {
    match format {
        DataFormat::Yaml => yaml::parse(file, text),
        DataFormat::Toml => toml::parse(file, text),
        DataFormat::Json => json::parse(file, text),
    }
}
