//! `export dashboard`.

use anyhow::Result;
use clap::Args;

use super::{EvidenceOptions, JsonFormat, open_output};
use crate::{
    cli::{
        Exit,
        output_options::OutputOptions,
        terminal::{Terminal, warn},
    },
    export::{ExportInput, dashboard},
    render::grafana_dashboard,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    evidence: EvidenceOptions,
    #[command(flatten)]
    output: OutputOptions<JsonFormat>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = open_output(arguments.output.file.as_deref(), "scale-advisor-dashboard.json")?;
    let evidence = arguments.evidence.evidence(terminal)?;
    let (input, snapshot, survey) = (&evidence.input, &evidence.snapshot, &evidence.survey);
    let dashboard = dashboard(&ExportInput { input, snapshot, survey });
    output.write(&grafana_dashboard(&dashboard))?;
    if dashboard.load.is_none() && dashboard.resources.is_empty() {
        warn(
            "no panels: neither load nor resources were read from Prometheus; `scale-advisor doctor` shows why\n",
        );
        return Ok(Exit::Inconclusive);
    }
    Ok(Exit::Assessed)
}
