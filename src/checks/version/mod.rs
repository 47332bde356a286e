//! Version numbers that promise what nobody holds.

automod::dir!("src/checks/version");
