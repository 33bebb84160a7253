//! What users of kubectl and of other tools expect: `-o`, `--json`, `-n`, `-l`, `version`, JSON messages.

use serde_json::Value;

use super::{
    DEAD,
    binary::{program, ran},
    check, folder, says,
};

#[test]
fn o_names_a_format_or_a_file() {
    let folder = folder();
    let shown = |arguments: &[&str]| {
        let run = ran(check(folder.path(), "healthy").args(arguments));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
        run.stdout
    };
    let json = shown(&["--format", "json"]);
    assert_eq!(shown(&["-o", "json"]), json);
    assert_eq!(shown(&["-oJSON"]), json);
    assert_eq!(shown(&["--json"]), json);
    assert_eq!(shown(&["-o", "md"]), shown(&["--format", "markdown"]));
    assert_eq!(shown(&["-o", "wide"]), shown(&["-v"]));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    for (arguments, name) in [
        (&["-o", "json", "--output", "a.json"][..], "a.json"),
        (&["--json", "-o", "b"], "b"),
        (&["--json", "-o", "./json"], "json"),
        (&["--format", "json", "--output", "./yaml"], "yaml"),
    ] {
        assert_eq!(shown(arguments), "");
        assert_eq!(read(name), json, "{name}");
    }
}

#[test]
fn yaml_says_what_json_says() {
    let folder = folder();
    for command in [&["check"][..], &["plan"], &["forecast"]] {
        let show =
            |format: &str| ran(program(folder.path()).args(command).args(["--demo", "-o", format])).stdout;
        let json: Value = serde_json::from_str(&show("json")).unwrap();
        let yaml: Value = serde_yaml_ng::from_str(&show("yaml")).unwrap();
        assert_eq!(json, yaml, "{command:?}");
    }
    let show = |format: &str| {
        ran(program(folder.path()).args(["profiles", "show", "web-service", "-o", format])).stdout
    };
    let yaml: Value = serde_yaml_ng::from_str(&show("yaml")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&show("json")).unwrap(), yaml);
}

#[test]
fn the_name_of_a_format_is_no_name_of_a_file() {
    let folder = folder();
    let refused = |arguments: &[&str], words: &[&str]| {
        let run = ran(program(folder.path()).args(arguments));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}: {run:#?}");
        says(&run.stderr, words);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{arguments:?}");
    };
    refused(&["check", "--demo", "--output", "json"], &["use `--format json`", "`--output ./json`"]);
    refused(&["report", "--demo", "--output", "html"], &["use `--format html`", "`--output ./html`"]);
    refused(&["collect", "-o", "json"], &["names a file, not a format"]);
    refused(&["plan", "--demo", "-o", "junit"], &["`junit` is not a format of this command", "-o ./junit"]);
    refused(&["plan", "--demo", "-o", "csv"], &["text, markdown, html, json, yaml"]);
    refused(&["check", "--demo", "-o", "json", "--format", "text"], &["two formats", "-o ./json"]);
    refused(&["check", "--demo", "-o", "a", "--output", "b"], &["two files"]);
    refused(&["report", "--demo", "-o", "json", "--format", "html"], &["formats are given twice"]);
    refused(&["report", "--demo", "-o", "a", "--output", "b"], &["two directories"]);
    refused(&["check", "--demo", "--json", "--format", "json"], &["cannot be used with"]);
}

#[test]
fn a_report_takes_its_formats_from_o() {
    let folder = folder();
    let written = |arguments: &[&str]| {
        let run = ran(program(folder.path()).args(["report", "--demo"]).args(arguments));
        assert_eq!(run.code, 0, "{run:#?}");
        run.stdout
    };
    let name = "2026-10-node-queue-chat";
    assert_eq!(written(&["-o", "json"]), format!("reports/{name}.json\n"));
    assert_eq!(written(&["-o", "md,json", "--output", "a"]), format!("a/{name}.md\na/{name}.json\n"));
    assert_eq!(written(&["--json", "-o", "./json"]), format!("./json/{name}.json\n"));
}

