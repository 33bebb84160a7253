//! The README and the pages in `docs`: every command is run or at least understood, every file is read.

#![allow(unreachable_pub, reason = "shared between the modules of this test")]

mod page;
mod world;

use std::{path::Path, process::Command};

use scale_advisor::{config::read_config, roadmap::read_roadmap};
use serde_json::Value;

use self::{
    page::{Block, Page, calls, mentioned, pages},
    world::{World, prepare},
};
use crate::support::folder;

/// What blocks may be: what is run, what is read, and what other systems read.
const LANGUAGES: [&str; 9] = ["sh", "toml", "yaml", "sql", "redis", "ini", "csv", "promql", "nagios"];

/// A shell that finds the program by its name.
fn shell(folder: &Path, script: &str) -> Command {
    let bin = Path::new(env!("CARGO_BIN_EXE_scale-advisor")).parent().unwrap();
    let mut command = Command::new("bash");
    command.args(["-uc", script]).env_clear().current_dir(folder);
    command.env("PATH", format!("{}:/usr/bin:/bin", bin.display())).env("HOME", folder);
    command
}

#[test]
fn every_command_of_the_book_runs() {
    let (world, pages) = (World::open(), pages());
    std::thread::scope(|scope| {
        let runs: Vec<_> = pages
            .iter()
            .map(|page| {
                let world = &world;
                scope.spawn(move || run_page(page, world))
            })
            .collect();
        let failures: Vec<String> = runs.into_iter().flat_map(|run| run.join().unwrap()).collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    });
}

/// Runs the blocks of a page one after the other in one folder, and gives back what went wrong.
fn run_page(page: &Page, world: &World) -> Vec<String> {
    let folder = folder();
    let begins = page.blocks.iter().any(|block| block.text.contains("scale-advisor init"));
    prepare(folder.path(), (!begins).then(|| world.settings()).as_deref());
    let mut failures = Vec::new();
    let mut exports = String::new();
    for block in page.blocks.iter().filter(|block| block.not_run().is_none()) {
        match block.language.as_str() {
            "sh" => {
                let script = format!("{exports}{}", world.translated(&block.text));
                failures
                    .extend(run_script(folder.path(), &script).map(|why| format!("{}: {why}", block.place)));
                let exported = block.text.lines().filter(|line| line.starts_with("export "));
                exports.extend(exported.map(|line| world.translated(line) + "\n"));
            }
            "sql" => world.sql(&block.text),
            "redis" => world.redis(block.text.trim()),
            "toml" => {
                if let Some(name) = block.comment.strip_prefix("roadmap: ") {
                    std::fs::write(folder.path().join(name), &block.text).unwrap();
                }
            }
            _ => {}
        }
    }
    failures
}

/// Runs a script; that something is near its limit, or unknown, is no fault of a command.
fn run_script(folder: &Path, script: &str) -> Option<String> {
    let watched =
        format!("set -o pipefail\ntrap 'code=$?; echo \"$code $BASH_COMMAND\" >>failed' ERR\n{script}");
    let output = shell(folder, &watched).output().unwrap();
    let failed = std::fs::read_to_string(folder.join("failed")).unwrap_or_default();
    let _ = std::fs::remove_file(folder.join("failed"));
    let judged = |line: &&str| {
        let is_verdict = line.starts_with("1 ") || line.starts_with("3 ");
        !(is_verdict
            && ["scale-advisor check", "scale-advisor gate", "scale-advisor forecast"]
                .iter()
                .any(|call| line.contains(call)))
    };
    let wrong: Vec<&str> = failed.lines().filter(judged).collect();
    (!wrong.is_empty()).then(|| format!("{}\n{}", wrong.join("\n"), String::from_utf8_lossy(&output.stderr)))
}

