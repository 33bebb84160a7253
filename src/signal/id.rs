//! The names of signals and resources: strings that are known to be in the catalogue of this run.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{Resource, Signal, catalog};

/// The name of a signal in the catalogue, such as `postgres.connections`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalId(pub(super) &'static str);

/// The name of a resource in the catalogue, such as `queue.workers`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(pub(super) &'static str);

/// Finding, printing and serialising are the same for both kinds of name.
macro_rules! name {
    ($id:ident, $entry:ident, $map:ident, $what:literal) => {
        impl $id {
            /// Looks a name up in the catalogue.
            pub fn find(name: &str) -> Option<Self> {
                catalog().$map.get(name).map(|entry| entry.id())
            }

            /// The name itself.
            pub fn as_str(self) -> &'static str {
                self.0
            }

            /// The catalogue entry.
            pub fn entry(self) -> &'static $entry {
                // A name can only be made from an entry, so the look-up always succeeds.
                catalog().$map[self.0]
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0)
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0)
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::find(&name).ok_or_else(|| D::Error::custom(format!(concat!("unknown ", $what, " `{}`"), name)))
            }
        }

        impl JsonSchema for $id {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($id).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                // Configs and roadmaps define further ones.
                schemars::json_schema!({ "type": "string", "pattern": "^[a-z][A-Za-z0-9._-]*$" })
            }
        }
    };
}

name!(SignalId, Signal, signals, "signal");
name!(ResourceId, Resource, resources, "resource");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up() {
        let connections = SignalId::find("postgres.connections").unwrap();
        assert_eq!(connections.entry().id(), connections);
        assert_eq!(connections.entry().resource.unwrap().as_str(), "postgres.connections");
        assert!(SignalId::find("postgres.nonsense").is_none());
    }
}
