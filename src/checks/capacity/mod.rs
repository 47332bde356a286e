//! Memory, queues and load: what a node can handle.

automod::dir!("src/checks/capacity");
