//! Terminals: widths, colour, and places that have neither.

use unicode_width::UnicodeWidthStr;

use super::{
    binary::{program, ran},
    check, folder,
};

const SCENARIOS: [&str; 6] = [
    "connections-90-percent",
    "everything-unknown",
    "latency-symptom-only",
    "queue-behind",
    "redis-evicting",
    "slow-statement",
];

#[test]
fn no_line_is_wider_than_the_terminal() {
    let folder = folder();
    for width in [40, 60, 80, 100] {
        for name in SCENARIOS {
            for more in [&[][..], &["-v"]] {
                let run = ran(check(folder.path(), name).args(more).env("COLUMNS", width.to_string()));
                for line in run.stdout.lines().filter(|line| !holds_one_name(line)) {
                    assert!(line.width() <= width, "{name} at {width}: {} columns: {line}", line.width());
                }
            }
        }
    }
}

/// A name or code that is wider than the page stands on a line of its own and is not broken.
fn holds_one_name(line: &str) -> bool {
    let text = line.trim_start().trim_start_matches("CRITICAL").trim_start_matches("WARNING").trim();
    let text = text.trim_start_matches("UNKNOWN").trim_start_matches("OK").trim();
    let cell = ["critical", "warning", "pending", "saturated", "unknown", "ok"]
        .iter()
        .find_map(|state| text.strip_prefix(state))
        .is_some_and(|name| !name.trim().contains("  "));
    !text.contains(' ') || cell || (text.starts_with('`') && text.trim_end_matches([',', '.']).ends_with('`'))
}

#[test]
fn a_width_that_makes_no_sense_is_no_reason_to_fail() {
    let folder = folder();
    for width in ["0", "1", "-5", "wide", "99999999999999999999", "1000000"] {
        let run = ran(check(folder.path(), "queue-behind").env("COLUMNS", width));
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains("queue workers"), "{width}: {}", run.stdout);
        assert!(run.stdout.lines().all(|line| line.width() <= 200), "{width}: {}", run.stdout);
    }
}

#[test]
fn the_doctor_keeps_to_the_width_as_well() {
    let folder = folder();
    let dead = [
        "--prometheus",
        "http://127.0.0.1:1",
        "--postgres",
        "postgres://127.0.0.1:1",
        "--redis",
        "redis://127.0.0.1:1",
    ];
    let mut command = program(folder.path());
    let run = ran(command.arg("doctor").args(dead).args(["--sample", "100ms"]).env("COLUMNS", "60"));
    assert!(run.stdout.contains("FAILED"), "{}", run.stdout);
    for line in run.stdout.lines() {
        assert!(line.width() <= 60, "{} columns: {line}", line.width());
    }
}

#[test]
fn a_pipe_gets_no_colour_unless_it_is_asked_for() {
    let folder = folder();
    let coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = check(folder.path(), "queue-behind");
        let run = ran(command.args(arguments).envs(variables.iter().copied()));
        run.stdout.contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]));
    assert!(!coloured(&[], &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]));
    assert!(!coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("NO_COLOR", "1"), ("TERM", "xterm")]));
    assert!(coloured(&["--color", "always"], &[]));
}

#[test]
fn colour_carries_no_meaning_alone() {
    let folder = folder();
    for name in SCENARIOS {
        let plain = ran(&mut check(folder.path(), name)).stdout;
        let styled = ran(check(folder.path(), name).args(["--color", "always"])).stdout;
        assert_ne!(plain, styled);
        assert_eq!(plain, anstream::adapter::strip_str(&styled).to_string());
    }
}
