//! Plans for a phase or a load that is not there yet.

use super::{
    plans::{MILESTONE, ROADMAP},
    world::{World, now, world},
};
use crate::assess::{Plan, PlanReason, Scope};

fn tiny(load: f64) -> World {
    world().phases(ROADMAP).roadmap(MILESTONE).flat("users.concurrent", load)
}

#[track_caller]
fn check(world: World, scope: Scope, phase: u64, expected: &[&str]) -> Plan {
    let plan = world.plan(scope).unwrap();
    let ids: Vec<&str> = plan.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, expected, "{:#?}", plan.items);
    assert_eq!(plan.phase.as_ref().map(|phase| phase.number), Some(phase));
    plan
}

#[test]
fn now_is_the_plan_of_the_assessment() {
    let assessment = tiny(80.0).judge();
    let plan = tiny(80.0).plan(Scope::Now).unwrap();
    assert_eq!(plan.items, assessment.plan);
    assert_eq!(plan.phase.unwrap().number, 2); // the recommended one
}

#[test]
fn a_phase_is_planned_as_if_it_were_entered() {
    let plan = check(tiny(20.0), Scope::Phase(2), 2, &["2.1", "2.2"]);
    assert_eq!(plan.items[0].reasons, [PlanReason::PhaseEntered { phase: 2 }]);
    assert_eq!((plan.items[0].start_by, plan.items[0].act_by_users), (None, Some(100)));
    assert!(tiny(20.0).plan(Scope::Phase(9)).is_none());
}

#[test]
fn what_is_urgent_today_keeps_its_reason_and_its_date() {
    let pressing = tiny(20.0).flat("postgres.connections", 0.95).done("1.1");
    let plan = check(pressing, Scope::Phase(2), 2, &["2.1", "2.2"]);
    assert_eq!(plan.items[0].start_by, Some(now()));
    let reasons = &plan.items[0].reasons;
    assert!(matches!(reasons[..], [PlanReason::Relieves { .. }, PlanReason::PhaseEntered { phase: 2 }]));
}

#[test]
fn a_load_asks_for_the_milestones_and_phases_on_the_way() {
    let plan = check(tiny(20.0), Scope::Users(399), 2, &["2.1", "2.2"]);
    assert!(plan.milestones.is_empty());
    let plan = check(tiny(20.0), Scope::Users(400), 2, &["2.1", "2.2", "milestone-500"]);
    assert_eq!(plan.milestones.len(), 1);
    assert_eq!(plan.items[2].act_by_users, Some(400));
    check(tiny(20.0), Scope::Users(5000), 3, &["2.1", "2.2", "milestone-500", "3.1"]);
}

#[test]
fn phases_that_the_load_has_reached_are_not_planned_again() {
    check(tiny(200.0), Scope::Users(5000), 3, &["milestone-500", "3.1"]);
    check(tiny(200.0), Scope::Users(10), 1, &[]);
}

#[test]
fn without_a_load_every_phase_up_to_the_named_one_is_planned() {
    let unknown = world().phases(ROADMAP).roadmap(MILESTONE);
    check(unknown, Scope::Users(300), 2, &["1.1", "2.1", "2.2"]);
}

#[test]
fn what_is_done_is_ticked_and_stands_last() {
    let plan = check(tiny(20.0).done("2.1"), Scope::Users(400), 2, &["2.2", "milestone-500", "2.1"]);
    assert!(plan.items[2].done);
}
