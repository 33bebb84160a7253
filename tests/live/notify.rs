//! `--notify`: what webhooks are told when a system changes, and that they are told nothing else.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    hostile_texts::HOSTILE,
    support::{
        fake::{Asked, Fake, Played},
        folder, npm, wait_until,
    },
    volumes::snapshot,
};

/// The path of the webhook: who knows it can use it.
const PATH: &str = "/services/T0AB12CD3/B0XY98ZW7/q1W2e3R4t5Y6u7I8o9P0";

/// A project whose system is what a test says it is.
struct System {
    folder: tempfile::TempDir,
}

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl System {
    /// A system of which a webhook is told at this address.
    fn new(url: &str, further: &str) -> Self {
        let system = Self { folder: folder() };
        let settings = format!(
            "profile = \"web-service\"\nabsent = [\"queue\", \"postgres\"]\n\
             [facts]\nteam_size = 5\nglobal_users = false\ncomplexity = \"low\"\n\
             [sources.host]\nenabled = false\n\
             [[notify]]\nname = \"ops\"\nurl_file = \"webhook\"\nsystem = \"shop, production\"\n{further}\n"
        );
        std::fs::write(system.path("scale-advisor.toml"), settings).unwrap();
        std::fs::write(system.path("webhook"), format!("{url}\n")).unwrap();
        system
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts further lines behind the settings.
    fn add(&self, lines: &str) {
        let text = std::fs::read_to_string(self.path("scale-advisor.toml")).unwrap();
        std::fs::write(self.path("scale-advisor.toml"), format!("{text}\n{lines}\n")).unwrap();
    }

    fn command(&self, command: &str, arguments: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
        program.env_clear().current_dir(self.folder.path()).arg(command).args(arguments);
        program
    }

    /// `check` of a system whose volumes are so full.
    fn check(&self, volumes: &[(&str, f64)], arguments: &[&str]) -> Run {
        self.run("check", volumes, arguments)
    }

    fn run(&self, command: &str, volumes: &[(&str, f64)], arguments: &[&str]) -> Run {
        std::fs::write(self.path("snapshot.json"), snapshot(volumes)).unwrap();
        let mut command = self.command(command, &["--snapshot", "snapshot.json"]);
        let Output { status, stdout, stderr } = command.args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: status.code(), out: text(stdout), err: text(stderr) }
    }
}

/// A webhook that takes everything, and its address.
fn webhook() -> (Fake, String) {
    answering(|_| Played::new(200, "text/plain", "ok"))
}

fn answering(play: impl Fn(usize) -> Played + Send + Sync + 'static) -> (Fake, String) {
    let fake = Fake::start(move |_, earlier| play(earlier));
    let url = format!("{}{PATH}", fake.url());
    (fake, url)
}

fn body(asked: &Asked) -> Value {
    serde_json::from_str(&asked.body).unwrap_or_else(|error| panic!("{error}: {}", asked.body))
}

/// What changed of what, in each message so far.
fn changes(fake: &Fake) -> Vec<Vec<(String, String)>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_message = |asked: &Asked| {
        let changes = body(asked)["changes"].as_array().unwrap().clone();
        changes.iter().map(|change| (text(&change["change"]), text(&change["title"]))).collect()
    };
    fake.asked().iter().map(of_message).collect()
}

#[test]
fn each_change_is_told_once() {
    let (fake, url) = webhook();
    let system = System::new(&url, "");
    let full = |share| [("db:/data", share), ("web:/", 0.4)];
    let steps: [(f64, Option<&str>); 8] = [
        (0.4, None),
        (0.85, Some("new")),
        (0.86, None),
        (0.97, Some("worse")),
        (0.97, None),
        (0.85, Some("better")),
        (0.4, Some("recovered")),
        (0.4, None),
    ];
    for (number, (share, expected)) in (1..).zip(steps) {
        let before = fake.asked().len();
        let run = system.check(&full(share), &["--notify", "ops"]);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "step {number}: {}", run.out);
        let told: Vec<_> = changes(&fake).split_off(before).into_iter().flatten().collect();
        let expected: Vec<_> = expected
            .map(|change| (change.to_owned(), "disk usage of db:/data".to_owned()))
            .into_iter()
            .collect();
        assert_eq!(told, expected, "step {number}");
    }
    let asked = &fake.asked()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", PATH));
    assert_eq!(asked.headers["content-type"], "application/json");
    let first = body(asked);
    assert_eq!(first["schema"], "scale-advisor/notification/1");
    assert_eq!(first["system"], "shop, production");
    assert_eq!((&first["previous_verdict"], &first["verdict"]), (&json!("ok"), &json!("warning")));
    assert_eq!(first["problems"][0]["instance"], "db:/data");
    assert!(first["act"].as_str().unwrap().contains("Keep disk space free"), "{first:#}");
    fits_the_schema(&first);
}

