//! How a connection is written: `postgres://user:password@host:port/database?parameter=value`, or
//! `host=db1 user=app password='with spaces'`.

use std::{iter::Peekable, str::Chars};

use super::{Parameters, SettingsError};

/// Reads a connection URL of any of the spellings frameworks put into `DATABASE_URL`.
pub(super) fn parse_url(text: &str) -> Result<Parameters, SettingsError> {
    let text = text.strip_prefix("jdbc:").unwrap_or(text);
    let (scheme, rest) = text.split_once("://").ok_or(SettingsError::Text("it has no scheme"))?;
    // Python names its driver in the scheme: `postgresql+asyncpg`.
    let scheme = scheme.split_once('+').map_or(scheme, |(scheme, _)| scheme);
    if !matches!(scheme, "postgres" | "postgresql") {
        return Err(SettingsError::Text("a URL must begin with postgres:// or postgresql://"));
    }
    let (body, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = body.split_once('/').unwrap_or((body, ""));
    // An `@` out of place means that the password ended too early; what is left of it must not become a host.
    if database.contains(['@', '/']) || query.contains('@') {
        return Err(SettingsError::Text(
            "special characters must be percent-encoded: `@` is %40, `/` is %2F",
        ));
    }
    let mut parameters = Parameters::new();
    let hosts = match authority.rsplit_once('@') {
        Some((account, hosts)) => {
            let (user, password) = account.split_once(':').unwrap_or((account, ""));
            put(&mut parameters, "user", user)?;
            put(&mut parameters, "password", password)?;
            hosts
        }
        None => authority,
    };
    put_hosts(&mut parameters, hosts)?;
    put(&mut parameters, "dbname", database)?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) =
            pair.split_once('=').ok_or(SettingsError::Text("a parameter after `?` has no `=`"))?;
        match (name, value) {
            ("ssl", "true" | "require") => put(&mut parameters, "sslmode", "require")?,
            _ => put(&mut parameters, name, value)?,
        }
    }
    Ok(parameters)
}

fn put(parameters: &mut Parameters, name: &str, value: &str) -> Result<(), SettingsError> {
    if !value.is_empty() {
        parameters.insert(name.to_owned(), decoded(value)?);
    }
    Ok(())
}

fn put_hosts(parameters: &mut Parameters, text: &str) -> Result<(), SettingsError> {
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for place in text.split(',') {
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) =
                    rest.split_once(']').ok_or(SettingsError::Text("an IPv6 address has no `]`"))?;
                (host, rest.strip_prefix(':').unwrap_or(rest))
            }
            None => place.split_once(':').unwrap_or((place, "")),
        };
        hosts.push(decoded(host)?);
        ports.push(port.to_owned());
    }
    if hosts.iter().any(|host| !host.is_empty()) {
        parameters.insert("host".to_owned(), hosts.join(","));
    }
    if ports.iter().any(|port| !port.is_empty()) {
        parameters.insert("port".to_owned(), ports.join(","));
    }
    Ok(())
}

fn decoded(text: &str) -> Result<String, SettingsError> {
    const BROKEN: SettingsError = SettingsError::Text("a `%` is not followed by two hexadecimal digits");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(*digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return Err(BROKEN) };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| BROKEN)?);
    }
    String::from_utf8(bytes).map_err(|_| SettingsError::Text("it is not UTF-8 after decoding"))
}

/// Reads key=value pairs with `libpq`'s quoting.
pub(super) fn parse_keywords(text: &str) -> Result<Parameters, SettingsError> {
    let mut parameters = Parameters::new();
    let mut rest = text.chars().peekable();
    loop {
        skip_spaces(&mut rest);
        if rest.peek().is_none() {
            return Ok(parameters);
        }
        let name = name(&mut rest);
        skip_spaces(&mut rest);
        if rest.next() != Some('=') || name.is_empty() {
            return Err(SettingsError::Text("write it as a URL or as `name=value` pairs"));
        }
        skip_spaces(&mut rest);
        let value = if rest.next_if_eq(&'\'').is_some() { quoted(&mut rest)? } else { plain(&mut rest) };
        if !value.is_empty() {
            parameters.insert(name, value);
        }
    }
}

fn skip_spaces(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| c.is_whitespace()).is_some() {}
}

fn name(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut name = String::new();
    while let Some(c) = rest.next_if(|c| !c.is_whitespace() && *c != '=') {
        name.push(c);
    }
    name
}

fn plain(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut value = String::new();
    while let Some(c) = rest.next_if(|c| !c.is_whitespace()) {
        value.extend(if c == '\\' { rest.next() } else { Some(c) });
    }
    value
}

fn quoted(rest: &mut Peekable<Chars<'_>>) -> Result<String, SettingsError> {
    let mut value = String::new();
    loop {
        match rest.next() {
            Some('\'') => return Ok(value),
            Some('\\') => value.extend(rest.next()),
            Some(c) => value.push(c),
            None => return Err(SettingsError::Text("a quote is not closed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let expected: Parameters =
            expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(parse_url(text).unwrap(), expected, "{text}");
    }

    #[test]
    fn every_part_is_found() {
        check(
            "postgresql://al%40ice:p%3Aw%25@db1.example:6432/shop?sslmode=verify-full&schema=public",
            &[
                ("user", "al@ice"),
                ("password", "p:w%"),
                ("host", "db1.example"),
                ("port", "6432"),
                ("dbname", "shop"),
                ("sslmode", "verify-full"),
                ("schema", "public"),
            ],
        );
        check("postgres://", &[]);
        check("postgres://u:a@b@h/", &[("user", "u"), ("password", "a@b"), ("host", "h")]);
        check("postgres:///db?host=/run/pg", &[("dbname", "db"), ("host", "/run/pg")]);
        check("postgres://%2Frun%2Fpg/db", &[("dbname", "db"), ("host", "/run/pg")]);
        check("postgres://[::1]:6000/db", &[("dbname", "db"), ("host", "::1"), ("port", "6000")]);
        check("postgres://a:1,b:2/db", &[("dbname", "db"), ("host", "a,b"), ("port", "1,2")]);
        check(
            "postgresql+asyncpg://h/db?ssl=require",
            &[("dbname", "db"), ("host", "h"), ("sslmode", "require")],
        );
        check("jdbc:postgresql://h/db?user=u", &[("dbname", "db"), ("host", "h"), ("user", "u")]);
    }

    #[test]
    fn broken_urls_are_refused() {
        for text in [
            "mysql://h/db",
            "postgres://u:%zz@h",
            "postgres://u:%4@h",
            "postgres://h/db?sslmode",
            "postgres://[::1/db",
            "postgres://u:1/secret@h/db",
            "postgres://%ff/db",
        ] {
            assert!(parse_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn quoting_follows_libpq() {
        let parameters =
            parse_keywords(r"host = db1 port=6432 password='it\'s \\ here' user=a\ b dbname=''").unwrap();
        assert_eq!(parameters["host"], "db1");
        assert_eq!(parameters["port"], "6432");
        assert_eq!(parameters["password"], r"it's \ here");
        assert_eq!(parameters["user"], "a b");
        assert!(!parameters.contains_key("dbname"));
    }

    #[test]
    fn errors_never_repeat_the_text() {
        for text in ["password=a secret", "password='secret", "secret", "=secret"] {
            let message = parse_keywords(text).unwrap_err().to_string();
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
