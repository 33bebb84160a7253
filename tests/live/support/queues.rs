//! Jobs in Redis, put there by the real celery and rq packages from PyPI and by Debian's Sidekiq.

use std::{path::PathBuf, process::Command, sync::OnceLock};

use super::{Server, cache, folder, run};

/// Celery 5.7 with the transport for Redis, and RQ 2.12.
const PACKAGES: [&str; 4] = ["celery==5.7.0", "kombu[redis]==5.7.0", "packaging==26.3", "rq==2.12.0"];

/// Sends groups of tasks through Celery, such as `[{"count": 3, "queue": "mail"}]`.
pub fn send_tasks(port: u16, groups: &str) {
    run(python(port).arg(script("tasks.py")).arg(groups));
}

/// Starts a Celery worker with one process, which works on tasks one after the other.
pub fn celery_worker(port: u16, ready: impl Fn() -> bool) -> Server {
    let mut worker = python(port);
    worker.args(["-m", "celery", "--app", "tasks", "worker", "--concurrency", "1", "--loglevel", "warning"]);
    Server::start(worker, port, folder(), ready)
}

/// Fills the queue `intent` of RQ: six waiting, one waiting for another, three later, two failed, three done.
pub fn fill_rq(port: u16, more: &[&str]) {
    run(python(port).arg(script("jobs.py")).arg(port.to_string()).args(more));
}

/// Pushes through Sidekiq: five to `intent`, two to `mail`, three for later.
pub fn push_sidekiq(port: u16) {
    run(Command::new("ruby").arg("-W0").arg(script("pushes.rb")).arg(port.to_string()));
}

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/live/support/queues").join(name)
}

/// Python with the packages, which are installed once and kept between runs.
fn python(port: u16) -> Command {
    static MODULES: OnceLock<PathBuf> = OnceLock::new();
    let modules = MODULES.get_or_init(install);
    let mut python = Command::new("python3");
    let paths = [modules.clone(), script("")];
    python.env("PYTHONPATH", std::env::join_paths(paths).unwrap()).env("PYTHONDONTWRITEBYTECODE", "1");
    python.env("BROKER", format!("redis://127.0.0.1:{port}/0"));
    python
}

fn install() -> PathBuf {
    let folder = cache().join("python-queues");
    let stamp = folder.join("installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|text| text == PACKAGES.join("\n")) {
        return folder;
    }
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"]).arg(&folder);
    run(pip.args(PACKAGES));
    std::fs::write(stamp, PACKAGES.join("\n")).unwrap();
    folder
}
