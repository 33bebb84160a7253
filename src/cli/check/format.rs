//! The formats of `check`.

use std::sync::LazyLock;

use clap::{ValueEnum, builder::PossibleValue};

use crate::{cli::output_options::OutputFormat, render::Format};

/// Formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckFormat {
    /// A page for a terminal with everything, as with `-v`.
    Wide,
    /// One that `gate` has as well.
    Shared(Format),
}

/// Every format, in the order of `--help`.
static FORMATS: LazyLock<Vec<CheckFormat>> = LazyLock::new(|| {
    let shared = Format::value_variants().iter().copied().map(CheckFormat::Shared);
    let mut formats: Vec<CheckFormat> = shared.collect();
    formats.insert(1, CheckFormat::Wide);
    formats
});

impl CheckFormat {
    /// The format without what it says about details.
    pub(super) fn shared(self) -> Format {
        match self {
            Self::Wide => Format::Text,
            Self::Shared(format) => format,
        }
    }
}

impl Default for CheckFormat {
    fn default() -> Self {
        Self::Shared(Format::Text)
    }
}

impl ValueEnum for CheckFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &FORMATS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Wide => Some(PossibleValue::new("wide")),
            Self::Shared(format) => format.to_possible_value(),
        }
    }
}

impl OutputFormat for CheckFormat {
    const JSON: Option<Self> = Some(Self::Shared(Format::Json));
    const NOTE: &'static str = "wide is text with all details, as with -v; github writes workflow commands and appends to \
                                $GITHUB_STEP_SUMMARY; nagios uses plugin exit codes; in junit unknown findings are \
                                skipped, or errors if they make the run exit with code 3.";
}
