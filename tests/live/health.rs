//! Health endpoints, played by a server that does what real ones do.

use std::{collections::BTreeMap, time::Duration};

use scale_advisor::{
    signal::SignalId,
    snapshot::{Reason, Snapshot},
    source::{
        health::{Pick, Settings},
        http::Auth,
    },
};

use crate::{
    check::program::Project,
    support::{
        fake::{Asked, Fake, Played},
        folder, free_port,
        redis::{collect, failure, gap, observed},
    },
};

const BODY: &str = r#"{"status":"ok","pool":{"total":20,"idle":1,"active":19},"jobs":{"waiting":7}}"#;

fn settings(url: &str) -> Settings {
    let mut settings = Settings::new(&format!("{url}/health?verbose=1")).unwrap();
    let pick = |pointer: &str, capacity: Option<&str>| Pick {
        pointer: pointer.to_owned(),
        capacity: capacity.map(str::to_owned),
        scale: 1.0,
    };
    settings.values = BTreeMap::from([
        (SignalId::find("app.pool").unwrap(), pick("/pool/active", Some("/pool/total"))),
        (SignalId::find("queue.depth").unwrap(), pick("/jobs/waiting", None)),
    ]);
    settings
}

fn read(settings: Settings) -> Snapshot {
    collect(Box::new(settings), Duration::from_millis(10), Duration::from_secs(20))
}

fn read_played(play: impl Fn(&Asked, usize) -> Played + Send + Sync + 'static) -> Snapshot {
    read(settings(&Fake::start(play).url()))
}

#[test]
fn a_document_is_read_once_with_everything_the_settings_say() {
    let fake = Fake::start(|asked, _| match asked.headers.get("authorization").map(String::as_str) {
        Some("Bearer letmein") => Played::json(200, BODY),
        _ => Played::new(401, "text/plain", "no"),
    });
    let mut settings = settings(&fake.url());
    assert_eq!(failure(&read(settings.clone())).0, Reason::SignInRefused);
    let file = folder();
    let token = file.path().join("token");
    std::fs::write(&token, "letmein\n").unwrap();
    settings.endpoint.auth = Auth::TokenFile(token);
    settings.endpoint.headers.push(("X-Tenant".to_owned(), "shop".into()));
    settings.name = Some("api".to_owned());
    let snapshot = read(settings);
    let asked = fake.asked_at("/health").pop().unwrap();
    assert_eq!((asked.method.as_str(), asked.parameters["verbose"].as_str()), ("GET", "1"));
    assert!(asked.headers["accept"].contains("json") && asked.headers["x-tenant"] == "shop");
    let pool = observed(&snapshot, "app.pool", Some("api"));
    assert_eq!(
        (pool.values.values(), pool.capacity().unwrap().to_string().as_str()),
        ([0.95].as_slice(), "20")
    );
    assert_eq!(observed(&snapshot, "app.healthy", Some("api")).values.values(), [1.0]);
    assert_eq!(observed(&snapshot, "queue.depth", Some("api")).values.values(), [7.0]);
    let text = snapshot.to_json();
    assert!(!text.contains("letmein") && !text.contains("verbose"), "{text}");
}

#[test]
fn an_application_that_says_it_is_down_is_measured() {
    let body = BODY.replace("ok", "down");
    let snapshot = read_played(move |_, _| Played::new(503, "application/health+json", &body));
    assert_eq!(observed(&snapshot, "app.healthy", None).values.values(), [0.0]);
    assert_eq!(observed(&snapshot, "app.pool", None).values.values(), [0.95]);
}

#[test]
fn plain_text_tells_health_and_nothing_else() {
    let snapshot = read_played(|_, _| Played::new(200, "text/plain", "OK"));
    assert_eq!(observed(&snapshot, "app.healthy", None).values.values(), [1.0]);
    assert!(gap(&snapshot, "app.pool").detail.contains("plain text: OK"));
}

