//! Loads that were held, from what happened in each second.

use std::collections::BTreeMap;

use super::Step;

/// A load that was held for less says too little.
const SHORTEST: u64 = 3;

/// What happened in each second of a test.
#[derive(Debug, Default)]
pub(super) struct Seconds {
    by_second: BTreeMap<i64, Second>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Second {
    users: Option<f64>,
    answers: u64,
}

impl Seconds {
    /// So many users were at work in a second.
    pub(super) fn users(&mut self, second: i64, users: f64) {
        let slot = &mut self.by_second.entry(second).or_default().users;
        *slot = Some(slot.map_or(users, |known| known.max(users)));
    }

    /// So many answers came in a second.
    pub(super) fn answers(&mut self, second: i64, answers: u64) {
        self.by_second.entry(second).or_default().answers += answers;
    }

    /// Answers per second over the whole seconds, which are all but the first and the last. Nothing for a test of
    /// fewer than five seconds: its parts weigh too much.
    pub(super) fn throughput(&self) -> Option<f64> {
        let (first, last) = (*self.by_second.first_key_value()?.0, *self.by_second.last_key_value()?.0);
        let whole = last.checked_sub(first)?.checked_sub(1).filter(|whole| *whole >= 3)?;
        let answers: u64 = self.by_second.range(first + 1..last).map(|(_, second)| second.answers).sum();
        Some(answers as f64 / whole as f64)
    }

    /// The loads that were held, ascending, and how many others were not held long enough. The first and the last
    /// second are not whole and count for nothing.
    pub(super) fn steps(&self) -> (Vec<Step>, usize) {
        let inner = self.by_second.values().skip(1).take(self.by_second.len().saturating_sub(2));
        let mut loads: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for second in inner {
            // Numbers above zero order as their bits do.
            let Some(users) = second.users.filter(|users| *users > 0.0) else { continue };
            let held = loads.entry(users.to_bits()).or_default();
            *held = (held.0 + 1, held.1 + second.answers);
        }
        let all = loads.len();
        let steps: Vec<Step> = loads
            .into_iter()
            .filter(|(_, (seconds, answers))| *seconds >= SHORTEST && *answers > 0)
            .map(|(users, (seconds, answers))| Step {
                concurrency: f64::from_bits(users),
                throughput: answers as f64 / seconds as f64,
                seconds,
            })
            .collect();
        let dropped = all - steps.len();
        (steps, dropped)
    }

    /// The load of a test that did not change it.
    pub(super) fn steady(&self) -> Option<f64> {
        let mut users =
            self.by_second.values().filter_map(|second| second.users).filter(|users| *users > 0.0);
        let first = users.next()?;
        users.all(|other| other.to_bits() == first.to_bits()).then_some(first)
    }
}

/// What a reader should know about loads that are not among the steps.
pub(super) fn dropped_note(dropped: usize) -> Option<String> {
    (dropped > 0)
        .then(|| format!("{dropped} loads were held for less than {SHORTEST} seconds and do not count"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_that_were_held_become_steps() {
        let mut seconds = Seconds::default();
        for (second, users) in [1, 2, 2, 2, 2, 3, 4, 4, 4, 4].into_iter().enumerate() {
            let second = i64::try_from(second).unwrap();
            seconds.users(second, f64::from(users));
            seconds.answers(second, 10 * u64::try_from(users).unwrap());
        }
        let (steps, dropped) = seconds.steps();
        let step = |concurrency, throughput, seconds| Step { concurrency, throughput, seconds };
        assert_eq!(steps, [step(2.0, 20.0, 4), step(4.0, 40.0, 3)]);
        assert_eq!((dropped, seconds.steady()), (1, None));
    }

    #[test]
    fn parts_of_seconds_do_not_count() {
        let mut seconds = Seconds::default();
        for (second, answers) in [3, 10, 12, 11, 2].into_iter().enumerate() {
            seconds.users(i64::try_from(second).unwrap(), 5.0);
            seconds.answers(i64::try_from(second).unwrap(), answers);
        }
        assert_eq!((seconds.throughput(), seconds.steady()), (Some(11.0), Some(5.0)));
        assert_eq!(Seconds::default().throughput(), None);
    }
}
