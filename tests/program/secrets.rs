//! Passwords stay where they are: in no output, no error, no snapshot.

use super::{
    DEAD, NOTHING,
    binary::{Ran, program, ran},
    folder, write,
};

const SECRET: &str = "hunter2-Passw0rd";

#[track_caller]
fn keeps_quiet(run: &Ran) {
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(SECRET), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

fn addresses() -> [String; 3] {
    ["http", "postgres", "redis"].map(|scheme| format!("{scheme}://somebody:{SECRET}@{DEAD}"))
}

#[test]
fn not_when_they_came_by_flag() {
    let [prometheus, postgres, redis] = &addresses();
    for command in ["check", "doctor", "collect"] {
        let folder = folder();
        write(folder.path(), "scale-advisor.toml", NOTHING);
        let flags = [command, "--prometheus", prometheus, "--postgres", postgres, "--redis", redis];
        let run = ran(program(folder.path()).args(flags));
        assert_eq!(run.code, 2, "{run:#?}");
        keeps_quiet(&run);
    }
}

#[test]
fn not_when_they_came_by_environment() {
    let [prometheus, postgres, redis] = &addresses();
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", NOTHING);
    let mut command = program(folder.path());
    command.env("PROMETHEUS_URL", prometheus).env("DATABASE_URL", postgres).env("REDIS_URL", redis);
    let run = ran(command.arg("doctor"));
    keeps_quiet(&run);
    assert!(run.stdout.contains("127.0.0.1:1"), "{run:#?}");
}

#[test]
fn not_when_they_stand_in_the_settings() {
    let [prometheus, postgres, redis] = &addresses();
    let settings = format!(
        "{NOTHING}[sources.prometheus]\nurl = \"http://{DEAD}\"\nusername = \"somebody\"\npassword = \"{SECRET}\"\n\
         headers = {{ X-Key = \"{SECRET}\" }}\n\
         [sources.postgres]\nurl = \"{postgres}\"\n[sources.redis]\nurl = \"{redis}\"\n"
    );
    let by_url = settings.replace(&format!("http://{DEAD}"), prometheus);
    for settings in [settings, by_url] {
        let folder = folder();
        write(folder.path(), "scale-advisor.toml", &settings);
        for command in ["check", "doctor"] {
            keeps_quiet(&ran(program(folder.path()).arg(command)));
        }
    }
}

#[test]
fn not_in_a_snapshot_of_the_sources_that_did_not_answer() {
    // The host answers, so that a snapshot is written; the others leave their addresses in it.
    let [_, postgres, redis] = &addresses();
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", "");
    let mut command = program(folder.path());
    command.args([
        "collect",
        "--postgres",
        postgres,
        "--redis",
        redis,
        "--sample",
        "100ms",
        "-o",
        "out.json",
    ]);
    keeps_quiet(&ran(&mut command));
    let written = std::fs::read_to_string(folder.path().join("out.json")).unwrap_or_default();
    assert!(!written.contains("hunter2"), "{written}");
}

#[test]
fn not_when_an_address_is_wrong() {
    let wrong = [
        ["--prometheus", "http//somebody:hunter2-Passw0rd@db"],
        ["--prometheus", "ftp://somebody:hunter2-Passw0rd@db"],
        ["--postgres", "postgres://somebody:hunter2-Passw0rd@db:port/x"],
        ["--postgres", "host=db password=hunter2-Passw0rd port=x"],
        ["--redis", "redis://somebody:hunter2-Passw0rd@db:port"],
        ["--redis", "redis:/somebody:hunter2-Passw0rd@db"],
    ];
    for flags in wrong {
        let folder = folder();
        write(folder.path(), "scale-advisor.toml", NOTHING);
        let run = ran(program(folder.path()).arg("check").args(flags).args(["--timeout", "2s"]));
        assert_eq!(run.code, 2, "{flags:?} {run:#?}");
        keeps_quiet(&run);
    }
}

#[test]
fn not_in_a_diagnostic_about_the_line_they_stand_in() {
    let folder = folder();
    let settings = format!(
        "[sources.postgres]\nurl = \"postgres://u:{SECRET}@${{UNSET}}/db\"\npasword = \"{SECRET}\"\n"
    );
    write(folder.path(), "scale-advisor.toml", &settings);
    let run = ran(program(folder.path()).arg("check"));
    assert_eq!(run.code, 2);
    keeps_quiet(&run);
}
