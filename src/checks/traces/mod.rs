//! When traces are sent.

automod::dir!("src/checks/traces");
