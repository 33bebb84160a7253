//! Dates and loads of saturation in tables.

use chrono::{DateTime, Utc};

use crate::{
    assess::{Interval, SaturationDate},
    render::{
        document::Cell,
        format::{count, percent, short},
    },
};

/// The median of a date and its 90% interval, as two cells; `none` where there is no date.
pub(super) fn date_cells(on: Option<&SaturationDate>, now: DateTime<Utc>, none: &str) -> [Cell; 2] {
    let Some(on) = on else { return [Cell::text(none), Cell::unknown()] };
    let sort = Some(on.mid.unwrap_or(on.horizon).timestamp() as f64);
    let low = short(on.low, now);
    let (date, interval) = match (on.mid, on.high) {
        (Some(mid), Some(high)) if on.low == high => (short(mid, now), short(mid, now)),
        (Some(mid), Some(high)) => (short(mid, now), format!("{low} – {}", short(high, now))),
        (Some(mid), None) => (short(mid, now), format!("{low} or later")),
        (None, _) => {
            let horizon = short(on.horizon, now);
            (format!("after {horizon}"), format!("{low} or later, {} by {horizon}", percent(on.probability)))
        }
    };
    [Cell::number(date, sort), Cell::number(interval, Some(on.low.timestamp() as f64))]
}

/// The 90% interval of a load.
pub(super) fn load_interval(load: Option<&Interval<f64>>) -> Cell {
    load.map_or_else(Cell::unknown, |load| {
        Cell::number(format!("{}–{}", count(load.low), count(load.high)), Some(load.low))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_date_says_how_likely_it_is() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-21T00:00:00Z");
        let mut on = SaturationDate {
            low: at("2026-11-28T00:00:00Z"),
            mid: Some(at("2026-12-03T00:00:00Z")),
            high: Some(at("2027-01-05T00:00:00Z")),
            probability: 0.97,
            horizon: at("2027-02-17T00:00:00Z"),
        };
        let texts = |on: &SaturationDate| date_cells(Some(on), now, "no date").map(|cell| cell.text);
        assert_eq!(texts(&on), ["3 Dec", "28 Nov – 5 Jan 2027"]);
        on.high = None;
        assert_eq!(texts(&on), ["3 Dec", "28 Nov or later"]);
        (on.mid, on.probability) = (None, 0.2);
        assert_eq!(texts(&on), ["after 17 Feb 2027", "28 Nov or later, 20% by 17 Feb 2027"]);
        assert_eq!(date_cells(None, now, "no date").map(|cell| cell.text), ["no date", "–"]);
    }
}
