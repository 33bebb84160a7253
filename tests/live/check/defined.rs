//! A resource that only the settings know: seats of a licence grow by two a day and are 500.

use super::{
    history::{AT, END, application},
    program::{Judged, Project},
};
use crate::support::{
    Server,
    prometheus::{Backfill, Span},
};

const DAY: i64 = 86_400;

/// Sixty days in which the seats in use grow from 370 to 490.
fn server() -> Server {
    let span = Span::before(END, 60 * DAY, 600);
    let licences = [("instance", "licences:9000"), ("job", "licences")];
    let seats = |at: i64| (490.0 + (at - END) as f64 / DAY as f64 * 2.0).round();
    let history = application(Backfill::default(), Span::before(END, DAY, 60));
    history
        .gauge("licence_seats_assigned", &licences, span, seats)
        .gauge("licence_seats_bought", &licences, span, |_| 500.0)
        .gauge("licence_pool_seconds", &licences, Span::before(END, DAY, 60), |_| 0.9)
        .prometheus()
}

fn settings(limit: &str) -> String {
    format!(
        r#"
[resources."licence.seats"]
title = "licence seats"
unit = "seats"
usage = ["licence_seats_used", "licence_seats_assigned"]
limit = {limit}
warning = "97%"
critical = "99%"
driven_by = "itself"
lead_time = "2 weeks"

[service_levels."licence.wait"]
title = "wait for a seat"
query = "licence_pool_seconds"
unit = "seconds"
objective = "500ms"
for = "5m"
"#
    )
}

fn project(server: &Server, limit: &str) -> Project {
    Project::new(&format!("{}\n[sources.prometheus]\nurl = \"{}\"", settings(limit), server.url()))
}

#[track_caller]
fn is_next(judged: &Judged) {
    let next = judged.part("/next_bottleneck");
    assert_eq!((&next["resource"], &next["verdict"]), (&"licence.seats".into(), &"warning".into()), "{next}");
    assert_eq!(next["limit"]["value"], 1.0);
    assert!((next["headroom"].as_f64().unwrap() - 0.02).abs() < 0.004, "{next}");
    assert_eq!(next["limit_origin"]["kind"], "hard_limit");
    // Ten seats are left, two go each day.
    let on = next["saturates_on"]["mid"].as_str().unwrap();
    assert!(("2025-10-12".."2025-10-17").contains(&on), "{on}");
    assert_eq!(judged.finding("forecast:licence.seats")["verdict"], "warning");
    let level = judged.part("/service_levels").as_array().unwrap();
    let level = level.iter().find(|level| level["signal"] == "licence.wait").unwrap();
    assert_eq!(level["state"], "critical");
}

#[test]
fn it_is_the_next_bottleneck_wherever_its_snapshot_is_judged() {
    let server = server();
    let project = project(&server, "\"licence_seats_bought\"");
    let live = project.check(AT);
    is_next(&live);
    assert!(live.page.contains("licence seats"), "{}", live.page);
    assert_eq!(project.run(&format!("collect -q -o seats.json {AT}")).code, 0);
    let elsewhere = Project::new("");
    std::fs::copy(project.path("seats.json"), elsewhere.path("seats.json")).unwrap();
    let replayed = elsewhere.run("check -q --format json --snapshot seats.json");
    assert_eq!((replayed.code, replayed.err.as_str()), (0, ""));
    is_next(&Judged::from_json(&replayed.out));
    let junit = elsewhere.run("check -q --format junit --fail-on warning --snapshot seats.json");
    assert_eq!(junit.code, 1);
    assert!(junit.out.contains("licence.seats"), "{}", junit.out);
    let explained = project.run("explain licence.seats");
    assert!(explained.out.contains("licence_seats_assigned"), "{}", explained.out);
}

#[test]
fn its_limit_may_be_a_number_or_a_fact() {
    let server = server();
    is_next(&project(&server, "500").check(AT));
    let stated = settings("{ fact = \"seats_bought\" }");
    let facts = |facts: &str| {
        Project::new(&format!("{stated}\n[facts]\n{facts}\n[sources.prometheus]\nurl = \"{}\"", server.url()))
    };
    is_next(&facts("seats_bought = 500").check(AT));
    let unstated = facts("").check(AT);
    assert!(unstated.gap("licence.seats")["hint"].as_str().unwrap().contains("seats_bought"));
}

#[test]
fn what_is_recorded_is_known_without_the_settings() {
    let server = server();
    let project = project(&server, "\"licence_seats_bought\"");
    let recorded = project.run(&format!("record -q --history history.db {AT}"));
    assert_eq!(recorded.code, 0, "{}", recorded.err);
    let elsewhere = Project::new("");
    std::fs::copy(project.path("history.db"), elsewhere.path("history.db")).unwrap();
    let shown = elsewhere.run("history show --history history.db");
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(shown.out.contains("licence.seats"), "{}", shown.out);
}
