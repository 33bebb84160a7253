//! A history of our own joined with what the servers still hold.

use std::collections::BTreeMap;

use super::Observation;
use crate::signal::{Series, SignalId, counted};

/// Adds hourly means that somebody kept. Hours that a server still has stay as the server reports them, and those it no
/// longer has are added; nothing occurs twice.
pub fn join_history(history: &mut Vec<Observation>, kept: impl IntoIterator<Item = Observation>) {
    let mut places: BTreeMap<(SignalId, Option<String>), usize> = BTreeMap::new();
    for (place, known) in history.iter().enumerate() {
        places.entry((known.signal, known.instance.clone())).or_insert(place);
    }
    for kept in kept {
        let place = *places.entry((kept.signal, kept.instance.clone())).or_insert(history.len());
        match history.get_mut(place) {
            Some(known) => join(known, &kept),
            None => history.push(kept),
        }
    }
    history.sort_by(|a, b| (a.signal, &a.instance, &a.origin).cmp(&(b.signal, &b.instance, &b.origin)));
}

fn join(known: &mut Observation, kept: &Observation) {
    let samples = |series: &Series| -> Vec<(i64, f64)> {
        series.at_ms().iter().copied().zip(series.values().iter().copied()).collect()
    };
    let mut hours: BTreeMap<i64, f64> = samples(&kept.values).into_iter().collect();
    let before = hours.len();
    let told = samples(&known.values);
    let told_of = told.len();
    hours.extend(told);
    let added = hours.len() - told_of;
    let (at_ms, values) = hours.into_iter().unzip();
    // Both are on full hours; what does not is left as the server reported it.
    let step = kept.values.step_ms().max(known.values.step_ms());
    if let Ok(joined) = Series::new(step, at_ms, values)
        && added > 0
        && before > 0
    {
        known.values = joined;
        known.notes.push(format!(
            "{} from what was recorded ({})",
            counted(added, "hour"),
            kept.origin.source
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Origin;

    const HOUR: i64 = 3_600_000;

    fn hours(instance: Option<&str>, values: &[(i64, f64)]) -> Observation {
        let (at, values) = values.iter().map(|(hour, value)| (hour * HOUR, *value)).unzip();
        Observation {
            instance: instance.map(str::to_owned),
            ..Observation::new(
                SignalId::find("users.concurrent").unwrap(),
                Series::new(HOUR, at, values).unwrap(),
                Origin { source: "prometheus".to_owned(), query: "users".to_owned() },
            )
        }
    }

    fn joined(mut known: Vec<Observation>, kept: Vec<Observation>) -> Vec<Observation> {
        join_history(&mut known, kept);
        known
    }

    #[test]
    fn what_the_server_still_holds_wins_and_nothing_stands_twice() {
        let found =
            joined(vec![hours(None, &[(5, 50.0), (6, 60.0)])], vec![hours(None, &[(3, 3.0), (5, 5.0)])]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].values.at_ms(), [3 * HOUR, 5 * HOUR, 6 * HOUR]);
        assert_eq!(found[0].values.values(), [3.0, 50.0, 60.0]);
        assert_eq!(found[0].notes, ["1 hour from what was recorded (prometheus)"]);
    }

    #[test]
    fn joining_again_changes_nothing() {
        let kept = || vec![hours(None, &[(3, 3.0), (5, 5.0)]), hours(Some("a"), &[(4, 4.0)])];
        let once = joined(vec![hours(None, &[(5, 50.0)])], kept());
        assert_eq!(joined(once.clone(), kept()), once);
        assert_eq!(once.len(), 2);
    }
}
