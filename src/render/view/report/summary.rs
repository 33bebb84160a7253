//! The verdict, what changed, and another month for comparison.

use super::format;
use crate::{
    assess::Verdict,
    render::{
        document::{Block, Cell, Column, Table},
        format::{count, money_range},
        summary,
    },
    report::{AssessmentSummary, Basis, Compared, Comparison, Report},
    signal::Quantity,
};

/// What runs out next, what to do first, how the load develops, and what changed.
pub(super) fn verdict(report: &Report) -> Vec<Block> {
    let sentences = [bottleneck(report), plan(report), load(report)].map(Into::into).to_vec();
    let mut blocks = vec![Block::Lead { tone: report.verdict.verdict.into(), sentences }];
    blocks.extend(changes(report).block());
    blocks.extend(basis(report).map(Block::paragraph));
    blocks
}

/// What runs out next, at which load, and when.
fn bottleneck(report: &Report) -> String {
    let section = &report.verdict;
    let [critical, warning, unknown] = section.faults;
    let Some(next) = &section.next_bottleneck else {
        return match section.verdict {
            Verdict::Ok => "OK: nothing is near its limit.".to_owned(),
            Verdict::Unknown => format!(
                "Unknown: nothing measured is near its limit, but {} could not be evaluated.",
                format::plural(unknown, "check")
            ),
            verdict => format!(
                "{}: no resource is near its limit, but there are {} critical findings and {}.",
                summary::capitalised(format::verdict(verdict)),
                count(critical as f64),
                format::plural(warning, "warning")
            ),
        };
    };
    let at = next.saturates_at_load.as_ref().map(|at| {
        let now = report.load.course.peak.map(|peak| format!(", now {}", count(peak))).unwrap_or_default();
        format!("at {} {}{now}", format::load(at), report.load.course.unit)
    });
    let on = next.saturates_on.as_ref().map(|on| format::dates(Some(on), report.generated_at));
    let more: Vec<String> = at.into_iter().chain(on).collect();
    let more = if more.is_empty() { String::new() } else { format!(": {}", more.join(" · ")) };
    let verdict = summary::capitalised(format::verdict(section.verdict));
    format!("{verdict}: {}{more}.", summary::sentence(next))
}

/// What to do first.
fn plan(report: &Report) -> String {
    let plan = &report.plan;
    let actions = |number| format::plural(number, "action");
    let due = match (plan.late.len(), plan.due.len()) {
        (0, 0) => return "No action has to start before the next report.".to_owned(),
        (late, 0) => format!("{} overdue", actions(late)),
        (0, due) => format!("{} to start before the next report", actions(due)),
        (late, due) => {
            format!("{} overdue, {} to start before the next report", actions(late), count(due as f64))
        }
    };
    let first = plan.late.iter().chain(&plan.due).next();
    let first = first.map(|item| format!("; first: [{}] {}", item.id, item.title));
    format!("{due}{}.", first.unwrap_or_default())
}

/// How the load develops.
fn load(report: &Report) -> String {
    let load = &report.load;
    let name = format::month(&report.month);
    let month = load.months.iter().find(|month| month.month == report.month);
    let month = month.map_or_else(
        || format!("The load of {name} is unknown"),
        |month| {
            let change =
                month.change.map(|change| format!(", {} on the previous month", format::signed(change)));
            format!(
                "Peak hour in {name}: {} {} on the median day{}",
                count(month.busy_hour),
                load.course.unit,
                change.unwrap_or_default()
            )
        },
    );
    let ahead = load.ahead.first().and_then(|phase| {
        let on = phase.reached.as_ref()?;
        let cost = phase.cost_per_month.as_ref();
        let cost = cost.map(|cost| format!(" ({} a month)", money_range(&report.cost.today.currency, cost)));
        let when = format::dates(Some(on), report.generated_at);
        Some(format!("; phase {}{} expected {when}", phase.phase, cost.unwrap_or_default()))
    });
    format!("{month}{}.", ahead.unwrap_or_default())
}

/// A figure of a moment, in words.
type Figure = fn(&AssessmentSummary, &Report) -> Option<String>;

