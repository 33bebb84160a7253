//! The load, forecasts and saturation in words.

use chrono::{Datelike, NaiveDate};

use super::{amount, budget::spend_rate, counted, day, joined, missing, percent};
use crate::{
    assess::{
        DemandReason, EventShortage, ExpectedEvent, ForecastReason, Interval, LoadReason, Measured,
        SaturationReason,
    },
    render::format::{bounds, count, signed_percent},
    roadmap::Event,
    signal::{self, Quantity, Unit},
};

/// How the load is known, or why it is not.
pub(crate) fn load(reason: &LoadReason) -> String {
    match reason {
        LoadReason::Measured { query } => format!("measured: {query}"),
        LoadReason::Estimated { from, per_user } => {
            let each = per_user.map(|rate| format!(" at {rate} each")).unwrap_or_default();
            format!("estimated from {from}{each}")
        }
        LoadReason::Unknown { missing: reason, estimated_from } => {
            let titles: Vec<&str> =
                estimated_from.iter().map(|signal| signal.entry().title.as_str()).collect();
            let from = if titles.is_empty() { "anything else".to_owned() } else { titles.join(" or ") };
            format!("{}; nor can it be estimated from {from}", missing(reason))
        }
        LoadReason::Worded { text } => text.clone(),
    }
}

/// What a forecast rests on, or why there is none.
pub(crate) fn forecast(reason: &ForecastReason) -> String {
    match reason {
        ForecastReason::NotForecast => "not forecast: does not scale with load".to_owned(),
        ForecastReason::NoHistory { signal } => {
            format!("not enough history: no source has history for {signal}")
        }
        ForecastReason::TooFewDays { days, needed, enough_on } => format!(
            "not enough history: {} with a value, at least {needed} are needed{}",
            signal::counted(*days, "day"),
            from_day("dates", *enough_on)
        ),
        ForecastReason::TooManyGaps { missing, days } => {
            format!("not enough history: {missing} of {days} days have no value")
        }
        ForecastReason::InvalidHistory { index } => {
            format!("value {index} of the history is not finite or not in order")
        }
        ForecastReason::Ended { on } => format!("the history ends on {on}, too long ago for a forecast"),
        ForecastReason::ZeroBase => {
            "growth cannot be assumed for a value that was zero within the last four weeks".to_owned()
        }
        ForecastReason::Assumed { growth_per_month } => format!(
            "growth of {} a month assumed; intervals exclude growth uncertainty",
            percent(*growth_per_month)
        ),
        ForecastReason::Continued {
            days,
            trend_changed_days_ago,
            stepped_by,
            growth_per_month,
            significant,
            limit,
        } => {
            let change = trend_changed_days_ago.map(|days| changed(days, *stepped_by));
            let first = format!("from {days} days of history{}", towards(limit.as_ref()));
            let growth = growth(growth_per_month.as_ref(), *significant);
            joined([Some(first), change, Some(growth)].into_iter().flatten())
        }
        ForecastReason::Evicts => "a full cache evicts, so it never runs out".to_owned(),
        ForecastReason::Spend { signal, budget } => spend_rate(*signal, budget),
        ForecastReason::Demand { demand: reason } => demand(reason),
        ForecastReason::Disagrees { days, by } => format!(
            "no saturation load: usage is {} off the previous demand for {days} {}",
            signed_percent(*by),
            if *days == 1 { "day" } else { "days" }
        ),
        ForecastReason::TooFewCommonDays { days, needed, enough_on } => format!(
            "{} with values of both load and signal, at least {needed} are needed{}",
            signal::counted(*days, "day"),
            from_day("a saturation load", *enough_on)
        ),
        ForecastReason::LoadTooEven { ratio, needed } => format!(
            "peak hours have {ratio:.2} times the load of quiet hours; at least {needed} times is needed"
        ),
        ForecastReason::Unrelated { explained, needed } => format!(
            "the load explains {:.0}% of the signal; at least {:.0}% is needed",
            explained * 100.0,
            needed * 100.0
        ),
        ForecastReason::NoDemand => {
            "demand not significantly different from zero, so no saturation load".to_owned()
        }
        ForecastReason::Unmatched => "the measurements of load and signal do not match".to_owned(),
        ForecastReason::Worded { text } => text.clone(),
    }
}

/// ", so dates from 9 Dec 2026 on": when there will be enough days.
fn from_day(what: &str, enough_on: Option<NaiveDate>) -> String {
    enough_on.map(|day| format!(", so {what} from {} on", day.format("%-d %b %Y"))).unwrap_or_default()
}

/// "forecasts and peaks leave out Black Friday (27–30 Nov 2026), Load test (2 Oct 2026)"; nothing without events.
pub(crate) fn events_left_out(events: &[Event]) -> Option<String> {
    let named = events.iter().map(|event| format!("{} ({})", event.name, days(event.from, event.until)));
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then(|| format!("forecasts and peaks leave out {}", named.join(", ")))
}