#[track_caller]
fn fits_the_schema(message: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/notification-1.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("schema.json", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("schema.json", &mut schemas).unwrap();
    schemas.validate(message, index).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_first_run_tells_what_is_wrong_and_is_silent_where_nothing_is() {
    let (fake, url) = webhook();
    let system = System::new(&url, "");
    system.check(&[("db:/", 0.97), ("web:/", 0.85)], &["--notify"]);
    assert_eq!(changes(&fake)[0].len(), 2);
    let (quiet, url) = webhook();
    System::new(&url, "").check(&[("db:/", 0.4)], &["--notify"]);
    assert!(quiet.asked().is_empty());
}

#[test]
fn what_is_no_longer_measured_has_not_recovered() {
    let (fake, url) = webhook();
    let system = System::new(&url, "");
    system.check(&[("db:/", 0.97)], &["--notify"]);
    system.check(&[], &["--notify"]);
    system.check(&[], &["--notify"]);
    system.check(&[("db:/", 0.4)], &["--notify"]);
    let kinds: Vec<String> = changes(&fake).into_iter().flatten().map(|(change, _)| change).collect();
    assert_eq!(kinds, ["new", "unknown", "recovered"]);
}

#[test]
fn what_is_full_outside_the_roadmap_recovers_where_it_was_searched_for() {
    let (fake, url) = webhook();
    let system = System::new(&url, "");
    let check = |discovery: Value| {
        let mut taken: Value = serde_json::from_str(&snapshot(&[("db:/", 0.4)])).unwrap();
        taken["discovery"] = discovery;
        std::fs::write(system.path("found.json"), taken.to_string()).unwrap();
        let run = system.command("check", &["--snapshot", "found.json", "--notify"]).output().unwrap();
        assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));
        changes(&fake).last().cloned().unwrap_or_default()
    };
    let found = |utilization: f64| {
        let queries = json!({ "usage": "pool_used", "limit": "pool_size", "unit": "connections" });
        json!({ "resources": [{
            "usage": "pool_used", "limit": "pool_size", "utilization": utilization, "metrics": ["pool_used"],
            "instance": null, "confidence": "high", "definition": queries, "source": "prometheus",
        }] })
    };
    let told = |change: &str| vec![(change.to_owned(), "pool_used".to_owned())];
    assert_eq!(check(found(0.95)), told("new"));
    let failed = json!([{ "source": "prometheus", "reason": { "kind": "not_listed" } }]);
    check(json!({ "resources": [], "not_searched": failed }));
    assert_eq!(fake.asked().len(), 1, "{:?}", changes(&fake));
    assert_eq!(check(found(0.5)), told("recovered"));
}

