//! Which part of the program may know which: the picture in `ARCHITECTURE.md`, held.

use super::{code, part, sources};

/// Each top folder of `src`, and those it may use. `cli` may use all of them.
const MAY_USE: [(&str, &[&str]); 27] = [
    ("diagnostic", &[]),
    ("files", &[]),
    ("calendar", &[]),
    ("foreign", &[]),
    ("signal", &["diagnostic"]),
    ("loadtest", &["capacity", "tabular"]),
    ("discover", &[]),
    ("statements", &[]),
    ("tabular", &[]),
    ("bill", &["calendar", "tabular"]),
    ("snapshot", &["foreign", "signal", "statements", "discover"]),
    ("diff", &["signal", "snapshot"]),
    ("roadmap", &["signal", "diagnostic"]),
    ("assess", &["signal", "snapshot", "diff", "roadmap", "capacity", "discover"]),
    ("tls", &["files"]),
    ("postgres", &["files", "foreign", "signal", "snapshot", "tls"]),
    ("history", &["foreign", "signal", "snapshot", "statements", "postgres"]),
    ("gate", &["signal", "roadmap", "capacity", "loadtest", "assess", "diagnostic"]),
    ("report", &["assess", "calendar", "signal", "snapshot", "statements", "roadmap", "capacity"]),
    ("fleet", &["signal", "roadmap", "snapshot", "assess"]),
    ("notify", &["assess"]),
    ("serve", &[]),
    ("export", &["assess", "calendar", "signal", "snapshot", "roadmap"]),
    (
        "render",
        &[
            "capacity",
            "assess",
            "diff",
            "export",
            "fleet",
            "gate",
            "loadtest",
            "notify",
            "report",
            "history",
            "signal",
            "snapshot",
            "statements",
            "roadmap",
            "diagnostic",
            "discover",
            "foreign",
        ],
    ),
    (
        "source",
        &[
            "files",
            "fleet",
            "foreign",
            "signal",
            "snapshot",
            "statements",
            "discover",
            "postgres",
            "tls",
            "tabular",
        ],
    ),
    ("config", &["signal", "roadmap", "gate", "diagnostic"]),
    ("lib", &[]),
];

/// Words of a library or a facility, and the only places that may say them.
const ONLY_THERE: [(&[&str], &[&str]); 6] = [
    (
        &["tokio", "reqwest::", "use redis::", "async ", ".await"],
        &["src/source/", "src/postgres/", "src/serve.rs"],
    ),
    (&["clap::", "io::stdout", "println!", " print!"], &["src/cli/", "src/main.rs"]),
    (&["rusqlite"], &["src/history/"]),
    (&["std::env", "env::var", "env::args"], &["src/cli/", "src/main.rs"]),
    (&["Utc::now", "Local::now", "SystemTime::now"], &["src/cli/", "src/main.rs", "src/source/"]),
    (
        &["expose_secret"],
        &["src/source/", "src/postgres/", "src/serve.rs", "src/config/", "src/cli/sources/", "src/foreign/"],
    ),
];

#[test]
fn every_part_knows_only_its_neighbours() {
    let mut wrong = Vec::new();
    for file in sources() {
        let part = part(&file);
        // What a crate may use is in its manifest.
        if matches!(part, "cli" | "main") || file.path.starts_with("crates/") {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == part) else {
            wrong.push(format!("{}: say in {} what `{part}` may use", file.path, file!()));
            continue;
        };
        for used in uses(&file.text) {
            if used != part && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{}: `{part}` must not use `{used}`", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_facility_stays_in_its_place() {
    let mut wrong = Vec::new();
    for file in sources() {
        for (words, places) in ONLY_THERE {
            if places.iter().any(|place| file.path.starts_with(place)) {
                continue;
            }
            for (number, line) in code(&file.text) {
                let said = words.iter().find(|word| line.contains(*word));
                wrong.extend(
                    said.map(|word| format!("{}:{number}: `{word}` belongs to {places:?}", file.path)),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_file_uses_is_read_from_paths_and_groups() {
    let text =
        "use crate::{signal::{Unit, Series}, snapshot};\n// crate::cli\nlet x = crate::roadmap::load();\n";
    assert_eq!(uses(text), ["signal", "snapshot", "roadmap"]);
}

/// The top modules named after `crate::`, in order.
fn uses(text: &str) -> Vec<String> {
    let code = code(text).map(|(_, line)| line).collect::<Vec<_>>().join("\n");
    code.split("crate::").skip(1).flat_map(first_names).collect()
}

/// `signal` of `signal::Unit`; `signal` and `snapshot` of `{signal::{Unit, Series}, snapshot}`.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let mut names = vec![name(group.trim_start())];
    let mut depth = 0;
    for (index, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(group[index + 1..].trim_start())),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}
