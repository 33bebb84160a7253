//! The judgement together with the forecast it rests on.

use super::{Assessment, AssessmentInput, Assumptions, Forecast, Outlook, forecast::compose};
use crate::snapshot::Snapshot;

/// The judgement and the forecast of one snapshot, which rest on the same futures.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// How it stands.
    pub assessment: Assessment,
    /// How it goes on.
    pub forecast: Forecast,
    /// The futures themselves.
    pub outlook: Outlook,
}

/// Both at once.
pub fn survey(input: &AssessmentInput, snapshot: &Snapshot, assumptions: Assumptions) -> Survey {
    super::in_context(input, snapshot, |context| {
        let (assessment, outlook) = super::judge(context, assumptions);
        let forecast = compose(context, &assessment, &outlook, assumptions, None);
        Survey { assessment, forecast, outlook }
    })
}