#[test]
fn what_is_silenced_is_told_when_the_silence_ends_and_when_it_gets_worse_than_that() {
    let (fake, url) = webhook();
    let system = System::new(&url, "");
    system.add("[[silences]]\nfinding = \"host.disk_space\"\nup_to = \"warning\"\nuntil = 2026-12-24\nreason = \"ordered\"");
    system.check(&[("db:/", 0.85)], &["--notify"]);
    assert!(fake.asked().is_empty(), "{:?}", changes(&fake));
    system.check(&[("db:/", 0.97)], &["--notify"]);
    assert_eq!(changes(&fake).len(), 1);
    let settings = std::fs::read_to_string(system.path("scale-advisor.toml")).unwrap();
    let silenced = settings.replace("up_to = \"warning\"\n", "");
    std::fs::write(system.path("scale-advisor.toml"), &silenced).unwrap();
    system.check(&[("db:/", 0.97)], &["--notify"]);
    assert_eq!(changes(&fake).len(), 1);
    std::fs::write(system.path("scale-advisor.toml"), silenced.replace("2026-12-24", "2026-11-19")).unwrap();
    system.check(&[("db:/", 0.97)], &["--notify"]);
    let kinds: Vec<String> = changes(&fake).into_iter().flatten().map(|(change, _)| change).collect();
    assert_eq!(kinds, ["new", "new"]);
}

#[test]
fn a_webhook_that_does_not_take_a_message_gets_it_with_the_next_run() {
    let (fake, url) = answering(|earlier| match earlier {
        0 => Played::new(403, "text/plain", &format!("invalid_token {PATH} q1W2e3R4t5Y6u7I8o9P0")),
        _ => Played::new(200, "text/plain", "ok"),
    });
    let system = System::new(&url, "");
    let run = system.check(&[("db:/", 0.97)], &["--notify"]);
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(
        run.out.contains("Disk space of db:/ runs out next"),
        "the page is there all the same: {}",
        run.out
    );
    for told in ["error: cannot notify ops at http://127.0.0.1:", "403 Forbidden: invalid_token"] {
        assert!(run.err.contains(told), "{}", run.err);
    }
    let run = system.check(&[("db:/", 0.97)], &["--notify", "--fail-on", "critical"]);
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""));
    assert_eq!(fake.asked().len(), 2);
    let run = system.check(&[("db:/", 0.4)], &["--notify", "--notify-state", "/proc/nowhere/state"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("--notify-state names another file"), "{}", run.err);
    assert_eq!(fake.asked().len(), 2, "without a state, nobody is told");
}

#[test]
fn a_failure_to_notify_hides_no_verdict() {
    let system = System::new("http://127.0.0.1:1/hook", "");
    let full = [("db:/", 0.97)];
    assert_eq!(system.check(&full, &["--notify", "--fail-on", "critical"]).code, Some(1));
    assert_eq!(system.check(&full, &["--notify"]).code, Some(2));
    let run = system.check(&full, &["--notify", "--format", "nagios"]);
    assert_eq!(run.code, Some(2), "which is CRITICAL for Nagios");
    assert!(run.out.starts_with("SCALE") || run.out.contains("CRITICAL"), "{}", run.out);
}

#[test]
fn a_busy_webhook_is_asked_once_more_after_the_time_it_says() {
    let busy = |status: u16, wait: &'static str| {
        answering(move |earlier| match earlier {
            0 => Played::new(status, "text/plain", "busy").header("Retry-After", wait),
            _ => Played::new(200, "text/plain", "ok"),
        })
    };
    for status in [429, 503] {
        let (fake, url) = busy(status, "1");
        let began = Instant::now();
        let run = System::new(&url, "").check(&[("db:/", 0.97)], &["--notify"]);
        assert_eq!(run.code, Some(0), "{}", run.err);
        assert!(began.elapsed() >= Duration::from_secs(1));
        assert_eq!(fake.asked().len(), 2);
    }
    let (fake, url) = busy(429, "3600");
    let run = System::new(&url, "").check(&[("db:/", 0.97)], &["--notify"]);
    assert_eq!((run.code, fake.asked().len()), (Some(2), 1));
    assert!(run.err.contains("asks to wait 3600 s"), "{}", run.err);
    let (fake, url) = answering(|_| Played::new(500, "text/plain", "broken"));
    let run = System::new(&url, "").check(&[("db:/", 0.97)], &["--notify"]);
    assert_eq!((run.code, fake.asked().len()), (Some(2), 2));
}

