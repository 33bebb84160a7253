//! Secrets that are given or kept in a file, and the access keys of AWS.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use tokio::task::spawn_blocking;

use super::{AwsRole, sigv4::AwsKey};
use crate::{
    files::{self, Kind},
    snapshot::{Reason, Unavailable},
};

/// Secrets are shorter; a larger file is another one.
const LARGEST: u64 = 1 << 20;

/// A secret, or the file that holds it and may be replaced at any time.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The secret itself.
    Text(SecretString),
    /// A file with nothing else in it.
    File(PathBuf),
}

impl Credential {
    /// The secret as it is now. `what` names it in errors.
    ///
    /// # Errors
    /// When the file cannot be read or is empty.
    pub(super) async fn current(&self, what: &str) -> Result<SecretString, Unavailable> {
        let path = match self {
            Self::Text(secret) => return Ok(secret.clone()),
            Self::File(path) => path,
        };
        let text = file_text(path, what).await?;
        if text.trim().is_empty() {
            return Err(failure(format!("{} holds no {what}", path.display())));
        }
        Ok(SecretString::from(text.trim()))
    }
}

/// Where the access key of AWS is.
#[derive(Debug, Clone)]
pub enum AwsKeys {
    /// A key.
    Given(AwsKey),
    /// A profile in a shared credentials file, which is read again for each request: temporary keys are replaced there.
    Shared {
        /// The file, usually `~/.aws/credentials`.
        file: PathBuf,
        /// The section of the file.
        profile: String,
    },
    /// Given for a role, and renewed before it ends.
    Role(AwsRole),
}

impl AwsKeys {
    /// The key as it is now, where it is given or in a file.
    ///
    /// # Errors
    /// When the file cannot be read or has no such profile.
    pub(super) async fn current(&self) -> Result<AwsKey, Unavailable> {
        match self {
            Self::Role(_) => Err(failure("the key of a role is given by a server".to_owned())),
            Self::Given(key) => Ok(key.clone()),
            Self::Shared { file, profile } => {
                let text = file_text(file, "access key").await?;
                key_of(&text, profile).ok_or_else(|| {
                    failure(format!("{} has no access key for the profile `{profile}`", file.display()))
                        .hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
                })
            }
        }
    }
}

/// The key of a profile in a shared credentials file.
fn key_of(text: &str, profile: &str) -> Option<AwsKey> {
    let mut inside = false;
    let (mut id, mut secret, mut session_token) = (None, None, None);
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inside = section.trim() == profile;
        } else if let Some((name, value)) = line.split_once('=').filter(|_| inside) {
            let value = value.trim();
            match name.trim() {
                "aws_access_key_id" => id = Some(value.to_owned()),
                "aws_secret_access_key" => secret = Some(SecretString::from(value)),
                "aws_session_token" => session_token = Some(SecretString::from(value)),
                _ => {}
            }
        }
    }
    Some(AwsKey { id: id?, secret: secret?, session_token })
}

/// The text of a file. A disk that does not answer must not hold up the other sources.
///
/// # Errors
/// With the path.
pub(super) async fn file_text(path: &Path, what: &str) -> Result<String, Unavailable> {
    let owned = path.to_owned();
    let read = spawn_blocking(move || files::read_text(&owned, LARGEST, Kind::Regular)).await;
    read.map_err(std::io::Error::other)
        .flatten()
        .map_err(|error| failure(format!("cannot read the {what} from {}: {error}", path.display())))
}

fn failure(detail: String) -> Unavailable {
    Unavailable::new(Reason::NotConfigured, detail)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_profile_of_a_shared_file_is_found() {
        let text = "[default]\naws_access_key_id = A\naws_secret_access_key=s1\n# [shop]\n[ shop ]\n\
                    aws_access_key_id=B\naws_secret_access_key = s2\naws_session_token = t=2\nregion = x\n";
        let key = key_of(text, "shop").unwrap();
        assert_eq!((key.id.as_str(), key.secret.expose_secret()), ("B", "s2"));
        assert_eq!(key.session_token.unwrap().expose_secret(), "t=2");
        assert_eq!(key_of(text, "default").unwrap().id, "A");
        assert!(key_of(text, "other").is_none());
    }
}
