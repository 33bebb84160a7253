//! Jobs in Redis, put there by the real packages from npm.

use std::{path::PathBuf, process::Command, sync::OnceLock};

use super::{npm, run};

/// The packages, by the name under which they are installed, with the product and version they are.
pub const PACKAGES: [(&str, &str, &str); 6] = [
    ("bull4", "bull", "4.16.5"),
    ("bullmq1", "bullmq", "1.91.1"),
    ("bullmq3", "bullmq", "3.16.2"),
    ("bullmq4", "bullmq", "4.18.3"),
    ("bullmq5", "bullmq", "5.81.5"),
    ("bullmq6", "bullmq", "6.7.0"),
];

/// Fills a queue as `plan` says; see `bullmq.js`.
pub fn fill(package: &str, port: u16, queue: &str, plan: &str) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/support/bullmq.js");
    let mut node = Command::new("node");
    node.env("NODE_PATH", modules()).arg(script).args([package, &port.to_string(), queue, plan]);
    run(&mut node);
}

/// Where the packages are; installed once and kept between runs.
fn modules() -> &'static PathBuf {
    static MODULES: OnceLock<PathBuf> = OnceLock::new();
    MODULES.get_or_init(|| {
        npm::modules(
            "bullmq",
            &PACKAGES.map(|(alias, name, version)| format!("{alias}@npm:{name}@{version}")),
        )
    })
}
