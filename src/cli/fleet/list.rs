//! `fleet list`: which services there are.

use anyhow::Result;
use clap::Args;

use super::{FleetOptions, Format, estate::Estate};
use crate::{
    cli::{Exit, output_options::OutputOptions, terminal::Terminal},
    fleet::Listed,
    render::{FleetListView, fleet_json_lines, fleet_list_document, fleet_list_openmetrics},
};

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    fleet: FleetOptions,
    #[command(flatten)]
    output: OutputOptions<Format>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let estate = Estate::find(Estate::declared(&arguments.fleet, terminal)?, &arguments.fleet)?;
    let services: Vec<Listed> = estate.members.iter().map(|member| estate.listed(member)).collect();
    let text = match arguments.output.format.of_document(terminal.style(&output)) {
        Some(format) => {
            let view = FleetListView { services: &services, by: &estate.by, now: estate.now };
            fleet_list_document(&view).write(format)?
        }
        None if arguments.output.format == Format::Openmetrics => fleet_list_openmetrics(&services),
        None => fleet_json_lines(&services),
    };
    output.write(&text)?;
    Ok(Exit::Assessed)
}
