//! Charts: pictures that are kept, dates beyond the picture, and hostile text.

use std::path::PathBuf;

use chrono::{Days, NaiveDate};
use scale_advisor::{
    capacity::usl::fit,
    render::chart::{
        Basis, Course, CrossingDates, LoadChart, Mark, Milestone, PhaseBand, ResourceChart, ScalabilityChart,
        load_chart, resource_chart, scalability_chart,
    },
    signal::Unit,
};

const HOSTILE: &str = "</text><script>alert('1')</script>\u{202e}&\" fill=\"#FFFFFF\u{ffff}\u{1b}[2J";

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A figure of so many days up to the twentieth of November 2026, and `ahead` days of ever wider futures.
fn course(days: usize, ahead: usize, value: impl Fn(f64) -> f64) -> (Vec<(NaiveDate, f64)>, Vec<[f64; 7]>) {
    let begin = date("2026-11-20") - Days::new(days as u64 - 1);
    let history = (0..days).map(|day| (begin + Days::new(day as u64), value(day as f64))).collect();
    let band = |day: usize| {
        let (middle, wide) =
            (value((days + day) as f64), value(days as f64).abs() * 0.02 * (day as f64 + 1.0).sqrt());
        [-1.64, -1.28, -0.67, 0.0, 0.67, 1.28, 1.64].map(|z| middle + z * wide)
    };
    (history, (0..ahead).map(band).collect())
}

fn restless(day: f64) -> f64 {
    60.0 + 0.25 * day + 4.0 * (day / 7.0 * std::f64::consts::TAU).sin()
}

fn resource(
    title: &str,
    unit: Unit,
    days: usize,
    ahead: usize,
    value: impl Fn(f64) -> f64,
    limit: f64,
) -> String {
    let (history, bands) = course(days, ahead, value);
    let crossing = CrossingDates {
        low: Some(date("2026-12-04")),
        mid: Some(date("2026-12-12")),
        high: Some(date("2026-12-27")),
    };
    resource_chart(&ResourceChart {
        title,
        unit,
        course: Course { history: &history, first: date("2026-11-21"), bands: &bands },
        limit: Some(Mark { value: limit, label: "limit" }),
        warning: Some(Mark { value: 0.8 * limit, label: "warning" }),
        crossing,
    })
}

fn load(title: &str, milestones: &[Milestone<'_>], phases: &[PhaseBand<'_>]) -> String {
    let (history, bands) = course(120, 90, |day| 5.0 * restless(day));
    let course = Course { history: &history, first: date("2026-11-21"), bands: &bands };
    load_chart(&LoadChart {
        title,
        unit: "users",
        course,
        phases,
        milestones,
        because: "120 days are known.",
    })
}

fn phases() -> [PhaseBand<'static>; 4] {
    [
        (1, "One server", 0.0, Some(200.0)),
        (2, "Pooling", 200.0, Some(400.0)),
        (3, "Replicas", 400.0, Some(500.0)),
        (4, "Many servers", 500.0, None),
    ]
    .map(|(number, title, from, to)| PhaseBand { number, title, from, to })
}

fn milestone(load: f64, title: &str) -> Milestone<'_> {
    Milestone { load, basis: Basis::Roadmap, title, act_by: Some(0.8 * load) }
}

fn scalability(loads: &[f64], throughputs: &[f64]) -> String {
    let fit = fit(loads, throughputs).unwrap();
    scalability_chart(&ScalabilityChart { title: "Throughput against load", fit: &fit, loads, throughputs })
}

/// A limit that is probably reached only after the last day.
fn later_crossing() -> String {
    let (history, bands) = course(120, 60, restless);
    resource_chart(&ResourceChart {
        title: "Reaches 115 with a probability of 30% by 2027-01-19, and not before 2026-12-28",
        unit: Unit::Count,
        course: Course { history: &history, first: date("2026-11-21"), bands: &bands },
        limit: Some(Mark { value: 115.0, label: "limit" }),
        warning: None,
        crossing: CrossingDates { low: Some(date("2026-12-28")), mid: None, high: None },
    })
}

/// A week is too short to go on from.
fn unknown_load() -> String {
    let (history, _) = course(7, 0, restless);
    load_chart(&LoadChart {
        title: "Load: users in the busiest hour",
        unit: "users",
        course: Course { history: &history, first: date("2026-11-21"), bands: &[] },
        phases: &phases(),
        milestones: &[Milestone {
            load: 70.0,
            basis: Basis::Measured,
            title: "Database connections",
            act_by: None,
        }],
        because: "not enough history: 7 days are known, and a forecast needs 14",
    })
}

