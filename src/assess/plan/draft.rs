//! A plan in the making: the same thing to do is named once, with every reason for it.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

use chrono::{DateTime, Utc};

use super::PlanItem;
use crate::assess::{BottleneckReason, PlanReason, parallel};

/// Things to do in the order in which they were first called for, found by their ids, and their reasons, found by what
/// they tell of: of many instances there are as many reasons for the same remedy.
#[derive(Debug, Default)]
pub(super) struct Draft {
    items: Vec<PlanItem>,
    places: BTreeMap<String, usize>,
    /// Where the reasons of an item stand that may be equal.
    reasons: HashMap<(usize, u64), Vec<usize>>,
}

/// What calls for something, and how soon.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) reason: PlanReason,
    /// When to begin at the latest.
    pub(super) start_by: Option<DateTime<Utc>>,
    /// The load before which it must be in place.
    pub(super) act_by_users: Option<u64>,
}

impl Draft {
    /// A plan that goes on from the items of another.
    pub(super) fn with_items(items: Vec<PlanItem>) -> Self {
        let mut draft = Self::default();
        for item in items {
            draft.push(item);
        }
        draft
    }

    /// Adds an item, or its reasons and its urgency to the same item that is there already.
    pub(super) fn push(&mut self, mut item: PlanItem) {
        let Some(place) = self.places.get(&item.id).copied() else {
            let place = self.items.len();
            self.places.insert(item.id.clone(), place);
            let reasons = std::mem::take(&mut item.reasons);
            self.items.push(item);
            return reasons.into_iter().for_each(|reason| self.add_reason(place, reason));
        };
        self.hasten(place, item.start_by, item.act_by_users);
        item.reasons.into_iter().for_each(|reason| self.add_new_reason(place, reason));
    }

    /// Adds the item that is called for, which is made only where it is not there already.
    pub(super) fn call_for(&mut self, id: &str, call: Call, item: impl FnOnce(PlanReason) -> PlanItem) {
        let Call { reason, start_by, act_by_users } = call;
        match self.places.get(id).copied() {
            Some(place) => {
                self.hasten(place, start_by, act_by_users);
                self.add_new_reason(place, reason);
            }
            None => self.push(PlanItem { start_by, ..item(reason) }),
        }
    }

    /// The place of the first item that something holds of.
    pub(super) fn position(&self, holds: impl Fn(&PlanItem) -> bool) -> Option<usize> {
        self.items.iter().position(holds)
    }

    /// Adds a reason to the item at a place.
    pub(super) fn add_reason(&mut self, place: usize, reason: PlanReason) {
        if let Some(item) = self.items.get_mut(place) {
            self.reasons.entry((place, subject(&reason))).or_default().push(item.reasons.len());
            item.reasons.push(reason);
        }
    }

    pub(super) fn into_items(self) -> Vec<PlanItem> {
        self.items
    }

    fn hasten(&mut self, place: usize, start_by: Option<DateTime<Utc>>, act_by_users: Option<u64>) {
        if let Some(item) = self.items.get_mut(place) {
            item.start_by = item.start_by.into_iter().chain(start_by).min();
            item.act_by_users = item.act_by_users.or(act_by_users);
        }
    }

    fn add_new_reason(&mut self, place: usize, reason: PlanReason) {
        let of_item = self.items.get(place).map(|item| item.reasons.as_slice()).unwrap_or_default();
        let alike = self.reasons.get(&(place, subject(&reason))).map(Vec::as_slice).unwrap_or_default();
        parallel::looked_at(1 + alike.len());
        if !alike.iter().any(|known| of_item.get(*known) == Some(&reason)) {
            self.add_reason(place, reason);
        }
    }
}

/// A number that equal reasons have in common, and few others of an item.
fn subject(reason: &PlanReason) -> u64 {
    let mut hasher = DefaultHasher::new();
    std::mem::discriminant(reason).hash(&mut hasher);
    if let PlanReason::Relieves { resource, reason } = reason {
        resource.hash(&mut hasher);
        if let BottleneckReason::Limit { evaluation } | BottleneckReason::Unexplained { evaluation, .. } =
            reason
        {
            (evaluation.measured.signal, &evaluation.measured.instance).hash(&mut hasher);
        }
    }
    hasher.finish()
}
