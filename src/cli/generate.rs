//! `completions`, `man` and `schema`: files for shells, manuals and editors.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Command, CommandFactory, ValueEnum};

use super::{
    Exit,
    atomic::Readers,
    output::{Output, write_file},
};
use crate::{
    config::config_schema,
    render::{
        fleet_schema, forecast_schema, gate_schema, json_schema, notification_schema, plan_schema, pretty,
        report_schema, snapshot_schema, year_schema,
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
pub(super) struct ManArguments {
    /// Write the man page of each command to this directory
    #[arg(short, long, value_name = "DIRECTORY")]
    output: Option<PathBuf>,
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
    /// A line of `fleet check --format json`
    Fleet,
    /// The result of `gate --format json`
    Gate,
    /// The JSON of `report`
    Report,
    /// The JSON of `report --year`
    Year,
    /// The message that `--notify` sends to webhooks with `format = "json"`
    Notification,
    /// A snapshot, as written by `collect`
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

/// Prints the main page, or writes the pages of all commands into a directory.
pub(super) fn man(arguments: &ManArguments) -> Result<Exit> {
    let mut command = command().disable_help_subcommand(true);
    let Some(directory) = &arguments.output else {
        let (_, page) = page(command)?;
        Output::open(None)?.write(&page)?;
        return Ok(Exit::Assessed);
    };
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot create the directory {}", directory.display()))?;
    // Gives each command its whole name.
    command.build();
    let mut open = vec![command];
    while let Some(command) = open.pop() {
        open.extend(command.get_subcommands().filter(|command| !command.is_hide_set()).cloned());
        let (name, page) = page(command)?;
        write_file(&directory.join(name), &page, Readers::Umask)?;
    }
    Ok(Exit::Assessed)
}

/// A command's manual page, with the name of its file.
fn page(command: Command) -> Result<(String, String)> {
    let man = clap_mangen::Man::new(command);
    let mut page = Vec::new();
    man.render(&mut page)?;
    Ok((man.get_filename(), String::from_utf8_lossy(&page).into_owned()))
}

pub(super) fn schema(arguments: &SchemaArguments) -> Result<Exit> {
    let text = match arguments.of {
        Shape::Assessment => json_schema(),
        Shape::Plan => plan_schema(),
        Shape::Forecast => forecast_schema(),
        Shape::Fleet => fleet_schema(),
        Shape::Gate => gate_schema(),
        Shape::Report => report_schema(),
        Shape::Year => year_schema(),
        Shape::Notification => notification_schema(),
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
