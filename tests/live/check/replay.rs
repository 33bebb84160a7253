//! Snapshots that are judged again, and what `doctor` tells of the same servers.

use super::{
    history::{AT, END, application, day, host},
    program::Project,
};
use crate::support::{
    Server,
    prometheus::{Backfill, Span},
};

fn project(server: &Server) -> Project {
    Project::new(&format!("[sources.prometheus]\nurl = \"{}\"", server.url()))
}

#[test]
fn a_snapshot_gives_the_bytes_of_the_live_system() {
    let history = application(Backfill::default(), day());
    let server = host(history, "app-1:9100", day(), |at| 0.5 + (at % 7) as f64 / 30.0).prometheus();
    let project = project(&server);
    let collected = project.run(&format!("collect -q -o snapshot.json {AT}"));
    assert_eq!((collected.code, collected.out.as_str(), collected.err.as_str()), (0, "", ""));
    for format in ["text", "json"] {
        let live = project.run(&format!("check -q --format {format} {AT}"));
        assert_eq!((live.code, live.err.as_str()), (0, ""));
        for _ in 0..2 {
            let replayed = project.run(&format!("check --format {format} --snapshot snapshot.json"));
            assert_eq!((replayed.code, replayed.out.as_str()), (0, live.out.as_str()), "{}", replayed.err);
        }
    }
}

#[test]
fn doctor_names_query_samples_and_age_or_the_fix() {
    let old = Span::before(END - 2 * 3600, 24 * 3600, 60);
    let history = application(Backfill::default(), old);
    let server = host(history, "app-1:9100", day(), |_| 0.3).prometheus();
    let doctor = project(&server).run(&format!("doctor -q -v {AT}"));
    assert_eq!(doctor.code, 0, "{}", doctor.out);
    let after = |words: &str| {
        let mut lines = doctor.out.lines().map(str::trim).skip_while(|line| !line.contains(words));
        lines.by_ref().take(8).collect::<Vec<_>>().join(" ")
    };
    let measured = after("host.cpu ");
    assert!(
        measured.contains("app-1:9100") && measured.contains("1,440") && measured.contains("0 s ago"),
        "{}",
        doctor.out
    );
    assert!(measured.contains("1 - sum by (instance)"), "{measured}");
    let stopped = after("users.concurrent");
    assert!(stopped.contains("2025-10-09 06:57:40 UTC") && stopped.contains("fix: "), "{}", doctor.out);
    assert!(after("postgres.connections").contains("fix: "), "{}", doctor.out);
}
