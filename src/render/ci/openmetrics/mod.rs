//! OpenMetrics text, for the textfile collector of node_exporter, a push gateway or GitLab's metrics report.
//!
//! Everything is a gauge, because readers of the older text format know no other of its types. What is not known
//! has no sample: never a zero.

mod fleet;
mod gate;

use std::{collections::BTreeSet, fmt::Write};

use chrono::{DateTime, Utc};

pub use fleet::{rows as fleet_openmetrics, services as fleet_list_openmetrics};
pub use gate::render as gate_openmetrics;

use super::word;
use crate::{
    assess::{Assessment, Bottleneck, Interval, SaturationDate, Verdict},
    render::safe,
};

const VERDICTS: [Verdict; 4] = [Verdict::Ok, Verdict::Unknown, Verdict::Warning, Verdict::Critical];

/// Whether there is a current assessment, and when there last was one; its own gauges follow where there is one.
pub fn freshness_openmetrics(is_fresh: bool, last_success: Option<DateTime<Utc>>) -> String {
    let mut text = String::new();
    let help = "1 while the newest assessment is successful and recent; otherwise there are no other values";
    family(&mut text, "up", "", help, [(String::new(), f64::from(u8::from(is_fresh)))]);
    let at = last_success.map(|at| (String::new(), unix_seconds(at)));
    let help = "When an assessment last succeeded";
    family(&mut text, "last_success_timestamp_seconds", "seconds", help, at);
    text
}

/// The text, ending in `# EOF`.
pub(in crate::render) fn render(assessment: &Assessment) -> String {
    let mut text = String::new();
    of_run(&mut text, assessment);
    of_resources(&mut text, assessment);
    text + "# EOF\n"
}

fn of_run(text: &mut String, assessment: &Assessment) {
    let simulated = if assessment.simulated.is_some() { "true" } else { "false" };
    let about = [
        ("profile", assessment.profile.id.as_str()),
        ("version", &assessment.tool_version),
        ("simulated", simulated),
    ];
    family(text, "info", "", "Version and roadmap of the assessment", [(labels(&about), 1.0)]);
    let at = [(String::new(), unix_seconds(assessment.generated_at))];
    family(text, "judged_timestamp_seconds", "seconds", "Time of the assessment", at);
    family(text, "verdict", "", "1 for the current verdict, else 0", states(&[], assessment.verdict));
    let findings = VERDICTS.map(|verdict| {
        let counted = assessment
            .findings
            .iter()
            .filter(|finding| finding.kind.is_fault() && finding.verdict == verdict);
        (labels(&[("verdict", word(verdict))]), counted.count() as f64)
    });
    family(text, "findings", "", "Thresholds, alerts and objectives by their outcome", findings);
    let (load, unit) = (&assessment.load, labels(&[("unit", &assessment.load.unit)]));
    let now = load.now.map(|now| (unit.clone(), now));
    family(text, "load", "", "Current load, in the unit of the phases", now);
    let peak = load.peak.map(|peak| (unit, peak));
    family(text, "load_peak", "", "Load at the peak hours", peak);
    let signals = [("wanted", assessment.coverage.wanted), ("measured", assessment.coverage.measured)];
    let signals = signals.map(|(state, count)| (labels(&[("state", state)]), count as f64));
    family(text, "signals", "", "Expected signals, and those that were measured", signals);
}

fn of_resources(text: &mut String, assessment: &Assessment) {
    let mut seen = BTreeSet::new();
    let resources: Vec<(Vec<(&str, &str)>, &Bottleneck)> = assessment
        .bottlenecks
        .iter()
        .map(|bottleneck| {
            (
                vec![
                    ("resource", bottleneck.resource.as_str()),
                    ("of", bottleneck.instance.as_deref().unwrap_or_default()),
                ],
                bottleneck,
            )
        })
        .filter(|(name, _)| seen.insert(labels(name)))
        .collect();
    let verdicts = resources.iter().flat_map(|(name, bottleneck)| states(name, bottleneck.verdict));
    family(text, "resource_verdict", "", "1 for the verdict on the resource, else 0", verdicts);
    let room = resources.iter().filter_map(|(name, bottleneck)| Some((labels(name), bottleneck.headroom?)));
    family(text, "resource_headroom_ratio", "ratio", "Unused share of the limit; negative beyond it", room);
    let load = resources
        .iter()
        .flat_map(|(name, bottleneck)| bounds(name, bottleneck.saturates_at_load.as_ref().map(ends)));
    family(text, "resource_saturation_load", "", "The load at which the limit is reached", load);
    let dates = |on: &SaturationDate| [Some(on.low), on.mid, on.high].map(|date| date.map(unix_seconds));
    let saturation = resources
        .iter()
        .flat_map(|(name, bottleneck)| bounds(name, bottleneck.saturates_on.as_ref().map(dates)));
    let help = "When the limit is reached, as Unix time";
    family(text, "resource_saturation_timestamp_seconds", "seconds", help, saturation);
    let date = |bottleneck: &Bottleneck| bottleneck.act_by.as_ref().and_then(|act_by| act_by.date);
    let act_by = resources
        .iter()
        .filter_map(|(name, bottleneck)| Some((labels(name), unix_seconds(date(bottleneck)?))));
    let help = "Act-by date, as Unix time";
    family(text, "resource_act_by_timestamp_seconds", "seconds", help, act_by);
}

/// A moment as Unix time.
fn unix_seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1000.0
}

