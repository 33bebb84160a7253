//! Tables of TOML files, each described once: the fields of a struct are the keys of the table, their types say
//! how values are read, and their documentation is that of the JSON Schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use serde_json::{Value, json};

use super::{
    Node, Reader,
    schema::{self, Key},
};

/// A value that TOML files hold.
pub trait FromToml: Sized {
    /// Reads a value; `None` when it is wrong, which has been reported then.
    fn from_toml(node: Node<'_>) -> Option<Self>;

    /// The JSON Schema of such values.
    fn schema() -> Value;

    /// Reports what is wrong between the items of a list; `None` is an item that could not be read.
    fn check_list(_items: &[Option<Self>], _reader: &Reader<'_>, _key: &'static str) {}
}

/// How to read and describe a value whose type alone does not say it: a currency is a `String`, too.
#[derive(Debug, Clone, Copy)]
pub struct Kind<T> {
    /// Reads a value; `None` when it is wrong, which has been reported then.
    pub read: fn(Node<'_>) -> Option<T>,
    /// The JSON Schema of such values.
    pub schema: fn() -> Value,
}

impl<T: FromToml> Kind<T> {
    /// The kind that a type alone says.
    pub const DEFAULT: Self = Self { read: T::from_toml, schema: T::schema };
}

/// A table whose keys are the fields of a struct; see `toml_table!`.
pub trait TomlTable: Sized {
    /// Adds the keys with their documentation, in the order of the struct.
    fn add_keys(keys: &mut Vec<Key>);

    /// Reads every key, so that every error is reported; `None` when a required one is missing or wrong.
    fn from_reader(reader: &Reader<'_>) -> Option<Self>;

    /// Adds rules about several keys to the schema of a table that has these keys.
    fn restrict(schema: Value) -> Value {
        schema
    }
}

/// What a field does when its key is absent, and how a list is made of values.
pub trait Field: Sized {
    /// The type of a value, or of an item where the field is a list.
    type Item;

    /// Whether the table needs the key.
    const REQUIRED: bool = false;

    /// The value of a key; `None` when the table cannot do without it.
    fn read(reader: &Reader<'_>, key: &'static str, kind: Kind<Self::Item>) -> Option<Self>;

    /// The JSON Schema of the field, from that of its items.
    fn describe(item: Value) -> Value {
        item
    }
}

impl<T: FromToml> Field for T {
    type Item = T;
    const REQUIRED: bool = true;

    fn read(reader: &Reader<'_>, key: &'static str, kind: Kind<T>) -> Option<T> {
        reader.need(key, kind.read)
    }
}

impl<T> Field for Option<T> {
    type Item = T;

    fn read(reader: &Reader<'_>, key: &'static str, kind: Kind<T>) -> Option<Self> {
        Some(reader.get(key, kind.read))
    }
}

impl<T: FromToml> Field for Vec<T> {
    type Item = T;

    fn read(reader: &Reader<'_>, key: &'static str, kind: Kind<T>) -> Option<Self> {
        let nodes = reader.get(key, Node::items).unwrap_or_default();
        let items: Vec<Option<T>> = nodes.into_iter().map(kind.read).collect();
        T::check_list(&items, reader, key);
        Some(items.into_iter().flatten().collect())
    }

    fn describe(item: Value) -> Value {
        schema::list(item)
    }
}

impl<T: Ord> Field for BTreeSet<T> {
    type Item = T;

    fn read(reader: &Reader<'_>, key: &'static str, kind: Kind<T>) -> Option<Self> {
        Some(reader.list(key, kind.read).into_iter().collect())
    }

    fn describe(item: Value) -> Value {
        schema::list(item)
    }
}

/// A table whose keys are names of the author's choice.
impl<T> Field for BTreeMap<String, T> {
    type Item = T;

    fn read(reader: &Reader<'_>, key: &'static str, kind: Kind<T>) -> Option<Self> {
        let Some(table) = reader.get(key, Node::table) else { return Some(Self::new()) };
        let entries = table.entries().into_iter();
        Some(entries.filter_map(|(name, _, node)| Some((name, (kind.read)(node)?))).collect())
    }

    fn describe(item: Value) -> Value {
        schema::by_name(item)
    }
}

impl FromToml for String {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        node.string()
    }

    fn schema() -> Value {
        json!({ "type": "string" })
    }
}

impl FromToml for bool {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        node.boolean()
    }

    fn schema() -> Value {
        json!({ "type": "boolean" })
    }
}

impl FromToml for f64 {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        node.number()
    }

