//! What is spent on language models: a few lines on the page of `check`, tables in the report.

use crate::{
    assess::{LlmSpend, SpendBy, SpendRow},
    render::{
        count,
        document::{Block, Cell, Column, Fact, Section, Table},
        format::{money, percent, signed_percent},
    },
    signal::counted,
};

/// Spend is in the currency in which exporters state it.
const CURRENCY: &str = "USD";
/// Teams and models in a line.
const IN_A_LINE: usize = 3;

/// The lines of `check`; all that are listed with `-v`.
pub(super) fn section(spend: &LlmSpend, load_unit: &str, verbose: bool) -> Section {
    let listed = if verbose { usize::MAX } else { IN_A_LINE };
    let line = |label: &str, by: &SpendBy, none: &str| {
        let line = shares(by, listed, none);
        (!line.is_empty()).then(|| Fact::new(label, line))
    };
    let unit = unit_costs(spend, load_unit);
    let facts = [
        Some(Fact::new("Spend", total(spend))),
        line("Teams", &spend.by_team, "no team"),
        line("Models", &spend.by_model, "no model"),
        unit.map(|text| Fact::new("Unit cost", text)),
    ];
    Section::new(
        "llm-spend",
        "LLM spend",
        Block::facts(facts.into_iter().flatten().collect()).into_iter().collect(),
    )
}

/// The same for the report, with what each phase costs at the present spend of a user.
pub(in crate::render) fn blocks(spend: &LlmSpend, load_unit: &str) -> Vec<Block> {
    let unit = unit_costs(spend, load_unit).map(|text| format!(" That is {text}.")).unwrap_or_default();
    let mut blocks = vec![Block::paragraph(format!("LLM spend: {}.{unit}", total(spend)))];
    blocks.extend(table("LLM spend by team", "Team", &spend.by_team, "no team").block());
    blocks.extend(table("LLM spend by model", "Model", &spend.by_model, "no model").block());
    let columns =
        vec![Column::text("Phase"), Column::number("From users"), Column::number("LLM spend a month")];
    let mut phases = Table::new("LLM spend of each phase, at the present spend per user", columns);
    phases.rows = spend
        .phases
        .iter()
        .map(|phase| {
            vec![
                Cell::text(phase.phase.to_string()),
                Cell::number(count(phase.users as f64), Some(phase.users as f64)),
                dollars(phase.per_month),
            ]
        })
        .collect();
    blocks.extend(phases.block());
    blocks
}

/// "$84 a day, $2,555 a month at the rate of the last 7 days, +12% on the week before". What is known of these days need not be
/// the newest: a file may end days ago.
fn total(spend: &LlmSpend) -> String {
    let days = match spend.days {
        days if days >= 6.5 => "the last 7 days".to_owned(),
        days if days >= 1.0 => format!("{} of the last 7 days", counted(days.round(), "day")),
        days => format!("{} of the last 7 days", counted((days * 24.0).round().max(1.0), "hour")),
    };
    let growth =
        spend.growth_per_week.map(|growth| format!(", {} on the week before", signed_percent(growth)));
    format!(
        "{} a day, {} a month at the rate of {days}{}",
        amount(spend.per_day),
        amount(spend.per_month),
        growth.unwrap_or_default()
    )
}

/// "search $50 a day (60%), support $20 (24%), 3 others $14 (16%)".
fn shares(by: &SpendBy, listed: usize, none: &str) -> String {
    let (shown, hidden) = by.rows.split_at(by.rows.len().min(listed));
    let name = |row: &SpendRow| row.name.clone().unwrap_or_else(|| none.to_owned());
    let mut parts: Vec<String> = shown
        .iter()
        .enumerate()
        .map(|(place, row)| {
            let a_day = if place == 0 { " a day" } else { "" };
            format!("{} {}{a_day} ({})", name(row), amount(row.per_day), percent(row.share))
        })
        .collect();
    let others = hidden.len() + by.others;
    if others > 0 {
        let per_day = hidden.iter().map(|row| row.per_day).sum::<f64>() + by.others_per_day;
        let word = if others == 1 { "other" } else { "others" };
        parts.push(format!("{others} {word} {}", amount(per_day)));
    }
    parts.join(", ")
}

/// "$7.31 a month for each of the concurrent users at the peak hour, $1.30 per 1,000 model calls".
fn unit_costs(spend: &LlmSpend, load_unit: &str) -> Option<String> {
    let users = spend
        .per_user
        .map(|per_user| format!("{} a month for each of the {load_unit} at the peak hour", amount(per_user)));
    let calls = spend.per_thousand_calls.map(|calls| format!("{} per 1,000 model calls", amount(calls)));
    let parts: Vec<String> = users.into_iter().chain(calls).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn table(title: &str, first: &str, by: &SpendBy, none: &str) -> Table {
    let columns = vec![
        Column::text(first),
        Column::number("A day"),
        Column::number("A month"),
        Column::number("Share"),
        Column::number("On the week before"),
    ];
    let mut table = Table::new(title, columns);
    table.rows = by
        .rows
        .iter()
        .map(|row| {
            let growth = row.growth_per_week;
            vec![
                Cell::text(row.name.clone().unwrap_or_else(|| none.to_owned())),
                dollars(row.per_day),
                dollars(row.per_month),
                Cell::number(percent(row.share), Some(row.share)),
                growth
                    .map_or_else(Cell::unknown, |growth| Cell::number(signed_percent(growth), Some(growth))),
            ]
        })
        .collect();
    if by.others > 0 {
        table.rows.push(vec![
            Cell::text(format!("{} more", by.others)),
            dollars(by.others_per_day),
            dollars(by.others_per_month()),
            Cell::unknown(),
            Cell::unknown(),
        ]);
    }
    table
}

fn dollars(value: f64) -> Cell {
    Cell::number(amount(value), Some(value))
}

/// Dollars and cents; of less than a cent two digits.
fn amount(value: f64) -> String {
    if value <= 0.0 || value >= 0.01 {
        return money(CURRENCY, (value * 100.0).round() / 100.0);
    }
    let decimals = (3..12_i32).find(|decimals| value * 10_f64.powi(*decimals) >= 10.0).unwrap_or(12);
    format!("${value:.*}", usize::try_from(decimals).unwrap_or(12))
}