#[test]
fn a_webhook_that_never_answers_holds_a_run_up_for_seconds_only() {
    let (_fake, url) = answering(|_| Played::new(200, "text/plain", "").declaring(10).then_hang());
    let hung = Fake::start(|_, _| Played::dropped());
    let began = Instant::now();
    System::new(&url, "").check(&[("db:/", 0.97)], &["--notify"]);
    let run = System::new(&hung.url(), "").check(&[("db:/", 0.97)], &["--notify"]);
    assert_eq!(run.code, Some(2));
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[test]
fn the_address_is_shown_nowhere() {
    let (fake, url) = answering(|_| Played::new(404, "text/plain", &format!("no service {PATH}")));
    let system = System::new(&url, "");
    system.add(&format!("[[notify]]\nname = \"plain\"\nurl = \"{url}\"\nformat = \"slack\""));
    let full = [("db:/", 0.97)];
    let mut runs = vec![
        system.check(&full, &["--notify"]),
        system.check(&full, &["--notify", &url]),
        system.check(&full, &["--notify", "--notify-dry-run"]),
        system.check(&full, &["--notify", "nobody"]),
    ];
    assert!(runs[1].err.contains("warning: other accounts can see the URL in --notify"), "{}", runs[1].err);
    assert!(runs[3].err.contains("no [[notify]] in the config is named `nobody`"), "{}", runs[3].err);
    system.add("[[notify]]\nname = \"ops\"\nurl = \"http://x\"\nurl_file = \"y\"");
    runs.push(system.check(&full, &[]));
    std::fs::write(system.path("webhook"), "hooks.example/q1W2e3R4t5Y6u7I8o9P0").unwrap();
    runs.push(System::new("hooks.example/q1W2e3R4t5Y6u7I8o9P0", "").check(&full, &["--notify"]));
    for run in runs {
        for part in ["q1W2e3R4t5Y6u7I8o9P0", "B0XY98ZW7", "T0AB12CD3"] {
            assert!(!run.err.contains(part) && !run.out.contains(part), "{}{}", run.err, run.out);
        }
    }
    let state = std::fs::read_to_string(system.path(".scale-advisor/notified.json")).unwrap_or_default();
    assert!(!state.contains("q1W2e3R4t5Y6u7I8o9P0"), "{state}");
    assert!(!fake.asked().is_empty());
}

/// What chats obey: mentions, addresses and Markdown, and what terminals and others do.
#[test]
fn what_servers_say_is_plain_text_in_every_chat() {
    let chats = [
        "@channel <!here> <@U123> <!subteam^S1>",
        "<https://evil.example|click> [x](https://evil.example)",
        "*b* _i_ ~s~ `c` ```d``` > q # h",
        "<at>everyone</at> &lt;!here&gt;",
    ];
    let names: Vec<&str> = chats.into_iter().chain(HOSTILE).collect();
    for format in ["slack", "teams"] {
        let (fake, url) = webhook();
        let system = System::new(&url, &format!("format = \"{format}\""));
        for name in &names {
            let file = system.path("state.json");
            let _ = std::fs::remove_file(file);
            let before = fake.asked().len();
            let run =
                system.check(&[(name, 0.97), ("b", 0.1)], &["--notify", "--notify-state", "state.json"]);
            assert_eq!(run.code, Some(0), "{}", run.err);
            let asked = fake.asked().split_off(before);
            let [asked] = asked.as_slice() else { panic!("{name}: {} messages", asked.len()) };
            for text in texts(&body(asked), format) {
                for obeyed in ["<", ">", "](", "://", "www.e", "`", "~", "\u{1b}", "\r"] {
                    assert!(!text.contains(obeyed), "{name}: {obeyed:?} in {text:?}");
                }
                let marked = text.split('@').skip(1).any(|rest| rest.starts_with(char::is_alphanumeric));
                assert!(!marked, "{name}: a mention in {text:?}");
            }
        }
    }
}

/// The texts of a message, without the marks of our own.
fn texts(body: &Value, format: &str) -> Vec<String> {
    if format == "slack" {
        let text = body["text"].as_str().unwrap();
        let section = &body["blocks"][0]["text"];
        assert_eq!((section["text"].as_str(), section["verbatim"].as_bool()), (Some(text), Some(true)));
        assert!(text.chars().count() <= 3000);
        let (title, rest) = text.split_once('\n').unwrap();
        assert!(!rest.contains('*'), "{rest}");
        return vec![title.trim_matches('*').to_owned(), rest.to_owned()];
    }
    assert_eq!(body["type"], "message");
    let attachment = &body["attachments"][0];
    assert_eq!(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
    let card = &attachment["content"];
    assert_eq!((card["type"].as_str(), card["version"].as_str()), (Some("AdaptiveCard"), Some("1.4")));
    assert!(card["msteams"]["entities"].is_null(), "nobody is mentioned");
    let blocks = card["body"].as_array().unwrap();
    let text = |block: &Value| {
        assert_eq!(block["type"], "RichTextBlock", "a TextBlock would read Markdown");
        block["inlines"][0]["text"].as_str().unwrap().to_owned()
    };
    blocks.iter().map(text).collect()
}

/// As Teams reads it: with the library of adaptive cards.
#[test]
fn a_card_is_one() {
    let (fake, url) = webhook();
    System::new(&url, "format = \"teams\"").check(&[("db:/", 0.97), ("web:/", 0.85)], &["--notify"]);
    let modules = npm::modules("adaptivecards", &["adaptivecards@3.0.5".to_owned()]);
    let wrong = |card: &Value| {
        let mut node = Command::new("node");
        node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/support/card.js"));
        node.env("NODE_PATH", &modules).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut node = node.spawn().unwrap();
        node.stdin.take().unwrap().write_all(card.to_string().as_bytes()).unwrap();
        let output = node.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let mut card = body(&fake.asked()[0])["attachments"][0]["content"].clone();
    assert_eq!(wrong(&card), "");
    card["body"][0]["type"] = json!("TextBlok");
    assert!(wrong(&card).contains("Unknown element type"));
}

#[test]
fn a_system_that_cannot_be_assessed_is_told_once() {
    let (fake, url) = webhook();
    let system = System::new(&url, "");
    system.add("[sources.prometheus]\nurl = \"http://127.0.0.1:1\"");
    for _ in 0..2 {
        let output = system.command("check", &["--notify"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
    }
    let [told] = &changes(&fake)[..] else { panic!("{:?}", changes(&fake)) };
    assert_eq!(told[0], ("new".to_owned(), "assessment".to_owned()));
    let message = body(&fake.asked()[0]);
    assert_eq!(message["verdict"], Value::Null);
    assert!(message["changes"][0]["message"].as_str().unwrap().contains("no source answered"), "{message}");
    fits_the_schema(&message);
}

#[test]
fn a_simulated_system_says_so_and_changes_nothing_of_what_was_told() {
    let (fake, url) = webhook();
    let system = System::new(&url, "format = \"slack\"");
    for _ in 0..2 {
        let output =
            system.command("check", &["--demo", "-c", "scale-advisor.toml", "--notify"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
    }
    assert_eq!(fake.asked().len(), 2);
    assert!(body(&fake.asked()[0])["text"].as_str().unwrap().starts_with("*SIMULATED"));
    assert!(!system.path(".scale-advisor/notified.json").exists());
}

#[test]
fn record_tells_and_keeps_what_it_told_beside_the_history() {
    let (fake, url) = webhook();
    let system = System::new(&url, "");
    for _ in 0..2 {
        let run = system.run("record", &[("db:/", 0.97)], &["--notify", "--history", "kept/history.db"]);
        assert_eq!(run.code, Some(0), "{}", run.err);
    }
    assert_eq!(changes(&fake).len(), 1);
    assert!(system.path("kept/notified.json").is_file());
}

#[test]
fn serve_tells_what_changes_while_it_runs() {
    let (fake, url) = webhook();
    let system = System::new(&url, "");
    system.add("[sources.prometheus]\nurl = \"http://127.0.0.1:1\"");
    let arguments = ["--notify", "--every", "5s", "--listen", "127.0.0.1:0"];
    let mut child = system.command("serve", &arguments).stderr(Stdio::null()).spawn().unwrap();
    wait_until("a message", || !fake.asked().is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(changes(&fake)[0][0].1, "assessment");
}
