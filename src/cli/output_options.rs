//! `--format`, `-o`, `--output` and `--json`: the format of the result, and where it is written.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, ValueEnum, ValueHint,
    builder::{EnumValueParser, PathBufValueParser},
    error::ErrorKind,
};

use super::{
    output::{Output, is_format_name},
    terminal::safe_lines,
};

/// The formats of a command.
pub(super) trait OutputFormat: ValueEnum + Default + Send + Sync + 'static {
    /// The format that `--json` stands for; without one, the command has no `--json`.
    const JSON: Option<Self>;
    /// More about formats, for `--help`.
    const NOTE: &'static str = "";
}

/// A format and a file, as the flags name them.
#[derive(Debug, Clone)]
pub(super) struct OutputOptions<F> {
    /// The format of the result.
    pub format: F,
    /// The file to write; `None` for standard output.
    pub file: Option<PathBuf>,
}

impl<F> OutputOptions<F> {
    /// Standard output, or the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn open(&self) -> Result<Output> {
        Output::open(self.file.as_deref())
    }
}

impl<F: OutputFormat> Args for OutputOptions<F> {
    fn augment_args(command: Command) -> Command {
        let default = name(&F::default());
        let help = format!("Output format [default: {default}]");
        let mut format = Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .value_parser(EnumValueParser::<F>::new())
            .ignore_case(true)
            .help(help.clone());
        if !F::NOTE.is_empty() {
            format = format.long_help(format!("{help}\n\n{}", F::NOTE));
        }
        let path = || PathBufValueParser::new();
        let command = command
            .arg(format)
            .arg(
                Arg::new("format_or_file")
                    .short('o')
                    .value_name("FORMAT|FILE")
                    .value_parser(path())
                    .help("Output format, such as -o markdown, or a file to write the output to"),
            )
            .arg(
                Arg::new("output")
                    .long("output")
                    .value_name("FILE")
                    .value_parser(path())
                    .value_hint(ValueHint::FilePath)
                    .help("Write the output to a file"),
            );
        if F::JSON.is_none() {
            return command;
        }
        let json = Arg::new("json").long("json").action(ArgAction::SetTrue).conflicts_with("format");
        command.arg(json.help("Short for --format json"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<F: OutputFormat> FromArgMatches for OutputOptions<F> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let json = F::JSON.filter(|_| matches.get_flag("json"));
        let format = matches.get_one::<F>("format").cloned().or(json);
        let file = matches.get_one::<PathBuf>("output").cloned();
        let short = matches.get_one::<PathBuf>("format_or_file");
        match short.map(|text| (text, meant_by::<F>(text))) {
            None => Ok(Self { format: format.unwrap_or_default(), file }),
            Some((_, Meant::Format(named))) if format.is_none() => Ok(Self { format: named, file }),
            Some((text, Meant::Format(_))) => {
                let text = safe_lines(&text.display().to_string());
                refused(format!("two formats: `-o {text}` names one too; for a file write `-o ./{text}`"))
            }
            Some((text, Meant::OtherFormat)) => {
                let text = safe_lines(&text.display().to_string());
                let formats: Vec<String> = F::value_variants().iter().map(name).collect();
                refused(format!(
                    "`{text}` is not a format of this command, which has {}; for a file write `-o ./{text}`",
                    formats.join(", ")
                ))
            }
            Some((_, Meant::File)) if file.is_some() => {
                refused("two files: give either `-o FILE` or `--output FILE`".to_owned())
            }
            Some((path, Meant::File)) => {
                Ok(Self { format: format.unwrap_or_default(), file: Some(path.clone()) })
            }
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What the value of `-o` names.
enum Meant<F> {
    /// A format of the command.
    Format(F),
    /// A format that other commands have.
    OtherFormat,
    /// Anything else.
    File,
}

fn meant_by<F: OutputFormat>(text: &Path) -> Meant<F> {
    let own = text.to_str().and_then(|text| F::from_str(text, true).ok());
    match own {
        Some(format) => Meant::Format(format),
        None if is_format_name(text) => Meant::OtherFormat,
        None => Meant::File,
    }
}

/// The name of a format.
fn name(format: &impl ValueEnum) -> String {
    format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn refused<T>(message: String) -> Result<T, Error> {
    Err(Error::raw(ErrorKind::ValueValidation, message))
}
