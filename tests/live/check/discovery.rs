//! Resources that no roadmap names: on the page, in the verdict, in a replay, and as definitions.

use serde_json::Value;

use super::{
    history::{AT, END, application, day, host},
    program::Project,
};
use crate::support::{
    Server,
    prometheus::{Backfill, Span},
};

/// A healthy application beside a licence server whose seats are nearly all taken, in production and in staging.
fn licensed(taken: f64) -> Backfill {
    let span = day();
    let history = host(application(Backfill::default(), span), "app-1:9100", span, |_| 0.2);
    let seats = |pool| [("instance", "licence:9400"), ("pool", pool), ("env", "prod")];
    let staging = [("instance", "licence:9400"), ("pool", "cad"), ("env", "staging")];
    history
        .gauge("acme_seats_used", &seats("cad"), span, move |at| {
            (taken - 2.0 * ((END - at) as f64 / 86_400.0)).round()
        })
        .gauge("acme_seats_total", &seats("cad"), span, |_| 200.0)
        .gauge("acme_seats_used", &seats("cam"), span, |_| 31.0)
        .gauge("acme_seats_total", &seats("cam"), span, |_| 100.0)
        .gauge("acme_seats_used", &staging, span, |_| 199.0)
        .gauge("acme_seats_total", &staging, span, |_| 200.0)
}

fn project(server: &Server) -> Project {
    Project::new(&format!(
        "[sources.prometheus]\nurl = \"{}\"\n[scope]\nmatch = {{ env = \"prod\" }}",
        server.url()
    ))
}

fn unscoped(server: &Server) -> Project {
    Project::new(&format!("[sources.prometheus]\nurl = \"{}\"", server.url()))
}

fn discovered(project: &Project, arguments: &str) -> Value {
    let run = project.run(&format!("discover -q --format json {AT} {arguments}"));
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn a_resource_is_found_with_its_share_and_only_in_the_scope() {
    let server = licensed(194.0).prometheus();
    let found = discovered(&project(&server), "");
    let seats: Vec<&Value> = found["resources"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|resource| resource["metrics"] == serde_json::json!(["acme_seats_used", "acme_seats_total"]))
        .collect();
    assert_eq!(seats.len(), 2, "{found:#}");
    assert_eq!(seats[0]["utilization"], 0.97);
    assert_eq!(seats[0]["instance"], "cad");
    assert_eq!(seats[0]["usage"], "acme_seats_used{pool=\"cad\"}");
    assert_eq!(seats[0]["limit"], "acme_seats_total{pool=\"cad\"}");
    assert_eq!(seats[0]["confidence"], "high");
    let trend = seats[0]["trend_per_day"].as_f64().unwrap();
    assert!((0.005..0.015).contains(&trend), "2 of 200 seats a day: {trend}");
    let all = discovered(&unscoped(&server), "");
    let of_staging =
        all["resources"].as_array().unwrap().iter().find(|resource| resource["instance"] == "staging cad");
    assert_eq!(of_staging.unwrap()["utilization"], 0.995, "{all:#}");
}

#[test]
fn what_is_full_outside_the_roadmap_is_told_and_the_verdict_is_not_ok() {
    let server = licensed(194.0).prometheus();
    let project = unscoped(&server);
    let judged = project.run(&format!("check -q --format json {AT}"));
    let json: Value = serde_json::from_str(&judged.out).unwrap();
    assert_eq!(json["verdict"], "warning", "{}", judged.out);
    let outside = json["outside_roadmap"].as_array().unwrap();
    assert_eq!(outside.len(), 2, "{outside:#?}");
    assert!(outside.iter().all(|resource| resource["metrics"][0] == "acme_seats_used"));
    let page = project.run(&format!("check -q {AT}")).out;
    let flat = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("2 resources outside the roadmap are above 90%"), "{page}");
    assert!(flat.contains("acme_seats_used") && flat.contains("97%"), "{page}");
    assert!(!flat.contains("Nothing is near its limit"), "{page}");
    assert_eq!(project.run(&format!("check -q --fail-on warning {AT}")).code, 1);
    // It is no critical finding; what was not measured leaves the run inconclusive.
    assert_eq!(project.run(&format!("check -q --fail-on critical {AT}")).code, 3);
    let doctor = project.run(&format!("doctor -q {AT}")).out;
    assert!(doctor.contains("Outside the roadmap") && doctor.contains("acme_seats_used"), "{doctor}");
}

#[test]
fn a_snapshot_carries_what_was_found() {
    let server = licensed(194.0).prometheus();
    let project = unscoped(&server);
    assert_eq!(project.run(&format!("collect -q -o snapshot.json {AT}")).code, 0);
    drop(server);
    let json = project.run("check --format json --snapshot snapshot.json").out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["outside_roadmap"].as_array().unwrap().len(), 2);
    let found = project.run("discover --snapshot snapshot.json").out;
    assert!(found.contains("acme_seats_used"), "{found}");
}

#[test]
fn with_room_left_nothing_is_said() {
    let server = licensed(90.0).prometheus();
    let json = project(&server).run(&format!("check -q --format json {AT}"));
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["outside_roadmap"], serde_json::json!([]), "{json:#}");
}

#[test]
fn a_load_under_a_name_of_its_own_is_named_and_bound() {
    let span = Span::before(END, 3600, 60);
    let server = Backfill::default()
        .counter("shop_requests_served_total", &[("instance", "shop:80"), ("job", "shop")], span, |_| 12.5)
        .gauge("shop_lease_used", &[("instance", "shop:80")], span, |_| 96.0)
        .gauge("shop_lease_limit", &[("instance", "shop:80")], span, |_| 100.0)
        .prometheus();
    let project = unscoped(&server);
    let doctor = project.run(&format!("doctor -q --window 1h {AT}")).out;
    assert!(doctor.contains("shop_requests_served_total"), "{doctor}");
    let init = format!("init -q --yes --force --window 1h --prometheus {} {AT}", server.url());
    let run = project.run(&init);
    assert_eq!(run.code, 0, "{}", run.err);
    let settings = std::fs::read_to_string(project.path("scale-advisor.toml")).unwrap();
    assert!(settings.contains("# shop_requests_served_total looks like a request counter."), "{settings}");
    assert!(settings.contains("\n[signals.\"http.requests\"]\n"), "{settings}");
    assert!(settings.contains("shop_lease_used"), "{settings}");
    let judged = project.run(&format!("check -q --window 1h --format json {AT}"));
    assert_eq!(judged.code, 0, "{}", judged.err);
    let json: Value = serde_json::from_str(&judged.out).unwrap();
    assert_eq!(json["outside_roadmap"], serde_json::json!([]), "it is judged now");
    assert_eq!(json["next_bottleneck"]["resource"], "shop.lease_used", "{json:#}");
}
