//! Whether a budget lasts until it is reset, in words.

use super::{counted, day};
use crate::{
    assess::{BudgetReason, Interval, SaturationDate},
    render::format::{dates, percent},
    signal::{Quantity, SignalId, Unit},
};

/// A smaller probability is not told.
const TOLD: f64 = 0.05;

/// "spent around 10 Dec (8–14 Dec), before its reset on 1 Jan 2027"; `used` is the share that is spent now.
pub(super) fn words(budget: &BudgetReason, used: Quantity) -> String {
    let BudgetReason { resets_at, was_reset, per_day, spent_on, at_reset, probability, .. } = budget;
    let Some(reset) = *resets_at else { return without_reset(*was_reset, spent_on.as_ref()) };
    let reset_on = format!("reset on {}", day(reset));
    if used.value() >= 1.0 {
        return format!("nothing is left until its {reset_on}");
    }
    if let Some(on) = spent_on {
        return format!("spent {}, before its {reset_on}", around(on));
    }
    let Some(Interval { low, mid, high }) = at_reset else {
        return match per_day {
            Some(_) => format!("not spent as far as the forecast reaches; {reset_on}"),
            None => {
                format!("{reset_on}; the rate of spending is unknown, so only the amount spent is evaluated")
            }
        };
    };
    let perhaps = probability.filter(|probability| *probability >= TOLD);
    let perhaps = perhaps.map(|probability| format!(", and all of it with {}", percent(probability)));
    let [low, mid, high] = [low, mid, high].map(|share| percent(*share));
    format!("{mid} ({low}–{high}) will be spent at its {reset_on}{}", perhaps.unwrap_or_default())
}

/// Without the time of its reset only the amount spent of a budget is evaluated.
fn without_reset(was_reset: bool, spent_on: Option<&SaturationDate>) -> String {
    let judged = "so only the amount spent is evaluated";
    match spent_on {
        _ if was_reset => format!("it has been reset before, but its next reset is unknown, {judged}"),
        Some(on) => format!("no reset is known, {judged}; without a reset it is spent {}", around(on)),
        None => format!("no reset is known, {judged}"),
    }
}

/// The year is that of the reset, or of today.
fn around(on: &SaturationDate) -> String {
    format!("around {}", dates(on, on.low))
}

/// "38.4 dollars a day (31–46) over the last 14 days": what a date of a budget rests on.
pub(super) fn spend_rate(signal: SignalId, budget: &BudgetReason) -> String {
    let Some(Interval { low, mid, high }) = budget.per_day else {
        return "not enough history: the daily spend is unknown".to_owned();
    };
    let unit = counted(signal).unwrap_or_default();
    let text =
        |value: f64| Quantity::new(value, Unit::Count).map_or_else(String::new, |value| value.to_string());
    let rate = format!("{} {unit} a day ({}–{})", text(mid), text(low), text(high));
    let short = "less than a week, so it may be half or twice as much";
    match budget.days {
        0 => format!("{rate} over the hours known: {short}"),
        1 => format!("{rate} over one day: {short}"),
        days @ 2..7 => format!("{rate} over {days} days: {short}"),
        days => format!("{rate} over {days} days"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}T12:00:00Z").parse().unwrap()
    }

    fn lasting() -> BudgetReason {
        BudgetReason {
            resets_at: Some(at("2026-12-01")),
            was_reset: true,
            per_day: Some(Interval { low: 31.0, mid: 38.4, high: 46.0 }),
            days: 14,
            at_reset: Some(Interval { low: 0.612, mid: 0.71, high: 0.8 }),
            probability: Some(0.0),
            spent_on: None,
        }
    }

    #[track_caller]
    fn check(budget: &BudgetReason, used: f64, expected: &str) {
        assert_eq!(words(budget, Quantity::new(used, Unit::Ratio).unwrap()), expected);
    }

    #[test]
    fn a_budget_is_told_with_its_reset() {
        check(&lasting(), 0.4, "71% (61%–80%) will be spent at its reset on 1 Dec 2026");
        let spent_on = SaturationDate {
            low: at("2026-11-24"),
            mid: Some(at("2026-11-26")),
            high: Some(at("2026-11-29")),
            probability: 1.0,
            horizon: at("2026-12-01"),
        };
        let short = BudgetReason { spent_on: Some(spent_on), probability: Some(0.9), ..lasting() };
        check(&short, 0.4, "spent around 26 Nov (24–29 Nov), before its reset on 1 Dec 2026");
        check(&short, 1.0, "nothing is left until its reset on 1 Dec 2026");
        let close = BudgetReason { probability: Some(0.2), ..lasting() };
        check(&close, 0.4, "71% (61%–80%) will be spent at its reset on 1 Dec 2026, and all of it with 20%");
        let far = BudgetReason { resets_at: Some(at("2027-11-01")), at_reset: None, ..lasting() };
        check(&far, 0.4, "not spent as far as the forecast reaches; reset on 1 Nov 2027");
        let no_rate = BudgetReason { per_day: None, probability: None, ..far };
        check(
            &no_rate,
            0.4,
            "reset on 1 Nov 2027; the rate of spending is unknown, so only the amount spent is evaluated",
        );
        let unknown = BudgetReason { resets_at: None, ..short.clone() };
        check(
            &unknown,
            0.4,
            "it has been reset before, but its next reset is unknown, so only the amount spent is evaluated",
        );
        let never = BudgetReason { was_reset: false, ..unknown };
        check(
            &never,
            0.4,
            "no reset is known, so only the amount spent is evaluated; without a reset it is spent around 26 Nov (24–29 Nov)",
        );
    }

    #[test]
    fn a_rate_is_told_with_what_it_rests_on() {
        let signal = SignalId::find("llm.budget").unwrap();
        assert_eq!(spend_rate(signal, &lasting()), "38.4 dollars a day (31–46) over 14 days");
        let short = BudgetReason { days: 3, ..lasting() };
        assert!(
            spend_rate(signal, &short)
                .ends_with("over 3 days: less than a week, so it may be half or twice as much")
        );
        let none = BudgetReason { per_day: None, ..lasting() };
        assert_eq!(spend_rate(signal, &none), "not enough history: the daily spend is unknown");
    }
}
