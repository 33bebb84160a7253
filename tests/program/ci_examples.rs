//! The examples for CI systems: their steps are read from the files and run as those systems run them.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use serde_yaml_ng::Value;

use super::{
    binary::{Ran, program, ran},
    folder, says, write,
};

fn read(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Where the program is found, and nothing else than the system's own.
fn path() -> String {
    let built = Path::new(env!("CARGO_BIN_EXE_scale-advisor")).parent().unwrap();
    format!("{}:/usr/local/bin:/usr/bin:/bin", built.display())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// `${{ inputs.NAME }}` as it was given, or its default; and what the action's own repository is called.
fn evaluated(action: &Value, expression: &str, given: &BTreeMap<&str, &str>) -> String {
    let name = expression.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")).unwrap();
    if name.starts_with("github.") {
        return given.get(name).copied().unwrap_or_default().to_owned();
    }
    let name = name.strip_prefix("inputs.").unwrap();
    let input = &action["inputs"][name];
    assert!(input.is_mapping(), "no input {name}");
    given.get(name).map_or_else(|| text(&input["default"]), |value| (*value).to_owned())
}

/// The steps of the action, one after the other, as the runner starts them.
fn run_action(folder: &Path, given: &[(&str, &str)], path: &str) -> Ran {
    let action = read("action.yml");
    let given: BTreeMap<&str, &str> = given.iter().copied().collect();
    assert_eq!(action["runs"]["using"], "composite");
    let mut last = None;
    let (mut path, added) = (path.to_owned(), folder.join("path"));
    std::fs::write(&added, "").unwrap();
    for step in action["runs"]["steps"].as_sequence().unwrap() {
        let run = text(&step["run"]);
        assert!(!run.contains("${{"), "what is given must not become part of a script: {run}");
        assert_eq!(step["shell"], "bash");
        let script = write(folder, "step.sh", &run);
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(script);
        command.env_clear().env("PATH", &path).current_dir(folder);
        command.env("GITHUB_ACTION_PATH", "/the/action").env("GITHUB_WORKSPACE", folder);
        command.env("RUNNER_TEMP", folder.join("temp")).env("GITHUB_PATH", &added);
        command.env("GITHUB_SERVER_URL", given.get("server").copied().unwrap_or("http://127.0.0.1:1"));
        command.env("GITHUB_STEP_SUMMARY", folder.join("summary.md"));
        if let Some(environment) = step["env"].as_mapping() {
            for (name, value) in environment {
                command.env(text(name), evaluated(&action, &text(value), &given));
            }
        }
        let run = ran(&mut command);
        for line in std::fs::read_to_string(&added).unwrap().lines() {
            path = format!("{line}:{path}");
        }
        let failed = run.code != 0;
        last = Some(run);
        if failed {
            break;
        }
    }
    last.unwrap()
}

#[test]
fn the_action_annotates_summarises_and_fails() {
    let folder = folder();
    let run = run_action(folder.path(), &[("args", "check --demo --fail-on critical")], &path());
    assert_eq!(run.code, 1, "{run:#?}");
    says(
        &run.stdout,
        &[
            "::error title=critical threshold%3Apostgres.connections::",
            "scale-advisor explain threshold:postgres.connections",
        ],
    );
    let summary = std::fs::read_to_string(folder.path().join("summary.md")).unwrap();
    says(&summary, &["## 🔴 Critical: PostgreSQL connections"]);
    let run = run_action(folder.path(), &[("args", "check --demo")], &path());
    assert_eq!(run.code, 0, "{run:#?}");
}

/// Runs git in a folder and gives what it says.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]);
    let run = ran(command.args(arguments));
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    run.stdout.trim().to_owned()
}

/// Commits a number of connections and gives the name of the commit.
fn commit(folder: &Path, connections: u32) -> String {
    write(folder, "postgresql.conf", &format!("max_connections = {connections}\n"));
    git(folder, &["add", "."]);
    git(folder, &["commit", "-q", "-m", "connections"]);
    git(folder, &["rev-parse", "HEAD"])
}

#[test]
fn the_action_judges_what_a_pull_request_changes() {
    let origin = folder();
    git(origin.path(), &["init", "-q", "-b", "main"]);
    let base = commit(origin.path(), 100);
    git(origin.path(), &["checkout", "-q", "-b", "change"]);
    let head = commit(origin.path(), 50);
    // As the runner checks out: the newest commit alone.
    let folder = folder();
    let work = folder.path().join("work");
    let address = format!("file://{}", origin.path().display());
    git(folder.path(), &["clone", "-q", "--depth", "1", &address, "work"]);
    std::fs::create_dir(work.join("temp")).unwrap();
    let given = |base| {
        let scenario = super::scenario("connections-90-percent");
        let (settings, snapshot) = (scenario.join("scale-advisor.toml"), scenario.join("snapshot.json"));
        let args = format!("plan --config {} --snapshot {}", settings.display(), snapshot.display());
        let given = [
            ("args", args.as_str()),
            ("diff", "true"),
            ("format", "markdown"),
            ("github.event.pull_request.base.sha", base),
            ("github.event.pull_request.head.sha", head.as_str()),
        ];
        run_action(&work, &given, &path())
    };
    let run = given(base.as_str());
    assert_eq!(run.code, 1, "{run:#?}");
    says(&run.stdout, &["97 → 47", "too small"]);
    let run = given("");
    assert_eq!(run.code, 2, "{run:#?}");
    says(&run.stderr, &["needs a pull request"]);
}

/// Five runs a side of a build that became slower, and of one that did not.
fn load_tests(folder: &Path) {
    for (side, from) in [("baseline", 200), ("results", 240), ("same", 200)] {
        std::fs::create_dir(folder.join(side)).unwrap();
        for run in 0..5 {
            let text = format!("latency_p95_ms,throughput\n{},{}\n", from + run, 200_000 / from);
            write(&folder.join(side), &format!("{run}.csv"), &text);
        }
    }
}

#[test]
fn the_action_stops_a_build_that_loses_capacity() {
    let folder = folder();
    load_tests(folder.path());
    let run = run_action(
        folder.path(),
        &[("args", "gate --baseline baseline/*.csv --candidate results/*.csv")],
        &path(),
    );
    assert_eq!(run.code, 1, "{run:#?}");
    says(&run.stdout, &["::error ", "title=critical metric%3Alatency_p95::"]);
    let summary = std::fs::read_to_string(folder.path().join("summary.md")).unwrap();
    says(&summary, &["## 🔴 Critical: ", "throughput fell by 16.7%"]);
    let run = run_action(folder.path(), &[("args", "gate --baseline baseline --candidate same")], &path());
    assert_eq!(run.code, 0, "{run:#?}");
}

#[test]
fn the_template_stops_a_build_that_loses_capacity() {
    let folder = folder();
    load_tests(folder.path());
    let (run, reports) =
        run_job(folder.path(), ".scale-advisor", Some("gate --baseline baseline --candidate results"));
    assert_eq!(run.code, 1, "{run:#?}");
    says(&run.stdout, &["FAIL"]);
    let [junit, quality] = reports.as_slice() else { panic!("{reports:?}") };
    says(&std::fs::read_to_string(junit).unwrap(), &["<failure ", "metric:latency_p95"]);
    says(&std::fs::read_to_string(quality).unwrap(), &["\"check_name\": \"metric:throughput\""]);
}

#[test]
fn the_action_writes_other_formats() {
    let folder = folder();
    let given = [("args", "check --demo --output result.sarif"), ("format", "sarif")];
    assert_eq!(run_action(folder.path(), &given, &path()).code, 0);
    let written = std::fs::read_to_string(folder.path().join("result.sarif")).unwrap();
    assert!(written.contains("\"version\": \"2.1.0\""), "{written}");
    assert!(!folder.path().join("summary.md").exists());
}

#[test]
fn the_action_runs_nothing_that_is_hidden_in_its_inputs() {
    let folder = folder();
    let run = run_action(
        folder.path(),
        &[("args", "check --demo; touch owned $(touch owned) `touch owned`")],
        &path(),
    );
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(!folder.path().join("owned").exists());
}

/// A cargo that writes down what it was asked and fails, so that nothing is run after it; with the PATH to find it.
fn cargo_that_fails(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt;
    let bin = folder.join("bin");
    std::fs::create_dir(&bin).unwrap();
    let asked = folder.join("asked");
    let cargo = write(&bin, "cargo", &format!("#!/bin/sh\necho \"$@\" >{}\nexit 1\n", asked.display()));
    std::fs::set_permissions(cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:/usr/bin:/bin", bin.display())
}

#[test]
fn the_action_builds_what_is_missing_and_not_released() {
    for action_ref in ["main", "v1", "v0.1.0"] {
        let folder = folder();
        let path = cargo_that_fails(folder.path());
        let given = [
            ("args", "check --demo"),
            ("github.action_ref", action_ref),
            ("github.action_repository", "us/it"),
        ];
        let run = run_action(folder.path(), &given, &path);
        assert_eq!(run.code, 1, "{run:#?}");
        says(&run.stdout, &[&format!("no release for {action_ref} and "), "building it"]);
        let asked = std::fs::read_to_string(folder.path().join("asked")).unwrap();
        let root = folder.path().join("temp/scale-advisor");
        assert_eq!(asked, format!("install --locked --quiet --path /the/action --root {}\n", root.display()));
        // Only what has the name of a version is looked for.
        assert_eq!(run.stderr.contains("curl"), action_ref == "v0.1.0", "{run:#?}");
    }
}

/// A release of a program that says what it was asked, served as GitHub does; with its server's address.
fn release(folder: &Path, damage: bool) -> String {
    let machine = std::env::consts::ARCH;
    let name = format!("scale-advisor-0.1.0-{machine}-unknown-linux-musl");
    let place = folder.join(&name);
    std::fs::create_dir(&place).unwrap();
    write(&place, "scale-advisor", "#!/bin/sh\necho \"released: $*\"\n");
    let script = format!(
        "chmod +x {name}/scale-advisor && tar -czf {name}.tar.gz {name} && sha256sum {name}.tar.gz >SHA256SUMS"
    );
    assert!(Command::new("sh").args(["-ec", &script]).current_dir(folder).status().unwrap().success());
    let archive = std::fs::read(folder.join(format!("{name}.tar.gz"))).unwrap();
    let mut sums = std::fs::read(folder.join("SHA256SUMS")).unwrap();
    if damage {
        sums[0] = if sums[0] == b'0' { b'1' } else { b'0' };
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = String::new();
            BufReader::new(&stream).read_line(&mut asked).unwrap();
            let file = asked.split(' ').nth(1).unwrap();
            let body = match file.strip_prefix("/us/it/releases/download/v0.1.0/") {
                Some("SHA256SUMS") => &sums,
                Some(file) if *file == format!("{name}.tar.gz") => &archive,
                _ => panic!("asked for {file}"),
            };
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())
                .unwrap();
            stream.write_all(body).unwrap();
        }
    });
    address
}

