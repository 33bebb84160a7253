//! `check --watch`: in place on a terminal, page after page elsewhere.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use super::{binary::program, folder, on_terminal::OnTerminal, write};

const ENTERED: &str = "\u{1b}[?1049h";
const LEFT: &str = "\u{1b}[?1049l";
const SETTINGS: &str = "profile = \"web-service\"\n[sources.host]\nenabled = false\n[[sources.csv]]\n\
                        file = \"users.csv\"\nsignal = \"users.registered\"\n";
const USERS: &str = "date,value\n2026-11-01,10\n2026-11-02,11\n2026-11-03,12\n";

#[test]
fn a_page_is_renewed_in_place_and_failures_do_not_end_it() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", SETTINGS);
    write(folder.path(), "users.csv", USERS);
    for keys in ["q", "\u{3}"] {
        let mut watched = OnTerminal::start(folder.path(), &["check", "--watch", "1s", "--no-color"]);
        let before = watched.modes();
        watched.wait_for(ENTERED);
        watched.wait_for("web-service · ");
        watched.wait_for("every 1 s · q quits");
        assert_ne!(watched.modes(), before);
        write(folder.path(), "scale-advisor.toml", "profile = 7\n");
        watched.wait_for("has errors, see above");
        // The last page stays below.
        watched.wait_for("web-service · ");
        write(folder.path(), "scale-advisor.toml", SETTINGS);
        // A frame that begins with the verdict again, and no error.
        watched.wait_for("\u{1b}[H ");
        watched.types(keys);
        watched.wait_for(LEFT);
        assert_eq!(watched.child.wait().unwrap().code(), Some(0));
        assert_eq!(watched.modes(), before);
    }
}

#[test]
fn a_program_that_is_told_to_end_leaves_the_terminal_as_it_was() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", SETTINGS);
    write(folder.path(), "users.csv", USERS);
    let mut watched = OnTerminal::start(folder.path(), &["check", "--watch"]);
    let before = watched.modes();
    watched.wait_for("every 30 s");
    let killed = Command::new("kill").args(["-TERM", &watched.child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    watched.wait_for(LEFT);
    watched.child.wait().unwrap();
    assert_eq!(watched.modes(), before);
}

#[test]
fn pages_follow_one_another_where_there_is_no_terminal() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", SETTINGS);
    write(folder.path(), "users.csv", USERS);
    let mut command = program(folder.path());
    command.args(["check", "--watch", "1s"]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let pages = lines.by_ref().map(Result::unwrap).filter(|line| line.contains("web-service · "));
    assert_eq!(pages.take(2).count(), 2);
    drop(lines); // whoever reads has seen enough
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let folder = folder();
    for arguments in [
        &["check", "--watch", "1s", "-o", "json"][..],
        &["check", "--watch", "1s", "-o", "page.txt"],
        &["check", "--watch", "1s", "--demo"],
        &["check", "--watch", "0s"],
    ] {
        let run = super::binary::ran(program(folder.path()).args(arguments));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
    }
}
