//! Failures that somebody has accepted for a while.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Acknowledged, Acknowledgement, AcknowledgementState as State};

/// What became of every acknowledgement, given the findings that failed.
pub(super) fn judge(
    all: &[Acknowledgement],
    failed: &BTreeSet<String>,
    today: NaiveDate,
) -> Vec<Acknowledged> {
    let of = |one: &Acknowledgement| {
        let (state, because) = match (one.until < today, failed.contains(&one.id)) {
            (true, true) => {
                (State::Expired, format!("counted until {}; the failure counts again", one.until))
            }
            (true, false) => {
                (State::Expired, format!("counted until {}; take it out of the settings", one.until))
            }
            (false, true) => (State::Used, format!("accepted until {}", one.until)),
            (false, false) => {
                (State::Unused, "nothing of this name has failed; take it out of the settings".to_owned())
            }
        };
        Acknowledged {
            id: one.id.clone(),
            reason: one.reason.clone(),
            until: one.until,
            owner: one.owner.clone(),
            state,
            because,
        }
    };
    all.iter().map(of).collect()
}

/// Whether a failure is accepted.
pub(super) fn accepts(acknowledged: &[Acknowledged], id: &str) -> bool {
    acknowledged.iter().any(|one| one.id == id && one.state == State::Used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_is_used_expired_or_unused() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let one = |id: &str, until| Acknowledgement {
            id: id.to_owned(),
            reason: "known".to_owned(),
            until,
            owner: "team".to_owned(),
        };
        let all = [one("metric:a", day(20)), one("metric:b", day(19)), one("metric:c", day(30))];
        let failed = BTreeSet::from(["metric:a".to_owned(), "metric:b".to_owned()]);
        let states: Vec<State> = judge(&all, &failed, day(20)).into_iter().map(|one| one.state).collect();
        assert_eq!(states, [State::Used, State::Expired, State::Unused]);
        let judged = judge(&all, &failed, day(20));
        assert!(
            accepts(&judged, "metric:a") && !accepts(&judged, "metric:b") && !accepts(&judged, "metric:c")
        );
    }
}
