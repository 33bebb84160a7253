//! Prices, and what changes cost, in words.

use crate::{
    assess::{ChangeCost, CostEnds, MeasuredUserCost, PaidBasis, StatedCostChange, StatedUserCost, UserCost},
    render::format::{count, money, money_range},
    roadmap::{Price, PriceOrigin, Range},
};

/// "10 × 100 GiB", or "2" where pieces are bought.
pub(super) fn purchases(number: f64, price: &Price) -> String {
    let each = price.per.map(|per| format!(" × {per}")).unwrap_or_default();
    format!("{}{each}", count(number))
}

/// "$41.50 each, [[prices]]".
pub(super) fn price(price: &Price) -> String {
    let origin = match &price.origin {
        PriceOrigin::Settings => "[[prices]]".to_owned(),
        PriceOrigin::Bill { sku, month, .. } => format!("{sku} in the bill of {}", month.format("%B %Y")),
    };
    let each = money(&price.currency, cents(price.per_month));
    format!("{each} each, {origin}")
}

/// "+$140 a month: 2 more ($70 each, replica in the bill of October 2026)", or why that is not known.
pub(crate) fn change_cost(cost: &ChangeCost) -> String {
    match cost {
        ChangeCost::Priced { more, price: paid, .. } if *more == 0.0 => {
            format!("cost unchanged: less than one purchase ({})", price(paid))
        }
        ChangeCost::Priced { more, per_month, only_in_use, price: paid } => {
            let sign = if *per_month < 0.0 { '-' } else { '+' };
            let amount = money(&paid.currency, cents(per_month.abs()));
            let direction = if *more < 0.0 { "fewer" } else { "more" };
            let number = purchases(more.abs(), paid);
            let (bound, used) = if *only_in_use { ("at most ", ", while all of them run") } else { ("", "") };
            format!("{bound}{sign}{amount} a month{used}: {number} {direction} ({})", price(paid))
        }
        ChangeCost::NoPrice { resource, instance } => {
            let instance = instance.as_ref().map(|instance| format!(" and instance = \"{instance}\""));
            format!(
                "cost unknown: no price is stated; add one to [[prices]] with resource = \"{resource}\"{}",
                instance.unwrap_or_default()
            )
        }
        ChangeCost::OtherUnit { unit, price } => format!(
            "cost unknown: the price of {} in [[prices]] is not for an amount in the unit of the limit; say in `per` how \
             much is bought at a time, {}",
            price.resource,
            unit.example(),
        ),
    }
}

/// "+$379 a month by the roadmap: $421 for 342 users → $800 for 500 users".
pub(crate) fn stated_change(currency: &str, change: &StatedCostChange) -> String {
    let StatedCostChange { between, from, to, per_month } = change;
    let (before, after) = match between {
        CostEnds::Users { from, to } => {
            (format!("for {} users", count(*from)), format!("for {} users", count(*to)))
        }
        CostEnds::Phases { from: Some(from), to } if from == to => {
            return format!(
                "unknown: both are in phase {to}, and the roadmap states no costs by users on both sides"
            );
        }
        CostEnds::Phases { from, to } => {
            let from = from.map_or_else(
                || "in the present phase, which is unknown".to_owned(),
                |from| format!("in phase {from}"),
            );
            (from, format!("in phase {to}"))
        }
    };
    let stated = |range: &Option<Range<f64>>, words: &str| match range {
        Some(range) => format!("{} {words}", money_range(currency, range)),
        None => format!("not stated {words}"),
    };
    let ends = format!("{} → {}", stated(from, &before), stated(to, &after));
    match per_month {
        Some(range) => format!("{} a month by the roadmap: {ends}", signed_range(currency, range)),
        None => format!("unknown by the roadmap: {ends}"),
    }
}

