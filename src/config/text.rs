//! `${VARIABLE}` in strings, so that secrets stay out of the file.

use secrecy::SecretString;

use crate::diagnostic::Node;

/// Looks an environment variable up.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A string with its `${VARIABLE}`s filled in; an unset variable is reported.
pub(super) fn expanded(node: Node<'_>, environment: &Environment<'_>) -> Option<String> {
    let text = node.string()?;
    match expand(&text, environment) {
        Ok(text) => Some(text),
        Err(problem) => node.fail("config/variable", problem),
    }
}

/// The same for what must not be shown.
pub(super) fn secret(node: Node<'_>, environment: &Environment<'_>) -> Option<SecretString> {
    expanded(node, environment).map(SecretString::from)
}

fn expand(text: &str, environment: &Environment<'_>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        let Some(length) = rest[start + 2..].find('}') else {
            return Err("`${` without its `}`".to_owned());
        };
        let name = &rest[start + 2..start + 2 + length];
        let value = environment(name);
        out.push_str(&value.ok_or_else(|| format!("the environment variable `{name}` is not set"))?);
        rest = &rest[start + 2 + length + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Result<String, String> {
        expand(text, &|name| (name == "DATABASE_URL").then(|| "postgres://db".to_owned()))
    }

    #[test]
    fn variables_are_filled_in() {
        assert_eq!(with("${DATABASE_URL}/app").unwrap(), "postgres://db/app");
        assert_eq!(with("plain $5").unwrap(), "plain $5");
    }

    #[test]
    fn mistakes_are_named() {
        assert!(with("${NOPE}").unwrap_err().contains("NOPE"));
        assert!(with("${DATABASE_URL").is_err());
    }
}
