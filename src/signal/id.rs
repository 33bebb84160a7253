//! The names of signals and resources: strings that are known to be in the catalogue of this run.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{Resource, Signal, catalog};

/// The name of a signal in the catalogue, such as `postgres.connections`.
#[derive(Clone, Copy)]
pub struct SignalId(&'static Name);

/// The name of a resource in the catalogue, such as `queue.workers`.
#[derive(Clone, Copy)]
pub struct ResourceId(&'static Name);

/// A name and the place of its entry, which are the same however often the entry is replaced: whoever has the name
/// finds the entry without a search.
struct Name {
    text: &'static str,
    place: usize,
}

/// What is not in the catalogue yet has no name.
static NAMELESS: Name = Name { text: "", place: usize::MAX };

/// Finding, printing and serialising are the same for both kinds of name.
macro_rules! name {
    ($id:ident, $entry:ident, $entries:ident, $what:literal) => {
        impl $id {
            /// The name of the entry that is to have a place in the catalogue.
            pub(super) fn register(name: &str, place: usize) -> Self {
                let text = Box::leak(name.to_owned().into_boxed_str());
                Self(Box::leak(Box::new(Name { text, place })))
            }

            /// Looks a name up in the catalogue.
            pub fn find(name: &str) -> Option<Self> {
                catalog().$entries.find(name).map(|entry| entry.id())
            }

            /// The name itself.
            pub fn as_str(self) -> &'static str {
                self.0.text
            }

            pub(super) fn place(self) -> usize {
                self.0.place
            }

            /// The catalogue entry.
            pub fn entry(self) -> &'static $entry {
                catalog().$entries.entry_at(self.place())
            }
        }

        impl Default for $id {
            fn default() -> Self {
                Self(&NAMELESS)
            }
        }

        impl PartialEq for $id {
            fn eq(&self, other: &Self) -> bool {
                self.0.place == other.0.place
            }
        }

        impl Eq for $id {}

        impl PartialOrd for $id {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $id {
            fn cmp(&self, other: &Self) -> Ordering {
                if self == other { Ordering::Equal } else { self.0.text.cmp(other.0.text) }
            }
        }

        impl Hash for $id {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.text.hash(state);
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.text)
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.text)
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.text)
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
