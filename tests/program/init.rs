//! `init`: what it writes can be used at once, and it never replaces what is there.

use std::path::Path;

use super::{
    DEAD,
    binary::{Ran, program, ran},
    folder,
    on_terminal::OnTerminal,
    says, write,
};

/// `init` without questions, with servers that do not answer, so that none of this machine's is found.
fn init(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = program(folder);
    command.args(["init", "--quiet"]).args(arguments);
    for (flag, scheme) in [("--prometheus", "http"), ("--postgres", "postgres"), ("--redis", "redis")] {
        if !arguments.contains(&flag) {
            command.args([flag, &format!("{scheme}://{DEAD}")]);
        }
    }
    ran(&mut command)
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn what_is_written_is_used_without_a_complaint() {
    let folder = folder();
    let run = init(folder.path(), &["--profile", "node-queue-chat", "--monthly-cost", "640"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    says(&run.stdout, &["scale-advisor.toml: roadmap node-queue-chat", "scale-advisor doctor"]);
    let settings = text(folder.path(), "scale-advisor.toml");
    let url = format!("url = \"http://{DEAD}");
    says(&settings, &["profile = \"node-queue-chat\"", "monthly_cost = 640 # USD", &url]);
    let doctor = ran(program(folder.path()).args(["doctor", "--quiet", "--sample", "100ms"]));
    assert_eq!(doctor.stderr, "");
    says(&doctor.stdout, &["Roadmap   node-queue-chat", "FAILED    prometheus at"]);
}

#[test]
fn what_is_there_is_not_replaced_unless_forced() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", "profile = \"web-service\"\n");
    let refused = init(folder.path(), &[]);
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""));
    says(&refused.stderr, &["scale-advisor.toml already exists", "--force", "--output"]);
    assert_eq!(text(folder.path(), "scale-advisor.toml"), "profile = \"web-service\"\n");
    assert_eq!(init(folder.path(), &["--force"]).code, 0);
    says(&text(folder.path(), "scale-advisor.toml"), &["[facts]"]);
}

#[test]
fn the_roadmap_is_copied_to_be_changed() {
    let folder = folder();
    let run = init(folder.path(), &["--profile", "node-agent-platform", "--profile-copy"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    says(&text(folder.path(), "scale-advisor.toml"), &["profile = \"node-agent-platform.toml\""]);
    let check = ran(program(folder.path()).args(["profiles", "check", "node-agent-platform.toml"]));
    assert_eq!(check.code, 0, "{}", check.stdout);
    let refused =
        init(folder.path(), &["--profile-copy", "--profile", "node-agent-platform", "-o", "other.toml"]);
    assert_eq!(refused.code, 2);
    says(&refused.stderr, &["node-agent-platform.toml already exists"]);
    assert!(!folder.path().join("other.toml").exists(), "half of the work was done");
}

#[test]
fn a_password_is_not_written_down() {
    let folder = folder();
    let address = format!("postgres://me:hunter2@{DEAD}/app");
    let run = init(folder.path(), &["--postgres", &address]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    says(&run.stderr, &["the postgres URL contains a password", "set DATABASE_URL"]);
    let settings = text(folder.path(), "scale-advisor.toml");
    assert!(!settings.contains("hunter2") && !run.stderr.contains("hunter2"), "{settings}");
    says(&settings, &["#[sources.postgres]"]);
}

#[test]
fn where_nothing_is_known_the_default_roadmap_is_proposed() {
    let folder = folder();
    assert_eq!(init(folder.path(), &[]).code, 0);
    says(&text(folder.path(), "scale-advisor.toml"), &["profile = \"web-service\"", "#absent = [\"http\"]"]);
}

#[test]
fn money_may_be_given_with_decimals() {
    let folder = folder();
    assert_eq!(init(folder.path(), &["--monthly-cost", "12.50"]).code, 0);
    says(&text(folder.path(), "scale-advisor.toml"), &["monthly_cost = 12.5 # USD"]);
    let refused = init(folder.path(), &["--force", "--monthly-cost", "12,50"]);
    assert_eq!(refused.code, 2);
    says(&refused.stderr, &["expected a number such as 640 or 12.50"]);
}

/// Each question shows what may be entered and what Enter takes, and a wrong answer is not the end.
#[test]
fn questions_survive_wrong_answers_and_lead_on() {
    let folder = folder();
    let dead = |scheme| format!("{scheme}://{DEAD}");
    let mut init = OnTerminal::start(folder.path(), &["init", "--no-color"]);
    init.wait_for("Enter takes the value in brackets, ? explains a question.");
    init.wait_for("Prometheus URL (http://host:9090) [");
    init.types("ftp://prometheus\n");
    init.wait_for("begins with http:// or https://; ? for help");
    init.wait_for("Prometheus URL (http://host:9090) [");
    init.types(&(dead("http") + "\n"));
    init.wait_for("PostgreSQL URL (postgres://user@host/database) [");
    init.types(&(dead("postgres") + "\n"));
    init.wait_for("Redis URL (redis://host:6379) [");
    init.types("?\n");
    init.wait_for("keep URLs with a password in REDIS_URL");
    init.types(&(dead("redis") + "\n"));
    init.wait_for("node-queue-chat ");
    init.wait_for("Roadmap (one of these, or a .toml file) [web-service]: ");
    init.types("nope\n");
    init.wait_for("unknown roadmap `nope`");
    init.wait_for("Roadmap (one of these, or a .toml file) [web-service]: ");
    init.types("\n");
    init.wait_for("Monthly cost in USD (such as 640) [not set]: ");
    init.types("a lot\n");
    init.wait_for("`a lot` is not an amount");
    init.types("640\n");
    init.wait_for("next: run `scale-advisor doctor` to test the sources, then `scale-advisor check`");
    assert_eq!(init.child.wait().unwrap().code(), Some(0));
    says(&text(folder.path(), "scale-advisor.toml"), &["profile = \"web-service\"", "monthly_cost = 640"]);
}
