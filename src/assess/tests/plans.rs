//! Plans: what is in them, once, in which order, and why.

use super::world::{World, now, world};
use crate::assess::{Assessment, PlanItem, PlanReason};

pub(super) const ROADMAP: &str = "
[[phases]]
number = 1
title = 'One'
users = [0, 100]
[[phases.actions]]
id = '1.1'
title = 'Pool'
component = 'database'
priority = 'low'
relieves = ['postgres.connections']
[[phases]]
number = 2
title = 'Two'
users = [100, 500]
enter = { signal = 'users.concurrent', at_least = 70 }
[[phases.actions]]
id = '2.1'
title = 'Replicas'
component = 'database'
priority = 'high'
relieves = ['postgres.connections', 'postgres.queries']
[[phases.actions]]
id = '2.2'
title = 'Workers'
component = 'workers'
priority = 'medium'
relieves = ['queue.workers']
[[phases]]
number = 3
title = 'Three'
users = [500]
[[phases.actions]]
id = '3.1'
title = 'Shards'
component = 'database'
relieves = ['postgres.connections', 'postgres.wraparound']
";

pub(super) const MILESTONE: &str = "
[[milestones]]
users = 500
act_by_users = 400
title = 'Connections run out'
resource = 'postgres.connections'
impact = 'Refused'
solution = 'Pool connections'
options = ['PgBouncer']
effort = ['7d', '14d']
cost_per_month = [200, 500]
";

fn tiny(load: f64) -> World {
    world().phases(ROADMAP).flat("users.concurrent", load)
}

fn decision(when: &str, relieves: &str) -> String {
    format!(
        "[[decisions]]\nid = 'decide'\nwhen = {when}\naction = 'Decide'\ntimeline = 'days'\nrelieves = {relieves}"
    )
}

#[track_caller]
fn check(world: World, expected: &[&str]) -> Assessment {
    let assessment = world.judge();
    let ids: Vec<&str> = assessment.plan.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, expected, "{:#?}", assessment.plan);
    assessment
}

fn item<'a>(assessment: &'a Assessment, id: &str) -> &'a PlanItem {
    assessment.plan.iter().find(|item| item.id == id).unwrap()
}

/// Whether the first reason of an item is that it relieves a resource.
fn relieves(item: &PlanItem, relieved: &str) -> bool {
    let first = item.reasons.first();
    matches!(first, Some(PlanReason::Relieves { resource, .. }) if resource.as_str() == relieved)
}

#[test]
fn where_nothing_is_urgent_there_is_nothing_to_do() {
    check(tiny(50.0).flat("postgres.connections", 0.3), &[]);
}

#[test]
fn a_bottleneck_calls_for_its_milestone_and_the_actions_up_to_its_phase() {
    let world = tiny(200.0).roadmap(MILESTONE).flat("postgres.connections", 0.95);
    let assessment = check(world, &["milestone-500", "2.1", "1.1"]); // by priority
    let first = item(&assessment, "milestone-500");
    assert_eq!((first.title.as_str(), first.start_by), ("Pool connections", Some(now())));
    assert!(relieves(first, "postgres.connections"));
    assert!(first.effort.is_some() && first.cost_per_month.is_some());
}

