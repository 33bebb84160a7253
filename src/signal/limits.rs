//! The limits that come with a definition.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Quantity;

/// The limits of one signal, in its unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultLimits {
    /// From here on it is a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<Quantity>,
    /// From here on it is critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical: Option<Quantity>,
    /// Where the resource is saturated; the critical limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Quantity>,
    /// How long a limit must be exceeded without interruption, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "seconds")]
    #[schemars(with = "Option<f64>")]
    pub sustained: Option<Duration>,
}

impl DefaultLimits {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These limits where there are some, and others where there are none.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        Self {
            warning: self.warning.or(other.warning),
            critical: self.critical.or(other.critical),
            limit: self.limit.or(other.limit),
            sustained: self.sustained.or(other.sustained),
        }
    }
}

mod seconds {
    use super::{Deserialize, Deserializer, Duration, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => serializer.serialize_f64(duration.as_secs_f64()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let seconds = Option::<f64>::deserialize(deserializer)?;
        Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
    }
}
