//! What those who are left take over, and how they are then.

use std::collections::BTreeSet;

use super::{
    judge::{Judge, key, name},
    outcome::{Moved, Survivor},
};
use crate::{
    assess::{
        Bottleneck, LimitOutcome, UnderLimit,
        bottleneck::{Rows, by_name},
        in_context, load,
        load_part::{LoadDriven, LoadPart, with_taken_over},
        outlook::{self, Detail},
        ranking,
    },
    signal::{Quantity, SignalId},
    snapshot::{Observation, Snapshot},
};

/// So many of those who are left are judged in each pool, the fullest.
const MAX_SURVIVORS: usize = 16;
/// A lost instance that did so many times the work of each one that is left did it alone.
const ALONE: f64 = 3.0;

/// The instances of one pool for one signal, of which some are lost.
pub(super) struct Takeover<'a> {
    lost: Vec<&'a Observation>,
    /// Those who are left, the fullest first.
    left: Vec<&'a Observation>,
    moved: Moved,
    /// How many share what is taken over.
    sharing: usize,
    same_size: bool,
    /// What the lost ones used, in the window and in the past.
    present: Vec<LoadDriven>,
    past: Vec<LoadDriven>,
    /// The share that each of those who are left takes over.
    weights: Vec<f64>,
}

impl<'a> Judge<'_, 'a> {
    /// How the work of the lost ones goes to those who are left.
    pub(super) fn takeover(&self, lost: Vec<&'a Observation>, left: &[&'a Observation]) -> Takeover<'a> {
        let unit = |observation: &Observation| observation.capacity().map(Quantity::unit);
        let first = lost.first().copied().and_then(unit);
        let same_size =
            first.is_none() || !lost.iter().chain(left).all(|observation| unit(observation) == first);
        let size = |observation: &Observation| observation.capacity().filter(|_| !same_size);
        let driven = |observation: &Observation| {
            LoadDriven::new(observation, self.part(observation), size(observation))
        };
        // The past tells shares better than a day does.
        let work = |observation: &Observation| {
            let past = self.past(observation);
            let past = past.map(|past| LoadDriven::new(past, self.part(observation), size(observation)));
            past.unwrap_or_else(|| driven(observation)).mean()
        };
        let most =
            |observations: &[&Observation]| observations.iter().map(|found| work(found)).fold(0.0, f64::max);
        let parts: Vec<LoadPart> = lost.iter().map(|observation| self.part(observation)).collect();
        let alone = most(&lost) > ALONE * most(left);
        let moved = match () {
            () if parts.contains(&LoadPart::Unknown) => Moved::AtMostAll,
            () if parts.iter().all(|part| *part == LoadPart::Nothing) => Moved::Nothing,
            () if alone && left.len() > 1 => Moved::ByOne,
            () => Moved::Shared,
        };
        let shares: Vec<f64> = left.iter().map(|observation| work(observation)).collect();
        let all: f64 = shares.iter().sum();
        let weight = |share: &f64| match () {
            () if alone => 1.0,
            () if all > 0.0 => share / all,
            () => 1.0 / left.len() as f64,
        };
        let mut weighted: Vec<(&Observation, f64)> =
            left.iter().copied().zip(shares.iter().map(weight)).collect();
        let headroom =
            |observation: &Observation| self.now.get(&key(observation)).and_then(|row| row.headroom);
        weighted.sort_by(|a, b| {
            let room = |found: &Observation| headroom(found).unwrap_or(f64::INFINITY);
            room(a.0).total_cmp(&room(b.0)).then_with(|| a.0.instance.cmp(&b.0.instance))
        });
        let past = |observation: &&Observation| {
            Some(LoadDriven::new(self.past(observation)?, self.part(observation), size(observation)))
        };
        let (left, weights): (Vec<_>, Vec<_>) = weighted.into_iter().unzip();
        Takeover {
            present: lost.iter().map(|observation| driven(observation)).collect(),
            past: lost.iter().filter_map(past).collect(),
            lost,
            moved,
            sharing: if alone { 1 } else { left.len() },
            left,
            same_size,
            weights,
        }
    }

    /// Those who are left as they are then, the worst first.
    pub(super) fn survivors(&self, takeovers: &[Takeover<'a>]) -> Vec<Survivor> {
        if takeovers.is_empty() {
            return Vec::new();
        }
        let then = self.without_lost(takeovers);
        let then = by_name(&then);
        let mut survivors: Vec<Survivor> =
            takeovers.iter().flat_map(|takeover| self.of_takeover(takeover, &then)).collect();
        survivors.sort_by(Survivor::worse_first);
        survivors
    }

    fn of_takeover(&self, takeover: &Takeover<'a>, then: &Rows<'_>) -> Vec<Survivor> {
        let names: Vec<String> = takeover.lost.iter().map(|lost| name(lost)).collect();
        let survivor = |observation: &&Observation| {
            let before = UnderLimit::new(self.now.get(&key(observation))?);
            let after = match takeover.moved {
                Moved::Nothing => before.clone(),
                _ => UnderLimit::new(then.get(&key(observation))?),
            };
            let is_full = |under: &UnderLimit| under.headroom.is_some_and(|headroom| headroom <= 0.0);
            let saturates = match takeover.moved {
                _ if after.headroom.is_none() => LimitOutcome::Unknown,
                _ if !is_full(&after) => LimitOutcome::No,
                // What is full today is not made so by the loss.
                Moved::AtMostAll if !is_full(&before) => LimitOutcome::Perhaps,
                _ => LimitOutcome::Yes,
            };
            Some(Survivor {
                resource: observation.signal.entry().resource?,
                signal: observation.signal,
                instance: observation.instance.clone(),
                takes_over: names.clone(),
                sharing: takeover.sharing,
                moved: takeover.moved,
                same_size: takeover.same_size,
                saturates,
                before,
                after,
            })
        };
        takeover.left.iter().take(MAX_SURVIVORS).filter_map(survivor).collect()
    }

    /// Every row that takes something over, as it would be.
    fn without_lost(&self, takeovers: &[Takeover<'a>]) -> Vec<Bottleneck> {
        let snapshot = self.context.snapshot;
        let load = &self.context.input.roadmap.load;
        let loads: BTreeSet<SignalId> =
            load::estimates(load).into_iter().map(|estimate| estimate.signal).chain([load.signal]).collect();
        let of_load = |observation: &&Observation| loads.contains(&observation.signal);
        let mut then = Snapshot {
            observations: snapshot.observations.iter().filter(of_load).cloned().collect(),
            history: snapshot.history.iter().filter(of_load).cloned().collect(),
            ..snapshot.without_measurements()
        };
        for takeover in takeovers.iter().filter(|takeover| takeover.moved != Moved::Nothing) {
            let all = takeover.left.iter().zip(&takeover.weights).take(MAX_SURVIVORS);
            for (observation, weight) in all {
                let size = observation.capacity().filter(|_| !takeover.same_size);
                then.observations.push(with_taken_over(observation, size, &takeover.present, *weight));
                let past = self.past(observation);
                then.history.extend(past.map(|past| with_taken_over(past, size, &takeover.past, *weight)));
            }
        }
        in_context(self.context.input, &then, |context, evaluations| {
            let outlook = outlook::assess(context, &evaluations, self.assumptions, Detail::Dates);
            ranking::assess(context, &evaluations, &outlook).bottlenecks
        })
    }
}
