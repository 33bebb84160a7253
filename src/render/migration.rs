//! The decision about the architecture, in one line.

use crate::assess::{ArchitectureDecision, Migration};

/// "stay: of 5 criteria …", or between what it is still open.
pub(super) fn line(decision: &ArchitectureDecision) -> String {
    let name = |migration: &Migration| match migration {
        Migration::Stay => "stay with the architecture",
        Migration::Gradual => "migrate service by service",
        Migration::Full => "migrate altogether",
    };
    if let (Some(outcome), Some(text)) = (&decision.outcome, &decision.text) {
        return format!("{} ({text}): {}", name(outcome), decision.because);
    }
    let possible: Vec<&str> = decision.possible.iter().map(name).collect();
    format!("open ({}): {}", possible.join(", or "), decision.because)
}
