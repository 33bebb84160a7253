//! Which statements ran slowest, from two samples of their counters.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::Deserialize;

/// The counters of one statement of one role.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Entry {
    pub(super) role: i64,
    /// The statement's number; hidden from roles that may not see other roles' statements.
    pub(super) query: Option<i64>,
    pub(super) toplevel: bool,
    pub(super) calls: f64,
    pub(super) milliseconds: f64,
    /// Since when it has been counted, from version 1.11 on (Unix milliseconds).
    pub(super) since: Option<i64>,
}

/// When the counters were read and since when they count: Unix milliseconds by the server's clock.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct Info {
    pub(super) at: i64,
    /// When the server was started.
    pub(super) started: i64,
    /// How often the rarest statements were evicted, from version 1.9 on.
    pub(super) evictions: Option<u64>,
    /// When all counters were last reset, from version 1.9 on.
    pub(super) reset: Option<i64>,
    /// The number of the database.
    pub(super) database: i64,
    /// The number of our own role.
    pub(super) own_role: Option<i64>,
}

/// One sample of the counters.
#[derive(Debug, Clone, Default)]
pub(in crate::source::postgres) struct Sample {
    pub(super) entries: Vec<Entry>,
    pub(super) info: Info,
    /// Whether all counters were reset while they were read, so that these are from before and after.
    pub(super) torn: bool,
}

/// A statement that may be the slowest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) query: i64,
    pub(super) calls: f64,
    pub(super) mean_seconds: f64,
    /// How many calls the mean is of: all that ever were, where there are few others and these agree with it.
    pub(super) calls_of_mean: f64,
    /// Of the time of all statements.
    pub(super) share: f64,
}

/// Statements in order, before their texts are known.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Ranking {
    /// Those with enough calls, by mean time.
    pub(super) slowest: Vec<Candidate>,
    /// By total time.
    pub(super) costliest: Vec<Candidate>,
}

/// A mean of fewer calls than this is an anecdote.
pub(super) const ENOUGH_CALLS: f64 = 5.0;

/// The same for all calls so far, where first runs on a cold cache weigh more.
pub(super) const ENOUGH_CALLS_EVER: f64 = 20.0;

/// Few calls agree with all others where their means differ by no more than this factor.
const AGREEMENT: f64 = 1.5;

/// Statements that take less of the time of all are not waited for.
const WORTH_WAITING: f64 = 0.05;

/// How many texts are looked up; some are this program's own and fall out.
const CANDIDATES: usize = 40;

type Key = (i64, i64, bool);

impl Ranking {
    /// True when nothing ran.
    pub(super) fn is_empty(&self) -> bool {
        self.costliest.is_empty()
    }
}

impl Sample {
    /// Seconds from this sample to a later one.
    pub(super) fn seconds_until(&self, later: &Self) -> f64 {
        (later.info.at - self.info.at) as f64 / 1000.0
    }

    /// What other roles ran, where there are any: without texts, this program's own statements cannot be distinguished
    /// from those of the application in any other way.
    pub(super) fn of_others(&self) -> Self {
        let (own, mut others) = (self.info.own_role, self.clone());
        others.entries.retain(|entry| Some(entry.role) != own);
        if others.entries.iter().any(|entry| entry.query.is_some()) { others } else { self.clone() }
    }

    /// Why two samples cannot be compared: somebody reset the counters.
    pub(super) fn broken_by(&self, later: &Self) -> Option<&'static str> {
        if self.info.started != later.info.started {
            return Some("the server restarted between the two samples");
        }
        let told = self.info.reset.is_some() && self.info.reset != later.info.reset;
        let after = by_key(&later.entries);
        let kept = by_key(&self.entries).keys().filter(|key| after.contains_key(key)).count();
        // Older versions do not report it; then most entries are gone at once.
        let gone = kept * 2 < by_key(&self.entries).len();
        (told || gone).then_some("pg_stat_statements was reset between the two samples")
    }

    /// How often entries were evicted for lack of space until `later`.
    pub(super) fn evictions_until(&self, later: &Self) -> u64 {
        let evictions = |sample: &Self| sample.info.evictions.unwrap_or_default();
        evictions(later).saturating_sub(evictions(self))
    }

    /// How many statements belong to roles we are not allowed to see.
    pub(super) fn hidden(&self) -> usize {
        self.entries.iter().filter(|entry| entry.query.is_none()).count()
    }
}

/// The statements by what they did between the samples.
pub(super) fn recent(first: &Sample, second: &Sample) -> Ranking {
    ranking(&between(first, second))
}

