//! The addresses of webhooks, which are secrets: from settings, files and the environment.

use std::path::Path;

use anyhow::{Context, Result, bail};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::http::apply;
use crate::{
    cli::{project::Project, terminal::safe_lines},
    config::{Notify, WebhookFormat},
    files::{self, Kind},
    render::MessageFormat,
    source::http::Endpoint,
};

/// The longest address that is read from a file.
const LONGEST: u64 = 16 << 10;

/// The webhook of a table of the settings.
///
/// # Errors
/// When its file cannot be read, or what it holds is no address. The address is not repeated.
pub(in crate::cli) fn configured(notify: &Notify, project: &Project) -> Result<(Endpoint, MessageFormat)> {
    let name = safe_lines(&notify.name);
    let url = match (&notify.url, &notify.url_file) {
        (Some(url), _) => url.clone(),
        (None, Some(file)) => address_of_file(&project.folder.join(file))?,
        (None, None) => bail!("webhook `{name}` has no URL"),
    };
    let mut endpoint = parsed(&url).with_context(|| format!("invalid URL of webhook `{name}`"))?;
    apply(&notify.http, &project.folder, &mut endpoint)?;
    let format = match notify.format {
        Some(WebhookFormat::Slack) => MessageFormat::Slack,
        Some(WebhookFormat::Teams) => MessageFormat::Teams,
        Some(WebhookFormat::Json) => MessageFormat::Json,
        None => format_of(&endpoint),
    };
    Ok((endpoint, format))
}

/// A webhook of which the address is all that is known.
///
/// # Errors
/// When it is no address. It is not repeated.
pub(in crate::cli) fn at(url: &SecretString) -> Result<(Endpoint, MessageFormat)> {
    let endpoint = parsed(url)?;
    let format = format_of(&endpoint);
    Ok((endpoint, format))
}

/// What tells an address from others without revealing it.
pub(in crate::cli) fn fingerprint(url: &SecretString) -> String {
    const DIGITS: usize = 16;
    let mut digits = format!("{:x}", Sha256::digest(url.expose_secret().trim()));
    digits.truncate(DIGITS);
    digits
}

fn parsed(url: &SecretString) -> Result<Endpoint> {
    Ok(Endpoint::new(url.expose_secret())?.secret())
}

fn address_of_file(path: &Path) -> Result<SecretString> {
    let shown = safe_lines(&path.display().to_string());
    let text = files::read_text(path, LONGEST, Kind::Regular)
        .with_context(|| format!("cannot read a webhook URL from {shown}"))?;
    match text.trim() {
        "" => bail!("{shown} contains no URL"),
        url => Ok(SecretString::from(url)),
    }
}

/// The form that the service at an address takes.
fn format_of(endpoint: &Endpoint) -> MessageFormat {
    const SLACK: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];
    const TEAMS: [&str; 3] = [".logic.azure.com", ".powerplatform.com", ".webhook.office.com"];
    let host = endpoint.host();
    if SLACK.contains(&host) {
        MessageFormat::Slack
    } else if TEAMS.iter().any(|domain| host.ends_with(domain)) {
        MessageFormat::Teams
    } else {
        MessageFormat::Json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_follows_from_the_address() {
        for (url, format) in [
            ("https://hooks.slack.com/services/T/B/x", MessageFormat::Slack),
            ("https://prod-07.westeurope.logic.azure.com:443/workflows/a?sig=b", MessageFormat::Teams),
            (
                "https://default1.2.environment.api.powerplatform.com/powerautomate/a?sig=b",
                MessageFormat::Teams,
            ),
            ("https://hooks.slack.com.evil.example/a", MessageFormat::Json),
            ("http://127.0.0.1:9000/hook", MessageFormat::Json),
        ] {
            assert_eq!(at(&SecretString::from(url)).unwrap().1, format, "{url}");
        }
    }
}
