//! Refinery's own logs, metrics and traces.

automod::dir!("src/checks/telemetry");