/// What the action does where its version has a release, and cargo cannot be used.
fn run_of_release(folder: &Path, damage: bool) -> Ran {
    let server = release(folder, damage);
    let path = cargo_that_fails(folder);
    let given = [
        ("args", "check --demo"),
        ("github.action_ref", "v0.1.0"),
        ("github.action_repository", "us/it"),
        ("server", &server),
    ];
    let run = run_action(folder, &given, &path);
    assert!(!folder.join("asked").exists(), "it was built instead: {run:#?}");
    run
}

#[test]
fn the_action_takes_the_release_of_its_version() {
    let run = run_of_release(folder().path(), false);
    assert_eq!((run.code, run.stdout.as_str()), (0, "released: check --demo --format github\n"), "{run:#?}");
}

#[test]
fn the_action_stops_at_a_release_that_is_not_what_it_says() {
    let folder = folder();
    let run = run_of_release(folder.path(), true);
    assert_eq!(run.code, 1, "{run:#?}");
    assert!(!folder.path().join("temp/scale-advisor/bin/scale-advisor").exists());
}

/// The scripts of a job of the template as one, as GitLab's shell runner does; with its files to upload.
fn run_job(folder: &Path, job: &str, arguments: Option<&str>) -> (Ran, Vec<PathBuf>) {
    let template = read("docs/ci/gitlab.yml");
    let (base, own) = (&template[".scale-advisor"], &template[job]);
    let part = |name: &str| [&own[name], &base[name]].into_iter().find(|part| !part.is_null()).cloned();
    let lines = |name: &str| part(name).into_iter().flat_map(|part| part.as_sequence().unwrap().clone());
    let script: Vec<String> = lines("before_script").chain(lines("script")).map(|line| text(&line)).collect();
    let default = text(&base["variables"]["SCALE_ADVISOR_ARGS"]);
    let mut command = Command::new("sh");
    command.args(["-e", "-c", &script.join("\n")]).env_clear().env("PATH", path()).current_dir(folder);
    command.env("SCALE_ADVISOR_ARGS", arguments.unwrap_or(&default)).env("CI_PROJECT_DIR", folder);
    let reports = base["artifacts"]["reports"].as_mapping().unwrap().values();
    let reports = reports.map(|name| folder.join(text(name))).collect();
    (ran(&mut command), reports)
}