/// Costly statements of which too few calls were seen between the samples for a mean, by their numbers, with how many
/// times longer it would have taken to see enough.
pub(super) fn unsettled(first: &Sample, second: &Sample) -> Vec<(i64, f64)> {
    let work = between(first, second);
    let total = total(&work);
    let is_open = |work: &&Work| work.mean().is_none() && work.milliseconds >= WORTH_WAITING * total;
    work.iter().filter(is_open).map(|work| (work.query, ENOUGH_CALLS / work.calls)).collect()
}

/// The statements by all they did so far.
pub(super) fn ever(sample: &Sample) -> Ranking {
    let work = |((_, query, toplevel), (calls, milliseconds))| Work {
        query,
        toplevel,
        calls,
        milliseconds,
        all: (calls, milliseconds),
        enough: ENOUGH_CALLS_EVER,
    };
    let all: Vec<_> = by_key(&sample.entries).into_iter().map(work).filter(|work| work.calls > 0.0).collect();
    ranking(&all)
}

/// What a statement did in some time.
#[derive(Debug)]
struct Work {
    query: i64,
    toplevel: bool,
    calls: f64,
    milliseconds: f64,
    /// Calls and milliseconds of all time.
    all: (f64, f64),
    /// How many calls make a mean.
    enough: f64,
}

impl Work {
    /// Mean seconds, and of how many calls. `None` where these are too few and disagree with the past.
    fn mean(&self) -> Option<(f64, f64)> {
        let mean = self.milliseconds / self.calls / 1000.0;
        if self.calls >= self.enough {
            return Some((mean, self.calls));
        }
        let (calls, milliseconds) = self.all;
        let usual = milliseconds / calls / 1000.0;
        let agrees = mean <= usual * AGREEMENT && usual <= mean * AGREEMENT;
        (calls >= ENOUGH_CALLS_EVER && agrees).then_some((usual, calls))
    }
}

/// What ran between two samples.
fn between(first: &Sample, second: &Sample) -> Vec<Work> {
    let before = by_key(&first.entries);
    let work = by_key(&second.entries).into_iter().map(|(key, all)| {
        let (old_calls, old_milliseconds) = before.get(&key).copied().unwrap_or_default();
        let (calls, milliseconds) = (all.0 - old_calls, all.1 - old_milliseconds);
        Work { query: key.1, toplevel: key.2, calls, milliseconds, all, enough: ENOUGH_CALLS }
    });
    // An entry that was evicted and came back counts from zero; its difference means nothing.
    work.filter(|work| work.calls > 0.0 && work.milliseconds >= 0.0).collect()
}

fn by_key(entries: &[Entry]) -> BTreeMap<Key, (f64, f64)> {
    let known = entries.iter().filter_map(|entry| Some(((entry.role, entry.query?, entry.toplevel), entry)));
    known.map(|(key, entry)| (key, (entry.calls, entry.milliseconds))).collect()
}

/// Milliseconds of all statements. The time of what functions call is in that of their callers already.
fn total(work: &[Work]) -> f64 {
    work.iter().filter(|work| work.toplevel).map(|work| work.milliseconds).sum()
}

fn ranking(work: &[Work]) -> Ranking {
    let total = total(work);
    let candidate = |work: &Work, (mean_seconds, calls_of_mean)| Candidate {
        query: work.query,
        calls: work.calls,
        mean_seconds,
        calls_of_mean,
        share: if total > 0.0 { work.milliseconds / total } else { 0.0 },
    };
    let of_few = |work: &Work| candidate(work, (work.milliseconds / work.calls / 1000.0, work.calls));
    let known = work.iter().filter_map(|work| Some(candidate(work, work.mean()?))).collect();
    let all = work.iter().map(of_few).collect();
    Ranking { slowest: top(known, |found| found.mean_seconds), costliest: top(all, |found| found.share) }
}

