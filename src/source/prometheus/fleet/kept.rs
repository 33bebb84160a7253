//! What is kept of the pasts of a slice's services, and what reading adds to it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use super::super::{
    decode::{Answer, RawSeries, Samples},
    grid::{Grid, HOUR},
};
use crate::fleet::{KeptPast, QueryHours, QueryKey, ReadHours};

/// Services that are asked for together, by their places in the slice, in order.
pub(in super::super) type Group = Arc<[usize]>;

/// The pasts of a slice's services.
#[derive(Debug)]
pub(in super::super) struct Kept {
    pasts: Vec<KeptPast>,
    /// The Unix time in seconds from which on pasts are wanted.
    from: i64,
    /// The end of the newest hour that is kept: servers take samples late.
    newest: i64,
    /// Up to which hour each service's past is kept, by query and the instant from which on it has to be.
    ends: Mutex<HashMap<(QueryKey, i64), Arc<Ends>>>,
    added: Mutex<Vec<(usize, ReadHours)>>,
}

/// Up to which hour the pasts of a query are kept.
#[derive(Debug)]
struct Ends {
    /// By place; `None` where the past is not kept.
    of_places: Vec<Option<i64>>,
    groups: BTreeMap<Option<i64>, Group>,
}

/// How long samples may take to be in a server, in seconds.
const LATE: i64 = HOUR;

impl Kept {
    /// What is kept of services, of whose pasts the hours from one instant to another are wanted (Unix seconds).
    pub(in super::super) fn new(pasts: Vec<KeptPast>, from: i64, to: i64) -> Self {
        let newest = to - LATE - (to - LATE).rem_euclid(HOUR);
        Self { pasts, from, newest, ends: Mutex::default(), added: Mutex::default() }
    }

    /// How many figures there are.
    pub(super) fn len(&self) -> usize {
        self.pasts.iter().map(KeptPast::len).sum()
    }

    fn ends(&self, query: QueryKey, from: i64) -> Arc<Ends> {
        let mut known = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = known.entry((query, from)).or_insert_with(|| {
            let end = |past: &KeptPast| Some(past.end(query, from)?.min(self.newest));
            let of_places: Vec<Option<i64>> = self.pasts.iter().map(end).collect();
            let mut groups: BTreeMap<Option<i64>, Vec<usize>> = BTreeMap::new();
            for (place, end) in of_places.iter().enumerate() {
                groups.entry(*end).or_default().push(place);
            }
            let groups = groups.into_iter().map(|(end, places)| (end, places.into())).collect();
            Arc::new(Ends { of_places, groups })
        });
        Arc::clone(ends)
    }

    /// Up to which hour a service's past is kept from an instant on (Unix seconds), and those of which it is kept up to the
    /// same one.
    pub(super) fn end(&self, query: QueryKey, place: usize, from: i64) -> (Option<i64>, Group) {
        let ends = self.ends(query, from);
        let end = ends.of_places.get(place).copied().flatten();
        (end, ends.groups.get(&end).cloned().unwrap_or_default())
    }

    /// The services that lack a past of any of some queries.
    pub(super) fn lacking(&self, queries: &[QueryKey]) -> Group {
        let all: Vec<Arc<Ends>> = queries.iter().map(|query| self.ends(*query, self.from)).collect();
        let lacks =
            |place: &usize| all.iter().any(|ends| ends.of_places.get(*place).is_none_or(Option::is_none));
        (0..self.pasts.len()).filter(lacks).collect()
    }

    /// The end of the first hour with a figure, else of the last one that is kept, where a service's pasts of all of some
    /// queries are kept.
    pub(super) fn first(&self, queries: &[QueryKey], place: usize) -> Option<i64> {
        let end = |query: &QueryKey| self.end(*query, place, self.from).0;
        let ends: Vec<i64> = queries.iter().map(end).collect::<Option<_>>()?;
        let past = self.pasts.get(place)?;
        let first = queries.iter().filter_map(|query| past.first(*query, self.from)).min();
        first.or_else(|| ends.into_iter().min())
    }

    /// What is kept of the hours of a grid.
    pub(super) fn answer(&self, query: QueryKey, place: usize, grid: Grid) -> Answer {
        let hours = self.pasts.get(place).map(|past| past.hours(query, grid.from, grid.to));
        let series = |(labels, hours): (_, Vec<(i64, f64)>)| {
            let mut samples = Samples::default();
            for (end, value) in hours {
                samples.push(end * 1000, value);
            }
            RawSeries { labels: BTreeMap::into_iter(labels).collect(), samples, ..RawSeries::default() }
        };
        Answer { series: hours.unwrap_or_default().into_iter().map(series).collect(), ..Answer::default() }
    }

    /// Keeps what was read of a service: all that there is from an instant on (Unix seconds), or what follows what is kept.
    pub(super) fn add(&self, query: QueryKey, place: usize, from: Option<i64>, answer: &Answer) {
        let read = ReadHours { query, from, end: self.newest, series: hours(answer, self.newest) };
        self.added.lock().unwrap_or_else(PoisonError::into_inner).push((place, read));
    }

    /// What is kept now.
    pub(super) fn into_pasts(self) -> Vec<KeptPast> {
        let mut pasts = self.pasts;
        for (place, read) in self.added.into_inner().unwrap_or_else(PoisonError::into_inner) {
            if let Some(past) = pasts.get_mut(place) {
                past.add(read);
            }
        }
        pasts
    }
}

/// The figures of an answer up to an hour.
fn hours(answer: &Answer, newest: i64) -> QueryHours {
    let series = |series: &RawSeries| {
        let Samples { at_ms, values, .. } = &series.samples;
        let hours = at_ms.iter().map(|at| at / 1000).zip(values.iter().copied());
        let hours: Vec<(i64, f64)> = hours.take_while(|(end, _)| *end <= newest).collect();
        (series.labels.iter().cloned().collect(), hours)
    };
    answer.series.iter().map(series).filter(|(_, hours)| !hours.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::super::grid::DAY, *};

    #[test]
    fn a_past_that_a_server_gave_in_part_is_continued_only_while_it_gives_no_more() {
        let (from, to, query) = (1000 * DAY, 1800 * DAY, QueryKey::new("q"));
        let kept = Kept::new(vec![KeptPast::default()], from, to);
        assert_eq!(kept.end(query, 0, from).0, None);
        kept.add(query, 0, Some(to - 30 * DAY), &Answer::default());
        let next = Kept::new(kept.into_pasts(), from + DAY, to + DAY);
        assert_eq!((next.end(query, 0, from + DAY).0, next.first(&[query], 0)), (None, None));
        assert_eq!(next.lacking(&[query])[..], [0]);
        assert_eq!(next.end(query, 0, to - 29 * DAY).0, Some(to - HOUR));
    }
}
