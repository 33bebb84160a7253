//! The cost of the plan as charges to come, month by month.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

use super::{Basis, ExportInput};
use crate::assess::PlanItem;

/// How many months are written.
const MONTHS: u32 = 6;

/// The charges to come.
#[derive(Debug, Clone, PartialEq)]
pub struct ChargeSet {
    /// What they rest on.
    pub basis: Basis,
    /// The charges, action by action, month by month.
    pub charges: Vec<Charge>,
    /// Open actions without a charge: their ids, and why.
    pub left_out: Vec<(String, NoCharge)>,
}

/// What an action adds to the bill of a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// The id of the action.
    pub action: String,
    /// What is done.
    pub title: String,
    /// The part of the system.
    pub component: Option<String>,
    /// Its first day.
    pub month: NaiveDate,
    /// The day after its last.
    pub end: NaiveDate,
    /// ISO 4217 code.
    pub currency: String,
    /// At least.
    pub low: f64,
    /// What is expected: the middle, or the least where there is no upper end.
    pub cost: f64,
    /// At most; `None` where nobody says.
    pub high: Option<f64>,
    /// How much of something is bought, where a price is known, and for how much each.
    pub bought: Option<(f64, f64)>,
}

/// Why an action has no charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCharge {
    /// Neither a price nor the roadmap says what it costs.
    NoCost,
    /// It has no date to begin by.
    NoDate,
}

/// What the open actions of the plan add to the bill of the months to come, each from the month in which it begins.
pub fn charges(export: &ExportInput<'_>) -> ChargeSet {
    let assessment = &export.survey.assessment;
    let (mut charges, mut left_out) = (Vec::new(), Vec::new());
    for item in assessment.plan.iter().filter(|item| !item.done) {
        match of_item(item, &assessment.cost.currency, export.now()) {
            Ok(of_item) => charges.extend(of_item),
            Err(reason) => left_out.push((item.id.clone(), reason)),
        }
    }
    ChargeSet { basis: export.basis(), charges, left_out }
}

fn of_item(item: &PlanItem, currency: &str, now: DateTime<Utc>) -> Result<Vec<Charge>, NoCharge> {
    let costs = costs(item, currency);
    if costs.is_empty() {
        return Err(NoCharge::NoCost);
    }
    let start = first_day(item.start_by.ok_or(NoCharge::NoDate)?.max(now).date_naive());
    let first = first_day(now.date_naive());
    let months = (0..MONTHS).filter_map(|ahead| first.checked_add_months(Months::new(ahead)));
    let charge = |month: NaiveDate| {
        let end = month.checked_add_months(Months::new(1)).unwrap_or(month);
        costs.iter().map(move |cost| Charge { month, end, ..cost.clone() })
    };
    Ok(months.filter(|month| *month >= start).flat_map(charge).collect())
}

/// What an item costs: by prices where there are some, else as the roadmap says.
fn costs(item: &PlanItem, currency: &str) -> Vec<Charge> {
    let charge = |currency: &str, (low, cost, high), bought| Charge {
        action: item.id.clone(),
        title: item.title.clone(),
        component: item.component.clone(),
        month: NaiveDate::MIN,
        end: NaiveDate::MIN,
        currency: currency.to_owned(),
        low,
        cost,
        high,
        bought,
    };
    let by_price = item.prices.iter().map(|priced| {
        let cost = priced.per_month;
        let bought = Some((priced.more.mid, priced.price.per_month));
        charge(&priced.price.currency, (cost.low, cost.mid, Some(cost.high)), bought)
    });
    let by_price: Vec<Charge> = by_price.collect();
    let stated = item.cost_per_month.filter(|_| by_price.is_empty()).map(|stated| {
        let (low, high) = (stated.low(), stated.high());
        charge(currency, (low, high.map_or(low, |high| f64::midpoint(low, high)), high), None)
    });
    by_price.into_iter().chain(stated).collect()
}

fn first_day(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}
