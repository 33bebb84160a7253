//! `libpq`'s environment variables.

use super::{Parameters, Surroundings};

const VARIABLES: [(&str, &str); 15] = [
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGSERVICE", "service"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLCRL", "sslcrl"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
];

/// The parameters that variables set; an empty variable counts as unset.
pub(super) fn parameters(around: &Surroundings<'_>) -> Parameters {
    let value = |name| (around.environment)(name).filter(|value| !value.is_empty());
    let set = VARIABLES.iter().filter_map(|(name, parameter)| Some(((*parameter).to_owned(), value(name)?)));
    set.collect()
}
