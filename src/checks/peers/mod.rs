//! How the nodes of a cluster find and reach each other.

automod::dir!("src/checks/peers");
