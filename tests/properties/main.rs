//! What must hold of every judgement, whatever was measured.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod evidence;
mod history;
#[path = "../support/history_suite.rs"]
mod history_suite;
mod loadtest_files;
mod loadtests;
mod recorded;
mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use proptest::{prelude::*, sample::Index};
use scale_advisor::{
    assess::{
        Assessment, Bottleneck, ConditionReason, Finding, FindingReason, Outcome, PlanReason, State, Verdict,
        assess,
    },
    fleet::{Row, Standing},
    signal::{Direction, Quantity, Role, Series, SignalId},
    snapshot::{Gap, Labels, Observation, Origin, Reason, Snapshot},
};
use worlds::{World, gap, load, reason, world};

fn judge(world: &World, snapshot: &Snapshot) -> Assessment {
    assess(&world.input, snapshot)
}

/// Whether a reason rests on declared facts or declared absence.
fn is_declared(reason: &FindingReason) -> bool {
    fn rests_on_facts(reason: &ConditionReason) -> bool {
        match reason {
            ConditionReason::Fact { .. } | ConditionReason::Absent { .. } => true,
            ConditionReason::Parts { parts } => parts.iter().any(rests_on_facts),
            _ => false,
        }
    }
    matches!(reason, FindingReason::Condition { condition, .. } if rests_on_facts(condition))
}

fn json(assessment: &Assessment) -> String {
    serde_json::to_string_pretty(assessment).unwrap()
}

/// Findings by name and instance.
fn verdicts(assessment: &Assessment) -> BTreeMap<(String, Option<String>), Verdict> {
    let key = |finding: &Finding| (finding.id.clone(), finding.instance.clone());
    assessment.findings.iter().map(|finding| (key(finding), finding.verdict)).collect()
}

/// The worst verdict under each name, whichever instance it is.
fn worst(assessment: &Assessment) -> BTreeMap<String, Verdict> {
    let mut worst: BTreeMap<String, Verdict> = BTreeMap::new();
    for finding in &assessment.findings {
        let entry = worst.entry(finding.id.clone()).or_insert(Verdict::Ok);
        *entry = (*entry).max(finding.verdict);
    }
    worst
}

/// Moves every sample of a signal a step into the direction in which it gets worse.
fn worsened(snapshot: &Snapshot, signal: SignalId, by: f64) -> Snapshot {
    let mut worse = snapshot.clone();
    for observation in worse.observations.iter_mut().filter(|observed| observed.signal == signal) {
        let shift = |value: &f64| match signal.entry().direction {
            Direction::HigherIsWorse => value * (1.0 + by),
            Direction::LowerIsWorse => value / (1.0 + by),
        };
        let series = &observation.values;
        let values = series.values().iter().map(shift).collect();
        observation.values = Series::new(series.step_ms(), series.at_ms().to_vec(), values).unwrap();
    }
    worse
}

fn without(snapshot: &Snapshot, signal: SignalId, left: Option<Gap>) -> Snapshot {
    let mut less = snapshot.clone();
    less.observations.retain(|observation| observation.signal != signal);
    less.gaps.extend(left);
    less
}