fn top(mut found: Vec<Candidate>, by: impl Fn(&Candidate) -> f64) -> Vec<Candidate> {
    // The statement's number decides between equals, so that the order never depends on chance.
    found.sort_by(|a, b| by(b).total_cmp(&by(a)).then(Reverse(b.query).cmp(&Reverse(a.query))));
    found.truncate(CANDIDATES);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(query: i64, calls: f64, milliseconds: f64) -> Entry {
        let role = 10;
        Entry { role, query: Some(query), toplevel: true, calls, milliseconds, since: None }
    }

    fn sample(entries: &[Entry]) -> Sample {
        Sample { entries: entries.to_vec(), ..Sample::default() }
    }

    #[test]
    fn differences_decide_and_not_the_past() {
        let first = sample(&[entry(-1, 1000.0, 900_000.0), entry(2, 100.0, 100.0)]);
        let second = sample(&[entry(-1, 1010.0, 900_100.0), entry(2, 120.0, 2100.0), entry(3, 4.0, 9e6)]);
        let ranking = recent(&first, &second);
        let slowest: Vec<_> = ranking.slowest.iter().map(|found| (found.query, found.mean_seconds)).collect();
        assert_eq!(slowest, [(2, 0.1), (-1, 0.01)]);
        assert_eq!(ranking.costliest[0].query, 3);
    }

    #[test]
    fn few_calls_that_are_like_all_others_have_the_mean_of_all() {
        let first = sample(&[entry(1, 98.0, 39_200.0), entry(2, 98.0, 3_920.0), entry(3, 3.0, 1200.0)]);
        let second = sample(&[entry(1, 100.0, 40_000.0), entry(2, 100.0, 6_000.0), entry(3, 5.0, 2000.0)]);
        let ranking = recent(&first, &second);
        let slowest: Vec<_> =
            ranking.slowest.iter().map(|found| (found.query, found.calls_of_mean)).collect();
        assert_eq!(slowest, [(1, 100.0)]);
        assert!((ranking.slowest[0].mean_seconds - 0.4).abs() < 1e-9);
        // The second takes longer than it used to, the third is new: two calls do not tell.
        assert_eq!(unsettled(&first, &second), [(2, 2.5), (3, 2.5)]);
    }

    #[test]
    fn cheap_statements_are_not_waited_for() {
        let first = sample(&[entry(1, 50.0, 5_000.0), entry(2, 1.0, 1.0)]);
        let second = sample(&[entry(1, 60.0, 6_000.0), entry(2, 2.0, 40.0)]);
        assert_eq!(unsettled(&first, &second), []);
    }

    #[test]
    fn a_quiet_sample_leaves_the_past() {
        let past = sample(&[entry(1, 1000.0, 900_000.0), entry(2, 19.0, 9e9)]);
        assert_eq!(recent(&past, &past), Ranking::default());
        let ranking = ever(&past);
        let slowest: Vec<_> = ranking.slowest.iter().map(|found| (found.query, found.mean_seconds)).collect();
        assert_eq!(slowest, [(1, 0.9)]);
    }

    #[test]
    fn resets_and_evictions_are_noticed() {
        let info =
            |evictions, reset| Info { evictions: Some(evictions), reset: Some(reset), ..Info::default() };
        let first = Sample { info: info(1, 100), ..sample(&[entry(1, 9.0, 9.0)]) };
        let same = Sample { info: info(4, 100), ..first.clone() };
        let reset = Sample { info: info(0, 200), ..first.clone() };
        assert_eq!(first.broken_by(&same), None);
        assert_eq!(first.evictions_until(&same), 3);
        assert!(first.broken_by(&reset).is_some());
        let old = sample(&[entry(1, 9.0, 9.0), entry(2, 9.0, 9.0), entry(3, 9.0, 9.0)]);
        assert!(old.broken_by(&sample(&[entry(9, 1.0, 1.0)])).is_some());
        assert!(old.broken_by(&old).is_none());
    }

    #[test]
    fn our_own_role_is_left_out_where_there_are_others() {
        let own = Info { own_role: Some(10), ..Info::default() };
        let alone = Sample { info: own, ..sample(&[entry(1, 9.0, 9.0)]) };
        assert_eq!(alone.of_others().entries.len(), 1);
        let other = Entry { role: 11, ..entry(2, 9.0, 9.0) };
        let both = Sample { entries: vec![entry(1, 9.0, 9.0), other.clone()], ..alone };
        assert_eq!(both.of_others().entries, [other]);
    }

    #[test]
    fn what_functions_call_takes_no_time_of_its_own() {
        let nested = Entry { toplevel: false, ..entry(2, 100.0, 99_000.0) };
        let ranking = ever(&sample(&[entry(1, 100.0, 100_000.0), nested]));
        let shares: Vec<_> = ranking.costliest.iter().map(|found| (found.query, found.share)).collect();
        assert_eq!(shares, [(1, 1.0), (2, 0.99)]);
    }

    #[test]
    fn hidden_statements_are_counted_and_never_ranked() {
        let mut entries = vec![entry(1, 30.0, 30.0)];
        entries.push(Entry { query: None, ..entry(0, 900.0, 9e9) });
        let sample = sample(&entries);
        assert_eq!(sample.hidden(), 1);
        assert_eq!(ever(&sample).slowest.len(), 1);
    }
}
