//! The comparison of two builds as gauges: what changed by how much, and where each build runs out.

use super::{bounds, ends, family, labels, unix_seconds};
use crate::gate::{GateReport, MetricVerdict, Outcome, Verdict};

const OUTCOMES: [(&str, Outcome); 4] = [
    ("pass", Outcome::Pass),
    ("fail", Outcome::Fail),
    ("inconclusive", Outcome::Inconclusive),
    ("no_baseline", Outcome::NoBaseline),
];
const VERDICTS: [(&str, Verdict); 3] =
    [("pass", Verdict::Pass), ("fail", Verdict::Fail), ("inconclusive", Verdict::Inconclusive)];

/// The text, ending in `# EOF`.
pub fn render(report: &GateReport) -> String {
    let mut text = String::new();
    of_run(&mut text, report);
    of_verdicts(&mut text, report);
    of_metrics(&mut text, &report.metrics);
    of_saturation(&mut text, report);
    text + "# EOF\n"
}

fn of_run(text: &mut String, report: &GateReport) {
    let profile = report.profile.as_ref().map_or("", |profile| profile.id.as_str());
    let about = labels(&[("profile", profile), ("version", &report.tool_version)]);
    family(text, "gate_info", "", "The version and the roadmap", [(about, 1.0)]);
    let at = report.generated_at.timestamp_millis() as f64 / 1000.0;
    family(text, "gate_judged_timestamp_seconds", "seconds", "When it was evaluated", [(String::new(), at)]);
    let outcomes = OUTCOMES.map(|(name, outcome)| {
        (labels(&[("outcome", name)]), f64::from(u8::from(outcome == report.outcome)))
    });
    family(text, "gate_outcome", "", "1 for the outcome, else 0", outcomes);
    let runs = [("baseline", report.baseline.runs), ("candidate", report.candidate.runs)];
    let runs = runs.map(|(side, runs)| (labels(&[("side", side)]), runs as f64));
    family(text, "gate_runs", "", "Runs of each build", runs);
    let objectives = VERDICTS.map(|(name, verdict)| {
        let of_verdict = report.objectives.iter().filter(|objective| objective.verdict == verdict);
        (labels(&[("verdict", name)]), of_verdict.count() as f64)
    });
    family(text, "gate_limits", "", "Limits that each run was checked against, by verdict", objectives);
}

/// A metric of unknown direction is as inconclusive as one without a clear result.
fn of_verdicts(text: &mut String, report: &GateReport) {
    let evaluated = report.metrics.iter().map(|metric| (&metric.metric, metric.verdict));
    let not_evaluated = report.not_evaluated.iter().filter(|metric| metric.inconclusive);
    let all = evaluated.chain(not_evaluated.map(|metric| (&metric.metric, Verdict::Inconclusive)));
    let verdicts = all.flat_map(|(metric, given)| {
        VERDICTS.map(|(name, verdict)| {
            let named = labels(&[("metric", metric), ("verdict", name)]);
            (named, f64::from(u8::from(verdict == given)))
        })
    });
    family(text, "gate_metric_verdict", "", "1 for the verdict on the metric, else 0", verdicts);
}

fn of_metrics(text: &mut String, metrics: &[MetricVerdict]) {
    let medians = metrics.iter().flat_map(|metric| {
        let sides = [("baseline", metric.baseline.median), ("candidate", metric.candidate.median)];
        sides.into_iter().filter_map(|(side, median)| {
            Some((labels(&[("metric", &metric.metric), ("unit", &metric.unit), ("side", side)]), median?))
        })
    });
    family(
        text,
        "gate_metric_median",
        "",
        "The median of a build's runs, in the unit of the metric",
        medians,
    );
    let shifts = metrics
        .iter()
        .filter_map(|metric| Some((labels(&[("metric", &metric.metric)]), metric.shift_ratio?)));
    let help = "The change as a share of the baseline";
    family(text, "gate_metric_shift_ratio", "ratio", help, shifts);
    let margins = metrics.iter().map(|metric| (labels(&[("metric", &metric.metric)]), metric.margin));
    family(text, "gate_metric_margin_ratio", "ratio", "The share of the baseline that may be lost", margins);
}

fn of_saturation(text: &mut String, report: &GateReport) {
    let Some(consequence) = &report.consequence else { return };
    let sides = [("baseline", &consequence.baseline), ("candidate", &consequence.candidate)];
    let loads = sides.into_iter().flat_map(|(side, saturation)| {
        bounds(&[("side", side), ("unit", &consequence.unit)], saturation.load.as_ref().map(ends))
    });
    family(text, "gate_saturation_load", "", "The load at which the first resource runs out", loads);
    let dates = sides
        .into_iter()
        .filter_map(|(side, saturation)| Some((labels(&[("side", side)]), unix_seconds(saturation.on?))));
    let help = "When that load is reached, as Unix time";
    family(text, "gate_saturation_timestamp_seconds", "seconds", help, dates);
    let loss = consequence.loss.map(|loss| (String::new(), loss));
    let help = "The share of the load at saturation that is lost; negative for a gain";
    family(text, "gate_saturation_loss_ratio", "ratio", help, loss);
    let headroom = consequence.headroom.map(|headroom| (String::new(), headroom));
    let help = "The unused share of the load at saturation with the candidate";
    family(text, "gate_headroom_ratio", "ratio", help, headroom);
}
