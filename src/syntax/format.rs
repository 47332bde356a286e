//! Which of the three languages a text is in.

use super::{Parsed, json, toml, yaml};
use crate::span::FileId;

/// The languages that the engine's loader knows, by a file's extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataFormat {
    Yaml,
    Toml,
    Json,
}

impl DataFormat {
    /// The eight spellings that the engine accepts; any other file it refuses.
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

/// Reads a text in its language.
pub fn parse(file: FileId, format: DataFormat, text: &str) -> Parsed {
    match format {
        DataFormat::Yaml => yaml::parse(file, text),
        DataFormat::Toml => toml::parse(file, text),
        DataFormat::Json => json::parse(file, text),
    }
}
