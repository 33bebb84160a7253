//! The resources, most pressing first.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveTime;

use super::CheckView;
use crate::{
    assess::{Bottleneck, Failure, ForecastReason, LimitOutcome, Moved, State, Status, Verdict},
    render::{
        chart::level_characters,
        document::{Block, Cell, Column, Section, Table, Tone},
        format::{percent, short, used},
        reason, saturation,
    },
    signal::{Direction, Quantity, Series, SignalId, span_text},
    snapshot::Observation,
};

/// How many resources a page shows; fewer than these are filled up with the next ones.
const MAX_SHOWN: usize = 8;
const MIN_SHOWN: usize = 4;
/// Characters of a trend.
const TREND: usize = 12;

pub(super) fn section(view: &CheckView<'_>) -> Option<Section> {
    let all = &view.assessment.bottlenecks;
    let (shown, hidden) = if view.verbose || view.rows.are_chosen() {
        (all.iter().filter(|resource| view.rows.has_resource(resource)).collect(), Vec::new())
    } else {
        selected(all)
    };
    let forecast = shown.iter().any(|resource| is_forecast(resource));
    let mut table = Table::new("", columns(view, forecast));
    let histories = Histories::new(view);
    table.rows = shown.iter().map(|resource| row(view, resource, forecast, &histories)).collect();
    let left_out = view.rows.left_out(shown.len(), all.len(), "resources");
    let mut blocks: Vec<Block> = table.block().into_iter().collect();
    let notes: Vec<String> = [others(&hidden), left_out, peak_basis(&shown), dates_from(view, &shown)]
        .into_iter()
        .flatten()
        .collect();
    blocks.extend((!notes.is_empty()).then(|| Block::note(notes.join("; "))));
    (!blocks.is_empty()).then(|| Section::new("resources", "Resources", blocks))
}

/// What a reader in a hurry must see, and the others.
fn selected(all: &[Bottleneck]) -> (Vec<&Bottleneck>, Vec<&Bottleneck>) {
    let pressing =
        |resource: &Bottleneck| resource.verdict >= Verdict::Warning || resource.state == State::Pending;
    let dated = |resource: &Bottleneck| resource.saturates_on.as_ref().is_some_and(|on| on.mid.is_some());
    let known = all.iter().filter(|resource| resource.now.is_some() || pressing(resource));
    let matters = all.iter().filter(|resource| pressing(resource) || dated(resource)).count();
    let mut count = matters.clamp(MIN_SHOWN, MAX_SHOWN);
    let shown: Vec<&Bottleneck> = known.collect();
    // A line that sums up a single resource could as well show it.
    if shown.len() == count + 1 {
        count += 1;
    }
    let hidden = shown.iter().skip(count).copied();
    let unmeasured = all.iter().filter(|resource| resource.now.is_none() && !pressing(resource));
    (shown.iter().take(count).copied().collect(), hidden.chain(unmeasured).collect())
}

fn is_forecast(resource: &Bottleneck) -> bool {
    resource.saturates_at_load.is_some() || resource.saturates_on.is_some()
}

/// "9 more with at least 28% headroom, 2 not measured".
fn others(hidden: &[&Bottleneck]) -> Option<String> {
    let measured = hidden.iter().filter(|resource| resource.now.is_some());
    let headroom = measured.clone().filter_map(|resource| resource.headroom).min_by(f64::total_cmp);
    let (measured, unmeasured) =
        (measured.count(), hidden.iter().filter(|resource| resource.now.is_none()).count());
    let headroom = headroom.map(|headroom| format!(" with at least {} headroom", percent(headroom)));
    let more = (measured > 0).then(|| format!("{measured} more{}", headroom.unwrap_or_default()));
    let unmeasured = (unmeasured > 0).then(|| format!("{unmeasured} not measured"));
    let parts: Vec<String> = more.into_iter().chain(unmeasured).collect();
    (!parts.is_empty()).then(|| format!("{} (-v shows all)", parts.join(", ")))
}

/// What the peaks rest on: "peaks of 28 days", "peaks of less than a day".
fn peak_basis(shown: &[&Bottleneck]) -> Option<String> {
    let days = shown.iter().filter(|resource| resource.peak.is_some()).map(|resource| resource.peak_days);
    match (days.clone().min()?, days.max()?) {
        (0, 0) => Some("peaks of less than a day".to_owned()),
        (1, 1) => Some("peaks of 1 day".to_owned()),
        (few, many) if few == many => Some(format!("peaks of {many} days")),
        (few, many) => Some(format!("peaks of {few} to {many} days")),
    }
}