#[test]
fn the_template_writes_its_reports_and_fails() {
    let folder = folder();
    let (run, reports) = run_job(folder.path(), ".scale-advisor", Some("check --demo --fail-on critical"));
    assert_eq!(run.code, 1, "{run:#?}");
    says(&run.stdout, &["CRITICAL"]);
    let [junit, quality] = reports.as_slice() else { panic!("{reports:?}") };
    says(&std::fs::read_to_string(junit).unwrap(), &["<testsuites ", "<failure "]);
    says(&std::fs::read_to_string(quality).unwrap(), &["\"severity\": \"critical\""]);
    let (run, _) = run_job(folder.path(), ".scale-advisor", Some("check --demo"));
    assert_eq!(run.code, 0, "{run:#?}");
}

#[test]
fn the_template_reads_the_live_system_once_and_judges_it() {
    let folder = folder();
    // The machine that runs the tests is the only source; whatever is wrong with it, the reports agree.
    write(folder.path(), "scale-advisor.toml", "profile = \"web-service\"\n");
    let (run, reports) = run_job(folder.path(), "scale-advisor", None);
    let judged =
        ran(program(folder.path()).args(["check", "--snapshot", "snapshot.json", "--fail-on", "critical"]));
    assert_eq!((run.code, run.stdout), (judged.code, judged.stdout));
    assert!(reports.iter().all(|path| path.exists()), "{reports:?}");
}
