//! A service that was found, before it is judged.

use serde::Serialize;

use super::Standing;
use crate::snapshot::Labels;

/// One service and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The labels that name it.
    pub service: Labels,
    /// Their values together: `shop/checkout`.
    pub name: String,
    /// Who owns it, as far as that is known.
    pub owner: Option<String>,
    /// The id or path of the roadmap that it is held against.
    pub profile: String,
    /// Since when it has existed, and whether it still does.
    pub standing: Standing,
}
