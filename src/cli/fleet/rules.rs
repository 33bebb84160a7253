//! `fleet rules`: recording rules with which the server keeps the hourly figures of all services.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;

use super::{FleetOptions, estate::Estate};
use crate::{
    cli::{
        Exit,
        export::RuleFileOptions,
        terminal::{Terminal, warn},
    },
    export::{Basis, HourlyFigure, fleet_rules},
    snapshot::Unavailable,
    source::prometheus::HourlyQuery,
};

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    fleet: FleetOptions,
    #[command(flatten)]
    file: RuleFileOptions,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let file = arguments.file.open("scale-advisor-fleet")?;
    let estate = Estate::find(Estate::declared(&arguments.fleet, terminal)?, &arguments.fleet)?;
    let (reader, _) = estate.reader(&arguments.fleet, &estate.input)?;
    let figure = |query: HourlyQuery| HourlyFigure {
        exporter: query.exporter,
        is_limit: query.is_limit,
        query: query.text,
    };
    let figures = |queries: Result<Vec<HourlyQuery>, Unavailable>| match queries {
        Ok(queries) => Ok(queries.into_iter().map(figure).collect()),
        Err(failure) => Err(failure.detail),
    };
    let queries = reader.hourly_queries(&estate.input.declared.numbers(), &estate.differing_facts());
    let figures: BTreeMap<_, _> =
        queries.into_iter().map(|(signal, queries)| (signal, figures(queries))).collect();
    let basis = Basis {
        profile: estate.input.roadmap.id.clone(),
        generated_at: estate.now,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        simulated: None,
    };
    let rules = fleet_rules(basis, figures);
    file.write(&rules)?;
    if rules.groups.is_empty() {
        warn("no rules: the server has no metric that a forecast of this roadmap needs\n");
        return Ok(Exit::Inconclusive);
    }
    Ok(Exit::Assessed)
}