/// Pictures that are kept, to be looked at when they change.
fn gallery() -> Vec<(&'static str, String)> {
    let gib = 1_073_741_824.0;
    let near: Vec<Milestone<'_>> = [480.0, 484.0, 488.0, 492.0, 500.0]
        .map(|load| milestone(load, "A second worker for the queue"))
        .into();
    vec![
        (
            "load",
            load(
                "Load: users in the busiest hour",
                &[milestone(500.0, "Read replicas"), milestone(1000.0, "Shards")],
                &phases(),
            ),
        ),
        ("load-crowded", load("Load with many milestones", &near, &phases())),
        ("resource", resource("PostgreSQL connections", Unit::Count, 120, 60, restless, 97.0)),
        (
            "resource-bytes",
            resource("Size of the database", Unit::Bytes, 90, 60, |day| gib * (40.0 + day), 200.0 * gib),
        ),
        ("resource-far", resource("A limit far away", Unit::Count, 120, 60, restless, 10_000.0)),
        (
            "resource-huge",
            resource("A thousand million", Unit::Count, 1095, 60, |day| 1e9 + day * 1e6, 2.2e9),
        ),
        (
            "resource-short",
            resource("Fourteen days of a flat ratio", Unit::Ratio, 14, 14, |_| 0.0004, 0.0005),
        ),
        (
            "resource-titles",
            resource(
                "接続数の上限 מספר החיבורים A very long title that goes on and on until nobody wants to read it any more at all",
                Unit::PerSecond,
                60,
                30,
                restless,
                97.0,
            ),
        ),
        ("resource-later", later_crossing()),
        ("load-unknown", unknown_load()),
        (
            "scalability",
            scalability(
                &[1.0, 18.0, 36.0, 72.0, 108.0, 144.0, 216.0],
                &[64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2],
            ),
        ),
        (
            "scalability-open",
            scalability(
                &[1.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0, 48.0, 64.0],
                &[20.0, 78.0, 130.0, 170.0, 190.0, 200.0, 210.0, 230.0, 260.0, 280.0, 310.0],
            ),
        ),
    ]
}

/// `UPDATE=1` writes them anew.
#[test]
fn the_kept_pictures_stay_as_they_are() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/charts");
    let update = std::env::var_os("UPDATE").is_some();
    for (name, picture) in gallery() {
        let path = folder.join(format!("{name}.svg"));
        if update {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &picture).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == picture, "{} is another now: run with UPDATE=1 and look at it", path.display());
    }
}

#[test]
fn a_crossing_beyond_the_last_day_is_not_drawn_on_it() {
    let (history, bands) = course(120, 60, restless);
    let picture = |low: &str, mid: Option<&str>, high: Option<&str>| {
        resource_chart(&ResourceChart {
            title: "Beyond",
            unit: Unit::Count,
            course: Course { history: &history, first: date("2026-11-21"), bands: &bands },
            limit: Some(Mark { value: 97.0, label: "limit" }),
            warning: None,
            crossing: CrossingDates { low: Some(date(low)), mid: mid.map(date), high: high.map(date) },
        })
    };
    let dots = |picture: &str| picture.matches("<circle").count();
    let inside = picture("2026-12-04", Some("2026-12-12"), Some("2027-01-10"));
    assert!(inside.contains("12 Dec (4 Dec – 10 Jan 2027)") && dots(&inside) == 1, "{inside}");
    let half = picture("2026-12-04", Some("2026-12-12"), Some("2028-01-10"));
    assert!(half.contains("12 Dec (4 Dec – after 19 Jan 2027)") && dots(&half) == 1, "{half}");
    let late = picture("2027-01-19", None, None);
    assert!(late.contains("\n19 Jan 2027 or later\n"), "{late}");
    let early = picture("2026-12-04", None, None);
    assert!(early.contains("from 4 Dec, probably after 19 Jan 2027") && dots(&early) == 0, "{early}");
    let beyond = picture("2027-12-04", Some("2028-01-01"), None);
    assert!(beyond.contains("\nafter 19 Jan 2027\n") && dots(&beyond) == 0, "{beyond}");
}

#[test]
fn hostile_text_stays_text() {
    let picture = resource(HOSTILE, Unit::Count, 60, 30, restless, 97.0);
    let other = load(HOSTILE, &[milestone(480.0, HOSTILE)], &phases());
    for picture in [picture, other] {
        assert!(!picture.contains("<script") && !picture.contains("</text><"), "{picture}");
        assert!(!picture.contains(['\u{202e}', '\u{ffff}', '\u{1b}']), "{picture}");
        assert!(picture.contains("&lt;script&gt;"), "{picture}");
    }
}
