//! The cost of the plan as charges to come, month by month.

use std::{collections::BTreeMap, iter::successors};

use chrono::{DateTime, NaiveDate, Utc};

use super::{Basis, ExportInput};
use crate::{
    assess::{ItemPrice, PlanItem},
    calendar::Month,
    signal::ResourceId,
};

/// How many months are written.
const MONTHS: usize = 6;
/// What is bought: more of a resource, of one of several.
type Purchase<'a> = (ResourceId, Option<&'a str>);

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoCharge {
    /// Neither a price nor the roadmap says what it costs.
    NoCost,
    /// It has no date to begin by.
    NoDate,
    /// It begins after the months that are written.
    Later {
        /// The month in which it begins.
        begins: Month,
    },
    /// What it takes is bought by another action.
    BoughtBy {
        /// Its id.
        action: String,
    },
}

/// What the open actions of the plan add to the bill of the months to come, each from the month in which it begins. What
/// several of them need is bought once, by the first.
pub fn charges(export: &ExportInput<'_>) -> ChargeSet {
    let assessment = &export.survey.assessment;
    let (charges, left_out) = of_plan(&assessment.plan, &assessment.cost.currency, export.now());
    ChargeSet { basis: export.basis(), charges, left_out }
}

fn of_plan(plan: &[PlanItem], currency: &str, now: DateTime<Utc>) -> (Vec<Charge>, Vec<(String, NoCharge)>) {
    let (mut charges, mut left_out) = (Vec::new(), Vec::new());
    let mut bought = BTreeMap::<Purchase<'_>, &str>::new();
    for item in plan.iter().filter(|item| !item.done) {
        match of_item(item, &bought, currency, now) {
            Ok(of_item) => {
                charges.extend(of_item);
                for price in &item.prices {
                    bought.entry(purchase(price)).or_insert(&item.id);
                }
            }
            Err(reason) => left_out.push((item.id.clone(), reason)),
        }
    }
    (charges, left_out)
}

fn purchase(price: &ItemPrice) -> Purchase<'_> {
    (price.resource, price.instance.as_deref())
}

fn of_item(
    item: &PlanItem,
    bought: &BTreeMap<Purchase<'_>, &str>,
    currency: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Charge>, NoCharge> {
    let (others, open): (Vec<&ItemPrice>, Vec<&ItemPrice>) =
        item.prices.iter().partition(|price| bought.contains_key(&purchase(price)));
    // What the roadmap says it costs is for the same purchase.
    if let (Some(other), []) = (others.first(), open.as_slice()) {
        let action = bought.get(&purchase(other)).copied().unwrap_or_default();
        return Err(NoCharge::BoughtBy { action: action.to_owned() });
    }
    let costs = costs(item, &open, currency);
    if costs.is_empty() {
        return Err(NoCharge::NoCost);
    }
    let begins = Month::of_instant(item.start_by.ok_or(NoCharge::NoDate)?.max(now));
    let months = successors(Some(Month::of_instant(now)), |month| Some(month.next())).take(MONTHS);
    let months = months.filter(|month| *month >= begins);
    let charge = |month: Month| {
        let (month, end) = (month.first_day(), month.next().first_day());
        costs.iter().map(move |cost| Charge { month, end, ..cost.clone() })
    };
    let charges: Vec<Charge> = months.flat_map(charge).collect();
    if charges.is_empty() { Err(NoCharge::Later { begins }) } else { Ok(charges) }
}

/// What an item costs: by prices where there are some, else as the roadmap says.
fn costs(item: &PlanItem, prices: &[&ItemPrice], currency: &str) -> Vec<Charge> {
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
    let by_price = prices.iter().map(|priced| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// An item of the plan that buys what a text names, from a day on.
    fn item(id: &str, buys: &[&str], start_by: Option<&str>, done: bool) -> PlanItem {
        let interval = |amount: f64| json!({ "low": amount, "mid": amount, "high": amount });
        let price = |instance: &&str| {
            json!({
                "resource": "postgres.connections", "instance": instance,
                "present": { "value": 100.0, "unit": "count" }, "needed": interval(120.0), "until": "2026-12-31",
                "more": interval(2.0), "per_month": interval(9.0),
                "price": {
                    "resource": "postgres.connections", "per": { "value": 10.0, "unit": "count" },
                    "per_month": 4.5, "currency": "USD", "origin": "settings",
                },
            })
        };
        let item = json!({
            "id": id, "title": id, "component": null, "priority": "high", "relieves": [], "effort": null,
            "timeline": null, "start_by": start_by.map(|day| format!("{day}T00:00:00Z")), "act_by_users": null,
            "cost_per_month": { "low": 100.0, "high": 100.0 },
            "prices": buys.iter().map(price).collect::<Vec<Value>>(),
            "steps": [], "figures": [], "reasons": [], "done": done,
        });
        serde_json::from_value(item).unwrap()
    }

    /// How many charges each action has, and what they add up to.
    type Sums = BTreeMap<String, (usize, f64)>;

    fn charged(plan: &[PlanItem]) -> (Sums, Vec<(String, NoCharge)>) {
        let (charges, left_out) = of_plan(plan, "USD", "2026-11-20T00:00:00Z".parse().unwrap());
        let mut sums = Sums::new();
        for charge in charges {
            let sum = sums.entry(charge.action).or_default();
            *sum = (sum.0 + 1, sum.1 + charge.cost);
        }
        (sums, left_out)
    }

    #[test]
    fn what_several_actions_need_is_bought_once() {
        let day = Some("2026-11-25");
        let plan = [
            item("done", &["a"], day, true),
            item("undated", &["a"], None, false),
            item("first", &["a"], day, false),
            item("second", &["a"], day, false),
            item("third", &["a", "b"], day, false),
            item("stated", &[], day, false),
        ];
        let (sums, left_out) = charged(&plan);
        let expected = [("first", (6, 54.0)), ("stated", (6, 600.0)), ("third", (6, 54.0))];
        assert_eq!(sums, BTreeMap::from(expected.map(|(id, sum)| (id.to_owned(), sum))));
        let by_first = NoCharge::BoughtBy { action: "first".to_owned() };
        assert_eq!(left_out, [("undated".to_owned(), NoCharge::NoDate), ("second".to_owned(), by_first)]);
    }

    #[test]
    fn what_begins_after_the_months_is_left_out_with_the_reason() {
        let plan = [
            item("later", &["a"], Some("2027-05-01"), false),
            item("last", &["a"], Some("2027-04-30"), false),
        ];
        let (sums, left_out) = charged(&plan);
        assert_eq!(sums["last"].0, 1);
        assert_eq!(left_out, [("later".to_owned(), NoCharge::Later { begins: "2027-05".parse().unwrap() })]);
    }
}
