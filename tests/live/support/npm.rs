//! Packages from npm, installed once and kept between runs.

use std::{
    path::PathBuf,
    process::Command,
    sync::{Mutex, PoisonError},
};

use super::{cache, run};

/// Tests that need the same packages start side by side, and npm does not.
static INSTALLING: Mutex<()> = Mutex::new(());

/// The folder to name in `NODE_PATH` so that a script finds the packages, given as npm wants them.
pub fn modules(name: &str, packages: &[String]) -> PathBuf {
    let _alone = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = cache().join(name);
    let modules = folder.join("node_modules");
    let stamp = folder.join("installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|text| text == packages.join("\n")) {
        return modules;
    }
    std::fs::create_dir_all(&folder).unwrap();
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(&folder);
    run(npm.args(packages));
    std::fs::write(stamp, packages.join("\n")).unwrap();
    modules
}
