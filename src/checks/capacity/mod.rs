//! Memory, queues and load: what a node can carry.

automod::dir!("src/checks/capacity");
