//! The load and what it costs.

use crate::render::reason;
use chrono::Datelike;

use super::format;
use crate::{
    assess::{Cost, UserCost},
    render::{
        chart::{Basis, Milestone, PhaseBand},
        document::{Block, Cell, Column, Item, List, Table},
        format::{count, money, money_range},
        view::{dates::date_cells, llm_spend, load_picture::LoadPicture},
    },
    report::{CostStep, Report, StepKind},
    roadmap::Range,
};

/// Months of the load that are listed.
const MONTHS: usize = 13;

/// The load so far and ahead, on the roadmap.
pub(super) fn load(report: &Report) -> Vec<Block> {
    let course = &report.load.course;
    let mut blocks = vec![Block::paragraph(growth(report))];
    if !course.history.is_empty() || course.points.is_some() {
        blocks.push(Block::Picture(picture(report).picture()));
    }
    let unit = &course.unit;
    let events = report.load.events_ahead.iter().map(|ahead| Item {
        details: ahead.short.iter().map(|short| reason::event_shortage(short).into()).collect(),
        ..Item::new(reason::event_ahead(ahead, unit))
    });
    let events = events.collect();
    blocks.extend(List { title: "Events ahead".to_owned(), tasks: false, items: events }.block());
    blocks.extend(months(report).block());
    blocks.extend(phases_ahead(report).block());
    blocks
}

fn growth(report: &Report) -> String {
    let course = &report.load.course;
    let peak = course.peak.map_or_else(
        || "The current load is unknown".to_owned(),
        |peak| format!("{} {} at the peak hour now", count(peak), course.unit),
    );
    let growth = course.growth_per_month.as_ref();
    let growth = growth.map_or_else(
        || format!("growth unknown: {}", reason::forecast(&course.reason)),
        |growth| format!("growth {}", format::growth(growth)),
    );
    let change = course
        .trend_changed_days_ago
        .map(|days| format!(" The trend changed {} ago.", format::plural(days, "day")));
    format!("{peak}; {growth}.{}", change.unwrap_or_default())
}

fn picture(report: &Report) -> LoadPicture<'_> {
    let load = &report.load;
    let phases = load.phases.iter().map(|phase| PhaseBand {
        number: phase.number,
        title: &phase.title,
        from: phase.from as f64,
        to: phase.to.map(|to| to as f64),
    });
    let saturations = report.bottlenecks.iter().filter_map(|bottleneck| {
        let standing = &bottleneck.standing;
        let name = format::resource(standing.resource, standing.instance.as_deref());
        Some((standing.saturates_at_load?.mid, name))
    });
    let milestones = load.milestones.iter().map(|milestone| Milestone {
        load: milestone.users as f64,
        basis: Basis::Roadmap,
        title: &milestone.title,
        act_by: milestone.act_by_users.map(|users| users as f64),
    });
    LoadPicture {
        load: &load.course,
        today: report.generated_at.date_naive(),
        saturations: saturations.collect(),
        phases: phases.collect(),
        milestones: milestones.collect(),
        simulated: false,
    }
}

fn months(report: &Report) -> Table {
    let columns = vec![
        Column::text("Month"),
        Column::number("Peak hour, median day"),
        Column::number("Highest hour"),
        Column::number("Change"),
        Column::number("Days recorded").rank(1),
    ];
    let mut table = Table::new("Months", columns);
    for month in report.load.months.iter().rev().take(MONTHS) {
        table.rows.push(vec![
            Cell::text(format::month(&month.month)),
            Cell::number(count(month.busy_hour), Some(month.busy_hour)),
            Cell::number(count(month.highest), Some(month.highest)),
            format::number(month.change, format::signed),
            Cell::number(month.days.to_string(), Some(month.days as f64)),
        ]);
    }
    table
}

fn phases_ahead(report: &Report) -> Table {
    let columns = vec![
        Column::text("Phase"),
        Column::number("From load"),
        Column::text("Expected"),
        Column::text("90% interval").rank(2),
        Column::number("Cost a month").rank(1),
    ];
    let mut table = Table::new("Phases ahead", columns);
    for phase in &report.load.ahead {
        let [expected, interval] =
            date_cells(phase.reached.as_ref(), report.generated_at, "after the forecast");
        table.rows.push(vec![
            Cell::text(format!("{} {}", phase.phase, phase.title)),
            Cell::number(count(phase.users as f64), Some(phase.users as f64)),
            expected,
            interval,
            cost_cell(report, phase.cost_per_month.as_ref()),
        ]);
    }
    table
}

fn cost_cell(report: &Report, range: Option<&Range<f64>>) -> Cell {
    range.map_or_else(Cell::unknown, |range| {
        Cell::number(money_range(&report.cost.today.currency, range), Some(range.low()))
    })
}

