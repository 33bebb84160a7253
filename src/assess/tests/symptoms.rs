//! What the roadmap describes: it is evaluated and reported, and never raises the verdict.

use std::collections::BTreeSet;

use super::world::{World, finding, world};
use crate::{
    assess::{AssessmentInput, Declared, Kind, Verdict, assess},
    roadmap::{Thresholds, builtin, builtin_ids, default_thresholds, read_roadmap},
    snapshot::{Window, merge},
};

const DESCRIBED: &str = "
limitations = [{ text = 'One core', when = { signal = 'queue.depth', above = 100 } }]
principles = ['In words', { text = 'Keep queues short', when = { signal = 'queue.depth', below = 100 } }]
savings = [{ text = 'Fewer workers', when = { signal = 'queue.depth', above = 100 } }]
[[milestones]]
users = 500
title = 'Connections run out'
resource = 'postgres.connections'
symptoms = ['Nobody can tell', { text = 'Jobs wait', when = { signal = 'queue.depth', above = 100 } }]
impact = 'Refused'
solution = 'Pool connections'
effort = '7d'
cost_per_month = 200
[[playbooks]]
id = 'jobs-wait'
symptom = 'Jobs wait'
when = { signal = 'queue.depth', above = 100 }
remedies = ['Look at the workers', 'Add some']
[[playbooks]]
id = 'in-words'
symptom = 'Users complain'
remedies = ['Listen']
[[benchmarks]]
title = 'Short queues'
target = { signal = 'queue.depth', below = 100 }
current = 5
";

const IDS: [&str; 6] = [
    "symptom:milestone-500:2",
    "playbook:jobs-wait",
    "benchmark:1",
    "statement:limitation:1",
    "statement:principle:2",
    "statement:saving:1",
];

fn described() -> World {
    world().before_sections(DESCRIBED).defaults("")
}

#[track_caller]
fn all(world: World, verdict: Verdict, worst: Verdict) {
    let assessment = world.judge();
    for id in IDS {
        assert_eq!(finding(&assessment, id).verdict, verdict, "{id}");
        assert!(!finding(&assessment, id).kind.is_fault(), "{id}");
    }
    assert_eq!(assessment.verdict, worst);
}

#[test]
fn descriptions_are_judged_and_raise_nothing() {
    let calm = |depth| {
        described()
            .flat("host.memory", 0.1)
            .limits("[signals.\"host.memory\"]\nwarning = '80%'")
            .flat("queue.depth", depth)
    };
    all(calm(500.0), Verdict::Warning, Verdict::Ok);
    all(calm(5.0), Verdict::Ok, Verdict::Ok);
    let unmeasured =
        described().flat("host.memory", 0.1).limits("[signals.\"host.memory\"]\nwarning = '80%'");
    all(unmeasured, Verdict::Unknown, Verdict::Ok);
}

#[test]
fn a_playbook_whose_symptom_is_seen_is_planned() {
    let plan = described().flat("queue.depth", 500.0).judge().plan;
    let ids: Vec<&str> = plan.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["playbook-jobs-wait"]);
    assert_eq!(plan[0].steps, ["Look at the workers", "Add some"]);
    assert!(described().flat("queue.depth", 5.0).judge().plan.is_empty());
    assert!(described().judge().plan.is_empty());
}

/// Every condition of a roadmap appears somewhere in the result.
#[test]
fn no_condition_of_a_built_in_roadmap_is_left_out() {
    for id in builtin_ids() {
        let (Some(roadmap), _) = read_roadmap(builtin(id).unwrap()) else { panic!("{id}") };
        let wanted = roadmap.conditions().len();
        let architecture = roadmap.architecture.as_ref().map_or(0, |architecture| {
            let reasons = architecture.stay_if.iter().chain(&architecture.evaluate_if);
            let criteria = architecture.criteria.iter().filter(|criterion| criterion.when_met.is_some());
            reasons.filter(|reason| reason.when.is_some()).count() + criteria.count()
        });
        let input = AssessmentInput {
            roadmap,
            digest: String::new(),
            defaults: default_thresholds().clone(),
            overrides: Thresholds::default(),
            declared: Declared::default(),
        };
        let now = super::world::now();
        let window = Window { from: now - chrono::TimeDelta::days(1), to: now, step_seconds: 60 };
        let assessment = assess(&input, &merge(now, window, Vec::new()));
        let of_roadmap = assessment.findings.iter().filter(|finding| finding.kind != Kind::Threshold);
        let ids: BTreeSet<&str> = of_roadmap.map(|finding| finding.id.as_str()).collect();
        assert_eq!(ids.len() + assessment.decisions.len() + architecture, wanted, "{id}: {ids:#?}");
    }
}