#[test]
fn rows_are_chosen_and_the_verdict_is_that_of_all() {
    let folder = folder();
    let demo = |arguments: &[&str]| {
        ran(program(folder.path()).args(["check", "--demo", "--fail-on", "critical"]).args(arguments))
    };
    let run = demo(&["--resource", "host.cpu"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let (_, rows) = run.stdout.split_once(" Resources\n").unwrap();
    says(&run.stdout, &["CRITICAL", "PostgreSQL connections of db-1:9187 run out next"]);
    let (resources, levels) = rows.split_once("Service levels").unwrap();
    says(resources, &["CPU of app-1:9100", "resources shown (filtered); the verdict covers all of them"]);
    assert!(!resources.contains("PostgreSQL"), "{resources}");
    says(levels, &["0 of 27 service levels shown"]);
    // A system stands for what begins with its name, and texts for what rows are called.
    let page = demo(&["--resource", "postgres", "--filter", "DEADLOCKS", "-v"]).stdout;
    says(&page, &["deadlocks of db-1:9187", "1 of 27 service levels shown"]);
    assert!(!page.contains("queue depth of intent  "), "{page}");
    says(&demo(&["--resource", "host.cpus"]).stderr, &["named `host.cpus`; did you mean `host.cpu`?"]);
    for format in ["json", "junit"] {
        let run = demo(&["--filter", "db-1", "--format", format]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""));
        says(&run.stderr, &["--resource and --filter need a page format"]);
    }
}

#[test]
fn messages_are_objects_where_that_is_wanted() {
    let folder = folder();
    let dead = format!("http://{DEAD}");
    let mut command = program(folder.path());
    let run = ran(command.args(["check", "--prometheus-url", &dead, "--log-format", "json"]));
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    let lines: Vec<Value> = run.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last().unwrap();
    assert_eq!(last["level"], "error");
    says(last["message"].as_str().unwrap(), &["no source answered:\n  prometheus at http://127.0.0.1:1"]);
    assert!(last["time"].as_str().unwrap().ends_with('Z'));
    // The environment says the same, for services.
    let mut command = program(folder.path());
    let run = ran(command.args(["explain", "nothing"]).env("SCALE_ADVISOR_LOG_FORMAT", "json"));
    assert!(run.stderr.starts_with("{\"time\":"), "{}", run.stderr);
}

#[test]
fn no_color_is_a_flag_as_well() {
    let folder = folder();
    let run = ran(check(folder.path(), "queue-behind").args(["--no-color"]).env("CLICOLOR_FORCE", "1"));
    assert!(run.code == 0 && !run.stdout.contains('\u{1b}'));
    assert_eq!(ran(check(folder.path(), "healthy").args(["--no-color", "--color", "always"])).code, 2);
}

#[test]
fn selectors_that_are_none_are_refused_at_once() {
    let folder = folder();
    for (flag, value, word) in [
        ("-l", "a=b,", "a condition is empty"),
        ("-l", "a in b", "label name"),
        ("--selector", "a in (b", "LABEL in (A,B)"),
        ("--match", "x", "expected LABEL=VALUE"),
    ] {
        let run = ran(program(folder.path()).args(["check", flag, value]));
        assert_eq!(run.code, 2);
        says(&run.stderr, &[word]);
    }
}

#[test]
fn the_version_names_the_build() {
    let folder = folder();
    let text = ran(program(folder.path()).arg("version")).stdout;
    let version = env!("CARGO_PKG_VERSION");
    says(&text, &[&format!("scale-advisor {version}\n"), "\ncommit  ", "\nbuilt   ", "\ntarget  "]);
    let json: Value =
        serde_json::from_str(&ran(program(folder.path()).args(["version", "--json"])).stdout).unwrap();
    assert_eq!(json["version"], version);
    let short = ran(program(folder.path()).arg("--version")).stdout;
    says(&short, &[&format!("scale-advisor {version} (")]);
    let here = env!("CARGO_MANIFEST_DIR");
    assert!(![text, short, json.to_string()].iter().any(|shown| shown.contains(here)));
}

#[test]
fn every_shell_gets_its_completions() {
    let folder = folder();
    for shell in ["bash", "elvish", "fish", "nushell", "powershell", "zsh"] {
        let run = ran(program(folder.path()).args(["completions", shell]));
        assert_eq!(run.code, 0, "{shell}: {run:#?}");
        says(&run.stdout, &["scale-advisor", "discover", "no-color"]);
    }
}
