//! `plan` on the scenarios that name its arguments, in every format, and on what it refuses.

use super::{compare, folder, judge, read, scenarios, settled};

#[test]
fn every_plan_is_as_expected() {
    let mut wrong = Vec::new();
    let mut plans = 0;
    for folder in scenarios().into_iter().filter(|folder| folder.join("plan").exists()) {
        let arguments = read(&folder, "plan");
        for (format, name) in [("json", "plan.json"), ("text", "plan.txt"), ("markdown", "plan.md")] {
            let arguments: Vec<&str> = arguments.lines().chain(["--format", format]).collect();
            let ran = judge("plan", &folder, &arguments);
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", folder.display());
            compare(
                &folder.join(name),
                &settled_text(&if format == "json" { settled(&ran.stdout) } else { ran.stdout }),
                &mut wrong,
            );
        }
        plans += 1;
    }
    assert!(plans >= 4, "only {plans} scenarios have a plan");
    assert!(wrong.is_empty(), "{}\nUPDATE=1 rewrites what is expected", wrong.join("\n"));
}

/// Blanks the version of the program, which is no part of a plan.
fn settled_text(text: &str) -> String {
    text.replace(concat!("scale-advisor ", env!("CARGO_PKG_VERSION")), "scale-advisor …")
}

#[test]
fn a_phase_that_does_not_exist_is_told_with_those_that_do() {
    let ran = judge("plan", &folder().join("queue-behind"), &["--phase", "9"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("has no phase 9; it has 1, 2, 3, 4, 5"), "{}", ran.stderr);
}

#[test]
fn a_phase_and_a_load_exclude_each_other() {
    let ran = judge("plan", &folder().join("queue-behind"), &["--phase", "3", "--users", "800"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("cannot be used with"), "{}", ran.stderr);
}