#[test]
fn actions_of_later_phases_wait_until_the_earlier_ones_are_done() {
    let pressing = || tiny(200.0).flat("postgres.connections", 0.95);
    check(pressing().done("2.1"), &["1.1", "2.1"]);
    let assessment = check(pressing().done("2.1").done("1.1"), &["3.1", "2.1", "1.1"]);
    assert_eq!(assessment.plan.iter().map(|item| item.done).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn without_a_phase_the_earliest_remedy_is_named_and_not_all_of_them() {
    let unknown = || world().phases(ROADMAP).flat("postgres.connections", 0.95);
    check(unknown(), &["1.1"]);
    check(unknown().done("1.1"), &["2.1"]);
    check(unknown().done("1.1").done("2.1"), &["3.1"]);
}

#[test]
fn a_recommended_phase_is_prepared_without_haste() {
    let assessment = check(tiny(80.0), &["2.1", "2.2"]);
    assert_eq!(item(&assessment, "2.1").start_by, None);
    assert!(matches!(item(&assessment, "2.1").reasons[..], [PlanReason::PhaseRecommended { phase: 2, .. }]));
    // What is urgent comes first, whatever its priority, and is not said twice.
    let assessment = check(tiny(80.0).flat("queue.depth", 500.0), &["remedy-queue", "2.2", "2.1"]);
    let workers = item(&assessment, "2.2");
    assert_eq!(workers.start_by, Some(now()));
    assert!(relieves(workers, "queue.workers"));
    assert!(matches!(workers.reasons[1..], [PlanReason::PhaseRecommended { phase: 2, .. }]));
}

#[test]
fn a_decision_joins_the_action_that_relieves_the_same() {
    let when = "{ signal = 'postgres.query_time', above = '500ms' }";
    let slow = || tiny(200.0).flat("postgres.query_time", 0.9);
    let joined = slow().roadmap(&decision(when, "['postgres.queries']"));
    let assessment = check(joined, &["remedy-postgres-queries", "2.1"]);
    let reasons = &item(&assessment, "2.1").reasons;
    assert!(matches!(&reasons[..], [_, PlanReason::Decision { id, .. }] if id == "decide"), "{reasons:?}");
    // It relieves something no planned action does: it stands on its own.
    let alone = slow().roadmap(&decision(when, "['postgres.queries', 'postgres.cache']"));
    check(alone, &["remedy-postgres-queries", "2.1", "decide"]);
    // The action that would have done is done: the decision remains.
    let remaining = slow().roadmap(&decision(when, "['postgres.queries']")).done("2.1");
    check(remaining, &["remedy-postgres-queries", "decide", "2.1"]);
}

#[test]
fn a_decision_that_is_not_due_is_not_planned() {
    let when = "{ signal = 'postgres.query_time', above = '500ms' }";
    let section = decision(when, "['postgres.queries']");
    check(tiny(200.0).flat("postgres.query_time", 0.1).roadmap(&section), &[]);
    check(tiny(200.0).roadmap(&section), &[]); // nor one that cannot be evaluated
}

#[test]
fn what_is_done_stands_at_the_end() {
    let when = "{ signal = 'queue.depth', above = 100 }";
    let world = tiny(80.0).roadmap(&decision(when, "['app.cpu']")).flat("queue.depth", 500.0);
    let assessment = check(world.done("decide").done("2.2"), &["remedy-queue", "2.1", "2.2", "decide"]);
    assert!(item(&assessment, "decide").done && item(&assessment, "2.2").done);
}

/// A critical database whose roadmap sets what its author's server lacked.
fn settings_of(world: World) -> PlanItem {
    let roadmap = "[[phases]]\nnumber = 1\ntitle = 'One'\nusers = [0]\n[[phases.actions]]\nid = '1.1'\n\
                   title = 'Raise limits'\ncomponent = 'database'\nrelieves = ['postgres.connections']\n\
                   steps = [\"Raise: `ALTER SYSTEM SET max_connections = 200; ALTER SYSTEM SET work_mem = '4MB';`\", 'Restart']\n";
    let world = world.phases(roadmap).flat("users.concurrent", 10.0);
    world.judge().plan.into_iter().find(|item| item.id == "1.1").unwrap()
}

fn full(usable: f64) -> World {
    world().flat("postgres.connections", 0.97).out_of(usable)
}

#[test]
fn a_setting_that_is_higher_already_is_left_out() {
    let known = full(297.0).with("setting.max_connections", "300").with("setting.work_mem", "1048576");
    let item = settings_of(known);
    assert_eq!(item.steps, ["Raise: `ALTER SYSTEM SET work_mem = '4MB';`", "Restart"]);
    let kept: Vec<_> = item.kept.iter().map(|kept| (kept.name.as_str(), kept.present.value())).collect();
    assert_eq!(kept, [("max_connections", 300.0)]);
    // A step of which nothing is left is none.
    let known = full(297.0).with("setting.max_connections", "300").with("setting.work_mem", "8388608");
    assert_eq!(settings_of(known).steps, ["Restart"]);
}

#[test]
fn a_setting_that_is_lower_is_raised_and_one_that_nobody_knows_is_read_first() {
    let known = full(97.0).with("setting.max_connections", "100").with("setting.work_mem", "1048576");
    let item = settings_of(known);
    assert!(item.kept.is_empty() && item.steps.len() == 2, "{item:?}");
    let [first, raise, _] = settings_of(full(97.0)).steps.try_into().unwrap();
    assert!(first.ends_with("`SHOW work_mem;`"), "{first}");
    assert!(raise.contains("max_connections = 200"), "{raise}");
    // What may be used is at most what there is.
    assert_eq!(settings_of(full(297.0)).kept[0].name, "max_connections");
}

#[test]
fn a_service_level_in_the_headline_gets_its_own_remedy_first() {
    let ids = |users: f64, seconds: f64| -> Vec<String> {
        let assessment = tiny(users).flat("postgres.query_time", seconds).judge();
        assessment.plan.into_iter().map(|item| item.id).collect()
    };
    // Replicas are of the next phase: nobody knows yet whether they help.
    assert_eq!(ids(20.0, 3.0), ["remedy-postgres-queries"]);
    assert_eq!(ids(200.0, 3.0), ["remedy-postgres-queries", "2.1"]);
    assert_eq!(ids(20.0, 0.01), [""; 0]);
}
