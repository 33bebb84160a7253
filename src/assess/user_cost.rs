//! What a user costs a month in each phase: as the roadmap states it, and as bills and the loads of their months show.

use chrono::{DateTime, Datelike, NaiveDate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Context,
    cost::{self, Paid},
    outlook::Past,
};
use crate::{
    roadmap::{Phase, Range, Roadmap},
    signal::{Series, quantile},
};

/// A bill is for the load of so many days up to its date.
const MONTH_DAYS: i32 = 28;
/// The fewest of them that must be known.
const MIN_DAYS: usize = 14;
/// The peak of a month is this quantile of the busiest hours of its days, as that of now is.
const PEAK: f64 = 0.95;
/// A measured cost further than this factor from the stated one contradicts it.
const CONTRADICTION: f64 = 2.0;

/// The monthly cost of a user in a phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UserCost {
    /// The phase's number.
    pub phase: u64,
    /// As the roadmap states it.
    pub stated: Option<StatedUserCost>,
    /// As it was measured.
    pub measured: Option<MeasuredUserCost>,
    /// How many times the nearest stated cost the measured one is, where it is more than twice or less than half of it.
    pub contradiction: Option<f64>,
}

/// The cost of a user according to the roadmap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StatedUserCost {
    /// The cost of a user a month, at least and at most.
    pub per_month: Range<f64>,
    /// The stated cost that it comes from.
    pub total: Range<f64>,
    /// The users that it is divided by.
    pub users: Range<f64>,
    /// Whether the total is that of the whole phase, and not of these users.
    pub of_phase: bool,
}

/// The cost of a user according to bills.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeasuredUserCost {
    /// The cost of a user a month, at least and at most.
    pub per_month: Range<f64>,
    /// The users at the peak hours, at least and at most.
    pub users: Range<f64>,
    /// What was paid.
    pub basis: PaidBasis,
}

/// What was paid for users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PaidBasis {
    /// The declared cost of now.
    Declared {
        /// How much.
        per_month: f64,
    },
    /// The newest whole month of the bill, for the users of now.
    Bill {
        /// How much.
        per_month: f64,
        /// The first day of the month.
        month: NaiveDate,
    },
    /// The newest of the bills, for the users of now.
    NewestBill {
        /// How much.
        per_month: f64,
        /// Its date.
        date: NaiveDate,
    },
    /// Bills of past months, each for the users of its month.
    PastBills {
        /// How many.
        bills: usize,
        /// The date of the newest.
        newest: NaiveDate,
    },
}

/// Every phase of which the roadmap or the bills say what a user costs.
pub(super) fn assess(context: &Context<'_>, peak: Option<f64>, current: Option<u64>) -> Vec<UserCost> {
    let roadmap = &context.input.roadmap;
    let (now, months) = (present(context, peak), past_months(context));
    let of_phase = |phase: &Phase| {
        let now = now.clone().filter(|_| current == Some(phase.number));
        let measured = now.or_else(|| past(phase, &months));
        let users = measured.as_ref().map(|measured| measured.users);
        let stated = stated(roadmap, phase, users);
        let contradiction = stated
            .as_ref()
            .zip(measured.as_ref())
            .and_then(|(stated, measured)| contradiction(&stated.per_month, &measured.per_month));
        let is_known = stated.is_some() || measured.is_some();
        is_known.then_some(UserCost { phase: phase.number, stated, measured, contradiction })
    };
    roadmap.phases.iter().filter_map(of_phase).collect()
}

/// What is paid now for a user of the present peak hour; nothing where credits bring a bill to zero.
fn present(context: &Context<'_>, peak: Option<f64>) -> Option<MeasuredUserCost> {
    let users = peak.filter(|peak| *peak >= 1.0)?;
    let (per_month, paid) = cost::paid(context).filter(|(per_month, _)| *per_month > 0.0)?;
    let basis = match paid {
        Paid::Declared => PaidBasis::Declared { per_month },
        Paid::Bill { month } => PaidBasis::Bill { per_month, month },
        Paid::NewestBill { date } => PaidBasis::NewestBill { per_month, date },
    };
    let (users, per_month) = (Range::exact(users), Range::exact(per_month / users));
    Some(MeasuredUserCost { per_month, users, basis })
}

/// A month with a bill and a load.
struct Month {
    date: NaiveDate,
    cost: f64,
    users: f64,
}

