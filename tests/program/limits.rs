//! Nothing is without bounds: files, durations, templates, diagnostics, numbers.

use std::{fmt::Write, os::unix::fs::PermissionsExt, process::Command, time::Instant};

use super::{
    NOTHING,
    binary::{program, ran},
    folder, says, write,
};

#[test]
fn files_without_an_end_are_not_read_to_it() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", NOTHING);
    for arguments in [
        &["check", "--snapshot", "/dev/zero"][..],
        &["check", "--config", "/dev/zero"],
        &["check", "--demo", "--profile", "/dev/zero"],
        &["profiles", "check", "/dev/zero"],
        &["history", "import", "/dev/zero"],
        &["plan", "--demo", "--from-diff", "/dev/zero"],
    ] {
        // Far less memory than the machine has.
        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -v 9000000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_scale-advisor")]);
        let run = ran(limited.args(arguments).current_dir(folder.path()));
        assert_eq!(run.code, 2, "{arguments:?}: {run:#?}");
        says(&run.stderr, &["cannot read ", "/dev/zero", "it is larger than "]);
    }
}

#[test]
fn a_token_file_that_is_a_pipe_is_refused_at_once() {
    let folder = folder();
    assert!(Command::new("mkfifo").arg(folder.path().join("token")).status().unwrap().success());
    let settings = "[sources.prometheus]\nurl = \"http://127.0.0.1:1\"\ntoken_file = \"token\"\n";
    write(folder.path(), "scale-advisor.toml", &format!("{settings}{NOTHING}"));
    let since = Instant::now();
    let run = ran(program(folder.path()).args(["check", "--timeout", "60s"]));
    assert_eq!(run.code, 2);
    says(&run.stderr, &["cannot read the token from ", "it is not a regular file"]);
    assert!(since.elapsed().as_secs() < 30);
}

#[test]
fn durations_are_capped_where_they_are_parsed() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", NOTHING);
    for flag in ["--timeout", "--window", "--past", "--step", "--sample"] {
        let run = ran(program(folder.path()).args(["check", flag, "18446744073709551615s"]));
        assert_eq!(run.code, 2, "{flag}: {run:#?}");
        says(&run.stderr, &["is longer than 100 years"]);
        let run =
            ran(program(folder.path()).args(["check", "--prometheus", "http://127.0.0.1:1", flag, "36500d"]));
        assert_eq!(run.code, 2, "{flag}: {run:#?}");
        assert!(!run.stderr.contains("panicked"), "{flag}: {run:#?}");
    }
    write(folder.path(), "scale-advisor.toml", "[sources.prometheus]\nscrape_interval = \"40000d\"\n");
    let run = ran(program(folder.path()).arg("check"));
    assert_eq!(run.code, 2);
    assert!(!run.stderr.contains("panicked"), "{run:#?}");
}

#[test]
fn a_step_beyond_all_dates_is_refused() {
    let folder = folder();
    let text = r#"{"schema":"scale-advisor/snapshot/2","taken_at":"2026-11-20T16:40:00Z","tool_version":"0.1.0",
"window":{"from":"2026-11-20T14:40:00Z","to":"2026-11-20T16:40:00Z","step_seconds":60},"sources":[],"gaps":[],"exhausted":[],
"observations":[{"signal":"queue.depth","values":{"from_ms":1795192800000,"step_ms":9223372036854775807,"values":[5000]},
"origin":{"source":"redis","query":"LLEN"}}]}"#;
    write(folder.path(), "s.json", text);
    let run =
        ran(program(folder.path()).args(["check", "--profile", "node-queue-chat", "--snapshot", "s.json"]));
    assert_eq!(run.code, 2, "{run:#?}");
    says(&run.stderr, &["sample times must rise on the grid of the step"]);
}

