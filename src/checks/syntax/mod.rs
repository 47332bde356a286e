//! Spellings that YAML reads as something else.

automod::dir!("src/checks/syntax");