    fn schema() -> Value {
        json!({ "type": "number" })
    }
}

impl FromToml for u64 {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        node.count()
    }

    fn schema() -> Value {
        json!({ "type": "integer", "minimum": 0 })
    }
}

/// Where a table and its values are in the file, for diagnostics about several values: a field
/// `spans: Spans as flatten` of a table.
#[derive(Debug, Clone, Default)]
pub struct Spans {
    table: Range<usize>,
    values: BTreeMap<String, Range<usize>>,
}

impl Spans {
    /// Whether the table has a key.
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// The span of a key's value; that of the table where the key is absent.
    pub fn of_key(&self, key: &str) -> Range<usize> {
        self.values.get(key).unwrap_or(&self.table).clone()
    }
}

/// Equal tables are equal wherever they are.
impl PartialEq for Spans {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl TomlTable for Spans {
    fn add_keys(_: &mut Vec<Key>) {}

    fn from_reader(reader: &Reader<'_>) -> Option<Self> {
        Some(Self { table: reader.span(), values: reader.value_spans() })
    }
}

/// Declares a struct whose fields are the keys of a TOML table, and how the table is read and described.
///
/// The name of a field is that of the key and its documentation is that of the schema. `Option`, `Vec` and maps
/// may be absent; everything else is required unless `= value` gives a default. `as KIND` names a
/// [`Kind`] for a value, or for each item of a list, whose type alone does not say how it is read; `as flatten` takes the keys of another
/// table among those of this one. After the struct may follow `check = function;`, a last step with the signature
/// `fn(&mut Self, &Reader<'_>)`, then `check_list = function;` for [`FromToml::check_list`] and
/// `restrict = function;` for [`TomlTable::restrict`].
macro_rules! toml_table {
    (
        $(#[$($meta:tt)*])*
        $visibility:vis struct $name:ident {
            $($(#[$($field_meta:tt)*])* $field_visibility:vis $field:ident: $type:ty $(as $kind:ident)? $(= $default:expr)?,)*
        }
        $(check = $check:path;)?
        $(check_list = $check_list:path;)?
        $(restrict = $restrict:path;)?
    ) => {
        $(#[$($meta)*])*
        $visibility struct $name {
            $($(#[$($field_meta)*])* $field_visibility $field: $type,)*
        }

        impl $crate::diagnostic::TomlTable for $name {
            fn add_keys(keys: &mut Vec<$crate::diagnostic::schema::Key>) {
                $($crate::diagnostic::toml_table!(
                    @describe keys, $field, $type, [$($kind)?], [$($default)?],
                    $crate::diagnostic::toml_table!(@documentation $(#[$($field_meta)*])*)
                );)*
            }

            fn from_reader(reader: &$crate::diagnostic::Reader<'_>) -> Option<Self> {
                $(let $field = $crate::diagnostic::toml_table!(@read reader, $field, $type, [$($kind)?], [$($default)?]);)*
                #[allow(unused_mut, reason = "not every table is checked")]
                let mut table = Self { $($field: $field?,)* };
                $($check(&mut table, reader);)?
                Some(table)
            }

            $(fn restrict(schema: serde_json::Value) -> serde_json::Value {
                $restrict(schema)
            })?
        }

        impl $crate::diagnostic::FromToml for $name {
            fn from_toml(node: $crate::diagnostic::Node<'_>) -> Option<Self> {
                <Self as $crate::diagnostic::TomlTable>::from_reader(&node.table()?)
            }

            fn schema() -> serde_json::Value {
                let mut keys = Vec::new();
                <Self as $crate::diagnostic::TomlTable>::add_keys(&mut keys);
                let table = $crate::diagnostic::schema::table(keys);
                <Self as $crate::diagnostic::TomlTable>::restrict(table)
            }

            $(fn check_list(
                items: &[Option<Self>],
                reader: &$crate::diagnostic::Reader<'_>,
                key: &'static str,
            ) {
                $check_list(items, reader, key);
            })?
        }
    };
    (@read $reader:ident, $field:ident, $type:ty, [flatten], []) => {
        <$type as $crate::diagnostic::TomlTable>::from_reader($reader)
    };
    (@read $reader:ident, $field:ident, $type:ty, [$($kind:ident)?], []) => {
        <$type as $crate::diagnostic::Field>::read(
            $reader,
            $crate::diagnostic::toml_table!(@name $field),
            $crate::diagnostic::toml_table!(@kind <$type as $crate::diagnostic::Field>::Item, [$($kind)?]),
        )
    };
    (@read $reader:ident, $field:ident, $type:ty, [$($kind:ident)?], [$default:expr]) => {
        Some(
            $reader
                .get(
                    $crate::diagnostic::toml_table!(@name $field),
                    $crate::diagnostic::toml_table!(@kind $type, [$($kind)?]).read,
                )
                .unwrap_or_else(|| $default),
        )
    };
    (@describe $keys:ident, $field:ident, $type:ty, [flatten], [], $documentation:expr) => {
        <$type as $crate::diagnostic::TomlTable>::add_keys($keys)
    };
    (@describe $keys:ident, $field:ident, $type:ty, [$($kind:ident)?], [], $documentation:expr) => {
        $keys.push($crate::diagnostic::schema::Key::new(
            $crate::diagnostic::toml_table!(@name $field),
            $documentation,
            <$type as $crate::diagnostic::Field>::REQUIRED,
            <$type as $crate::diagnostic::Field>::describe(
                ($crate::diagnostic::toml_table!(@kind <$type as $crate::diagnostic::Field>::Item, [$($kind)?])
                    .schema)(),
            ),
        ))
    };
    (@describe $keys:ident, $field:ident, $type:ty, [$($kind:ident)?], [$default:expr], $documentation:expr) => {
        $keys.push($crate::diagnostic::schema::Key::new(
            $crate::diagnostic::toml_table!(@name $field),
            $documentation,
            false,
            ($crate::diagnostic::toml_table!(@kind $type, [$($kind)?]).schema)(),
        ))
    };
    (@kind $type:ty, []) => { $crate::diagnostic::Kind::<$type>::DEFAULT };
    (@kind $type:ty, [$kind:ident]) => { $kind };
    (@name $field:ident) => { stringify!($field).trim_start_matches("r#") };
    (@documentation $(#[doc = $line:literal])* $(#[serde $rest:tt])*) => { concat!($($line),*) };
}
pub(crate) use toml_table;

/// Makes enums with a `NAMES` list of words and variants readable: one word of that list.
macro_rules! toml_words {
    ($($type:ty),*) => {
        $(impl $crate::diagnostic::FromToml for $type {
            fn from_toml(node: $crate::diagnostic::Node<'_>) -> Option<Self> {
                node.one_of(&Self::NAMES)
            }

            fn schema() -> serde_json::Value {
                $crate::diagnostic::schema::one_of(Self::NAMES.map(|(name, _)| name))
            }
        })*
    };
}
pub(crate) use toml_words;

#[cfg(test)]
mod tests {
    use crate::diagnostic::{FromToml, Reader, TomlTable, read_document};

    toml_table! {
        /// A table of this test.
        #[derive(Debug, PartialEq)]
        struct Server {
            /// Its name.
            name: String,
            /// How many there are;
            /// one when left out.
            count: u64 = 1,
            /// What it is called as well.
            aliases: Vec<String>,
            place: Place as flatten,
        }
        check = add_alias;
    }

    toml_table! {
        /// Keys of another table.
        #[derive(Debug, PartialEq)]
        struct Place {
            /// The city.
            r#in: Option<String>,
        }
    }

    fn add_alias(server: &mut Server, reader: &Reader<'_>) {
        if reader.optional("count").is_none() {
            server.aliases.push("only".to_owned());
        }
    }

    #[test]
    fn a_table_is_read_and_described_from_its_fields() {
        let read = |text| read_document(text, |reader| Server::from_reader(&reader));
        let (server, diagnostics) = read("name = 'a'\naliases = ['b', 'c']\nin = 'Bern'");
        let aliases = ["b", "c", "only"].map(str::to_owned).to_vec();
        let place = Place { r#in: Some("Bern".to_owned()) };
        assert_eq!(server, Some(Server { name: "a".to_owned(), count: 1, aliases, place }));
        assert_eq!(diagnostics, []);
        let (server, diagnostics) = read("count = -1\ncity = 'Bern'");
        assert_eq!((server, diagnostics.len()), (None, 3));
        let schema = Server::schema();
        assert_eq!(schema["required"], serde_json::json!(["name"]));
        assert_eq!(schema["properties"]["count"]["description"], "How many there are; one when left out.");
        assert_eq!(schema["properties"]["in"]["type"], "string");
        assert_eq!(schema["properties"]["aliases"]["items"]["type"], "string");
    }
}