/// "dates from 9 Dec on", where there is too little history for any yet.
fn dates_from(view: &CheckView<'_>, shown: &[&Bottleneck]) -> Option<String> {
    let is_dated = |resource: &&Bottleneck| resource.saturates_on.as_ref().is_some_and(|on| on.mid.is_some());
    match view.assessment.load.forecast_reason {
        ForecastReason::TooFewDays { enough_on: Some(day), .. } if !shown.iter().any(is_dated) => {
            let day = day.and_time(NaiveTime::MIN).and_utc();
            Some(format!("dates from {} on", short(day, view.assessment.generated_at)))
        }
        _ => None,
    }
}

fn columns(view: &CheckView<'_>, forecast: bool) -> Vec<Column> {
    let mut columns = vec![
        Column::text(""),
        Column::text("resource"),
        Column::number("now").rank(8),
        Column::number("peak"),
        Column::number("limit").rank(3),
        Column::number("headroom").rank(1),
    ];
    let failures = &view.assessment.failures;
    if let Some(title) = lost_title(failures) {
        columns.push(Column::number(title).rank(1));
    }
    if forecast {
        columns.extend([
            Column::number("saturates at").rank(5),
            Column::text("saturates on").rank(2),
            Column::text("act by").rank(4),
            Column::text("confidence").rank(6),
        ]);
    }
    let window = view.assessment.window.to - view.assessment.window.from;
    columns.push(Column::text(format!("last {}", span_text(window.num_seconds() as f64))).rank(7));
    columns
}

fn row(view: &CheckView<'_>, resource: &Bottleneck, forecast: bool, histories: &Histories<'_>) -> Vec<Cell> {
    let amount = |value: Quantity| Cell::number(used(value, resource.capacity), Some(value.value()));
    let peak = worst(resource);
    let mut cells = vec![
        state_cell(resource.state, resource.verdict),
        Cell::text(resource.resource.entry().of_instance(resource.instance.as_deref())),
        resource.now.map_or_else(Cell::unknown, amount),
        peak.map_or_else(|| Cell::text(unmeasured(resource)), amount),
        resource
            .limit
            .map_or_else(Cell::unknown, |limit| Cell::number(limit.to_string(), Some(limit.value()))),
        resource.headroom.map_or_else(Cell::unknown, |share| Cell::number(percent(share), Some(share))),
    ];
    if lost_title(&view.assessment.failures).is_some() {
        cells.push(without_lost(&view.assessment.failures, resource));
    }
    if forecast {
        let [load, date, confidence] = saturation::cells(view.assessment, resource);
        let mid = resource.saturates_at_load.as_ref().map(|load| load.mid);
        cells.extend([
            Cell::number(load, mid),
            Cell::text(date),
            act_by(view, resource),
            Cell::text(confidence),
        ]);
    }
    cells.push(Cell::text(trend(view, resource, histories)));
    if view.verbose {
        cells[1] = std::mem::take(&mut cells[1]).with_note(evidence(resource));
    }
    cells
}

/// The value that the headroom is of: the peak, or the newest value where that is worse. Assessments of earlier versions
/// have only one of them.
fn worst(resource: &Bottleneck) -> Option<Quantity> {
    let (Some(peak), Some(now)) = (resource.peak, resource.now) else {
        return resource.peak.or(resource.now);
    };
    let direction = resource.signal.map_or(Direction::HigherIsWorse, |signal| signal.entry().direction);
    let is_worse = match direction {
        Direction::HigherIsWorse => now.value() > peak.value(),
        Direction::LowerIsWorse => now.value() < peak.value(),
    };
    Some(if is_worse { now } else { peak })
}

/// "without zone=a", "without a zone"; nothing where nobody asks.
fn lost_title(failures: &[Failure]) -> Option<String> {
    let is_known = |failure: &Failure| !failure.survivors.is_empty() || !failure.gone.is_empty();
    let [first, others @ ..] = failures else { return None };
    if !failures.iter().any(is_known) {
        return None;
    }
    if others.is_empty() {
        return Some(format!("without {}", reason::lost_parts(&first.lost)));
    }
    let labels: BTreeSet<&str> =
        failures.iter().flat_map(|failure| &failure.lost).map(|part| part.label.as_str()).collect();
    Some(format!("without a {}", labels.into_iter().collect::<Vec<_>>().join(" or ")))
}

/// The least headroom that is left of a row; "lost" where it may be lost and nothing takes over.
fn without_lost(failures: &[Failure], row: &Bottleneck) -> Cell {
    let survivors = failures.iter().flat_map(|failure| &failure.survivors);
    let own =
        survivors.filter(|survivor| Some(survivor.signal) == row.signal && survivor.instance == row.instance);
    let Some(worst) = own.min_by(|a, b| a.worse_first(b)) else {
        let is_gone = failures.iter().flat_map(|failure| &failure.gone).any(|gone| {
            let is_named = |name: &String| row.instance.as_ref().is_none_or(|own| own == name);
            gone.resource == row.resource && gone.instances.iter().any(is_named)
        });
        return if is_gone { Cell::text("lost") } else { Cell::unknown() };
    };
    let Some(room) = worst.after.headroom else { return Cell::unknown() };
    let (prefix, tone) = match worst.saturates {
        LimitOutcome::Yes => ("", Tone::Warning),
        _ if worst.moved == Moved::AtMostAll => ("≥ ", Tone::Plain),
        _ => ("", Tone::Plain),
    };
    Cell::number(format!("{prefix}{}", percent(room)), Some(room)).with_tone(tone)
}

