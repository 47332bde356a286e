//! API keys: which are taken in, which are sent on.

automod::dir!("src/checks/keys");