/// Some signal that was measured, of those that fit.
fn pick(snapshot: &Snapshot, index: Index, fits: impl Fn(SignalId) -> bool) -> Option<SignalId> {
    let measured = snapshot.observations.iter().map(|observation| observation.signal);
    let fitting: Vec<SignalId> = measured.filter(|signal| fits(*signal)).collect();
    (!fitting.is_empty()).then(|| *index.get(&fitting))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_input_gives_the_same_bytes(world in world()) {
        prop_assert_eq!(json(&judge(&world, &world.snapshot)), json(&judge(&world, &world.snapshot)));
    }

    #[test]
    fn the_order_of_what_was_measured_leaves_no_trace(
        world in world(),
        shuffled in any::<u64>(),
    ) {
        let mut other = world.snapshot.clone();
        worlds::shuffle(&mut other.observations, shuffled);
        worlds::shuffle(&mut other.gaps, shuffled);
        worlds::shuffle(&mut other.sources, shuffled);
        worlds::shuffle(&mut other.exhausted, shuffled);
        prop_assert_eq!(json(&judge(&world, &world.snapshot)), json(&judge(&world, &other)));
    }

    #[test]
    fn a_saved_snapshot_is_judged_the_same(world in world()) {
        let saved = Snapshot::from_json(&world.snapshot.to_json()).unwrap();
        prop_assert_eq!(&saved, &world.snapshot);
        prop_assert_eq!(json(&judge(&world, &world.snapshot)), json(&judge(&world, &saved)));
    }

    #[test]
    fn less_evidence_never_passes(world in world(), which in any::<Index>(), why in reason(), silent in any::<bool>()) {
        // Without a measured load an estimate takes its place, which may be lower.
        let Some(signal) = pick(&world.snapshot, which, |signal| signal != load()) else { return Ok(()) };
        let before = judge(&world, &world.snapshot);
        let left = (!silent).then(|| gap(signal, why));
        let after = judge(&world, &without(&world.snapshot, signal, left));
        // What comes with its own limits is only called for where it is found.
        let is_called_for = after.coverage.gaps.iter().any(|gap| gap.signal == signal);
        prop_assert!(is_called_for || !signal.entry().limits.is_empty(), "{signal} is not missed");
        if !is_called_for {
            return Ok(());
        }
        if before.verdict != Verdict::Ok {
            prop_assert_ne!(after.verdict, Verdict::Ok, "without {}", signal);
        }
        let after = worst(&after);
        for (id, verdict) in worst(&before) {
            if verdict == Verdict::Ok {
                continue;
            }
            let now = after.get(&id);
            prop_assert!(now.is_some_and(|now| *now != Verdict::Ok), "without {signal}: {id} was {verdict:?}, is {now:?}");
        }
    }

    #[test]
    fn a_worse_value_improves_nothing(world in world(), which in any::<Index>(), by in 0.0..3.0_f64) {
        // More load and more background is neither better nor worse.
        let judged = |signal: SignalId| matches!(signal.entry().role, Role::Resource | Role::ServiceLevel);
        let Some(signal) = pick(&world.snapshot, which, judged) else { return Ok(()) };
        let before = judge(&world, &world.snapshot);
        let after = judge(&world, &worsened(&world.snapshot, signal, by));
        prop_assert!(after.verdict >= before.verdict, "{signal}");
        let worse = verdicts(&after);
        for (key, verdict) in verdicts(&before) {
            // Another instance may decide a condition then: its name is all that is compared.
            if key.0.starts_with("threshold:") {
                prop_assert!(worse[&key] >= verdict, "{signal}: {key:?} was {verdict:?}, is {:?}", worse[&key]);
            }
        }
        let worse = worst(&after);
        for (id, verdict) in worst(&before) {
            prop_assert!(worse[&id] >= verdict, "{signal}: {id} was {verdict:?}, is {:?}", worse[&id]);
        }
        for bottleneck in &before.bottlenecks {
            let other = after.bottlenecks.iter().find(|other| other.resource == bottleneck.resource);
            // A symptom takes the place of its resource only while nothing else explains it.
            if let Some(other) = other
                && (bottleneck.signal, &bottleneck.instance) == (other.signal, &other.instance)
                && let (Some(before), Some(after)) = (bottleneck.headroom, other.headroom)
            {
                prop_assert!(after <= before + 1e-9, "{signal}: {} has more room", bottleneck.resource);
            }
        }
        prop_assert!(after.phase.current >= before.phase.current);
        prop_assert!(after.phase.recommended >= before.phase.recommended);
    }

    #[test]
    fn more_load_never_leads_back(world in world(), by in 0.0..20.0_f64) {
        let signal = load();
        let before = judge(&world, &world.snapshot).phase;
        let after = judge(&world, &worsened(&world.snapshot, signal, by)).phase;
        prop_assert!(after.current >= before.current && after.recommended >= before.recommended);
    }

    #[test]
    fn one_phase_holds_the_load_and_the_next_one_at_most_is_recommended(world in world()) {
        let assessment = judge(&world, &world.snapshot);
        let phases = &world.input.roadmap.phases;
        let Some(peak) = assessment.load.peak else {
            prop_assert_eq!(assessment.phase.current, world.input.declared.phase);
            return Ok(());
        };
        let holding = phases.iter().position(|phase| phase.users.holds(peak)).unwrap();
        let place = |number: Option<u64>| phases.iter().position(|phase| Some(phase.number) == number).unwrap();
        let (current, recommended) = (place(assessment.phase.current), place(assessment.phase.recommended));
        let kept = current == holding + 1
            && Some(phases[current].number) == world.input.declared.phase
            && peak >= phases[current].users.low() as f64 * 0.9;
        prop_assert!(current == holding || kept, "{peak} is in {holding}, not in {current}");
        prop_assert!(recommended >= current && recommended <= holding + 1);
    }

    #[test]
    fn a_plan_says_everything_once_and_what_is_done_last(world in world()) {
        let plan = judge(&world, &world.snapshot).plan;
        let ids: BTreeSet<&str> = plan.iter().map(|item| item.id.as_str()).collect();
        prop_assert_eq!(ids.len(), plan.len());
        for item in &plan {
            prop_assert_eq!(item.done, world.input.declared.done.contains(&item.id), "{}", &item.id);
            prop_assert!(!item.reasons.is_empty());
        }
        prop_assert!(plan.is_sorted_by_key(|item| item.done));
    }

    /// Rows of a fleet are kept as text, and merged from files.
    #[test]
    fn the_row_of_any_service_is_read_back_as_it_was(world in world()) {
        let assessment = judge(&world, &world.snapshot);
        let row = Row::new("shop".to_owned(), Labels::new(), assessment, Standing::Present, &[]);
        let read: Row = serde_json::from_str(&serde_json::to_string(&row).unwrap()).unwrap();
        prop_assert_eq!(read, row);
    }

    #[test]
    fn every_number_is_finite_and_every_finding_has_a_reason(world in world()) {
        let assessment = judge(&world, &world.snapshot);
        let finite = |quantity: Option<Quantity>| quantity.is_none_or(|quantity| quantity.value().is_finite());
        for finding in &assessment.findings {
            prop_assert!(finite(finding.value) && finite(finding.limit));
            if finding.verdict >= Verdict::Warning {
                let declared = is_declared(&finding.reason);
                let known = finding.origin.is_some() || declared || finding.kind == scale_advisor::assess::Kind::Refusal;
                prop_assert!(known, "{}: {:?}", &finding.id, &finding.reason);
                prop_assert!(finding.samples > 0 || declared, "{}", &finding.id);
            }
        }
        for bottleneck in &assessment.bottlenecks {
            prop_assert!(finite(bottleneck.now) && finite(bottleneck.limit) && bottleneck.headroom.is_none_or(f64::is_finite));
        }
        let text = json(&assessment);
        // serde_json writes what is not finite as null; a null where a number is required is no assessment.
        let load = &assessment.load;
        prop_assert!(load.peak.is_none_or(f64::is_finite) && load.now.is_none_or(f64::is_finite));
        prop_assert!(!text.contains("NaN") && !text.contains("inf\"") && !text.contains(" inf "), "{text}");
    }

    #[test]
    fn the_verdict_is_the_worst_fault(world in world()) {
        let assessment = judge(&world, &world.snapshot);
        let worst = assessment.findings.iter().filter(|finding| finding.kind.is_fault()).map(|finding| finding.verdict).max();
        prop_assert_eq!(assessment.verdict, worst.unwrap_or(Verdict::Unknown));
        // What fails on critical findings only fails on warnings all the more.
        let fails = |limit: Verdict| assessment.verdict >= limit;
        prop_assert!(!fails(Verdict::Critical) || fails(Verdict::Warning));
    }

    #[test]
    fn the_next_bottleneck_is_the_most_urgent(world in world()) {
        let assessment = judge(&world, &world.snapshot);
        let rows = &assessment.bottlenecks;
        let is_level = |row: &Bottleneck| row.signal.is_some_and(|signal| signal.entry().role == Role::ServiceLevel);
        prop_assert!(!rows.iter().any(is_level), "a service level among resources");
        prop_assert!(assessment.service_levels.iter().all(|level| level.signal.entry().role == Role::ServiceLevel));
        match &assessment.next_bottleneck {
            Some(next) if is_level(next) => {
                prop_assert!(next.headroom.is_none());
                prop_assert!(rows.iter().all(|row| row.state < State::Critical), "it outranks a critical resource");
            }
            Some(next) => prop_assert_eq!(Some(next), rows.first()),
            None => prop_assert!(rows.iter().all(|row| row.state < State::Pending)),
        }
        let urgency = |row: &Bottleneck| match row.state {
            State::Saturated => 0,
            State::Critical => 1,
            State::Warning => 2,
            State::Pending => 3,
            State::Ok | State::Unknown => 4,
        };
        let refused = |row: &&Bottleneck| world.snapshot.exhausted.iter().all(|full| full.resource != row.resource);
        prop_assert!(rows.iter().filter(refused).map(urgency).is_sorted());
        // Nothing that is beyond a threshold now is ok.
        prop_assert!(rows.iter().all(|row| row.state < State::Pending || row.verdict > Verdict::Ok));
    }

    #[test]
    fn evidence_from_a_second_source_counts_once(world in world()) {
        let mut doubled = world.snapshot.clone();
        let copies = world.snapshot.observations.iter().map(|observation| {
            let origin = Origin { source: format!("{}-2", observation.origin.source), ..observation.origin.clone() };
            Observation { origin, ..observation.clone() }
        });
        doubled.observations.extend(copies);
        let (single, two) = (judge(&world, &world.snapshot), judge(&world, &doubled));
        let states = |assessment: &Assessment| {
            let rows = assessment.bottlenecks.iter().map(|row| (row.signal, row.instance.clone(), row.state));
            rows.collect::<Vec<_>>()
        };
        prop_assert_eq!(states(&single), states(&two));
        prop_assert_eq!((single.verdict, single.load.peak), (two.verdict, two.load.peak));
        prop_assert_eq!(single.service_levels.len(), two.service_levels.len());
    }

    #[test]
    fn coverage_counts_what_was_measured(world in world()) {
        let coverage = judge(&world, &world.snapshot).coverage;
        let absent = |observation: &&Observation| world.input.declared.absent.contains(&observation.signal.entry().system);
        let measured: BTreeSet<SignalId> = world.snapshot.observations.iter().filter(|observation| !absent(observation)).map(|observation| observation.signal).collect();
        prop_assert_eq!(coverage.measured, measured.len());
        prop_assert!(coverage.wanted >= coverage.measured);
        // Everything called for was measured, does not apply, or says why not.
        let gaps: BTreeSet<SignalId> = coverage.gaps.iter().filter(|gap| gap.reason != Reason::NotApplicable).map(|gap| gap.signal).collect();
        prop_assert!(coverage.wanted <= measured.union(&gaps).count());
    }

    #[test]
    fn decisions_that_are_due_are_planned(world in world()) {
        let assessment = judge(&world, &world.snapshot);
        for decision in assessment.decisions.iter().filter(|decision| decision.verdict == Outcome::True) {
            let planned = assessment.plan.iter().any(|item| {
                let is_reason = |reason: &PlanReason| matches!(reason, PlanReason::Decision { id, .. } if *id == decision.id);
                item.id == decision.id || item.reasons.iter().any(is_reason)
            });
            prop_assert!(planned, "{}", &decision.id);
        }
    }
}
