//! Stay, migrate service by service, or altogether.

use super::world::{World, world};
use crate::{
    assess::{
        Migration,
        Outcome::{self, False, True, Unknown},
    },
    roadmap::FactValue,
};

const ARCHITECTURE: &str = "
[architecture]
change_from_users = 1000
stay_if = ['Nobody complains', { text = 'CPU is idle', when = { signal = 'host.cpu', below = '80%' } }]
evaluate_if = [{ text = 'CPU is busy', when = { signal = 'host.cpu', above = '80%' } }]
[architecture.outcomes]
stay = 'All are met'
gradual = 'There is a gap'
full = 'Several fail'
[[architecture.criteria]]
id = 'errors'
title = 'Errors'
when_met = { signal = 'http.errors', below = '1%' }
[[architecture.criteria]]
id = 'speed'
title = 'Speed'
when_met = { fact = 'velocity', is = 'high' }
[[architecture.criteria]]
id = 'taste'
title = 'Taste'
";

fn judged(users: f64, errors: Option<f64>, velocity: Option<&str>) -> World {
    let world = world().roadmap(ARCHITECTURE).flat("users.concurrent", users);
    let world = match errors {
        Some(errors) => world.flat("http.errors", errors),
        None => world,
    };
    match velocity {
        Some(word) => world.fact("velocity", FactValue::Text(word.to_owned())),
        None => world,
    }
}

#[track_caller]
fn check(world: World, outcome: Option<Migration>, possible: &[Migration], criteria: [Outcome; 2]) {
    let decision = world.judge().architecture.unwrap();
    assert_eq!((decision.outcome, decision.possible.as_slice()), (outcome, possible), "{decision:#?}");
    let holds: Vec<_> = decision.criteria.iter().take(2).map(|criterion| criterion.holds.unwrap()).collect();
    assert_eq!(holds, criteria);
    assert_eq!(decision.text.is_some(), outcome.is_some());
}

#[test]
fn criteria_decide() {
    use Migration::{Full, Gradual, Stay};
    check(judged(5000.0, Some(0.001), Some("high")), Some(Stay), &[Stay], [True, True]);
    check(judged(5000.0, Some(0.05), Some("high")), Some(Gradual), &[Gradual], [False, True]);
    check(judged(5000.0, Some(0.05), Some("low")), Some(Full), &[Full], [False, False]);
}

#[test]
fn what_is_unknown_leaves_it_open_as_far_as_it_could_decide() {
    use Migration::{Full, Gradual, Stay};
    check(judged(5000.0, Some(0.001), None), None, &[Stay, Gradual], [True, Unknown]);
    check(judged(5000.0, Some(0.05), None), None, &[Gradual, Full], [False, Unknown]);
    check(judged(5000.0, None, None), None, &[Stay, Gradual, Full], [Unknown, Unknown]);
}

#[test]
fn below_the_load_from_which_it_need_change_nobody_migrates_altogether() {
    use Migration::Gradual;
    check(judged(500.0, Some(0.05), Some("low")), Some(Gradual), &[Gradual], [False, False]);
    check(judged(500.0, Some(0.05), None), Some(Gradual), &[Gradual], [False, Unknown]);
    let decision = |users| judged(users, None, None).judge().architecture.unwrap();
    assert_eq!(decision(500.0).below_change_load, Some(1000));
    assert_eq!(decision(5000.0).below_change_load, None);
}

#[test]
fn reasons_are_told_with_their_outcome_and_words_are_left_to_people() {
    let decision = judged(500.0, None, None).flat("host.cpu", 0.9).judge().architecture.unwrap();
    let holds: Vec<_> =
        decision.stay_if.iter().chain(&decision.evaluate_if).map(|criterion| criterion.holds).collect();
    assert_eq!(holds, [None, Some(False), Some(True)]);
    assert_eq!(decision.criteria[2].holds, None);
    assert!(world().judge().architecture.is_none());
}