#[test]
fn templates_have_limits_of_depth_output_and_memory() {
    let deep = format!("{{{{ 1{} }}}}", "+1".repeat(100_000));
    let doubling = "{% set ns = namespace(x='0123456789abcdef') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}";
    let endless = "{% for i in range(90000) %}{{ 'x' * 10000 }}{% endfor %}";
    for (template, words) in [
        (deep.as_str(), "report.html:1: `{{` is longer than 8 KiB"),
        (doubling, "more than 1 GiB of memory"),
        (endless, "the page is larger than 64 MiB"),
        (&"x".repeat(2 << 20), "report.html is larger than 1 MiB"),
    ] {
        let folder = folder();
        write(folder.path(), "scale-advisor.toml", "[report]\ntemplates = \"pages\"\n");
        std::fs::create_dir(folder.path().join("pages")).unwrap();
        write(&folder.path().join("pages"), "report.html", template);
        let arguments =
            ["report", "--demo", "--config", "scale-advisor.toml", "-o", "out", "--format", "html"];
        let run = ran(program(folder.path()).args(arguments));
        assert_eq!(run.code, 2, "{words}: {run:#?}");
        says(&run.stderr, &[words]);
        assert!(!folder.path().join("out").exists(), "{words}");
    }
}

#[test]
fn diagnostics_end_after_fifty_with_a_count() {
    let folder = folder();
    let mut settings = String::new();
    for number in 0..50_000 {
        writeln!(settings, "wrong{number} = {number}").unwrap();
    }
    write(folder.path(), "scale-advisor.toml", &settings);
    let since = Instant::now();
    let run = ran(program(folder.path()).arg("check"));
    assert_eq!(run.code, 2);
    says(&run.stderr, &["scale-advisor.toml: 49950 more not shown"]);
    assert!(run.stderr.len() < 100_000, "{} bytes", run.stderr.len());
    assert!(since.elapsed().as_secs() < 20, "{:?}", since.elapsed());
    // A roadmap, whose values are not read as those of settings.
    write(folder.path(), "roadmap.toml", &settings);
    let run = ran(program(folder.path()).args(["profiles", "check", "roadmap.toml"]));
    assert!(run.stdout.len() + run.stderr.len() < 100_000);
}

#[test]
fn figures_that_are_no_figures_are_refused() {
    let folder = folder();
    for (row, words) in [
        ("2026-01-10garbage,1", "is not a date"),
        ("2026-01-10 garbage,1", "is not a date"),
        ("2026-01-10T99:00,1", "is not a date"),
        ("2026-01-10,1e160", "is too large"),
        ("2026-01-10,-1e160", "is too large"),
    ] {
        write(folder.path(), "values.csv", &format!("date,value\n2026-01-09,1\n{row}\n"));
        let run = ran(program(folder.path()).args(["forecast", "--csv", "values.csv", "--limit", "10"]));
        assert_eq!(run.code, 2, "{row}: {run:#?}");
        says(&run.stderr, &[words]);
    }
}

#[test]
fn secrets_that_others_can_read_are_told_with_the_remedy() {
    let folder = folder();
    let literal = "[sources.redis]\nurl = \"redis://:hunter2@127.0.0.1:1\"\n";
    let named = "[sources.redis]\nurl = \"redis://:${SECRET}@127.0.0.1:1\"\n";
    for (settings, mode, told) in [(literal, 0o644, true), (literal, 0o600, false), (named, 0o644, false)] {
        let path = write(folder.path(), "scale-advisor.toml", &format!("{settings}{NOTHING}"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let run = ran(program(folder.path()).arg("check").env("SECRET", "x"));
        assert_eq!(run.stderr.contains("run `chmod 0600 "), told, "{run:#?}");
        assert!(!run.stderr.contains("hunter2"));
    }
    let flags =
        ["check", "--postgres", "postgres://me:hunter2@127.0.0.1:1/x", "--config", "scale-advisor.toml"];
    let run = ran(program(folder.path()).args(flags).env("SECRET", "x"));
    says(
        &run.stderr,
        &["other accounts can see the password in --postgres; use $DATABASE_URL or $PGPASSWORD instead"],
    );
    assert!(!run.stderr.contains("hunter2"));
}

#[test]
fn a_history_in_the_other_notation_is_refused_without_its_password() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", NOTHING);
    let run = ran(program(folder.path()).args(["history", "show", "--history", "host=db password=hunter2"]));
    assert_eq!(run.code, 2);
    says(&run.stderr, &["--history must be a path or postgres://"]);
    assert!(!run.stderr.contains("hunter2"), "{run:#?}");
    write(folder.path(), "scale-advisor.toml", "[sources.redis]\nurl = hunter2\n");
    let run = ran(program(folder.path()).arg("check"));
    assert_eq!(run.code, 2);
    assert!(!run.stderr.contains("hunter2"), "{run:#?}");
}