/// The key figures when the month began, when it ended, and now.
fn changes(report: &Report) -> Table {
    let section = &report.verdict;
    let at_end = (report.to < report.generated_at).then_some(section.at_end.as_ref());
    let moments = [
        Some((format::day(report.from.date_naive()), section.at_begin.as_ref(), 1)),
        at_end.map(|moment| (format::day(report.to.date_naive()), moment, 2)),
        Some((format!("Now, {}", format::day(report.generated_at.date_naive())), Some(&section.now), 0)),
    ];
    let moments: Vec<_> = moments.into_iter().flatten().collect();
    let columns = moments.iter().map(|(title, _, rank)| Column::text(title.clone()).rank(*rank));
    let mut table = Table::new("What changed", std::iter::once(Column::text("")).chain(columns).collect());
    let hourly = section.now.basis == Basis::Recomputed;
    let rows: [(&str, Figure); 7] = [
        ("Verdict", |moment, _| moment.verdict.map(|verdict| format::verdict(verdict).to_owned())),
        (if hourly { "Peak load, hourly mean" } else { "Peak load" }, |moment, _| moment.peak.map(count)),
        ("Growth a month", |moment, _| moment.growth_per_month.map(|growth| format::precise(growth.mid))),
        ("Growth, 90% interval", |moment, _| {
            let growth = moment.growth_per_month.as_ref()?;
            Some(format!("{} to {}", format::precise(growth.low), format::precise(growth.high)))
        }),
        ("Phase", |moment, _| moment.phase.map(|phase| phase.to_string())),
        ("First bottleneck", |moment, _| {
            let first = moment.first.as_ref()?;
            Some(format::resource(first.resource, first.instance.as_deref()))
        }),
        ("Saturates on", |moment, report| {
            let on = moment.first.as_ref()?.on.as_ref();
            Some(format::dates(on, report.generated_at))
        }),
    ];
    for (title, figure) in rows {
        let cells = moments.iter().map(|(_, moment, _)| {
            let text = moment.and_then(|moment| figure(moment, report));
            Cell::text(text.unwrap_or_else(|| "unknown".to_owned()))
        });
        table.rows.push(std::iter::once(Cell::text(title)).chain(cells).collect());
    }
    table
}

/// Where the figures of earlier moments come from, unless they were recorded.
fn basis(report: &Report) -> Option<String> {
    let earlier = [&report.verdict.at_begin, &report.verdict.at_end];
    let recomputed =
        earlier.iter().any(|moment| moment.as_ref().is_some_and(|moment| moment.basis == Basis::Recomputed));
    let words = "Earlier figures were not recorded at the time; they are recomputed from the history up to that day, which \
                 has no verdicts.";
    let alike = "Load and phase in this table are based on hourly means throughout, so that they compare; single minutes \
                 can be higher.";
    recomputed.then(|| match report.verdict.now.basis {
        Basis::Recomputed => format!("{words} {alike}"),
        Basis::Recorded => words.to_owned(),
    })
}

/// The month compared with another.
pub(super) fn comparison(report: &Report, comparison: &Comparison) -> Vec<Block> {
    let (other, month) = (format::month(&comparison.with), format::month(&report.month));
    let columns = vec![
        Column::text("Peak hour"),
        Column::number(other.clone()),
        Column::number(month.clone()),
        Column::number("Change"),
        Column::number(format!("Over limit, {other}")).rank(2),
        Column::number(format!("Over limit, {month}")).rank(1),
    ];
    let mut table = Table::new(format!("{month} and {other}"), columns);
    let hours = |hours: Option<usize>| {
        format::number(hours.map(|hours| hours as f64), |hours| format!("{} h", count(hours)))
    };
    for row in &comparison.rows {
        let [before, after] = row.hours_beyond;
        table.rows.push(vec![
            Cell::text(format::signal(row.signal, row.instance.as_deref())),
            format::quantity(row.other, |value| value.to_string()),
            format::quantity(row.month, |value| value.to_string()),
            format::number(row.change, format::signed),
            hours(before),
            hours(after),
        ]);
    }
    let silent = |name: &str, value: fn(&Compared) -> Option<Quantity>| {
        let none = comparison.rows.iter().all(|row| value(row).is_none());
        none.then(|| Block::paragraph(format!("The history has no data for {name}.")))
    };
    let silent = [silent(&other, |row| row.other), silent(&month, |row| row.month)];
    silent.into_iter().flatten().chain(table.block()).collect()
}
