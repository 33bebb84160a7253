//! Embeds every roadmap under `profiles/` and every file of `catalog/`, so that adding one needs no line of code, and
//! says which build it is.

#![allow(clippy::expect_used, reason = "a build that cannot go on has failed")]

use std::{
    env,
    fmt::Write,
    fs,
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

fn main() {
    for folder in ["profiles", "catalog"] {
        embed(folder);
    }
    describe();
}

/// Tells the program its target and profile, and of builds with optimisation the commit and the date as well: while
/// working on it, neither says anything about the code, and both would build everything anew.
fn describe() {
    let profile = env::var("PROFILE").expect("cargo sets it");
    let target = env::var("TARGET").expect("cargo sets it");
    let version = env::var("CARGO_PKG_VERSION").expect("cargo sets it");
    println!("cargo::rustc-env=SCALE_ADVISOR_TARGET={target}");
    println!("cargo::rustc-env=SCALE_ADVISOR_PROFILE={profile}");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rerun-if-env-changed=SCALE_ADVISOR_COMMIT");
    let mut known = Vec::new();
    if profile == "release" {
        let built = date_of_build();
        let commit = env::var("SCALE_ADVISOR_COMMIT").ok().filter(|commit| is_commit(commit)).or_else(commit);
        if let Some(commit) = commit {
            println!("cargo::rustc-env=SCALE_ADVISOR_COMMIT={commit}");
            let (commit, modified) = commit.split_once('-').unwrap_or((&commit, ""));
            let short: String = commit.chars().take(12).collect();
            known.push(if modified.is_empty() { short } else { format!("{short}-{modified}") });
        }
        println!("cargo::rustc-env=SCALE_ADVISOR_BUILT={built}");
        known.push(built);
    }
    let known = if known.is_empty() { "development build".to_owned() } else { known.join(", ") };
    println!("cargo::rustc-env=SCALE_ADVISOR_VERSION={version} ({known})");
}

/// The day, by `SOURCE_DATE_EPOCH` where it is set, so that the same source gives the same program.
fn date_of_build() -> String {
    let given = env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse::<u64>().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = i64::try_from(given.unwrap_or_else(now) / 86_400).unwrap_or_default();
    // Howard Hinnant's civil_from_days: years begin on 1 March, eras have 400 of them.
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + i64::from(month <= 2))
}

/// The commit of the source: of a package it is in the file that cargo adds, else git knows it.
fn commit() -> Option<String> {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let root = Path::new(&root);
    if let Ok(text) = fs::read_to_string(root.join(".cargo_vcs_info.json")) {
        let (_, rest) = text.split_once("\"sha1\"")?;
        let commit = rest.split('"').nth(1).filter(|commit| is_commit(commit))?;
        return Some(named(commit, text.contains("\"dirty\": true")));
    }
    // A repository further up is of something else.
    if !root.join(".git").exists() {
        return None;
    }
    let git = |arguments: &[&str]| {
        let output = Command::new("git").current_dir(root).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = git(&["rev-parse", "HEAD"]).filter(|commit| is_commit(commit))?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"]);
    Some(named(&commit, changes.is_none_or(|changes| !changes.is_empty())))
}

/// A commit; whether the source is that of the commit is said as well.
fn named(commit: &str, modified: bool) -> String {
    if modified { format!("{commit}-modified") } else { commit.to_owned() }
}

fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.chars().all(|letter| letter.is_ascii_hexdigit())
}

/// Writes a table of the names and texts of a folder's `.toml` files.
fn embed(folder: &str) {
    println!("cargo::rerun-if-changed={folder}");
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let mut files: Vec<_> = fs::read_dir(Path::new(&root).join(folder))
        .expect("the folder is part of the package")
        .map(|entry| entry.expect("readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut table = String::from("&[\n");
    for path in files {
        let id = path.file_stem().expect("a .toml file has a stem").to_string_lossy().into_owned();
        writeln!(table, "    ({id:?}, include_str!({:?})),", path.display().to_string()).expect("memory");
    }
    table.push(']');
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let path = Path::new(&out).join(folder).with_extension("rs");
    fs::write(path, table).expect("the build folder is writable");
}
