//! Ninety days of a service whose growth and demand are known: connections are 4 and 0.24 for each user, and there are
//! 97 of them, so that they end at 387.5 users.

use super::{
    history::{AT, END},
    program::Project,
};
use crate::support::{
    Server,
    prometheus::{Backfill, Span},
};

const DAY: i64 = 86_400;
/// The load at which the last connection is taken.
const SATURATION: f64 = 387.5;
/// Growth a day that brings 220 users to about 330 in ninety days.
const GROWTH: f64 = 0.0045;

/// Users at an instant: busiest at three in the afternoon, fewer at night and on Sundays, with noise of 3% an hour.
fn users(at: i64, growth: f64) -> f64 {
    let days = (at - END) as f64 / DAY as f64;
    let hour = at.rem_euclid(DAY) as f64 / 3600.0;
    let shape = 0.25 + 0.75 * (-((hour - 15.0) / 4.5).powi(2)).exp();
    let sunday = if (at.div_euclid(DAY) + 4) % 7 == 0 { 0.93 } else { 1.0 };
    330.0 * (growth * days).exp() * shape * sunday * (1.0 + 0.03 * noise(at / 3600))
}

/// A number between -1 and 1 that looks like chance, and is the same every time.
fn noise(index: i64) -> f64 {
    let mixed = index.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

fn service(growth: f64) -> Backfill {
    service_of(90, growth)
}

/// The last days of the service: what a server with a short retention still holds.
fn service_of(days: i64, growth: f64) -> Backfill {
    let span = Span::before(END, days * DAY, 300);
    let server = [("instance", "db-1:9187")];
    let clients = [("instance", "db-1:9187"), ("datname", "chat"), ("state", "idle")];
    Backfill::default()
        .gauge("websocket_active_connections", &[("instance", "app-1")], span, move |at| {
            users(at, growth).round()
        })
        .gauge("pg_stat_activity_count", &clients, span, move |at| (4.0 + 0.24 * users(at, growth)).round())
        .gauge("pg_settings_max_connections", &server, span, |_| 100.0)
        .gauge("pg_settings_superuser_reserved_connections", &server, span, |_| 3.0)
}

fn project(server: &Server) -> Project {
    Project::new(&format!("[sources.prometheus]\nurl = \"{}\"\n", server.url()))
}

/// The first day on which the mean of some hour is at or beyond a number of users.
fn true_date(limit: f64) -> chrono::NaiveDate {
    let noon = END.div_euclid(DAY) * DAY;
    let reached = |day: &i64| {
        (0..24).any(|hour| {
            let from = noon + day * DAY + hour * 3600;
            (0..12).map(|five| users(from + five * 300, GROWTH)).sum::<f64>() / 12.0 >= limit
        })
    };
    let day = (0..180).find(reached).unwrap();
    chrono::DateTime::from_timestamp(noon + day * DAY, 0).unwrap().date_naive()
}

#[test]
fn the_load_and_the_date_at_which_connections_end() {
    the_truth_is_found(&service(GROWTH).prometheus());
}

#[test]
fn the_same_from_a_victoria_metrics() {
    the_truth_is_found(&service(GROWTH).victoria_metrics());
}

fn the_truth_is_found(server: &Server) {
    let judged = project(server).check(AT);
    let next = judged.part("/next_bottleneck");
    assert_eq!(next["resource"], "postgres.connections", "{}", judged.page);
    let load = |end: &str| next["saturates_at_load"][end].as_f64().unwrap();
    assert!((load("mid") / SATURATION - 1.0).abs() < 0.03, "{next:#}");
    assert!(load("low") <= load("mid") && load("mid") <= load("high"));
    let day = |text: &str| text[..10].parse::<chrono::NaiveDate>().unwrap();
    let date = |end: &str| next["saturates_on"][end].as_str().map(day);
    let truth = true_date(SATURATION);
    // An end beyond the horizon is none that the truth could miss.
    assert!(
        date("low").unwrap() <= truth && date("high").is_none_or(|high| truth <= high),
        "{truth} in {next:#}"
    );
    assert!((date("mid").unwrap() - truth).num_days().abs() <= 7, "{truth} in {next:#}");
    assert_eq!((next["grade"].as_str(), next["probability_first"].as_f64()), (Some("A"), Some(1.0)));
    // The roadmap does not say how long the remedy takes, so two weeks are supposed.
    let act_by = day(next["act_by"]["date"].as_str().unwrap());
    assert_eq!(date("mid").unwrap() - act_by, chrono::TimeDelta::days(14));
    for words in ["run out next, around", "Saturates at 38", "Act "] {
        assert!(judged.page.contains(words), "{words} in {}", judged.page);
    }
    let growth = judged.part("/load/growth_per_month");
    let truth = (30.0 * GROWTH).exp_m1();
    let end = |end: &str| growth[end].as_f64().unwrap();
    assert!(end("low") <= truth && truth <= end("high"), "{growth}");
}

#[test]
fn without_growth_there_is_a_load_and_no_date() {
    let server = service(0.0).prometheus();
    let judged = project(&server).check(AT);
    let next = judged.part("/next_bottleneck");
    let mid = next["saturates_at_load"]["mid"].as_f64().unwrap();
    assert!((mid / SATURATION - 1.0).abs() < 0.03, "{next:#}");
    assert!(next["saturates_on"].is_null(), "{next:#}");
    let reason = &next["saturation_reason"];
    assert!(reason["not_before"].is_string(), "{reason:#}");
    assert_eq!(
        (&reason["load"]["kind"], &reason["load"]["significant"]),
        (&"continued".into(), &false.into())
    );
    let page = judged.page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(", no date, "), "{page}");
}

#[test]
fn what_the_server_forgot_is_in_our_own_history() {
    let (long, short) = (service_of(40, GROWTH).prometheus(), service_of(15, GROWTH).prometheus());
    let project = Project::new("");
    let address = |server: &Server| format!("{AT} --prometheus {}", server.url());
    let days = || {
        let judged = project.check(&address(&short));
        let reason = judged.part("/load/forecast_reason");
        reason["days"].as_i64().unwrap_or_else(|| panic!("{reason:#}"))
    };
    assert!((13..=15).contains(&days()));
    let recorded = project.run(&format!("record -q --since 40d {}", address(&long)));
    assert_eq!((recorded.code, recorded.err.as_str()), (0, ""), "{}", recorded.out);
    assert!((38..=40).contains(&days()));
}
