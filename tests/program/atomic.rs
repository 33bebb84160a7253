//! Files are written as a whole: a run that fails, or is killed, leaves the old one byte for byte and nothing else.

use std::{
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    process::Stdio,
};

use super::{
    DEAD, NOTHING,
    binary::{program, ran},
    folder, says, scenario, write,
};

const OLD: &str = "{\"precious\":true}\n";

/// The names of everything in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_run_that_fails_leaves_the_old_file() {
    let folder = folder();
    let old = write(folder.path(), "out.json", OLD);
    write(folder.path(), "scale-advisor.toml", NOTHING);
    write(folder.path(), "broken.json", "{");
    let dead = format!("http://{DEAD}");
    for arguments in [
        &["collect", "--prometheus", &dead, "-o", "out.json"][..],
        &["collect", "--profile", "no-such-roadmap", "-o", "out.json"],
        &["check", "--snapshot", "broken.json", "-o", "out.json"],
        &["check", "--prometheus", &dead, "--format", "json", "-o", "out.json"],
        &["plan", "--demo", "--phase", "99", "-o", "out.json"],
        &["forecast", "--snapshot", "broken.json", "-o", "out.json"],
        &["usl", "broken.json", "-o", "out.json"],
        &["history", "export", "-o", "out.json"],
        &["history", "show", "-o", "out.json"],
        &["explain", "no-such-name", "-o", "out.json"],
        &["gate", "no-such-file", "-o", "out.json"],
        &["doctor", "--snapshot", "broken.json", "-o", "out.json"],
    ] {
        let run = ran(program(folder.path()).args(arguments));
        assert_ne!(run.code, 0, "{arguments:?}: {run:#?}");
        assert_eq!(std::fs::read_to_string(&old).unwrap(), OLD, "{arguments:?}");
        assert_eq!(names(folder.path()), ["broken.json", "out.json", "scale-advisor.toml"], "{arguments:?}");
    }
}

#[test]
fn reading_and_writing_the_same_file_works() {
    let folder = folder();
    let path = folder.path().join("s.json");
    std::fs::copy(scenario("healthy").join("snapshot.json"), &path).unwrap();
    let arguments = ["check", "--profile", "web-service", "--snapshot", "s.json", "--format", "json"];
    let expected = ran(program(folder.path()).args(arguments));
    assert_eq!(expected.code, 0, "{expected:#?}");
    let run = ran(program(folder.path()).args(arguments).args(["-o", "s.json"]));
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:#?}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), expected.stdout);
    assert_eq!(names(folder.path()), ["s.json"]);
}

#[test]
fn a_run_that_is_ended_leaves_the_old_file_and_nothing_else() {
    let folder = folder();
    let old = write(folder.path(), "out.json", OLD);
    write(folder.path(), "scale-advisor.toml", NOTHING);
    // A server that takes the connection and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    for signal in ["-TERM", "-INT", "-KILL"] {
        let mut command = program(folder.path());
        command.args(["collect", "--prometheus", &url, "-o", "out.json"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let _asked = silent.accept().unwrap(); // now it waits for an answer
        let id = child.id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert!(!child.wait().unwrap().success());
        assert_eq!(std::fs::read_to_string(&old).unwrap(), OLD);
        assert_eq!(names(folder.path()), ["out.json", "scale-advisor.toml"]);
    }
}

#[test]
fn a_file_keeps_its_mode_and_a_link_stays_a_link() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("real")).unwrap();
    let real = write(&folder.path().join("real"), "page.json", OLD);
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real/page.json", folder.path().join("link.json")).unwrap();
    let before = std::fs::metadata(&real).unwrap();
    let run = ran(program(folder.path()).args(["check", "--demo", "--format", "json", "-o", "link.json"]));
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(std::fs::symlink_metadata(folder.path().join("link.json")).unwrap().is_symlink());
    let after = std::fs::metadata(&real).unwrap();
    assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
    assert!(std::fs::read_to_string(&real).unwrap().starts_with('{'));
    assert_eq!(names(&folder.path().join("real")), ["page.json"]);
}

#[test]
fn what_is_no_file_is_written_to_as_it_is() {
    let folder = folder();
    let run = ran(program(folder.path()).args(["check", "--demo", "--format", "json", "-o", "/dev/stdout"]));
    assert!(run.stdout.starts_with('{'), "{run:#?}");
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    (&log).write_all(b"before\n").unwrap();
    let mut command = program(folder.path());
    command.args(["check", "--demo", "-o", "/dev/stderr"]).stderr(log);
    assert_eq!(command.status().unwrap().code(), Some(0));
    assert_eq!(names(folder.path()), ["log"]);
}

#[test]
fn what_tells_of_a_system_is_for_its_owner_alone() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", "");
    let path = |name: &str| folder.path().join(name);
    let run = |arguments: &[&str]| {
        let run = ran(program(folder.path()).args(arguments));
        assert_eq!(run.code, 0, "{run:#?}");
    };
    run(&["collect", "--sample", "100ms", "-q", "-o", "snapshot.json"]);
    run(&["record", "-q", "--snapshot", "snapshot.json"]);
    run(&["history", "export", "-o", "history.csv"]);
    run(&["report", "--demo", "-o", "reports", "--format", "html,md"]);
    run(&["check", "--demo", "-o", "page.txt"]);
    for private in ["snapshot.json", "history.csv", ".scale-advisor/history.db"] {
        assert_eq!(mode(&path(private)), 0o600, "{private}");
    }
    for page in names(&path("reports")) {
        let page = path("reports").join(page);
        if page.is_file() {
            assert_eq!(mode(&page), 0o600, "{}", page.display());
        }
    }
    // A page for others, as far as the umask allows.
    assert_ne!(mode(&path("page.txt")), 0o600);
    // Who wants others to read it says so once.
    std::fs::set_permissions(path("snapshot.json"), std::fs::Permissions::from_mode(0o644)).unwrap();
    run(&["collect", "--sample", "100ms", "-q", "-o", "snapshot.json"]);
    assert_eq!(mode(&path("snapshot.json")), 0o644);
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_anything_is_read() {
    let folder = folder();
    write(folder.path(), "scale-advisor.toml", NOTHING);
    std::fs::create_dir(folder.path().join("directory")).unwrap();
    for place in ["missing/out.json", "directory"] {
        let run =
            ran(program(folder.path()).args(["collect", "--prometheus", "http://127.0.0.1:1", "-o", place]));
        assert_eq!(run.code, 2);
        says(&run.stderr, &[&format!("cannot write to {place}")]);
        assert!(!run.stderr.contains("127.0.0.1"), "{run:#?}");
    }
}
