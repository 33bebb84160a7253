//! Passwords: given, or from `~/.pgpass`.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{
    Parameters, Surroundings,
    hosts::{Endpoint, Host, SOCKET_FOLDERS},
};

/// Gives every endpoint its password: the given one, or that of the first line of the file that fits.
///
/// A file that others may read is ignored, as `libpq` does, but not in silence.
pub(super) fn fill_in(
    endpoints: &mut [Endpoint],
    parameters: &Parameters,
    (database, user): (&str, &str),
    around: &Surroundings<'_>,
    notes: &mut Vec<String>,
) {
    if let Some(password) = parameters.get("password") {
        for endpoint in endpoints {
            endpoint.password = Some(SecretString::from(password.clone()));
        }
        return;
    }
    let home = || (around.environment)("HOME").map(|home| PathBuf::from(home).join(".pgpass"));
    let Some(path) = parameters.get("passfile").map(PathBuf::from).or_else(home) else { return };
    let Some(file) = (around.read)(&path) else { return };
    if !file.private {
        notes.push(format!(
            "the password file {0} was ignored because others may read it; run chmod 0600 {0}",
            path.display()
        ));
        return;
    }
    for endpoint in endpoints {
        let place = [&host_key(&endpoint.host), &endpoint.port.to_string(), database, user];
        endpoint.password = file.text.lines().find_map(|line| password(line, place));
    }
}

/// A default socket goes by the name `localhost` in the file.
fn host_key(host: &Host) -> String {
    match host {
        Host::Tcp { name, .. } => name.clone(),
        Host::Socket(folder) if SOCKET_FOLDERS.iter().any(|known| folder.as_os_str() == *known) => {
            "localhost".to_owned()
        }
        Host::Socket(folder) => folder.display().to_string(),
    }
}

fn password(line: &str, place: [&str; 4]) -> Option<SecretString> {
    if line.starts_with('#') {
        return None;
    }
    let mut rest = line;
    for wanted in place {
        let (field, after) = field(rest)?;
        // Only a bare star is a wildcard; `\*` is a name.
        let raw = &rest[..rest.len() - after.len() - 1];
        if raw != "*" && field != wanted {
            return None;
        }
        rest = after;
    }
    let (password, _) = field(rest).unwrap_or_else(|| (unescaped(rest), ""));
    Some(SecretString::from(password))
}

/// The text before the next colon that is not escaped, and what follows the colon.
fn field(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ':' => return Some((unescaped(&text[..index]), &text[index + 1..])),
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        plain.extend(if c == '\\' { rest.next() } else { Some(c) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<&str>) {
        let found = password(line, ["db1", "5432", "shop", "app"]);
        assert_eq!(found.as_ref().map(ExposeSecret::expose_secret), expected, "{line}");
    }

    #[test]
    fn lines_are_matched_field_by_field() {
        check("db1:5432:shop:app:pw", Some("pw"));
        check("*:*:*:*:pw", Some("pw"));
        check(r"*:*:*:*:p\:w\\", Some(r"p:w\"));
        check("db2:5432:shop:app:pw", None);
        check(r"\*:*:*:*:pw", None);
        check("# *:*:*:*:pw", None);
        check("*:*:*:pw", None);
        check("", None);
    }

    #[test]
    fn colons_in_names_are_escaped() {
        let found = password(r"\:\:1:5432:*:*:pw", ["::1", "5432", "shop", "app"]);
        assert_eq!(found.unwrap().expose_secret(), "pw");
    }
}
