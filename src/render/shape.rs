//! Which shape of the installation carries a load, in one line.

use super::number::{count, percent};
use crate::assess::{DeploymentFit, Outcome};

/// The smallest shape that carries the load, else the smallest that may; `None` where the roadmap states none.
pub(super) fn line(deployments: &[DeploymentFit]) -> Option<String> {
    let first = |outcome| deployments.iter().find(|one| one.carries == outcome);
    let told = |one: &DeploymentFit, words: &str| {
        let share = one.utilisation.map(|share| format!(" at {} of its capacity", percent(share)));
        format!("{} {words}{} ({})", one.id, share.unwrap_or_default(), one.because)
    };
    let largest = deployments.last()?;
    Some(match (first(Outcome::True), first(Outcome::Unknown)) {
        (Some(carries), _) => told(carries, "carries this"),
        (None, Some(may)) => told(may, "may carry this"),
        (None, None) => match largest.users.high() {
            Some(high) => {
                format!(
                    "no stated one carries this; the largest, {}, ends at {} users",
                    largest.id,
                    count(high as f64)
                )
            }
            None => told(largest, "does not carry this"),
        },
    })
}
