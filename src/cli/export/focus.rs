//! `export focus`.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{EvidenceOptions, open_output};
use crate::{
    cli::{
        Exit,
        output_options::{OutputFormat, OutputOptions},
        terminal::{Terminal, safe_lines, warn},
    },
    export::{ExportInput, NoCharge, charges},
    render::{BillingParty, focus_file},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    evidence: EvidenceOptions,
    /// Account that will be billed
    #[arg(long, value_name = "ID", default_value = "forecast")]
    billing_account: String,
    /// Provider that will bill it
    #[arg(long, value_name = "NAME", default_value = "forecast")]
    provider: String,
    #[command(flatten)]
    output: OutputOptions<CsvFormat>,
}

/// The only format of charges.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum CsvFormat {
    /// For tools that read FOCUS
    #[default]
    Csv,
}

impl OutputFormat for CsvFormat {
    const JSON: Option<Self> = None;
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = open_output(arguments.output.file.as_deref(), "scale-advisor-focus.csv")?;
    let evidence = arguments.evidence.evidence(terminal)?;
    let (input, snapshot, survey) = (&evidence.input, &evidence.snapshot, &evidence.survey);
    let set = charges(&ExportInput { input, snapshot, survey });
    let party = BillingParty { account: &arguments.billing_account, provider: &arguments.provider };
    output.write(&focus_file(&set, party))?;
    for (action, reason) in &set.left_out {
        let reason = match reason {
            NoCharge::NoCost => "neither [[prices]] nor the roadmap gives its cost".to_owned(),
            NoCharge::NoDate => "it has no start date".to_owned(),
            NoCharge::Later { begins } => {
                format!("it starts in {}, after the six months covered", begins.title())
            }
            NoCharge::BoughtBy { action } => format!("its capacity is already bought by {action}"),
        };
        warn(&safe_lines(&format!("skipped {action}: {reason}\n")));
    }
    if set.charges.is_empty() && set.left_out.is_empty() {
        warn("nothing to export: the plan has no open action\n");
    }
    Ok(if set.charges.is_empty() { Exit::Inconclusive } else { Exit::Assessed })
}
