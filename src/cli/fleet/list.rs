//! `fleet list`: which services there are.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::{FleetOptions, Format, estate::Estate};
use crate::{
    cli::{Exit, output_options::OutputOptions, terminal::Terminal},
    fleet::{Row, Standing, Unjudged},
    render::{FleetListView, fleet_json_lines, fleet_list_document},
    snapshot::Labels,
};

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    fleet: FleetOptions,
    #[command(flatten)]
    output: OutputOptions<Format>,
}

/// A service for programs.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    service: &'a Labels,
    name: &'a str,
    owner: Option<&'a str>,
    profile: &'a str,
    standing: Standing,
}

impl<'a> From<&'a Row> for Listed<'a> {
    fn from(row: &'a Row) -> Self {
        let Row { service, name, owner, profile, standing, .. } = row;
        Self { service, name, owner: owner.as_deref(), profile, standing: *standing }
    }
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let estate = Estate::find(&arguments.fleet, terminal)?;
    let rows: Vec<Row> =
        estate.members.iter().map(|member| estate.unjudged(member, Unjudged::Vanished)).collect();
    let text = if let Some(format) = arguments.output.format.of_document(terminal.style(&output)) {
        let view = FleetListView { rows: &rows, by: &estate.by, now: estate.now };
        fleet_list_document(&view).write(format)?
    } else {
        let listed: Vec<Listed<'_>> = rows.iter().map(Listed::from).collect();
        fleet_json_lines(&listed)
    };
    output.write(&text)?;
    Ok(Exit::Assessed)
}
