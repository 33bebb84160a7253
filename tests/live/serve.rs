//! `serve`: what scrapers, probes and browsers see while sources live, die and come back.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::support::{
    Server, accepts, folder, free_port,
    prometheus::{Backfill, Span, promtool_accepts},
    wait_for, wait_until,
};

/// The answer to a request: status, head and body.
struct Reply {
    status: u16,
    head: String,
    body: String,
}

/// Sends a request as it is given, and reads until the other side ends.
fn sent(port: u16, request: &str) -> Result<Reply, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(told)?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).map_err(told)?;
    stream.write_all(request.as_bytes()).map_err(told)?;
    let mut text = String::new();
    stream.read_to_string(&mut text).map_err(told)?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or("no head")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
    Ok(Reply { status, head: head.to_owned(), body: body.to_owned() })
}

fn get(port: u16, path: &str) -> Reply {
    sent(port, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).unwrap()
}

/// The program, serving what it reads from a Prometheus on this port.
fn serving(prometheus: u16, token: Option<&str>) -> Server {
    let (port, folder) = (free_port(), folder());
    let (source, listen) = (format!("http://127.0.0.1:{prometheus}"), format!("127.0.0.1:{port}"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
    command.current_dir(folder.path()).env_clear();
    command.args([
        "serve",
        "--prometheus",
        &source,
        "--listen",
        &listen,
        "--every",
        "5s",
        "--timeout",
        "10s",
    ]);
    command.envs(token.map(|token| ("SCALE_ADVISOR_TOKEN", token)));
    Server::start(command, port, folder, || accepts(port))
}

fn value(metrics: &str, name: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

/// A database that is nearly full, up to now, on a server that notices new samples at once.
fn prometheus() -> Server {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let span = Span::before(i64::try_from(now).unwrap() + 3600, 2 * 86_400, 60);
    let labels = [("instance", "db:9187"), ("job", "postgres")];
    Backfill::default()
        .gauge("pg_stat_activity_count", &labels, span, |_| 97.0)
        .gauge("pg_settings_max_connections", &labels, span, |_| 100.0)
        .prometheus()
}

#[test]
fn what_is_shown_follows_the_sources() {
    let mut source = prometheus();
    let server = serving(source.port, None);
    let metrics = || get(server.port, "/metrics").body;
    wait_until("the first assessment", || value(&metrics(), "scale_advisor_up") == Some(1.0));
    let figures = metrics();
    let headroom = "scale_advisor_resource_headroom_ratio{resource=\"postgres.connections\",of=\"db:9187\"}";
    let shown = value(&figures, headroom).unwrap_or_else(|| panic!("no headroom in:\n{figures}"));
    assert!((shown - 0.03).abs() < 0.01, "{figures}");
    assert!(value(&figures, "scale_advisor_last_success_timestamp_seconds").is_some(), "{figures}");
    promtool_accepts(&figures);
    let page = get(server.port, "/");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("PostgreSQL connections"), "{}", page.body);
    assert!(page.head.contains("refresh: 5"), "{}", page.head);
    let assessment: Value = serde_json::from_str(&get(server.port, "/check.json").body).unwrap();
    assert_eq!(assessment["schema"], "scale-advisor/assessment/2");
    assert_eq!(get(server.port, "/readyz").status, 200);

    let before = memory(&server);
    source.kill();
    let scrapers: Vec<_> = (0..50).map(|_| thread::spawn(scraping(server.port))).collect();
    let dead: Vec<String> = scrapers.into_iter().map(|scraper| scraper.join().unwrap()).collect();
    for figures in &dead {
        assert!(!figures.contains("headroom") && !figures.contains("verdict"), "{figures}");
        assert!(value(figures, "scale_advisor_last_success_timestamp_seconds").is_some(), "{figures}");
        promtool_accepts(figures);
    }
    let page = get(server.port, "/");
    assert_eq!(page.status, 503);
    assert!(page.body.contains("There is no current assessment"), "{}", page.body);
    assert_eq!(get(server.port, "/check.json").status, 503);
    assert_eq!(get(server.port, "/readyz").status, 503);
    assert_eq!(get(server.port, "/healthz").status, 200, "a dead source is no reason for a restart");
    let after = memory(&server);
    assert!(after < before + (24 << 10), "{before} kB before the scrapes, {after} kB behind them");
}

/// Scrapes until the source is seen to be gone, and gives back what is shown then. What is shown before is whole.
fn scraping(port: u16) -> impl FnOnce() -> String {
    move || {
        wait_for(|| {
            let figures = get(port, "/metrics").body;
            assert!(figures.ends_with("# EOF\n"), "{figures}");
            match value(&figures, "scale_advisor_up") {
                Some(0.0) => Ok(figures),
                _ => Err(figures),
            }
        })
    }
}

#[test]
fn only_who_has_the_token_sees_more_than_probes() {
    let server = serving(free_port(), Some("s3cret token"));
    let with = |path: &str, method: &str, authorization: &str| {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        sent(server.port, &format!("{head}{authorization}\r\n")).unwrap()
    };
    let authorized = "Authorization: Bearer s3cret token\r\n";
    for wrong in ["", "Authorization: Bearer s3cret\r\n", "Authorization: Basic s3cret token\r\n"] {
        for path in ["/", "/metrics", "/check.json", "/nowhere"] {
            let reply = with(path, "GET", wrong);
            assert_eq!(reply.status, 401, "{path} with {wrong:?}");
            assert!(reply.head.to_lowercase().contains("www-authenticate: bearer"), "{}", reply.head);
        }
    }
    assert_eq!(with("/metrics", "GET", authorized).status, 200);
    assert_eq!(with("/healthz", "GET", "").status, 200);
    assert_eq!(with("/nowhere", "GET", authorized).status, 404);
    assert_eq!(with("/metrics", "POST", authorized).status, 405);
    let head = with("/metrics", "HEAD", authorized);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn nonsense_and_silence_hold_nobody_up() {
    let server = serving(free_port(), None);
    assert_eq!(sent(server.port, "\u{1b}[31m nonsense\r\n\r\n").unwrap().status, 400);
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(64 << 10));
    assert!(sent(server.port, &long).map_or(true, |reply| reply.status >= 400));
    // Fewer than the connections that are taken at a time say nothing; the others are answered.
    let silent: Vec<TcpStream> =
        (0..40).map(|_| TcpStream::connect(("127.0.0.1", server.port)).unwrap()).collect();
    assert_eq!(get(server.port, "/healthz").status, 200);
    drop(silent);
}

#[test]
fn it_ends_at_once_when_it_is_told_to() {
    // Nothing answers there: an assessment is under way all the time.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = serving(silent.local_addr().unwrap().port(), None);
    wait_until("a question", || server_is_asked(&silent));
    let log = server.folder.path().join("server.log");
    let code = server.told_to_end();
    assert_eq!(code, Some(0), "{}", std::fs::read_to_string(log).unwrap_or_default());
}

fn server_is_asked(silent: &TcpListener) -> bool {
    silent.set_nonblocking(true).unwrap();
    silent.accept().is_ok()
}

#[test]
fn what_cannot_be_served_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = |arguments: &[&str], token: &str| {
        let folder = folder();
        let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
        command.current_dir(folder.path()).env_clear().env("SCALE_ADVISOR_TOKEN", token);
        let output = command.arg("serve").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told) = run(&["--listen", &address], "t");
    assert_eq!(code, Some(2));
    assert!(told.contains(&format!("cannot listen on {address}")), "{told}");
    let (code, told) = run(&[], " ");
    assert_eq!(code, Some(2));
    assert!(told.contains("the token is empty"), "{told}");
    let (code, told) = run(&["--every", "1s"], "t");
    assert_eq!(code, Some(2));
    assert!(told.contains("--every must be 5s or longer"), "{told}");
}

/// Resident memory in kB.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
