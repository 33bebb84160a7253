//! `version`: which build this is.

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{
    Exit,
    output_options::{OutputFormat, OutputOptions},
};
use crate::render::{pretty, yaml};

/// What `--version` says behind the name of the program.
pub(super) const TEXT: &str = env!("SCALE_ADVISOR_VERSION");

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    output: OutputOptions<Format>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// Lines for people
    #[default]
    Text,
    /// For scripts
    Json,
    /// The JSON data as YAML
    #[value(alias = "yml")]
    Yaml,
}

impl OutputFormat for Format {
    const JSON: Option<Self> = Some(Self::Json);
}

/// The facts of a build. What is not known is left out.
#[derive(Debug, Serialize)]
struct Build {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    built: Option<&'static str>,
    target: &'static str,
    profile: &'static str,
}

const BUILD: Build = Build {
    version: env!("CARGO_PKG_VERSION"),
    commit: option_env!("SCALE_ADVISOR_COMMIT"),
    built: option_env!("SCALE_ADVISOR_BUILT"),
    target: env!("SCALE_ADVISOR_TARGET"),
    profile: env!("SCALE_ADVISOR_PROFILE"),
};

pub(super) fn run(arguments: &Arguments) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let unknown = "unknown";
    output.write(&match arguments.output.format {
        Format::Text => format!(
            "scale-advisor {}\ncommit  {}\nbuilt   {}\ntarget  {}\nprofile {}\n",
            BUILD.version,
            BUILD.commit.unwrap_or(unknown),
            BUILD.built.unwrap_or(unknown),
            BUILD.target,
            BUILD.profile
        ),
        Format::Json => pretty(&BUILD),
        Format::Yaml => yaml(&pretty(&BUILD)),
    })?;
    Ok(Exit::Assessed)
}
