//! What runs out next and when, which sources failed, what to do first, and where the system stands.

use super::{CheckView, first_action, standing};
use crate::{
    assess::{Assessment, Bottleneck, ForecastReason, State, Verdict, is_at_limit},
    render::{
        count,
        document::{Block, Fact, Section, Text, Tone},
        format::{day, effort, short},
        outside, reason, saturation,
        summary::{capitalised, unavailable_sources},
    },
};

pub(super) fn section(view: &CheckView<'_>) -> Section {
    let assessment = view.assessment;
    let lead = Block::Lead { tone: assessment.verdict.into(), sentences: lead(assessment) };
    let blocks = [Some(lead), Block::facts(urgent(assessment)), Block::facts(standing::facts(view))];
    Section::untitled("summary", blocks.into_iter().flatten().collect())
}

/// The evidence, and when the resource saturates.
fn lead(assessment: &Assessment) -> Vec<Text> {
    let Some(bottleneck) = &assessment.next_bottleneck else {
        return vec![Text::with_code(&capitalised(&reason::next_bottleneck(assessment)))];
    };
    let saturation = saturation::line(assessment, bottleneck).or_else(|| no_date(bottleneck));
    let expected = expectation(bottleneck, &assessment.load.unit);
    [Some(reason::bottleneck(&bottleneck.reason)), saturation, expected]
        .into_iter()
        .flatten()
        .map(|sentence| capitalised(&sentence).into())
        .collect()
}

/// Why there is no date, unless none could be expected or the day has come.
fn no_date(bottleneck: &Bottleneck) -> Option<String> {
    match bottleneck.saturation_reason.forecast {
        ForecastReason::NotForecast => None,
        _ if bottleneck.state == State::Saturated => None,
        _ => Some(format!("no saturation date: {}", reason::saturation(&bottleneck.saturation_reason, None))),
    }
}

/// The roadmap's own expectation, where nothing better is known.
fn expectation(bottleneck: &Bottleneck, unit: &str) -> Option<String> {
    let roadmap = bottleneck.roadmap.as_ref().filter(|_| bottleneck.saturates_at_load.is_none())?;
    let act_by = roadmap.act_by_users.map(|users| format!(", act by {}", count(users as f64)));
    Some(format!(
        "the roadmap expects it at {} {unit}{}",
        count(roadmap.users as f64),
        act_by.unwrap_or_default()
    ))
}

/// Sources that failed, the first action, and what runs out after that.
fn urgent(assessment: &Assessment) -> Vec<Fact> {
    let failed = unavailable_sources(assessment)
        .into_iter()
        .map(|line| Fact::new("Unreachable", Text::with_code(&line)).with_tone(Tone::Critical));
    let next = saturation::runner_up(assessment).map(|line| Fact::new("Then", line));
    let outside = outside::sentence(assessment).map(|line| {
        let full = assessment.outside_roadmap.iter().any(is_at_limit);
        let tone = if full { Tone::Warning } else { Tone::Plain };
        Fact::new("Outside", Text::with_code(&line)).with_tone(tone)
    });
    failed.chain(action(assessment)).chain(next).chain(outside).collect()
}

/// By when to do what.
fn action(assessment: &Assessment) -> Option<Fact> {
    let urgent = assessment.verdict >= Verdict::Warning;
    let tone = if urgent { assessment.verdict.into() } else { Tone::Plain };
    deadline_and_action(assessment).map(|words| Fact::new("Act", words).with_tone(tone))
}

/// By when to do what: "by 28 Nov 2026 (371 users): [2.2] Tune PostgreSQL".
pub(in crate::render) fn deadline_and_action(assessment: &Assessment) -> Option<String> {
    let bottleneck = assessment.next_bottleneck.as_ref();
    let item = first_action(assessment, bottleneck);
    let deadline = bottleneck.and_then(|bottleneck| deadline(assessment, bottleneck));
    let deadline = deadline.or_else(|| {
        let item = item?;
        let now = assessment.generated_at;
        let date = item.start_by.map(|date| {
            if date <= now { "now".to_owned() } else { format!("start by {}", short(date, now)) }
        });
        date.or_else(|| Some(format!("before {} users", count(item.act_by_users? as f64))))
    });
    let item = item.map(|item| {
        let effort = item.effort.as_ref().map(|range| format!(" ({})", effort(range)));
        format!("[{}] {}{}", item.id, item.title, effort.unwrap_or_default())
    });
    let words: Vec<String> = deadline.into_iter().chain(item).collect();
    (!words.is_empty()).then(|| words.join(": "))
}

/// "by 28 Nov 2026 (371 users)", or since when it is overdue.
fn deadline(assessment: &Assessment, bottleneck: &Bottleneck) -> Option<String> {
    let act_by = bottleneck.act_by.as_ref()?;
    let measured = bottleneck.saturates_at_load.is_some() || bottleneck.saturates_on.is_some();
    let load = act_by.load.filter(|_| measured);
    let load = load.map(|load| format!("{} {}", count(load), assessment.load.unit));
    match (act_by.date, load) {
        (Some(date), _) if date <= assessment.generated_at => {
            Some(format!("overdue, latest start was {}", day(date)))
        }
        (Some(date), Some(load)) => Some(format!("by {} ({load})", day(date))),
        (Some(date), None) => Some(format!("by {}", day(date))),
        (None, Some(load)) => Some(format!("before {load}")),
        (None, None) => None,
    }
}