/// "+$50–290", "-$20 to +$30".
fn signed_range(currency: &str, range: &Range<f64>) -> String {
    let signed = |amount: f64| {
        let sign = if amount < 0.0 { '-' } else { '+' };
        format!("{sign}{}", money(currency, cents(amount.abs())))
    };
    match range.high() {
        Some(high) if (high - range.low()).abs() < 0.005 => signed(high),
        Some(high) if range.low() >= 0.0 => format!(
            "+{}",
            Range::new(cents(range.low()), Some(cents(high)))
                .map_or_else(String::new, |range| money_range(currency, &range))
        ),
        Some(high) => format!("{} to {}", signed(range.low()), signed(high)),
        None => format!("{} or more", signed(range.low())),
    }
}

/// "$1.87 measured ($640 by facts.monthly_cost for 342 users at the peak hour), $1.23 to $2.05 stated ($421–700 for 342 users)".
pub(crate) fn user_cost(currency: &str, cost: &UserCost) -> String {
    let measured = cost.measured.as_ref().map(|measured| {
        format!("{} measured ({})", range(currency, &measured.per_month), measured_basis(currency, measured))
    });
    let stated = cost.stated.as_ref().map(|stated| {
        format!("{} stated ({})", range(currency, &stated.per_month), stated_basis(currency, stated))
    });
    let text = measured.into_iter().chain(stated).collect::<Vec<_>>().join(", ");
    match cost.contradiction {
        Some(times) => format!("{text}; {}", contradiction(times)),
        None => text,
    }
}

/// "the measured cost is 3.1 times the stated one".
pub(crate) fn contradiction(times: f64) -> String {
    if times >= 1.0 {
        format!("the measured cost is {} times the stated one", count(times))
    } else {
        format!("the stated cost is {} times the measured one", count(1.0 / times))
    }
}

/// "$640 by facts.monthly_cost for 342 users at the peak hour".
pub(crate) fn measured_basis(currency: &str, measured: &MeasuredUserCost) -> String {
    let users = users(&measured.users);
    match &measured.basis {
        PaidBasis::Declared { per_month } => {
            format!("{} by facts.monthly_cost for {users} at the peak hour", money(currency, *per_month))
        }
        PaidBasis::Bill { per_month, month } => format!(
            "{} by the bill of {} for {users} at the peak hour now",
            money(currency, *per_month),
            month.format("%B %Y")
        ),
        PaidBasis::NewestBill { per_month, date } => format!(
            "{} by the bill of {} for {users} at the peak hour now",
            money(currency, *per_month),
            date.format("%-d %b %Y")
        ),
        PaidBasis::PastBills { bills: 1, newest } => {
            format!("the bill of {} for {users} at the peak hours of its month", newest.format("%-d %b %Y"))
        }
        PaidBasis::PastBills { bills, newest } => format!(
            "{bills} bills up to {} for {users} at the peak hours of their months",
            newest.format("%-d %b %Y")
        ),
    }
}

/// "$421–700 for 342 users", "$200–800 in the whole phase, for 342 users".
pub(crate) fn stated_basis(currency: &str, stated: &StatedUserCost) -> String {
    let total = money_range(currency, &stated.total);
    let phase = if stated.of_phase { " in the whole phase," } else { "" };
    format!("{total}{phase} for {}", users(&stated.users))
}

/// "342 users", "100 to 500 users".
fn users(range: &Range<f64>) -> String {
    match range.high().map(count).filter(|high| *high != count(range.low())) {
        Some(high) => format!("{} to {high} users", count(range.low())),
        None => format!("{} users", count(range.low())),
    }
}

/// The cost of a user, whose cents matter.
pub(crate) fn range(currency: &str, range: &Range<f64>) -> String {
    let low = money(currency, cents(range.low()));
    match range.high().map(|high| money(currency, cents(high))) {
        Some(high) if high == low => low,
        Some(high) => format!("{low} to {high}"),
        None => format!("{low} or more"),
    }
}

/// Without what is less than a cent.
fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}
