//! Runs that are one run, written into several files.

use super::Run;
use crate::loadtest::{self, Note};

/// How many figures must agree to the last digit: no two tests have the same times.
const FIGURES: usize = 4;

/// Leaves out runs that repeat an earlier one, such as a file beside its copy `latest.json`, and says so. Five copies of
/// one run are no five runs. Tables may hold what is the same in every run.
pub fn without_copies(runs: Vec<Run>) -> Vec<Run> {
    let mut distinct: Vec<(Run, u64)> = Vec::with_capacity(runs.len());
    for run in runs {
        match distinct.iter_mut().find(|(known, _)| is_copy(known, &run)) {
            Some((_, copies)) => *copies += 1,
            None => distinct.push((run, 0)),
        }
    }
    let noted = |(mut run, copies): (Run, u64)| {
        run.notes.extend((copies > 0).then_some(Note::Copies { copies }));
        run
    };
    distinct.into_iter().map(noted).collect()
}

fn is_copy(known: &Run, run: &Run) -> bool {
    let is_recorded = run.assessment.is_none() && run.tool != loadtest::TABLE && run.values.len() >= FIGURES;
    is_recorded && (&known.tool, &known.values, &known.steps) == (&run.tool, &run.values, &run.steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Value;

    fn run(tool: &str, latencies: [f64; 4]) -> Run {
        let names = ["latency_mean", "latency_p50", "latency_p95", "latency_p99"];
        let value = |value: f64| Value { value, unit: "s".to_owned() };
        let values =
            names.into_iter().zip(latencies).map(|(name, latency)| (name.to_owned(), value(latency)));
        Run { tool: tool.to_owned(), values: values.collect(), ..Run::default() }
    }

    #[test]
    fn a_run_and_its_copies_are_one() {
        let (one, other) = ([0.041, 0.035, 0.12, 0.25], [0.041, 0.035, 0.12, 0.26]);
        let runs = without_copies(vec![run("k6", one), run("k6", other), run("k6", one), run("k6", one)]);
        let notes: Vec<&[Note]> = runs.iter().map(|run| run.notes.as_slice()).collect();
        assert_eq!(notes, [&[Note::Copies { copies: 2 }][..], &[]]);
    }

    #[test]
    fn what_may_be_equal_by_chance_or_by_nature_is_kept() {
        let one = [0.041, 0.035, 0.12, 0.25];
        assert_eq!(without_copies(vec![run("CSV", one), run("CSV", one)]).len(), 2);
        assert_eq!(without_copies(vec![run("k6", one), run("oha", one)]).len(), 2);
        let few = Run { values: run("wrk", one).values.into_iter().take(3).collect(), ..run("wrk", one) };
        assert_eq!(without_copies(vec![few.clone(), few]).len(), 2);
    }
}