#[test]
fn what_is_no_health_endpoint_is_named_for_what_it_is() {
    type Case = (fn() -> Played, Reason, &'static str);
    let cases: [Case; 6] = [
        (|| Played::new(404, "text/html", "<html>"), Reason::UnexpectedReply, "404"),
        (|| Played::new(403, "text/html", "<html>"), Reason::SignInRefused, "403"),
        (|| Played::new(429, "text/plain", ""), Reason::QueryFailed, "429"),
        (
            || Played::new(302, "text/html", "").header("Location", "https://login/?secret=1"),
            Reason::UnexpectedReply,
            "redirect (302) to https://login/",
        ),
        (Played::dropped, Reason::Unreachable, "the connection broke"),
        (|| Played::json(200, &format!("\"{}\"", "x".repeat(2 << 20))), Reason::TooLarge, "1 MiB"),
    ];
    for (play, reason, words) in cases {
        let snapshot = read_played(move |_, _| play());
        let (found, detail) = failure(&snapshot);
        assert_eq!(found, reason, "{detail}");
        assert!(detail.contains(words) && !detail.contains("secret"), "{detail}");
    }
    assert_eq!(failure(&read(settings(&format!("http://127.0.0.1:{}", free_port())))).0, Reason::Unreachable);
}

#[test]
fn an_application_that_hangs_is_given_up() {
    let fake = Fake::start(|_, _| Played::json(200, "{").declaring(900).then_hang());
    let source = Box::new(settings(&fake.url()));
    let snapshot = collect(source, Duration::from_millis(10), Duration::from_millis(400));
    assert_eq!(failure(&snapshot).0, Reason::TimedOut);
}

#[test]
fn an_application_that_cannot_be_asked_is_not_taken_for_well() {
    let up = Fake::start(|_, _| Played::json(200, r#"{"status":"up"}"#));
    let endpoint = |url: &str| format!("[[sources.health]]\nname = \"{url}\"\nurl = \"{url}\"\n");
    let gone = format!("http://127.0.0.1:{}", free_port());
    let judged = Project::new(&endpoint(&up.url())).check("");
    assert_eq!(judged.finding("threshold:app.healthy")["verdict"], "ok", "{}", judged.page);
    let project = Project::new(&format!(
        "{}[[sources.csv]]\nfile = \"users.csv\"\nsignal = \"users.registered\"",
        endpoint(&gone)
    ));
    let today = chrono::Utc::now().date_naive();
    std::fs::write(project.path("users.csv"), format!("date,value\n{today},5\n")).unwrap();
    let judged = project.check("");
    assert_eq!(judged.finding("threshold:app.healthy")["verdict"], "unknown", "{}", judged.page);
}

#[test]
fn several_applications_are_told_apart() {
    let healthy = Fake::start(|_, _| Played::json(200, BODY));
    let down = Fake::start(|_, _| Played::json(500, r#"{"status":"error","db":"timeout"}"#));
    let project = Project::new(&format!(
        "[[sources.health]]\nname = \"shop\"\nurl = \"{}/health\"\n\
         [sources.health.values]\n\"app.pool\" = {{ pointer = \"/pool/active\", capacity = \"/pool/total\" }}\n\
         [[sources.health]]\nname = \"mail\"\nurl = \"{}/health\"\nvalues = {{ \"queue.depth\" = \"/jobs\" }}",
        healthy.url(),
        down.url()
    ));
    let judged = project.check("");
    assert_eq!(judged.part("/next_bottleneck/resource"), "app.pool", "{}", judged.page);
    assert_eq!(judged.part("/next_bottleneck/instance"), "shop");
    let health = judged.finding("threshold:app.healthy");
    assert_eq!((&health["instance"], &health["verdict"]), (&"mail".into(), &"critical".into()));
    assert!(
        judged.gap("queue.depth")["detail"]
            .as_str()
            .unwrap()
            .contains("nothing at /jobs; the document has db, status")
    );
}
