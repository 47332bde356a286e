//! Configuration keys, variables and overrides that do not do what they say.

automod::dir!("src/checks/config");
