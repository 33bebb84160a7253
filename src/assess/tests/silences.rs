//! Findings that a team knows of until a day.

use chrono::NaiveDate;

use super::world::world;
use crate::{
    assess::{Assessment, SilenceState, Verdict},
    roadmap::{Severity, Silence},
};

#[test]
fn what_is_silenced_is_shown_and_counts_for_nothing() {
    let full = || world().flat("redis.memory", 0.99).of("a").flat("redis.memory", 0.99).of("b");
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let silence = |instance: Option<&str>, until| Silence {
        finding: Some("redis.memory".to_owned()),
        instance: instance.map(str::to_owned),
        up_to: None,
        until,
        reason: "ordered".to_owned(),
    };
    let judged = |silences: &[Silence]| {
        let assessment =
            silences.iter().fold(full(), |world, silence| world.silence(silence.clone())).judge();
        let text = serde_json::to_string(&assessment).unwrap();
        assert_eq!(Assessment::from_json(&text).unwrap(), assessment);
        let silenced = assessment.silenced.unwrap();
        let states: Vec<SilenceState> = silenced.silences.iter().map(|outcome| outcome.state).collect();
        (assessment.verdict, silenced.verdict, states)
    };
    let (all, others, states) = judged(&[silence(None, day(20))]);
    assert_eq!((all, states), (Verdict::Critical, vec![SilenceState::Used]));
    assert!(others < Verdict::Warning, "{others:?}");
    let (_, others, _) = judged(&[silence(Some("a"), day(20))]);
    assert_eq!(others, Verdict::Critical);
    let (_, others, states) = judged(&[silence(None, day(19)), silence(Some("c"), day(30))]);
    assert_eq!((others, states), (Verdict::Critical, vec![SilenceState::Expired, SilenceState::Unused]));
    let warning = Silence { up_to: Some(Severity::Warning), ..silence(None, day(30)) };
    let (_, others, states) = judged(std::slice::from_ref(&warning));
    assert_eq!((others, states), (Verdict::Critical, vec![SilenceState::Exceeded]));
    let (_, others, _) = judged(&[Silence { up_to: Some(Severity::Critical), ..warning }]);
    assert!(others < Verdict::Warning, "{others:?}");
    assert_eq!(full().judge().silenced, None);
}
