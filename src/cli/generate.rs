//! `completions`, `man` and `schema`: files for shells, manuals and editors.

use anyhow::Result;
use clap::{Args, Command, CommandFactory, ValueEnum};

use super::{Exit, output::Output};
use crate::{
    config::config_schema,
    render::{
        forecast_schema, gate_schema, json_schema, plan_schema, pretty, report_schema, snapshot_schema,
        year_schema,
    },
    roadmap::profile_schema,
};

#[derive(Debug, Args)]
pub(super) struct CompletionArguments {
    /// Shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Nushell,
    Powershell,
    Zsh,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// Which schema
    #[arg(value_enum)]
    of: Shape,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shape {
    /// The result of `check --format json`
    Assessment,
    /// The result of `plan --format json`
    Plan,
    /// The result of `forecast --format json`
    Forecast,
    /// The result of `gate --format json`
    Gate,
    /// The JSON of `report`
    Report,
    /// The JSON of `report --year`
    Year,
    /// What `collect` writes and `check --snapshot` reads
    Snapshot,
    /// A roadmap of your own, in TOML
    Profile,
    /// The settings in `scale-advisor.toml`
    Config,
}

pub(super) fn completions(arguments: &CompletionArguments) -> Result<Exit> {
    let mut script = Vec::new();
    let mut command = command();
    let name = command.get_name().to_owned();
    let shell = match arguments.shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Elvish => clap_complete::Shell::Elvish,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::Powershell => clap_complete::Shell::PowerShell,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Nushell => {
            clap_complete::generate(clap_complete_nushell::Nushell, &mut command, name, &mut script);
            return print(&script);
        }
    };
    clap_complete::generate(shell, &mut command, name, &mut script);
    print(&script)
}

fn print(script: &[u8]) -> Result<Exit> {
    Output::open(None)?.write(&String::from_utf8_lossy(script))?;
    Ok(Exit::Assessed)
}

pub(super) fn man() -> Result<Exit> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command()).render(&mut page)?;
    Output::open(None)?.write(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Assessed)
}

pub(super) fn schema(arguments: &SchemaArguments) -> Result<Exit> {
    let text = match arguments.of {
        Shape::Assessment => json_schema(),
        Shape::Plan => plan_schema(),
        Shape::Forecast => forecast_schema(),
        Shape::Gate => gate_schema(),
        Shape::Report => report_schema(),
        Shape::Year => year_schema(),
        Shape::Snapshot => snapshot_schema(),
        Shape::Profile => pretty(&profile_schema()),
        Shape::Config => pretty(&config_schema()),
    };
    Output::open(None)?.write(&text)?;
    Ok(Exit::Assessed)
}

fn command() -> Command {
    super::Arguments::command()
}
