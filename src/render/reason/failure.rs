//! What is left without a part of the system, in words.

use chrono::{DateTime, Utc};

use super::joined;
use crate::{
    assess::{Failure, Gone, LimitOutcome, Moved, NotPlaced, Survivor, UnderLimit},
    render::format::{percent, short},
    signal::counted,
    snapshot::Part,
};

/// So many names are written out.
const MAX_NAMES: usize = 4;

/// "zone=a: saturates today: CPU of app-2, headroom -12% instead of 38%".
pub(crate) fn failure(failure: &Failure, now: DateTime<Utc>) -> String {
    let found = !failure.instances.is_empty();
    lost(&failure.lost, found, failure.survivors.first(), &failure.unknown, Some(now))
}

/// The same in a finding; without `now` there is no date in it.
pub(crate) fn lost(
    parts: &[Part],
    found: bool,
    worst: Option<&Survivor>,
    unknown: &[NotPlaced],
    now: Option<DateTime<Utc>>,
) -> String {
    let name = lost_parts(parts);
    if !found {
        return format!("{name}: no measured instance has it, so that it is unknown what is left without it");
    }
    let Some(worst) = worst else {
        let open = if unknown.is_empty() { "nothing that follows the load is taken over" } else { "unknown" };
        return format!("{name}: {open}");
    };
    let named = worst.resource.entry().of_instance(worst.instance.as_deref());
    let room = room(worst);
    let told = match worst.saturates {
        LimitOutcome::Yes => format!("saturates today: {named}, {room}"),
        LimitOutcome::Perhaps => format!("may saturate today: {named}, {room}"),
        LimitOutcome::Unknown => format!("unknown: {named} has no headroom to compare"),
        LimitOutcome::No if unknown.is_empty() => format!("what is left holds; the least is {named}, {room}"),
        LimitOutcome::No => format!("unknown in part; of what is known the least is {named}, {room}"),
    };
    let date = now.filter(|_| worst.saturates == LimitOutcome::No).and_then(|now| reached(worst, now));
    format!("{name}: {}", joined([Some(told), date].into_iter().flatten()))
}

/// "zone=a and zone=b".
pub(crate) fn lost_parts(parts: &[Part]) -> String {
    let name = |part: &Part| if part.value.is_empty() { part.label.clone() } else { part.to_string() };
    parts.iter().map(name).collect::<Vec<_>>().join(" and ")
}

/// "headroom -12% instead of 38%".
fn room(survivor: &Survivor) -> String {
    let text = |under: &UnderLimit| under.headroom.map_or_else(|| "unknown".to_owned(), percent);
    let at_least = if survivor.moved == Moved::AtMostAll { "at least " } else { "" };
    format!("headroom {at_least}{} instead of {}", text(&survivor.after), text(&survivor.before))
}

/// "saturates about 14 Dec instead of 3 Mar 2027".
fn reached(survivor: &Survivor, now: DateTime<Utc>) -> Option<String> {
    let day = |under: &UnderLimit| under.saturates_on.as_ref().and_then(|on| on.mid);
    let then = day(&survivor.after)?;
    Some(match day(&survivor.before) {
        Some(before) if before.date_naive() == then.date_naive() => {
            format!("saturates about {} either way", short(then, now))
        }
        Some(before) => format!("saturates about {} instead of {}", short(then, now), short(before, now)),
        None => format!("saturates about {}, where it was not in the forecast", short(then, now)),
    })
}

/// What is assumed, what is lost altogether, and what is not known: a line each.
pub(crate) fn failure_details(failure: &Failure, verbose: bool) -> Vec<String> {
    let mut lines = Vec::new();
    // Resources that are lost with the same instances are told together.
    let mut gone: Vec<(&[String], Vec<&str>)> = Vec::new();
    for Gone { resource, instances } in &failure.gone {
        let title = resource.entry().title.as_str();
        match gone.iter_mut().find(|(known, _)| *known == instances.as_slice()) {
            Some((_, titles)) => titles.push(title),
            None => gone.push((instances, vec![title])),
        }
    }
    let told = |(instances, titles): &(&[String], Vec<&str>)| {
        let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        format!("{} ({})", some(instances), some(&titles))
    };
    if !gone.is_empty() {
        let told: Vec<String> = gone.iter().map(told).collect();
        lines.push(format!("lost altogether, because no other instance is known: {}", some(&told)));
    }
    for NotPlaced { resource, without_label, of } in &failure.unknown {
        let label = failure.lost.first().map_or("", |part| part.label.as_str());
        let title = resource.entry().title.as_str();
        lines.push(format!(
            "{title} unknown: {} of {} without the label {label}: {}",
            without_label.len(),
            counted(*of, "instance"),
            some(without_label)
        ));
    }
    if verbose && !failure.without_label.is_empty() && !failure.instances.is_empty() {
        let titles: Vec<String> =
            failure.without_label.iter().map(|resource| resource.entry().title.clone()).collect();
        let label = failure.lost.first().map_or("", |part| part.label.as_str());
        lines.push(format!("not known, because no instance has the label {label}: {}", some(&titles)));
    }
    let shown = if verbose { failure.survivors.len() } else { 1 };
    for survivor in failure.survivors.iter().take(shown) {
        let name = survivor.resource.entry().of_instance(survivor.instance.as_deref());
        lines.push(format!("{name}: {}", assumed(survivor)));
        if verbose {
            lines.push(format!("{name}: {}", room(survivor)));
        }
    }
    lines
}

/// "takes over what follows the load of app-1 and app-4, with 1 other, in the shares of today".
fn assumed(survivor: &Survivor) -> String {
    let of = some(&survivor.takes_over);
    let others = match survivor.sharing.saturating_sub(1) {
        0 => String::new(),
        others => format!(" with {}", counted(others, "other")),
    };
    let size = if survivor.same_size { "; all are taken for equally large" } else { "" };
    let told = match survivor.moved {
        Moved::Shared if survivor.sharing == 1 => {
            format!("assumed to take over what follows the load of {of}")
        }
        Moved::Shared => {
            format!("assumed to take over what follows the load of {of}{others}, in the shares measured")
        }
        Moved::ByOne => {
            format!("assumed to take over alone what follows the load of {of}, which did nearly all of it")
        }
        Moved::AtMostAll => format!(
            "assumed to take over all of {of}{others}, because history is too short to know how much follows the load"
        ),
        Moved::Nothing => format!("takes over nothing of {of}: it does not follow the load"),
    };
    format!("{told}{size}")
}

/// The first few names, and how many more there are.
fn some(names: &[String]) -> String {
    let shown = names.iter().take(MAX_NAMES).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MAX_NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// "8 of 120 values of node are judged: those whose instances do most of the work".
pub(crate) fn failures_left_out(failures: &[Failure]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for failure in failures.iter().filter(|failure| failure.is_required) {
        let Some(part) = failure.lost.first() else { continue };
        let of_label = |other: &&Failure| {
            other.is_required && other.lost.first().is_some_and(|other| other.label == part.label)
        };
        let judged = failures.iter().filter(of_label).count();
        let line = format!(
            "{judged} of {} values of {} are judged: those whose instances do most of the work",
            failure.values, part.label
        );
        if failure.values > judged && !told.contains(&line) {
            told.push(line);
        }
    }
    told
}