/// "27–30 Nov 2026", "2 Oct 2026", "30 Nov 2026 – 2 Dec 2026".
fn days(from: NaiveDate, until: NaiveDate) -> String {
    let last = until.format("%-d %b %Y");
    if from == until {
        last.to_string()
    } else if (from.year(), from.month()) == (until.year(), until.month()) {
        format!("{}–{last}", from.day())
    } else {
        format!("{} – {last}", from.format("%-d %b %Y"))
    }
}

/// "Black Friday (27–30 Nov 2026): 560 concurrent users (510–640)".
pub(crate) fn event_ahead(event: &ExpectedEvent, unit: &str) -> String {
    let load = match &event.load {
        Some(load) => format!("{} {unit}{}", count(load.mid), bounds(load)),
        None => "load unknown, because these days are not forecast".to_owned(),
    };
    format!("{} ({}): {load}", event.name, days(event.from, event.until))
}

/// "PostgreSQL connections of db-1: 111 needed (104–125), 14 more than the limit of 97"; "queue workers: 127% needed
/// (115%–132%), beyond the limit of 100%": a share is not told as a share of another one.
pub(crate) fn event_shortage(short: &EventShortage) -> String {
    let name = short.resource.entry().of_instance(short.instance.as_deref());
    let text = |value: f64| {
        let rounded = if short.limit.unit() == Unit::Count { value.ceil() } else { value };
        Quantity::new(rounded, short.limit.unit()).map_or_else(|| "?".to_owned(), |value| value.to_string())
    };
    let Interval { low, mid, high } = short.needed;
    let needed = format!("{} needed ({}–{})", text(mid), text(low), text(high));
    let lacking = mid - short.limit.value();
    let than = match lacking > 0.0 {
        true if short.limit.unit() == Unit::Ratio => "beyond".to_owned(),
        true => format!("{} more than", text(lacking)),
        false => "perhaps more than".to_owned(),
    };
    format!("{name}: {needed}, {than} the limit of {}", short.limit)
}

fn changed(days: usize, stepped_by: Option<f64>) -> String {
    match stepped_by {
        Some(by) => format!("stepped by {} about {days} days ago", signed_percent(by)),
        None => format!("the trend changed about {days} days ago, and the forecast follows it"),
    }
}

fn towards(limit: Option<&Measured>) -> String {
    limit.map(|limit| format!(" to {}", amount(limit))).unwrap_or_default()
}

fn growth(growth: Option<&Interval<f64>>, significant: bool) -> String {
    let Some(growth) = growth else { return "growth has no share of zero".to_owned() };
    let [low, mid, high] = [growth.low, growth.mid, growth.high].map(percent);
    if significant {
        format!("grows by {mid} a month ({low} to {high})")
    } else {
        format!("growth not statistically significant: {mid} a month ({low} to {high})")
    }
}

/// "24 connections per 100 users plus a baseline of 4 connections over 28 days, …".
fn demand(reason: &DemandReason) -> String {
    let value = |share: f64| demanded(reason, share);
    let first = format!(
        "{} per 100 {} plus a baseline of {} over {} days, and the load explains {} of it",
        value(reason.per_load * 100.0),
        reason.load_unit,
        value(reason.baseline),
        reason.days,
        percent(reason.explained)
    );
    let when = |holds: bool, words: &str| holds.then(|| words.to_owned());
    let parts = [
        Some(first),
        reason.changed.map(|changed| {
            format!(
                "{} at the same load since {}",
                signed_percent(changed.by),
                changed.since.format("%-d %b")
            )
        }),
        reason.own_per_day.map(|own| {
            let verb = if own < 0.0 { "falls" } else { "grows" };
            format!("independently of the load, it {verb} by {} a day", value(own.abs()))
        }),
        demand_cap(reason).map(|cap| format!("it never exceeds {cap}, a cap below its limit")),
        when(reason.steeper_at_high_load, "it rises faster at high load, which is extrapolated"),
        when(reason.slower_at_high_load, "it rises more slowly at high load, which is extrapolated"),
        when(
            reason.load_inaccurate,
            "the load may be measured inaccurately, so the low end allows for a steeper demand",
        ),
        when(reason.unbounded, "saturation load unbounded"),
        when(reason.extrapolated, "extrapolated beyond 2.5 times the highest load seen"),
    ];
    joined(parts.into_iter().flatten())
}

/// "60 connections": what it never exceeds, where that lies below its limit.
pub(crate) fn demand_cap(reason: &DemandReason) -> Option<String> {
    reason.wall.map(|wall| demanded(reason, wall))
}

/// "24 connections", where 100% is known; else the share.
fn demanded(reason: &DemandReason, value: f64) -> String {
    let whole = reason.capacity.filter(|capacity| capacity.unit() == Unit::Count);
    match (counted(reason.signal), whole) {
        (Some(of), Some(whole)) => format!("{} {of}", rounded(value * whole.value(), Unit::Count)),
        _ => rounded(value, reason.signal.entry().unit),
    }
}

