//! Version numbers that Refinery does not enforce.

automod::dir!("src/checks/version");
