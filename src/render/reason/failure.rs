//! What is left without a part of the system, in words.

use chrono::{DateTime, Utc};

use super::joined;
use crate::{
    assess::{Failure, Gone, LimitOutcome, Moved, NotPlaced, Survivor, UnderLimit},
    render::format::{percent, short},
    signal::{ResourceId, counted, listed},
    snapshot::Part,
};

/// So many names are written out.
const MAX_NAMES: usize = 4;

/// "zone=a: saturates today: CPU of app-2, headroom -12% instead of 38%".
pub(crate) fn failure(failure: &Failure, now: DateTime<Utc>) -> String {
    let loss = Loss {
        lost: &failure.lost,
        found: !failure.instances.is_empty(),
        worst: failure.worst(),
        unknown: &failure.unknown,
        gone: &failure.gone_without_rest(),
        without_label: &failure.required_without_label(),
    };
    loss.told(Some(now))
}

/// What decides whether the rest holds.
pub(super) struct Loss<'a> {
    pub(super) lost: &'a [Part],
    /// Whether an instance is in it.
    pub(super) found: bool,
    pub(super) worst: Option<&'a Survivor>,
    pub(super) unknown: &'a [NotPlaced],
    /// Resources of which no instance is left.
    pub(super) gone: &'a [ResourceId],
    /// Resources of which no instance has the label.
    pub(super) without_label: &'a [ResourceId],
}

impl Loss<'_> {
    /// In a sentence; without `now` there is no date in it.
    pub(super) fn told(&self, now: Option<DateTime<Utc>>) -> String {
        let name = lost_parts(self.lost);
        if !self.found {
            return format!(
                "{name}: no measured instance has this label, so the effect of losing it is unknown"
            );
        }
        let open = self.open();
        let Some(worst) = self.worst else {
            return format!("{name}: {}", open.as_deref().unwrap_or("no other instance takes over its load"));
        };
        let named = worst.resource.entry().of_instance(worst.instance.as_deref());
        let room = room(worst);
        let told = match (worst.saturates, open) {
            (LimitOutcome::Yes, _) => format!("saturates today: {named}, {room}"),
            (LimitOutcome::Perhaps, _) => format!("may saturate today: {named}, {room}"),
            (LimitOutcome::Unknown, _) => format!("unknown: {named} has no headroom to compare"),
            (LimitOutcome::No, None) => format!("the rest holds; lowest headroom: {named}, {room}"),
            (LimitOutcome::No, Some(open)) => {
                format!("{open}; lowest known headroom: {named}, {room}")
            }
        };
        let date = now.filter(|_| worst.saturates == LimitOutcome::No).and_then(|now| reached(worst, now));
        format!("{name}: {}", joined([Some(told), date].into_iter().flatten()))
    }

    /// Why it is not known whether the rest holds; nothing where it is.
    fn open(&self) -> Option<String> {
        let titles = |resources: &[ResourceId]| {
            let titles: Vec<String> =
                resources.iter().map(|resource| resource.entry().title.clone()).collect();
            listed(&titles, MAX_NAMES)
        };
        let gone = (!self.gone.is_empty()).then(|| format!("no instances left of {}", titles(self.gone)));
        let label = self.lost.first().map_or("", |part| part.label.as_str());
        let without = (!self.without_label.is_empty())
            .then(|| format!("no measured instance of {} has the label {label}", titles(self.without_label)));
        let partly = if self.worst.is_some() { "unknown in part" } else { "unknown" };
        let partly = (!self.unknown.is_empty()).then(|| partly.to_owned());
        let parts: Vec<String> = [gone, without, partly].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
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
        None => format!("saturates about {}, previously not in the forecast", short(then, now)),
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
        format!("{} ({})", listed(instances, MAX_NAMES), listed(&titles, MAX_NAMES))
    };
    if !gone.is_empty() {
        let told: Vec<String> = gone.iter().map(told).collect();
        lines.push(format!(
            "lost completely, because no other instance is known: {}",
            listed(&told, MAX_NAMES)
        ));
    }
    for NotPlaced { resource, without_label, of } in &failure.unknown {
        let label = failure.lost.first().map_or("", |part| part.label.as_str());
        let title = resource.entry().title.as_str();
        lines.push(format!(
            "{title} unknown: {} of {} without the label {label}: {}",
            without_label.len(),
            counted(*of, "instance"),
            listed(without_label, MAX_NAMES)
        ));
    }
    if verbose && !failure.without_label.is_empty() && !failure.instances.is_empty() {
        let titles: Vec<String> =
            failure.without_label.iter().map(|resource| resource.entry().title.clone()).collect();
        let label = failure.lost.first().map_or("", |part| part.label.as_str());
        lines.push(format!(
            "unknown, because no instance has the label {label}: {}",
            listed(&titles, MAX_NAMES)
        ));
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
    let of = listed(&survivor.takes_over, MAX_NAMES);
    let others = match survivor.sharing.saturating_sub(1) {
        0 => String::new(),
        others => format!(" with {}", counted(others, "other")),
    };
    let size = if survivor.same_size { "; all are assumed to have the same size" } else { "" };
    let told = match survivor.moved {
        Moved::Shared if survivor.sharing == 1 => {
            format!("assumed to take over the load-dependent usage of {of}")
        }
        Moved::Shared => {
            format!(
                "assumed to take over the load-dependent usage of {of}{others}, in the measured proportions"
            )
        }
        Moved::ByOne => {
            format!(
                "assumed to take over alone the load-dependent usage of {of}, which did nearly all of the work"
            )
        }
        Moved::AtMostAll => format!(
            "assumed to take over all of {of}{others}, because there is too little history to know how much follows the load"
        ),
        Moved::Nothing => format!("takes over nothing from {of}: its usage does not follow the load"),
    };
    format!("{told}{size}")
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
            "{judged} of {} values of {} are evaluated: those whose instances do most of the work",
            failure.values, part.label
        );
        if failure.values > judged && !told.contains(&line) {
            told.push(line);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_it_open_is_named() {
        let lost = ["zone=a".parse().unwrap()];
        let cpu = [ResourceId::find("host.cpu").unwrap()];
        let told = |gone, without_label, unknown| {
            Loss { lost: &lost, found: true, worst: None, unknown, gone, without_label }.told(None)
        };
        let title = &cpu[0].entry().title;
        assert_eq!(told(&cpu, &[], &[]), format!("zone=a: no instances left of {title}"));
        let without = format!("zone=a: no measured instance of {title} has the label zone");
        assert_eq!(told(&[], &cpu, &[]), without);
        assert_eq!(told(&[], &[], &[]), "zone=a: no other instance takes over its load");
    }
}
