//! `host=db1 user=app password='with spaces'`.

use std::{iter::Peekable, str::Chars};

use super::{Parameters, SettingsError};

/// Reads key=value pairs with `libpq`'s quoting.
pub(super) fn parse(text: &str) -> Result<Parameters, SettingsError> {
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

    #[test]
    fn quoting_follows_libpq() {
        let parameters = parse(r"host = db1 port=6432 password='it\'s \\ here' user=a\ b dbname=''").unwrap();
        assert_eq!(parameters["host"], "db1");
        assert_eq!(parameters["port"], "6432");
        assert_eq!(parameters["password"], r"it's \ here");
        assert_eq!(parameters["user"], "a b");
        assert!(!parameters.contains_key("dbname"));
    }

    #[test]
    fn errors_never_repeat_the_text() {
        for text in ["password=a secret", "password='secret", "secret", "=secret"] {
            let message = parse(text).unwrap_err().to_string();
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
