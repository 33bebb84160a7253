//! Parameters from around a program: `libpq`'s environment variables, and the named sets of `pg_service.conf`.

use std::path::PathBuf;

use super::{Parameters, SettingsError, Surroundings};

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

/// The of_variables that variables set; an empty variable counts as unset.
pub(super) fn of_variables(around: &Surroundings<'_>) -> Parameters {
    let value = |name| (around.environment)(name).filter(|value| !value.is_empty());
    let set = VARIABLES.iter().filter_map(|(name, parameter)| Some(((*parameter).to_owned(), value(name)?)));
    set.collect()
}

/// The of_service of a service; none when no service is named.
pub(super) fn of_service(
    name: Option<&String>,
    around: &Surroundings<'_>,
) -> Result<Parameters, SettingsError> {
    let Some(name) = name else { return Ok(Parameters::new()) };
    let files = files(around);
    let found = files.iter().find_map(|path| section(&(around.read)(path)?.text, name));
    found.ok_or_else(|| {
        let looked: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
        SettingsError::Service { name: name.clone(), looked: looked.join(" or ") }
    })
}

/// The user's file first, then the machine's; Debian's path is used in place of the compiled-in one.
fn files(around: &Surroundings<'_>) -> Vec<PathBuf> {
    let variable = |name| (around.environment)(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let own = variable("PGSERVICEFILE").or_else(|| Some(variable("HOME")?.join(".pg_service.conf")));
    let folder = variable("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".into());
    own.into_iter().chain([folder.join("pg_service.conf")]).collect()
}

fn section(text: &str, name: &str) -> Option<Parameters> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) == Some(name))?;
    let pairs = lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .filter(|(_, value)| !value.is_empty());
    Some(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let text = "# ours\n[shop]\nhost=db1\n#port=1\nport = 6432\n\n[other]\nhost=db2\n";
        let shop = section(text, "shop").unwrap();
        assert_eq!(shop["host"], "db1");
        assert_eq!(shop["port"], "6432");
        assert_eq!(section(text, "other").unwrap().len(), 1);
        assert!(section(text, "sho").is_none());
    }
}