fn rounded(value: f64, unit: Unit) -> String {
    // Three digits are enough for a demand; more would claim to know it better.
    let digits = if value == 0.0 { 0.0 } else { 2.0 - value.abs().log10().floor() };
    let scale = 10_f64.powf(digits.clamp(-300.0, 300.0));
    Quantity::new((value * scale).round() / scale, unit).map_or_else(String::new, |value| value.to_string())
}

/// What a saturation rests on, what contradicts it and what is missing; `at_load` is the load at saturation.
pub(crate) fn saturation(reason: &SaturationReason, at_load: Option<&Interval<f64>>) -> String {
    let mut parts = vec![forecast(&reason.forecast)];
    if let Some(changed) = &reason.limit_changed {
        let verb = if changed.to.value() > changed.from.value() { "raised" } else { "lowered" };
        let on = changed.on.format("%-d %b");
        parts.push(format!("the limit was {verb} from {} to {} on {on}", changed.from, changed.to));
    }
    if reason.first_undecided {
        parts.push("no clear first bottleneck within the forecast horizon".to_owned());
    }
    if let (Some(expected), Some(measured)) = (reason.roadmap_expects, at_load) {
        parts.push(format!(
            "the roadmap expects {expected}, measured {:.0} ({:.0}–{:.0})",
            measured.mid, measured.low, measured.high
        ));
    }
    let load = reason.load.as_deref().map(forecast);
    match (reason.not_before, load) {
        (Some(horizon), load) => {
            let load = load.map(|load| format!(": {load}")).unwrap_or_default();
            parts.push(format!("not before {} (95%){load}", day(horizon)));
        }
        (None, Some(load)) => parts.push(format!("no date: {load}")),
        (None, None) => {}
    }
    if let Some(days) = reason.assumed_lead_time_days {
        parts.push(format!("no lead time in the roadmap; {days} days assumed"));
    }
    joined(parts)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::{
        assess::{DemandChanged, LimitChanged, LimitOutcome},
        signal::{ResourceId, SignalId},
    };

    #[test]
    fn growth_that_rounds_to_nothing_has_no_sign() {
        let words = |low: f64, high: f64| growth(Some(&Interval { low, mid: -1e-9, high }), false);
        assert_eq!(words(-0.012, 1e-9), "growth not statistically significant: 0% a month (-1.2% to 0%)");
    }

    #[test]
    fn what_changed_is_said_with_its_day() {
        let on = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let reason = DemandReason {
            signal: SignalId::find("postgres.connections").unwrap(),
            capacity: Quantity::new(197.0, Unit::Count),
            days: 7,
            per_load: 0.001,
            load_unit: "users".to_owned(),
            baseline: 0.02,
            explained: 0.98,
            steeper_at_high_load: false,
            load_inaccurate: false,
            slower_at_high_load: false,
            changed: Some(DemandChanged { since: on(14), by: -0.43 }),
            own_per_day: Some(0.01),
            wall: None,
            unbounded: false,
            extrapolated: false,
        };
        let count = |value| Quantity::new(value, Unit::Count).unwrap();
        let limit_changed = Some(LimitChanged { from: count(135.0), to: count(197.0), on: on(19) });
        let forecast = ForecastReason::Demand { demand: Box::new(reason) };
        let reason = SaturationReason { limit_changed, ..SaturationReason::without_forecast(forecast) };
        let words = saturation(&reason, None);
        assert!(words.contains("−43% at the same load since 14 Nov"), "{words}");
        assert!(words.contains("independently of the load, it grows by 1.97 connections a day"), "{words}");
        assert!(words.contains("the limit was raised from 135 to 197 on 19 Nov"), "{words}");
    }

    #[track_caller]
    fn shortage(unit: Unit, limit: f64, [low, mid, high]: [f64; 3], expected: &str) {
        let short = EventShortage {
            resource: ResourceId::find("postgres.connections").unwrap(),
            instance: Some("db-1".to_owned()),
            outcome: LimitOutcome::Perhaps,
            needed: Interval { low, mid, high },
            limit: Quantity::new(limit, unit).unwrap(),
        };
        assert_eq!(event_shortage(&short), format!("PostgreSQL connections of db-1: {expected}"));
    }

    #[test]
    fn what_is_counted_is_short_by_a_number_and_a_share_is_not() {
        let needed = [104.0, 110.2, 124.9];
        shortage(Unit::Count, 97.0, needed, "111 needed (104–125), 14 more than the limit of 97");
        shortage(Unit::Ratio, 0.8, [0.9, 1.0, 1.1], "100% needed (90%–110%), beyond the limit of 80%");
        shortage(
            Unit::Count,
            97.0,
            [90.0, 95.0, 99.0],
            "95 needed (90–99), perhaps more than the limit of 97",
        );
    }

    #[test]
    fn a_load_beyond_the_forecast_is_unknown() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        let event =
            ExpectedEvent { name: "Sale".to_owned(), from: day, until: day, load: None, short: Vec::new() };
        let words = event_ahead(&event, "users");
        assert_eq!(words, "Sale (27 Nov 2026): load unknown, because these days are not forecast");
    }
}