/// The bills that are for a month whose load is known.
fn past_months(context: &Context<'_>) -> Vec<Month> {
    let (Some(bills), Some(load)) = (cost::bills(context), Past::for_load(context)) else {
        return Vec::new();
    };
    let (days, busiest) = load.busiest_hours(context.snapshot.taken_at);
    let month = |(at_ms, cost): (i64, f64)| {
        let date = DateTime::from_timestamp_millis(at_ms)?.date_naive();
        let is_of_month = |day: i32| (0..MONTH_DAYS).contains(&(date.num_days_from_ce() - day));
        let of_month = days.iter().zip(&busiest).filter(|(day, _)| is_of_month(**day));
        let loads: Vec<f64> = of_month.map(|(_, load)| *load).collect();
        let users = quantile(&loads, PEAK).filter(|users| loads.len() >= MIN_DAYS && *users >= 1.0)?;
        (cost > 0.0).then_some(Month { date, cost, users })
    };
    samples(bills).filter_map(month).collect()
}

fn samples(series: &Series) -> impl Iterator<Item = (i64, f64)> {
    series.at_ms().iter().copied().zip(series.values().iter().copied())
}

/// What a user cost in the past months that were in a phase.
fn past(phase: &Phase, months: &[Month]) -> Option<MeasuredUserCost> {
    let of_phase: Vec<&Month> = months.iter().filter(|month| phase.users.holds(month.users)).collect();
    let range = |value: fn(&Month) -> f64| {
        let values = || of_phase.iter().map(|month| value(month));
        Range::new(values().fold(f64::INFINITY, f64::min), Some(values().fold(0.0, f64::max)))
    };
    Some(MeasuredUserCost {
        per_month: range(|month| month.cost / month.users)?,
        users: range(|month| month.users)?,
        basis: PaidBasis::PastBills {
            bills: of_phase.len(),
            newest: of_phase.iter().map(|month| month.date).max()?,
        },
    })
}

/// What the roadmap states for the users that were measured, else for those of the phase.
fn stated(roadmap: &Roadmap, phase: &Phase, measured: Option<Range<f64>>) -> Option<StatedUserCost> {
    let number =
        measured.map(|users| users.high().map_or(users.low(), |high| f64::midpoint(users.low(), high)));
    if let Some(users) = number {
        let of_users = cost::stated_cost(roadmap, users).and_then(|cost| cost.per_month);
        if let Some(total) = of_users {
            return divided(total, Range::exact(users), false);
        }
    }
    let total = phase.cost_per_month?;
    let band = phase.users;
    let users = match number {
        Some(users) => Range::exact(users),
        None => Range::new(band.low() as f64, Some(band.high()? as f64))?,
    };
    divided(total, users, true)
}

/// The least total for the most users, and the most for the fewest.
fn divided(total: Range<f64>, users: Range<f64>, of_phase: bool) -> Option<StatedUserCost> {
    let high = total.high().filter(|_| users.low() > 0.0).map(|high| high / users.low());
    let per_month = Range::new(total.low() / users.high()?, high)?;
    per_month.low().is_finite().then_some(StatedUserCost { per_month, total, users, of_phase })
}

/// How far a measured range lies beyond a stated one, where that is more than the factor.
fn contradiction(stated: &Range<f64>, measured: &Range<f64>) -> Option<f64> {
    let above = stated.high().map(|high| measured.low() / high).filter(|times| *times > CONTRADICTION);
    let below = measured.high().map(|high| high / stated.low()).filter(|times| *times * CONTRADICTION < 1.0);
    above.or(below).filter(|times| times.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_of_two_beyond_what_is_stated_is_a_contradiction() {
        let of = |stated: (f64, Option<f64>), measured: (f64, f64)| {
            let stated = Range::new(stated.0, stated.1).unwrap();
            contradiction(&stated, &Range::new(measured.0, Some(measured.1)).unwrap())
        };
        assert_eq!(of((1.0, Some(2.0)), (4.0, 4.0)), None);
        assert_eq!(of((1.0, Some(2.0)), (5.0, 6.0)), Some(2.5));
        assert_eq!(of((1.0, Some(2.0)), (0.5, 0.5)), None);
        assert_eq!(of((1.0, Some(2.0)), (0.1, 0.2)), Some(0.2));
        // Months on both sides contradict nothing.
        assert_eq!(of((1.0, Some(2.0)), (0.1, 9.0)), None);
        assert_eq!(of((1.0, None), (90.0, 90.0)), None);
    }
}
