//! Section 1.

use crate::render::document::{Block, Cell, Table};
use crate::{
    assess::Verdict,
    render::{
        format::{count, money_range},
        report::words,
        summary,
    },
    report::{Basis, Report, Standing},
};

pub(super) fn parts(report: &Report) -> Vec<Block> {
    let sentences = [first(report), second(report), third(report)].map(Into::into).to_vec();
    let mut parts = vec![Block::Lead { tone: report.verdict.verdict.into(), sentences }];
    parts.extend(changes(report).block());
    parts.extend(basis(report).map(Block::paragraph));
    parts
}

/// What runs out next, when, and at which load.
fn first(report: &Report) -> String {
    let section = &report.verdict;
    let [critical, warning, unknown] = section.faults;
    let Some(next) = &section.next_bottleneck else {
        return match section.verdict {
            Verdict::Ok => "OK: nothing is near its limit.".to_owned(),
            Verdict::Unknown => format!(
                "Unknown: nothing that was measured is near its limit, but {} could not be made.",
                words::plural(unknown, "check")
            ),
            verdict => format!(
                "{}: no resource is near its limit, but {} critical and {} call for attention.",
                words::capital(words::verdict(verdict)),
                count(critical as f64),
                words::plural(warning, "warning")
            ),
        };
    };
    let at = next.saturates_at_load.as_ref().map(|at| {
        let now = section.now.peak.map(|peak| format!(", now {}", count(peak))).unwrap_or_default();
        format!("full at {} {}{now}", words::load(at), report.load.course.unit)
    });
    let on = next.saturates_on.as_ref().map(|on| words::dates(Some(on), report.generated_at));
    let more: Vec<String> = at.into_iter().chain(on).collect();
    let more = if more.is_empty() { String::new() } else { format!(": {}", more.join(", ")) };
    let verdict = words::capital(words::verdict(section.verdict));
    format!("{verdict}: {}{more}.", summary::sentence(next))
}

/// What to do first.
fn second(report: &Report) -> String {
    let plan = &report.plan;
    let due = match (plan.late.len(), plan.due.len()) {
        (0, 0) => "Nothing has to begin before the next report".to_owned(),
        (late, 0) => format!("{} should have begun already", words::plural(late, "step")),
        (0, due) => format!("{} must begin before the next report", words::plural(due, "step")),
        (late, due) => format!(
            "{} should have begun already and {} must begin before the next report",
            words::plural(late, "step"),
            count(due as f64)
        ),
    };
    let first = plan.late.iter().chain(&plan.due).next();
    first.map_or_else(|| format!("{due}."), |item| format!("{due}, first {}: {}.", item.id, item.title))
}

/// How the load goes on.
fn third(report: &Report) -> String {
    let load = &report.load;
    let unit = &load.course.unit;
    let month = load.months.iter().find(|month| month.month == report.month);
    let month = month.map_or_else(
        || format!("The load of {} is not known", words::month(&report.month)),
        |month| {
            let change =
                month.change.map(|change| format!(" ({} against the month before)", words::signed(change)));
            format!(
                "The busy hour of {} had {} {unit}{}",
                words::month(&report.month),
                count(month.busy_hour),
                change.unwrap_or_default()
            )
        },
    );
    let ahead = load.ahead.first().and_then(|phase| {
        let on = phase.reached.as_ref()?;
        let cost = phase.cost_per_month.as_ref();
        let cost = cost.map(|cost| format!(", {} a month,", money_range(&report.cost.today.currency, cost)));
        let when = words::dates(Some(on), report.generated_at);
        Some(format!("; phase {}{} is expected {when}", phase.phase, cost.unwrap_or_default()))
    });
    format!("{month}{}.", ahead.unwrap_or_default())
}

/// One figure of a standing, in words.
type Tell = fn(&Standing, &Report) -> Option<String>;

fn changes(report: &Report) -> Table {
    let section = &report.verdict;
    let known =
        |standing: &Option<Standing>, moment| (moment < report.generated_at).then(|| standing.clone());
    let at_end = known(&section.at_end, report.to);
    let columns: Vec<(String, Option<Standing>)> = [
        Some((words::day(report.from.date_naive()), section.at_begin.clone())),
        at_end.map(|standing| (words::day(report.to.date_naive()), standing)),
        Some((format!("now, {}", words::day(report.generated_at.date_naive())), Some(section.now.clone()))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let titles: Vec<&str> =
        std::iter::once("").chain(columns.iter().map(|(title, _)| title.as_str())).collect();
    let mut table = Table::with_titles("What changed", &titles);
    let rows: [(&str, Tell); 6] = [
        ("Verdict", |one, _| one.verdict.map(|verdict| words::verdict(verdict).to_owned())),
        ("Load at the busy hour", |one, _| one.peak.map(count)),
        ("Growth", |one, _| one.growth_per_month.as_ref().map(words::growth)),
        ("Phase", |one, _| one.phase.map(|phase| phase.to_string())),
        ("Runs out first", |one, _| {
            one.first.as_ref().map(|first| words::resource(first.resource, first.instance.as_deref()))
        }),
        ("… on", |one, report| {
            let on = one.first.as_ref()?.on.as_ref();
            Some(words::dates(on, report.generated_at))
        }),
    ];
    for (title, tell) in rows {
        let cells = columns.iter().map(|(_, standing)| {
            let told = standing.as_ref().and_then(|standing| tell(standing, report));
            Cell::text(told.unwrap_or_else(|| "unknown".to_owned()))
        });
        table.rows.push(std::iter::once(Cell::text(title)).chain(cells).collect());
    }
    table
}

fn basis(report: &Report) -> Option<String> {
    let earlier = [&report.verdict.at_begin, &report.verdict.at_end];
    let recomputed = earlier.iter().any(|one| one.as_ref().is_some_and(|one| one.basis == Basis::Recomputed));
    let words = "Earlier figures were not recorded then; they are computed today from the history up to that day, which does \
                 not tell the verdict.";
    let alike = "So that they compare, load and phase of now are told by hourly means as well; single minutes can be higher.";
    recomputed.then(|| match report.verdict.now.basis {
        Basis::Recomputed => format!("{words} {alike}"),
        Basis::Recorded => words.to_owned(),
    })
}
