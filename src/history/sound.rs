//! Whether rollups contradict themselves or each other.

use super::{Rollup, StoredSeries, day::day_of};

/// The most that is told; a damaged store has no end of mistakes.
pub(super) const MOST: usize = 20;

/// Everything that is wrong with what a store holds; nothing when it is sound.
pub(super) fn mistakes(hourly: &[StoredSeries], daily: &[StoredSeries]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, all) in [("hour", hourly), ("day", daily)] {
        for kept in all {
            let mistakes = kept.rollups.iter().filter_map(|one| Some((one.period, one.mistake()?)));
            wrong.extend(mistakes.map(|(period, mistake)| told(kept, name, period, mistake)));
        }
    }
    for hours in hourly {
        let days = daily.iter().find(|days| days.series == hours.series);
        days_follow(hours, days.map_or(&[], |days| &days.rollups), &mut wrong);
    }
    for days in daily.iter().filter(|days| hourly.iter().all(|hours| hours.series != days.series)) {
        days_follow(
            &StoredSeries { series: days.series.clone(), rollups: Vec::new() },
            &days.rollups,
            &mut wrong,
        );
    }
    wrong
}

fn told(kept: &StoredSeries, name: &str, period: i64, mistake: &str) -> String {
    let instance = kept.series.instance.as_deref().map(|name| format!(" of {name}")).unwrap_or_default();
    format!("{}{instance}, {name} {period}: {mistake}", kept.series.signal)
}

/// Each day is what its hours make of it.
fn days_follow(hours: &StoredSeries, days: &[Rollup], wrong: &mut Vec<String>) {
    let mut held = days.iter().peekable();
    for of_day in hours.rollups.chunk_by(|one, next| day_of(one.period) == day_of(next.period)) {
        let Some(day) = of_day.first().map(|hour| day_of(hour.period)) else { continue };
        while let Some(spare) = held.next_if(|held| held.period < day) {
            wrong.push(told(hours, "day", spare.period, "it has no hours"));
        }
        let held = held.next_if(|held| held.period == day);
        let expected = Rollup::of_hours(day, of_day, held.and_then(|held| held.p95));
        if held.copied() != expected {
            wrong.push(told(hours, "day", day, "it does not follow from its hours"));
        }
    }
    wrong.extend(held.map(|spare| told(hours, "day", spare.period, "it has no hours")));
}
