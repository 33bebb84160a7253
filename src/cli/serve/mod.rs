//! `serve`: the newest assessment over HTTP, for Prometheus, probes and browsers.

mod board;

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use chrono::Utc;
use clap::Args;
use secrecy::SecretString;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

use self::board::{Board, Edition};
use super::{
    Exit, assessment_input,
    notify::{Notice, Notifier, NotifyOptions},
    observe,
    options::{ProjectOptions, SourceOptions, duration},
    project::Project,
    terminal::{Terminal, captured, error_text, warn},
};
use crate::{
    assess::assess,
    files::{self, Kind},
    render::{CheckView, Rows, Templates, check_document, check_openmetrics, pretty},
    serve::Server,
    source::Search,
};

/// The shortest time between two assessments: less would be a load on what is read.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(5);
/// The longest token that is read from a file.
const LARGEST_TOKEN: u64 = 4096;

#[derive(Debug, Clone, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    notify: NotifyOptions,
    /// Address to listen on; 0.0.0.0:9988 accepts connections from other machines
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9988")]
    listen: SocketAddr,
    /// Time between two assessments
    #[arg(long, value_name = "INTERVAL", default_value = "5m", value_parser = duration)]
    every: Duration,
    /// File with a token that clients must send as `Authorization: Bearer TOKEN` [default: $SCALE_ADVISOR_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    // What is wrong with settings and roadmap is told at once.
    let mut project = Project::load(&arguments.project, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    arguments.notify.notifier(&project, &arguments.sources, &input.roadmap)?;
    if arguments.every < SHORTEST_INTERVAL {
        bail!("--every must be 5s or longer");
    }
    if arguments.sources.at.is_some() {
        bail!("--at cannot be used with serve");
    }
    let token = token(arguments)?;
    let mut signals = Signals::new([SIGTERM, SIGINT]).context("cannot catch signals")?;
    let listener = TcpListener::bind(arguments.listen)
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let address = listener.local_addr().context("cannot listen")?;
    if !is_loopback(address.ip()) && token.is_none() {
        warn(&format!(
            "warning: anyone who can reach {address} can read the assessment; set SCALE_ADVISOR_TOKEN or --token-file\n"
        ));
    }
    let board = Arc::new(Board::new(arguments.every, arguments.sources.timeout));
    let server =
        Server::start(listener, Arc::<Board>::clone(&board), token).context("cannot start the server")?;
    warn(&format!("serving http://{address}/ (also /metrics, /check.json, /healthz, /readyz)\n"));
    let (again, terminal) = (arguments.clone(), terminal.clone());
    std::thread::spawn(move || refresh(&again, &board, &terminal));
    // An assessment that is under way ends with the process: it only reads.
    signals.forever().next();
    server.stop();
    Ok(Exit::Assessed)
}

/// The token that clients must send.
///
/// # Errors
/// When its file cannot be read, or is empty: everyone would have an empty token.
fn token(arguments: &Arguments) -> Result<Option<SecretString>> {
    let token = match &arguments.token_file {
        Some(file) => files::read_text(file, LARGEST_TOKEN, Kind::Readable)
            .with_context(|| format!("cannot read the token file {}", file.display()))?,
        None => match std::env::var("SCALE_ADVISOR_TOKEN") {
            Ok(token) => token,
            Err(std::env::VarError::NotPresent) => return Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => bail!("SCALE_ADVISOR_TOKEN is not UTF-8"),
        },
    };
    match token.trim() {
        "" => bail!("the token is empty"),
        token => Ok(Some(SecretString::from(token))),
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Assesses again and again. Messages are written when they change.
fn refresh(arguments: &Arguments, board: &Board, terminal: &Terminal) {
    let mut told = String::new();
    loop {
        let began = Instant::now();
        let mut notifier = None;
        let (result, mut messages) = captured(|| assessed(arguments, terminal, &mut notifier));
        let notice = match result {
            Ok((edition, notice)) => {
                messages.extend(["assessed: ", notice.headline(), "\n"]);
                board.publish(edition);
                notice
            }
            Err(error) => {
                let text = error_text(&error);
                board.fail(text.trim_start_matches("error: ").trim_end());
                messages.push_str(&text);
                Notice::of_failure(&error)
            }
        };
        // Whoever looks at the board need not wait for webhooks.
        if let Some(notifier) = notifier {
            messages.push_str(&captured(|| notifier.tell(&notice)).1);
        }
        if messages != told {
            warn(&messages);
            told = messages;
        }
        // A thread may be woken up early.
        while let Some(rest) = arguments.every.checked_sub(began.elapsed()).filter(|rest| !rest.is_zero()) {
            std::thread::park_timeout(rest);
        }
    }
}

/// Reads and assesses the system once. `notifier` is whom to tell of it, or of the failure.
///
/// # Errors
/// When settings or roadmap have errors by now, or nothing could be read.
fn assessed(
    arguments: &Arguments,
    terminal: &Terminal,
    notifier: &mut Option<Notifier>,
) -> Result<(Edition, Notice)> {
    let mut project = Project::load(&arguments.project, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    *notifier = arguments.notify.notifier(&project, &arguments.sources, &input.roadmap)?;
    let sources = SourceOptions { quiet: true, ..arguments.sources.searching(Search::Bounded) };
    let snapshot = observe::live(&sources, &project, &input.roadmap)?;
    let assessment = assess(&input, &snapshot);
    let rows = Rows { names: &[], texts: &[] };
    let view = CheckView { assessment: &assessment, snapshot: &snapshot, verbose: true, rows };
    let edition = Edition {
        page: check_document(&view).to_html(&Templates::default())?.into(),
        json: pretty(&assessment).into(),
        metrics: check_openmetrics(&assessment),
        at: Utc::now(),
        ready: Instant::now(),
    };
    Ok((edition, Notice::of_assessment(&assessment, &snapshot)))
}
