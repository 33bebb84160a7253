//! A history of our own joined with what the servers still hold.

use std::collections::BTreeMap;

use super::{InstanceIndex, Observation};
use crate::signal::{Series, SignalId, counted};

/// Adds hourly means that somebody kept. Hours that a server still has stay as the server reports them, and those it no
/// longer has are added; nothing occurs twice.
///
/// What was kept belongs to the instance with the same labels, under the name that it has in `present`. What was kept
/// under the name of another instance, one whose labels contradict, is left out.
pub fn join_history(
    history: &mut Vec<Observation>,
    present: &[Observation],
    kept: impl IntoIterator<Item = Observation>,
) {
    let today = index(present);
    let mut places = index(history);
    for mut kept in kept {
        let (signal, name) = (kept.signal, kept.instance.clone());
        match today.find(&signal, name.as_deref(), &kept.labels).and_then(|index| present.get(index)) {
            Some(present) => kept.instance.clone_from(&present.instance),
            None if today.has_name(&signal, name.as_deref()) => continue,
            None => {}
        }
        let name = kept.instance.as_deref();
        if let Some(known) = places.find(&signal, name, &kept.labels).and_then(|place| history.get_mut(place))
        {
            join(known, &kept);
        } else if !places.has_name(&signal, name) {
            places.insert(&signal, name, &kept.labels, history.len());
            history.push(kept);
        }
    }
    history.sort_by(|a, b| (a.signal, &a.instance, &a.origin).cmp(&(b.signal, &b.instance, &b.origin)));
}

fn index(observations: &[Observation]) -> InstanceIndex<SignalId> {
    let mut index = InstanceIndex::new();
    for (place, known) in observations.iter().enumerate() {
        index.insert(&known.signal, known.instance.as_deref(), &known.labels, place);
    }
    index
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
        join_history(&mut known, &[], kept);
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

    fn labelled(name: &str, cluster: &str, values: &[(i64, f64)]) -> Observation {
        let labels = [("cluster".to_owned(), cluster.to_owned())].into();
        Observation { labels, ..hours(Some(name), values) }
    }

    #[test]
    fn what_was_kept_under_an_earlier_name_is_found_by_its_labels() {
        let present = [labelled("db in eu", "eu", &[(9, 9.0)]), labelled("db in us", "us", &[(9, 1.0)])];
        let mut history = vec![labelled("db in eu", "eu", &[(5, 5.0)])];
        join_history(&mut history, &present, [labelled("db", "eu", &[(3, 3.0)])]);
        let [eu] = &history[..] else { panic!("{history:?}") };
        assert_eq!((eu.instance.as_deref(), eu.values.values()), (Some("db in eu"), &[3.0, 5.0][..]));
        join_history(&mut history, &present, [labelled("db", "us", &[(3, 7.0)])]);
        assert_eq!(history[1].instance.as_deref(), Some("db in us"));
    }

    #[test]
    fn a_name_that_now_means_another_instance_gets_none_of_its_past() {
        let present = [labelled("db", "eu", &[(9, 9.0)])];
        let mut history = Vec::new();
        join_history(&mut history, &present, [labelled("db", "us", &[(3, 3.0)])]);
        assert_eq!(history, []);
    }
}