/// A gauge with its samples; nothing at all without any.
fn family(
    text: &mut String,
    name: &str,
    unit: &str,
    help: &str,
    samples: impl IntoIterator<Item = (String, f64)>,
) {
    let samples: Vec<_> = samples.into_iter().filter(|(_, value)| value.is_finite()).collect();
    if samples.is_empty() {
        return;
    }
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# TYPE scale_advisor_{name} gauge");
    if !unit.is_empty() {
        let _ = writeln!(text, "# UNIT scale_advisor_{name} {unit}");
    }
    let _ = writeln!(text, "# HELP scale_advisor_{name} {help}.");
    for (labels, value) in samples {
        let _ = writeln!(text, "scale_advisor_{name}{labels} {value}");
    }
}

/// A sample for each verdict, of which one is 1.
fn states(name: &[(&str, &str)], verdict: Verdict) -> Vec<(String, f64)> {
    let state = |candidate: Verdict| {
        let named = [name, &[("verdict", word(candidate))]].concat();
        (labels(&named), f64::from(u8::from(candidate == verdict)))
    };
    VERDICTS.map(state).to_vec()
}

fn ends(interval: &Interval<f64>) -> [Option<f64>; 3] {
    [interval.low, interval.mid, interval.high].map(Some)
}

/// A sample for each known end, and the middle, of an interval.
fn bounds(name: &[(&str, &str)], ends: Option<[Option<f64>; 3]>) -> Vec<(String, f64)> {
    let bounds = ["low", "mid", "high"].into_iter().zip(ends.into_iter().flatten());
    let sample =
        |(bound, end): (&str, Option<f64>)| Some((labels(&[name, &[("bound", bound)]].concat()), end?));
    bounds.filter_map(sample).collect()
}

/// `{name="value",…}` without the empty ones, which mean the same as absent.
fn labels(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        let value = safe(value).replace('\\', "\\\\").replace('"', "\\\"");
        format!("{name}=\"{value}\"")
    };
    let written: Vec<String> = pairs.iter().filter(|(_, value)| !value.is_empty()).map(pair).collect();
    if written.is_empty() { String::new() } else { format!("{{{}}}", written.join(",")) }
}

#[cfg(test)]
pub(super) mod testing {
    use std::collections::BTreeSet;

    /// Every series occurs once, in the family of its name, with a number.
    #[track_caller]
    pub(in crate::render::ci) fn check_series(text: &str) {
        let (mut series, mut family) = (BTreeSet::new(), "");
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("# TYPE ") {
                family = name.split(' ').next().unwrap();
            } else if !line.starts_with('#') {
                let (name, value) = line.rsplit_once(' ').unwrap();
                assert!(series.insert(name), "{line}");
                assert_eq!(name.split('{').next().unwrap(), family);
                assert!(value.parse::<f64>().unwrap().is_finite(), "{line}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        assess::{AssessmentInput, Declared, assess},
        roadmap::{Thresholds, builtin, default_thresholds, read_roadmap},
        snapshot::Snapshot,
    };

    fn demo() -> Assessment {
        let (roadmap, _) = read_roadmap(builtin("node-queue-chat").unwrap());
        let input = AssessmentInput {
            roadmap: roadmap.unwrap(),
            digest: String::new(),
            defaults: default_thresholds().clone(),
            overrides: Thresholds::default(),
            declared: Declared::default(),
        };
        assess(&input, &Snapshot::from_json(include_str!("../../../cli/demo/snapshot.json")).unwrap())
    }

    #[track_caller]
    fn says(text: &str, line: &str) {
        assert!(text.lines().any(|printed| printed == line), "no `{line}` in:\n{text}");
    }

    #[test]
    fn what_is_not_known_has_no_sample() {
        let mut assessment = demo();
        for bottleneck in &mut assessment.bottlenecks {
            (bottleneck.saturates_at_load, bottleneck.saturates_on, bottleneck.act_by) = (None, None, None);
        }
        let text = render(&assessment);
        for unknown in ["saturation_load", "saturation_timestamp", "act_by_timestamp"] {
            assert!(!text.contains(unknown), "{text}");
        }
        assert!(text.ends_with("\n# EOF\n") && !text.contains("\n\n"), "{text}");
        says(&text, "scale_advisor_verdict{verdict=\"critical\"} 1");
        let unknown = render(&Assessment { bottlenecks: Vec::new(), ..demo() });
        assert!(!unknown.contains("scale_advisor_resource"), "{unknown}");
    }

    #[test]
    fn a_forecast_has_its_whole_interval() {
        let mut assessment = demo();
        let at = |days: i64| assessment.generated_at + TimeDelta::hours(24 * days);
        let (low, mid, high) = (at(4), at(10), at(90));
        let first = assessment.bottlenecks.first_mut().unwrap();
        first.instance = Some("a\"b\\c\nd".to_owned());
        first.saturates_on =
            Some(SaturationDate { low, mid: Some(mid), high: None, probability: 0.9, horizon: high });
        first.saturates_at_load = Some(Interval { low: 361.0, mid: 389.0, high: f64::INFINITY });
        let text = render(&assessment);
        let name = "resource=\"postgres.connections\",of=\"a\\\"b\\\\c\u{fffd}d\"";
        let date = |bound: &str| {
            format!("scale_advisor_resource_saturation_timestamp_seconds{{{name},bound=\"{bound}\"}}")
        };
        says(&text, "# UNIT scale_advisor_resource_saturation_timestamp_seconds seconds");
        says(&text, &format!("{} {}", date("low"), unix_seconds(low)));
        says(&text, &format!("{} {}", date("mid"), unix_seconds(mid)));
        assert!(!text.contains(&date("high")), "{text}");
        says(&text, &format!("scale_advisor_resource_saturation_load{{{name},bound=\"mid\"}} 389"));
        assert!(!text.contains("bound=\"high\"} inf"), "{text}");
    }

    #[test]
    fn every_series_stands_once_and_in_its_family() {
        testing::check_series(&render(&demo()));
    }
}
