//! `export hpa` and `export keda`.

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use super::{EvidenceOptions, YamlFormat, open_output, rules::object_name};
use crate::{
    cli::{
        Exit,
        output_options::OutputOptions,
        terminal::{Terminal, safe_lines, warn},
    },
    export::{ExportInput, ScalingOptions, ScalingSet, scaling},
    render::{ScalingTarget, hpa_file, keda_file, refusal, skip_reason},
    signal::{Role, SignalId},
    source,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    evidence: EvidenceOptions,
    /// Workload to export for [default: every workload with an autoscaler of the same name]
    #[arg(long, value_name = "NAME")]
    workload: Option<String>,
    /// Autoscaler of the workload, if it has a different name
    #[arg(long, value_name = "NAME", requires = "workload")]
    autoscaler: Option<String>,
    /// Kind of the workload
    #[arg(long, value_enum, default_value_t)]
    kind: Kind,
    /// CPU request of one pod, in cores or millicores, to compute how many fit on the nodes
    #[arg(long, value_name = "CPU", value_parser = cores)]
    cpu_request: Option<f64>,
    /// Load to size replicas by, such as http.requests [default: the roadmap's]
    #[arg(long, value_name = "SIGNAL")]
    load: Option<String>,
    /// Allow settings lower than the current ones
    #[arg(long)]
    allow_lower: bool,
    #[command(flatten)]
    output: OutputOptions<YamlFormat>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct KedaArguments {
    #[command(flatten)]
    scaling: Arguments,
    /// Prometheus server that KEDA queries [default: the one read by this run]
    #[arg(long, value_name = "URL")]
    server_address: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Kind {
    /// A Deployment
    #[default]
    Deployment,
    /// A StatefulSet
    Statefulset,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::Statefulset => "StatefulSet",
        }
    }
}

/// CPU as Kubernetes writes it: `0.5`, `500m`.
fn cores(text: &str) -> Result<f64, String> {
    let (number, scale) = text.strip_suffix('m').map_or((text, 1.0), |number| (number, 0.001));
    let cores = number.parse::<f64>().ok().map(|number| number * scale);
    cores
        .filter(|cores| cores.is_finite() && *cores > 0.0)
        .ok_or_else(|| "expected cores or millicores, such as 0.5 or 500m".to_owned())
}

pub(super) fn hpa(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = open_output(arguments.output.file.as_deref(), "scale-advisor-hpa.yaml")?;
    let (scaling, _) = measured(arguments, terminal)?;
    let target = ScalingTarget { kind: arguments.kind.name(), server: None };
    output.write(&hpa_file(&scaling, target))?;
    Ok(concluded(&scaling))
}

pub(super) fn keda(arguments: &KedaArguments, terminal: &Terminal) -> Result<Exit> {
    let KedaArguments { scaling: arguments, server_address } = arguments;
    let mut output = open_output(arguments.output.file.as_deref(), "scale-advisor-keda.yaml")?;
    let (scaling, read) = measured(arguments, terminal)?;
    let query = match &scaling.load_query {
        Ok(query) => query.clone(),
        Err(reason) => bail!("KEDA cannot query the load ({}): {}", scaling.load, skip_reason(reason)),
    };
    let Some(server) = server_address.clone().or(read) else {
        bail!("the URL of the Prometheus server is unknown; set --server-address")
    };
    let target = ScalingTarget { kind: arguments.kind.name(), server: Some(&server) };
    output.write(&keda_file(&scaling, &query, target))?;
    Ok(concluded(&scaling))
}

/// The settings, and the address of the server that was read.
fn measured(arguments: &Arguments, terminal: &Terminal) -> Result<(ScalingSet, Option<String>)> {
    if let Some(name) = arguments
        .workload
        .iter()
        .chain(&arguments.autoscaler)
        .find(|name| name.split('/').any(|part| object_name(part).is_err()))
    {
        bail!("`{}` is not a valid Kubernetes name", safe_lines(name));
    }
    // Definitions of settings and roadmaps are known once these are read.
    let evidence = arguments.evidence.evidence(terminal)?;
    let (input, snapshot, survey) = (&evidence.input, &evidence.snapshot, &evidence.survey);
    let options = ScalingOptions {
        workload: arguments.workload.clone(),
        autoscaler: arguments.autoscaler.clone(),
        cpu_request: arguments.cpu_request,
        allow_lower: arguments.allow_lower,
        load: arguments.load.as_deref().map(load).transpose()?,
    };
    let scaling = scaling(&ExportInput { input, snapshot, survey }, &options);
    let server = snapshot.sources.iter().find(|report| report.source == source::prometheus::NAME);
    Ok((scaling, server.map(|report| report.address.clone())))
}

fn load(name: &str) -> Result<SignalId> {
    match SignalId::find(name).filter(|signal| signal.entry().role == Role::Load) {
        Some(signal) => Ok(signal),
        None => bail!(
            "`{}` is not a load; use users.concurrent, http.requests or a load of your own",
            safe_lines(name)
        ),
    }
}

/// Tells what has no settings; inconclusive where nothing has any.
fn concluded(scaling: &ScalingSet) -> Exit {
    for (name, reason) in &scaling.refused {
        warn(&format!("{}: {}\n", safe_lines(name), safe_lines(&refusal(reason))));
    }
    if !scaling.workloads.is_empty() {
        return Exit::Assessed;
    }
    if scaling.refused.is_empty() {
        warn("no autoscaler with that name was measured (k8s.replicas); `scale-advisor doctor` shows why\n");
    }
    Exit::Inconclusive
}
