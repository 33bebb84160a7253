//! Three-valued logic: what the evidence leaves open is neither true nor false.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether something holds, does not hold, or cannot be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It does not hold.
    False,
    /// The evidence is missing.
    Unknown,
    /// It holds.
    True,
}

impl From<bool> for Outcome {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl Outcome {
    /// Kleene's strong disjunction: one that holds decides.
    pub fn any(outcomes: impl IntoIterator<Item = Self>) -> Self {
        outcomes.into_iter().fold(Self::False, |all, next| match (all, next) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::False, Self::False) => Self::False,
        })
    }

    /// Kleene's strong conjunction: one that does not hold decides.
    pub fn all(outcomes: impl IntoIterator<Item = Self>) -> Self {
        !Self::any(outcomes.into_iter().map(|outcome| !outcome))
    }
}

impl std::ops::Not for Outcome {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome::{self, False, True, Unknown};

    #[test]
    fn kleene_tables() {
        assert_eq!(Outcome::any([False, Unknown]), Unknown);
        assert_eq!(Outcome::any([Unknown, True]), True);
        assert_eq!(Outcome::any([]), False);
        assert_eq!(Outcome::all([True, Unknown]), Unknown);
        assert_eq!(Outcome::all([Unknown, False]), False);
        assert_eq!(Outcome::all([]), True);
    }
}
