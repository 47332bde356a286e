//! API keys: which Refinery accepts and which it sends.

automod::dir!("src/checks/keys");