/// The state in a word; the verdict where an earlier version kept nothing else.
pub(super) fn state_cell(state: State, verdict: Verdict) -> Cell {
    let tone = Tone::from(verdict);
    let word = match state {
        State::Pending => "pending".to_owned(),
        State::Saturated => "saturated".to_owned(),
        _ => tone.word().to_lowercase(),
    };
    Cell::text(word).with_tone(tone)
}

/// Why it has its status, and what the date is based on.
fn evidence(resource: &Bottleneck) -> String {
    let limit =
        resource.limit_origin.as_ref().map(|origin| format!("limit: {}", reason::limit_origin(origin)));
    let saturation = reason::saturation(&resource.saturation_reason, resource.saturates_at_load.as_ref());
    let saturation = Some(saturation);
    let parts = [Some(reason::bottleneck(&resource.reason)), limit, saturation];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

fn act_by(view: &CheckView<'_>, resource: &Bottleneck) -> Cell {
    let now = view.assessment.generated_at;
    match resource.act_by.as_ref().and_then(|act_by| act_by.date) {
        Some(date) if date <= now => Cell::text("overdue").with_tone(Tone::Warning),
        Some(date) => Cell::text(short(date, now)),
        None => Cell::unknown(),
    }
}

/// A server that rejects connections was not measured, but what it guards is known to be exhausted.
fn unmeasured(resource: &Bottleneck) -> &'static str {
    if resource.status == Status::Saturated { "exhausted" } else { "unknown" }
}

/// The first history of each signal and instance.
struct Histories<'a>(BTreeMap<(SignalId, Option<&'a str>), &'a Observation>);

impl<'a> Histories<'a> {
    fn new(view: &CheckView<'a>) -> Self {
        let mut histories = BTreeMap::new();
        for observation in
            view.snapshot.observations.iter().filter(|observation| !observation.values.is_spot())
        {
            histories.entry((observation.signal, observation.instance.as_deref())).or_insert(observation);
        }
        Self(histories)
    }
}

fn trend(view: &CheckView<'_>, resource: &Bottleneck, histories: &Histories<'_>) -> String {
    let window = view.snapshot.window;
    let observation =
        resource.signal.and_then(|signal| histories.0.get(&(signal, resource.instance.as_deref())));
    observation.map_or_else(String::new, |observation| {
        let direction = observation.signal.entry().direction;
        let (from, to) = (window.from.timestamp_millis(), window.to.timestamp_millis());
        sparkline(&observation.values, direction, from, to, TREND)
    })
}

/// A curve of `width` characters over `from_ms..=to_ms`, each showing the worst sample of its interval, from zero to
/// the largest value. Stretches without samples are blank. Nothing for a single reading.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares of a width are small and not negative"
)]
pub(super) fn sparkline(
    series: &Series,
    direction: Direction,
    from_ms: i64,
    to_ms: i64,
    width: usize,
) -> String {
    if series.is_spot() || width == 0 || to_ms <= from_ms {
        return String::new();
    }
    let mut stretches: Vec<Option<f64>> = vec![None; width];
    for (&at, &value) in series.at_ms().iter().zip(series.values()) {
        let share = (at - from_ms) as f64 / (to_ms - from_ms) as f64;
        let index = ((share * width as f64) as usize).min(width - 1);
        let worst = stretches[index].map_or(value, |before| match direction {
            Direction::HigherIsWorse => value.max(before),
            Direction::LowerIsWorse => value.min(before),
        });
        stretches[index] = Some(worst);
    }
    let top = stretches.iter().flatten().copied().fold(0.0, f64::max);
    level_characters(&stretches, (0.0, top))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_sample_of_each_stretch_shows() {
        let series = Series::new(1, (0..8).collect(), vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).unwrap();
        assert_eq!(sparkline(&series, Direction::HigherIsWorse, 0, 8, 4), "▂▄▆█");
        assert_eq!(sparkline(&series, Direction::LowerIsWorse, 0, 8, 4), "▁▃▆█");
    }

    #[test]
    fn missing_stretches_are_blank() {
        let series = Series::new(1, vec![0, 7], vec![1.0, 1.0]).unwrap();
        assert_eq!(sparkline(&series, Direction::HigherIsWorse, 0, 8, 4), "█  █");
        assert_eq!(
            sparkline(&Series::new(0, vec![0], vec![1.0]).unwrap(), Direction::HigherIsWorse, 0, 8, 4),
            ""
        );
    }
}
