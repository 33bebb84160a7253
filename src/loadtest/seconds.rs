//! Loads that were held, from what happened in each second.

use std::collections::BTreeMap;

use super::Step;

/// A load that was held for less is not conclusive.
pub(super) const SHORTEST_STEP: u64 = 3;
/// Senders beyond this are not told apart.
const MAX_SENDERS: usize = 256;

/// What happened in each second of a test.
#[derive(Debug, Default)]
pub(super) struct Seconds {
    by_second: BTreeMap<i64, Second>,
    /// The second that was looked at last, which is the next one as a rule.
    open: Option<(i64, Second)>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Second {
    users: Option<f64>,
    answers: u64,
}

impl Second {
    fn join(&mut self, other: Self) {
        self.answers += other.answers;
        self.users = match (self.users, other.users) {
            (Some(users), Some(more)) => Some(users.max(more)),
            (users, more) => users.or(more),
        };
    }
}

impl Seconds {
    /// Records how many users were active in a second.
    pub(super) fn users(&mut self, second: i64, users: f64) {
        self.join(second, Second { users: Some(users), answers: 0 });
    }

    /// Records how many answers came in a second.
    pub(super) fn answers(&mut self, second: i64, answers: u64) {
        self.join(second, Second { users: None, answers });
    }

    fn join(&mut self, second: i64, with: Second) {
        match &mut self.open {
            Some((open, slot)) if *open == second => slot.join(with),
            _ => {
                if let Some((before, closed)) = self.open.replace((second, with)) {
                    self.by_second.entry(before).or_default().join(closed);
                }
            }
        }
    }

    /// Closes the second that is open. To be called behind the last answer.
    fn close(&mut self) {
        if let Some((second, closed)) = self.open.take() {
            self.by_second.entry(second).or_default().join(closed);
        }
    }

    /// Whether no second has data.
    pub(super) fn is_empty(&self) -> bool {
        self.by_second.is_empty() && self.open.is_none()
    }

    /// Answers per second over the whole seconds, which are all but the first and the last. `None` for a test of
    /// fewer than five seconds: its parts weigh too much.
    pub(super) fn throughput(&mut self) -> Option<f64> {
        self.close();
        let (first, last) = (*self.by_second.first_key_value()?.0, *self.by_second.last_key_value()?.0);
        let whole = last.checked_sub(first)?.checked_sub(1).filter(|whole| *whole >= 3)?;
        let answers: u64 = self.by_second.range(first + 1..last).map(|(_, second)| second.answers).sum();
        Some(answers as f64 / whole as f64)
    }

    /// The loads that were held, ascending, and how many others were not held long enough. The first and the last
    /// second are not whole and count for nothing.
    pub(super) fn steps(&mut self) -> (Vec<Step>, usize) {
        self.close();
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
            .filter(|(_, (seconds, answers))| *seconds >= SHORTEST_STEP && *answers > 0)
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
    pub(super) fn steady(&mut self) -> Option<f64> {
        self.close();
        let mut users =
            self.by_second.values().filter_map(|second| second.users).filter(|users| *users > 0.0);
        let first = users.next()?;
        users.all(|other| other.to_bits() == first.to_bits()).then_some(first)
    }
}

/// Users of several senders, each of which knows its own.
#[derive(Debug, Default)]
pub(super) struct Senders {
    /// Index of each sender by name.
    places: BTreeMap<String, usize>,
    /// What each sender reported in each second.
    seconds: Vec<Seconds>,
    overflow: bool,
}

/// A sender; `None` beyond `MAX_SENDERS`.
#[derive(Debug, Clone, Copy)]
pub(super) struct SenderId(Option<usize>);

impl Senders {
    /// Finds or adds the sender with a name.
    pub(super) fn find(&mut self, sender: &str) -> SenderId {
        if let Some(place) = self.places.get(sender) {
            return SenderId(Some(*place));
        }
        let place = self.seconds.len();
        if place == MAX_SENDERS {
            self.overflow = true;
            return SenderId(None);
        }
        self.places.insert(sender.to_owned(), place);
        self.seconds.push(Seconds::default());
        SenderId(Some(place))
    }

    /// Records how many users of a sender were active in a second.
    pub(super) fn users(&mut self, sender: SenderId, second: i64, users: f64) {
        if let Some(seconds) = sender.0.and_then(|place| self.seconds.get_mut(place)) {
            seconds.users(second, users);
        }
    }

    /// How many senders there are; `None` where there are too many to tell apart.
    pub(super) fn count(&self) -> Option<usize> {
        (!self.overflow).then_some(self.seconds.len())
    }

    /// How many different senders there are, of names that end with `\0` and a group within the sender.
    pub(super) fn engines(&self) -> usize {
        let engine = |name: &String| name.split('\u{0}').next().unwrap_or_default().to_owned();
        self.places.keys().map(engine).collect::<std::collections::BTreeSet<_>>().len()
    }

    /// Adds the users of all senders in each second to the seconds of the test. Between two of its answers a sender has
    /// as many users as it said before.
    pub(super) fn add_to(mut self, seconds: &mut Seconds) {
        let mut totals: BTreeMap<i64, f64> = BTreeMap::new();
        seconds.close();
        for sender in &mut self.seconds {
            sender.close();
            let (Some((first, _)), Some((last, _))) =
                (sender.by_second.first_key_value(), sender.by_second.last_key_value())
            else {
                continue;
            };
            let mut users = 0.0;
            for second in seconds.by_second.range(first..=last).map(|(second, _)| *second) {
                users = sender.by_second.get(&second).and_then(|known| known.users).unwrap_or(users);
                *totals.entry(second).or_default() += users;
            }
        }
        for (second, users) in totals {
            seconds.users(second, users);
        }
    }
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
