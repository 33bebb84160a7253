//! When something is planned: in which weeks or months.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Range, value};
use crate::{
    diagnostic::{Diagnostic, Node, Reader},
    signal::{Quantity, Unit},
};

const DAY: f64 = 86_400.0;

/// Weeks or months, counted from 1, first and last included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Schedule {
    /// The weeks, counted from the beginning of the phase or of the plan it stands in.
    pub weeks: Option<Range<u64>>,
    /// The months, where the document counts in months.
    pub months: Option<Range<u64>>,
}

impl Schedule {
    /// How long it takes, a month having 30 days; `None` where nothing is planned or the end is open.
    pub fn duration(&self) -> Option<Quantity> {
        let (range, days) = match (self.weeks, self.months) {
            (Some(weeks), _) => (weeks, 7.0),
            (None, Some(months)) => (months, 30.0),
            (None, None) => return None,
        };
        let count = range.high()? - range.low() + 1;
        Quantity::new(count as f64 * days * DAY, Unit::Seconds)
    }
}

/// The keys of a schedule among those of what is planned.
pub(super) fn read(reader: &Reader<'_>) -> Schedule {
    let places = ["weeks", "months"].map(|key| reader.optional(key));
    if let [Some(weeks), Some(months)] = places {
        let message = "`weeks` and `months` exclude each other";
        reader.report(
            Diagnostic::error("roadmap/two-schedules", months.span(), message)
                .also(weeks.span(), "planned in weeks already"),
        );
    }
    let [weeks, months] = places.map(|node| node.and_then(read_range));
    Schedule { weeks, months }
}

fn read_range(node: Node<'_>) -> Option<Range<u64>> {
    let range = value::exact_or_pair(node, Node::count)?;
    if range.low() == 0 {
        return node.fail("roadmap/range", "weeks and months are counted from 1");
    }
    Some(range)
}
