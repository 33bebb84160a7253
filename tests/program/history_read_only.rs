//! A history is read where nothing can be written: by whoever may only read it, and on a full disk.

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

use scale_advisor::{
    history::{Batch, Store},
    snapshot::Snapshot,
};
use tempfile::TempDir;

use super::{
    binary::{Ran, program, ran},
    says, write,
};
use crate::timeline::snapshot;

/// Reads nothing but a bill beside the history.
const CONFIG: &str = "profile = \"node-queue-chat\"\n[[sources.csv]]\nfile = \"bill.csv\"\n\
                      signal = \"cost.monthly\"\n[sources.host]\nenabled = false\n";
const AT: &str = "2026-11-20T20:00:00Z";
/// A user who owns nothing.
const NOBODY: u32 = 65_534;

/// What a history consists of on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// As the last writer left it.
    Closed,
    /// As a crash left it: a log that is not yet part of the file, and the memory of its writers.
    Crashed,
    /// The same in a copy that lacks this memory.
    Copied,
}

const STATES: [State; 3] = [State::Closed, State::Crashed, State::Copied];

/// A project with a history of two runs in a directory that anybody may read and nobody may write to.
struct Project {
    directory: TempDir,
    /// A copy of the program that anybody may run.
    program: PathBuf,
}

impl Project {
    fn new(state: State) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let copy = path.join("program");
        fs::copy(env!("CARGO_BIN_EXE_scale-advisor"), &copy).unwrap();
        write(path, "scale-advisor.toml", CONFIG);
        write(path, "bill.csv", "date,value\n2026-11-19,640\n");
        write(path, "run.json", &snapshot(1600, 60, 2));
        fs::create_dir(path.join("reports")).unwrap();
        fs::set_permissions(path.join("reports"), Permissions::from_mode(0o777)).unwrap();
        let place = path.join(".scale-advisor");
        history(&place, state);
        for entry in fs::read_dir(&place).unwrap() {
            fs::set_permissions(entry.unwrap().path(), Permissions::from_mode(0o444)).unwrap();
        }
        for directory in [&place, path] {
            fs::set_permissions(directory, Permissions::from_mode(0o555)).unwrap();
        }
        Self { directory, program: copy }
    }

    /// The program as somebody who may not write here.
    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(&self.program);
        command.env_clear().current_dir(self.directory.path()).args(arguments);
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
        }
        ran(&mut command)
    }

    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(self.directory.path().join(".scale-advisor")).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
    }
}

impl Drop for Project {
    /// Whoever made the directory may delete it again.
    fn drop(&mut self) {
        let path = self.directory.path();
        for directory in [path.to_owned(), path.join(".scale-advisor")] {
            let _ = fs::set_permissions(directory, Permissions::from_mode(0o755));
        }
    }
}

/// Two runs in a history of this state.
fn history(place: &Path, state: State) {
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("history.db");
    let mut store = Store::open_file(&file, |_| ()).unwrap();
    for minute in [1440, 1500] {
        let snapshot = Snapshot::from_json(&snapshot(minute, 1440, 2)).unwrap();
        store.append(&Batch::from_snapshot(&snapshot, None)).unwrap();
    }
    // While the store is open, the files are those that a crash would leave.
    let open = (state != State::Closed).then_some(store);
    let names: &[&str] = match state {
        State::Closed => &["history.db"],
        State::Crashed => &["history.db", "history.db-wal", "history.db-shm"],
        State::Copied => &["history.db", "history.db-wal"],
    };
    fs::create_dir(place).unwrap();
    for name in names {
        fs::copy(elsewhere.path().join(name), place.join(name)).unwrap();
    }
    assert_eq!(open.is_some(), elsewhere.path().join("history.db-wal").exists());
}

#[test]
fn whoever_may_only_read_reads_everything() {
    for state in STATES {
        let project = Project::new(state);
        let before = project.files();
        let verified = project.run(&["history", "verify"]);
        assert_eq!((verified.code, verified.stderr.as_str()), (0, ""), "{state:?}");
        let shown = project.run(&["history", "show"]);
        says(&shown.stdout, &["52 hourly rollups, 3 series"]);
        let exported = project.run(&["history", "export"]);
        assert_eq!((exported.code, exported.stdout.lines().count()), (0, 1 + 52 + 5), "{state:?}");
        let report = project
            .run(&["report", "--month", "2026-11", "--at", AT, "--format", "json", "-q", "-o", "reports"]);
        assert_eq!((report.code, report.stderr.as_str()), (0, ""), "{state:?}");
        let report =
            fs::read_to_string(project.directory.path().join("reports/2026-11-node-queue-chat.json"));
        says(&report.unwrap(), &["host-1"]);
        let check = project.run(&["check", "--at", AT, "-q"]);
        assert_eq!(check.stderr, "", "{state:?}");
        // Nothing can be written here, or all this would prove nothing.
        let refused = project.run(&["record", "--snapshot", "run.json"]);
        assert_eq!(refused.code, 2, "{state:?}: {}", refused.stderr);
        assert_eq!(project.files(), before, "{state:?}");
    }
}

/// Runs the program where no file can grow.
fn without_space(directory: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]);
    command.arg(program(directory).get_program()).args(arguments).current_dir(directory).env_clear();
    ran(&mut command)
}

#[test]
fn a_full_disk_can_be_read_and_exported() {
    for state in STATES {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), "scale-advisor.toml", CONFIG);
        write(directory.path(), "run.json", &snapshot(1600, 60, 2));
        history(&directory.path().join(".scale-advisor"), state);
        let exported = without_space(directory.path(), &["history", "export"]);
        assert_eq!((exported.code, exported.stderr.as_str()), (0, ""), "{state:?}");
        assert_eq!(exported.stdout.lines().count(), 1 + 52 + 5, "{state:?}");
        assert_eq!(without_space(directory.path(), &["history", "verify"]).code, 0, "{state:?}");
        assert_eq!(
            without_space(directory.path(), &["record", "--snapshot", "run.json"]).code,
            2,
            "{state:?}"
        );
    }
}