/// The cost today and ahead.
pub(super) fn cost(report: &Report) -> Vec<Block> {
    let mut blocks = vec![Block::paragraph(cost_today(report))];
    blocks.extend(user_costs(report).block());
    if report.cost.path.iter().any(|month| month.load.is_some()) {
        blocks.extend(cost_forecast(report).block());
    } else {
        blocks.push(Block::paragraph("No cost forecast, because there is no load forecast."));
    }
    blocks.extend(cost_steps(report).block());
    let llm = report.cost.llm.as_ref();
    blocks.extend(llm.into_iter().flat_map(|spend| llm_spend::blocks(spend, &report.load.course.unit)));
    blocks
}

fn cost_today(report: &Report) -> String {
    let cost = &report.cost.today;
    let tier = cost.tier.as_ref().map_or_else(
        || "Roadmap cost: unknown".to_owned(),
        |tier| {
            let range = tier.per_month.as_ref().map_or_else(
                || "not stated".to_owned(),
                |range| format!("{} a month", money_range(&cost.currency, range)),
            );
            format!("Roadmap cost of phase {}: {range}", tier.phase)
        },
    );
    let actual = cost.actual.map_or_else(
        || "Actual cost: not declared (facts.monthly_cost)".to_owned(),
        |actual| format!("Actual cost: {} a month", money(&cost.currency, actual)),
    );
    let per_user = cost.per_user.map(|per_user| {
        let per_user = money(&cost.currency, (per_user * 100.0).round() / 100.0);
        format!(", {per_user} per user at the peak hour")
    });
    let elasticity =
        cost.elasticity.map(|share| format!(" Cost elasticity: 1% more users cost {share:.2}% more."));
    format!("{tier}. {actual}{}.{}", per_user.unwrap_or_default(), elasticity.unwrap_or_default())
}

/// What a user costs in each phase, as stated and as measured.
fn user_costs(report: &Report) -> Table {
    let columns = vec![
        Column::text("Phase"),
        Column::number("Stated"),
        Column::text("Rests on").rank(2),
        Column::number("Measured"),
        Column::text("Rests on").rank(1),
        Column::text("Difference"),
    ];
    let Cost { currency, by_phase, .. } = &report.cost.today;
    let mut table = Table::new("Cost per user a month", columns);
    let cell = |range: Option<&Range<f64>>| {
        range.map_or_else(Cell::unknown, |range| {
            Cell::number(reason::range(currency, range), Some(range.low()))
        })
    };
    for UserCost { phase, stated, measured, contradiction } in by_phase {
        let stated_on = stated.as_ref().map(|stated| reason::stated_basis(currency, stated));
        let measured_on = measured.as_ref().map(|measured| reason::measured_basis(currency, measured));
        table.rows.push(vec![
            Cell::number(phase.to_string(), Some(*phase as f64)),
            cell(stated.as_ref().map(|stated| &stated.per_month)),
            Cell::text(stated_on.unwrap_or_default()),
            cell(measured.as_ref().map(|measured| &measured.per_month)),
            Cell::text(measured_on.unwrap_or_default()),
            Cell::text(contradiction.map(reason::contradiction).unwrap_or_default()),
        ]);
    }
    table
}

fn cost_forecast(report: &Report) -> Table {
    let columns = vec![
        Column::text("End of"),
        Column::number("Load (90% interval)"),
        Column::number("Phase"),
        Column::number("Roadmap cost a month"),
    ];
    let mut table = Table::new("Cost forecast, at the peak load of each month's last week", columns);
    for month in &report.cost.path {
        let load = month.load.as_ref().map_or_else(
            || Cell::text("beyond the forecast"),
            |load| Cell::number(format::load(load), Some(load.mid)),
        );
        let end = f64::from(month.on.num_days_from_ce());
        table.rows.push(vec![
            Cell::number(format::month(&month.month), Some(end)),
            load,
            format::number(month.phase.map(|phase| phase as f64), count),
            cost_cell(report, month.per_month.as_ref()),
        ]);
    }
    table
}

fn cost_steps(report: &Report) -> Table {
    let columns = vec![
        Column::text("Step"),
        Column::number("At load"),
        Column::text("Expected"),
        Column::text("90% interval").rank(1),
        Column::number("Cost a month"),
    ];
    let mut table = Table::new("Cost increases ahead", columns);
    let cost = |step: &CostStep| {
        let cell = cost_cell(report, step.per_month.as_ref());
        let more = step.kind == StepKind::Milestone && step.per_month.is_some();
        if more { Cell { text: format!("+{}", cell.text), ..cell } } else { cell }
    };
    for step in &report.cost.steps {
        let [expected, interval] = date_cells(step.reached.as_ref(), report.generated_at, "no date");
        table.rows.push(vec![
            Cell::text(&*step.title),
            Cell::number(count(step.users as f64), Some(step.users as f64)),
            expected,
            interval,
            cost(step),
        ]);
    }
    table
}
