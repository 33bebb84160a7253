//! Section 6.

use crate::render::document::{Block, Cell, Table};
use crate::{
    render::{
        format::{count, money, money_range},
        report::words,
    },
    report::{CostStep, Report, StepKind},
};

pub(super) fn parts(report: &Report) -> Vec<Block> {
    let mut parts = vec![Block::paragraph(today(report))];
    if report.cost.path.iter().any(|month| month.load.is_some()) {
        parts.extend(path(report).block());
    } else {
        parts.push(Block::paragraph("The path of the cost is not known, because the load has no forecast."));
    }
    parts.extend(steps(report).block());
    parts
}

fn today(report: &Report) -> String {
    let cost = &report.cost.today;
    let tier = cost.tier.as_ref().map_or_else(
        || "the tier is not known".to_owned(),
        |tier| {
            let range = tier.per_month.as_ref().map(|range| money_range(&cost.currency, range));
            format!(
                "phase {} costs {} a month",
                tier.phase,
                range.unwrap_or_else(|| "an unstated amount".to_owned())
            )
        },
    );
    let actual = cost.actual.map_or_else(
        || "what is paid is not declared (facts.monthly_cost)".to_owned(),
        |actual| format!("{} are paid", money(&cost.currency, actual)),
    );
    let per_user = cost.per_user.map(|cost_of_one| {
        format!(
            ", {} for each user of the busy hour",
            money(&cost.currency, (cost_of_one * 100.0).round() / 100.0)
        )
    });
    let elasticity = cost.elasticity.map(|share| format!(" 1% more users cost {share:.2}% more."));
    format!(
        "By the roadmap, {tier}; {actual}{}.{}",
        per_user.unwrap_or_default(),
        elasticity.unwrap_or_default()
    )
}

fn path(report: &Report) -> Table {
    let cost = &report.cost;
    let mut table = Table::with_titles(
        "The next six months",
        &["At the end of", "#Load, busiest day of the last week (90%)", "#Phase", "#Roadmap's cost a month"],
    );
    for month in &cost.path {
        let unknown = || Cell::text("beyond the forecast");
        let load = month.load.as_ref().map_or_else(unknown, |load| {
            let range = format!("{} ({}–{})", count(load.mid), count(load.low), count(load.high));
            Cell::number(range, Some(load.mid))
        });
        let phase = month
            .phase
            .map_or_else(Cell::unknown, |phase| Cell::number(phase.to_string(), Some(phase as f64)));
        let per_month = month.per_month.as_ref().map_or_else(Cell::unknown, |range| {
            Cell::number(money_range(&cost.today.currency, range), Some(range.low()))
        });
        table.rows.push(vec![
            Cell::number(
                words::month(&month.month),
                Some(f64::from(chrono::Datelike::num_days_from_ce(&month.on))),
            ),
            load,
            phase,
            per_month,
        ]);
    }
    table
}

fn steps(report: &Report) -> Table {
    let mut table =
        Table::with_titles("What raises the bill on the way", &["Step", "#At", "Expected", "#Cost a month"]);
    let cost = |step: &CostStep| {
        step.per_month.as_ref().map_or_else(Cell::unknown, |range| {
            let amount = money_range(&report.cost.today.currency, range);
            let amount = if step.kind == StepKind::Milestone { format!("+{amount}") } else { amount };
            Cell::number(amount, Some(range.low()))
        })
    };
    for step in &report.cost.steps {
        table.rows.push(vec![
            Cell::text(&*step.title),
            Cell::number(
                format!("{} {}", count(step.users as f64), report.load.course.unit),
                Some(step.users as f64),
            ),
            Cell::number(
                words::dates(step.reached.as_ref(), report.generated_at),
                words::date_key(step.reached.as_ref()),
            ),
            cost(step),
        ]);
    }
    table
}