/// What cannot be run has a reason, and is still what the program understands; so are calls in the text.
#[test]
fn every_call_of_the_program_is_understood() {
    let folder = folder();
    let mut wrong = Vec::new();
    let mut understood = 0;
    for page in pages() {
        let blocks = page.blocks.iter().filter(|block| block.not_run().is_some());
        let written = blocks.flat_map(|block| calls(&block.text));
        for call in written.chain(mentioned(&page.text)) {
            let output = shell(folder.path(), &format!("scale-advisor {call} --help")).output().unwrap();
            if output.status.success() {
                understood += 1;
            } else {
                let said = String::from_utf8_lossy(&output.stderr);
                wrong.push(format!("{}: scale-advisor {call}\n{said}", page.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(understood > 20, "{understood} calls only");
}

#[test]
fn every_block_says_what_it_is() {
    for page in pages() {
        for block in &page.blocks {
            assert!(LANGUAGES.contains(&block.language.as_str()), "{}: `{}`", block.place, block.language);
            let known = ["", "not run here: ", "roadmap: ", "http: "];
            let is_known = block.comment.is_empty()
                || known.iter().any(|known| !known.is_empty() && block.comment.starts_with(known));
            assert!(is_known, "{}: {}", block.place, block.comment);
        }
    }
}

#[test]
fn every_file_of_the_book_is_read() {
    let mut read = 0;
    for page in pages() {
        for block in &page.blocks {
            read += usize::from(is_read(block));
        }
    }
    assert!(read > 15, "{read} files only");
}

/// Reads a block as what it is; true if there is a reader for it.
#[track_caller]
fn is_read(block: &Block) -> bool {
    match block.language.as_str() {
        "toml" if block.comment.starts_with("roadmap: ") => {
            let (roadmap, diagnostics) = read_roadmap(&block.text);
            assert!(roadmap.is_some() && diagnostics.is_empty(), "{}: {diagnostics:#?}", block.place);
            true
        }
        "toml" => {
            let (_, diagnostics) = read_config(&block.text, &|_| Some("set".to_owned()));
            assert!(diagnostics.is_empty(), "{}: {diagnostics:#?}", block.place);
            true
        }
        "yaml" => {
            let parsed: Result<serde_yaml_ng::Value, _> = serde_yaml_ng::from_str(&block.text);
            assert!(parsed.is_ok(), "{}: {parsed:?}", block.place);
            true
        }
        _ => false,
    }
}

/// Every page is reached from the contents, and every link between pages leads somewhere.
#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = pages();
    let mut linked = std::collections::BTreeSet::new();
    for page in &pages {
        let folder = root.join(&page.name).parent().unwrap().to_owned();
        for target in page.text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = folder.join(target).canonicalize();
            let path = path.unwrap_or_else(|_| panic!("{}: no {target}", page.name));
            linked.insert(path.strip_prefix(root).unwrap().display().to_string());
        }
    }
    for page in pages.iter().filter(|page| page.name != "README.md") {
        assert!(linked.contains(&page.name), "nothing leads to {}", page.name);
    }
}

/// The two commands of the README's first block: what installs, and what checks.
fn first_commands(pages: &[Page]) -> [&str; 2] {
    let readme = pages.iter().find(|page| page.name == "README.md").unwrap();
    let lines = readme.blocks[0].text.lines().map(|line| line.split(" #").next().unwrap().trim_end());
    lines.collect::<Vec<_>>().try_into().unwrap()
}

/// From nothing to a verdict: the README's first block installs and checks, and nothing else is needed.
#[test]
fn two_commands_lead_to_a_verdict() {
    let pages = pages();
    let [install, check] = first_commands(&pages);
    assert!(install.starts_with("sudo apt install ./scale-advisor_"), "{install}");
    let (world, folder) = (World::open(), folder());
    // In full: how busy the machine is decides which resources the short page names.
    let script = world.translated(check) + " -v";
    let output = shell(folder.path(), &script).output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    let verdict = page.split_whitespace().next().unwrap();
    assert!(["OK", "UNKNOWN", "WARNING", "CRITICAL"].contains(&verdict), "{page}");
    for part in ["Load ", "Phase ", "Resources", "CPU of web-1"] {
        assert!(page.contains(part), "no {part}:\n{page}");
    }
}

/// The recording in `docs` shows these two commands and nothing else, from the package to the page.
#[test]
fn the_recording_is_of_these_two_commands() {
    let pages = pages();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/first-check.cast");
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(lines.next().unwrap()["version"], 2);
    let mut shown = String::new();
    let mut seconds = 0.0;
    for event in lines {
        assert!(event[0].as_f64().unwrap() >= seconds && event[1] == "o", "{event}");
        seconds = event[0].as_f64().unwrap();
        shown.push_str(event[2].as_str().unwrap());
    }
    let shown = anstream::adapter::strip_str(&shown).to_string();
    let typed: Vec<&str> = shown.lines().filter_map(|line| line.strip_prefix("# ")).collect();
    let expected = first_commands(&pages).map(|command| command.strip_prefix("sudo ").unwrap_or(command));
    assert_eq!(typed, expected);
    let (_, page) = shown.split_once(expected[1]).unwrap();
    for part in ["run out next", "Load ", "Resources", "Plan"] {
        assert!(page.contains(part), "no {part}:\n{page}");
    }
    // The recorded time, typing included: a new recording may not become a slow one.
    assert!(seconds < 30.0, "{seconds} s");
}
