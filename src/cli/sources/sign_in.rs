//! Sign-ins of clouds: what the file says, what the environment of the cloud's own tools says, and what is usual.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use secrecy::SecretString;

use crate::{
    cli::project::environment,
    config::{AzureAd, AzureOAuth, GoogleIam, OAuth2, SigV4},
    source::http::{
        Auth, AwsKey, AwsKeys, AwsRole, ClientCredentials, Credential, Endpoint, TokenSource, parse_address,
    },
    tls::TlsSettings,
};

/// What a token of Google's has to be for.
const GOOGLE_SCOPE: &str = "https://www.googleapis.com/auth/monitoring.read";

/// OAuth2 with client credentials.
///
/// # Errors
/// When the address of the token endpoint is none.
pub(super) fn oauth2(oauth: &OAuth2, client_secret: Credential, tls: TlsSettings) -> Result<Auth> {
    Ok(Auth::Tokens(TokenSource::ClientCredentials(ClientCredentials {
        client_id: oauth.client_id.clone(),
        client_secret,
        token_url: parse_address(&oauth.token_url).context("`token_url` is not an HTTP address")?,
        scopes: oauth.scopes.clone(),
        parameters: oauth.endpoint_params.clone().into_iter().collect(),
        tls,
    })))
}

/// A signature of AWS.
///
/// # Errors
/// When nothing says which region or key is meant.
pub(super) fn aws(aws: &SigV4, endpoint: &Endpoint) -> Result<Auth> {
    let of_environment = || environment("AWS_REGION").or_else(|| environment("AWS_DEFAULT_REGION"));
    let region = aws.region.clone().or_else(|| region_of(&endpoint.address())).or_else(of_environment);
    let Some(region) = region else { bail!("no AWS region; set `region` in `sigv4`, or AWS_REGION") };
    Ok(Auth::Aws { keys: aws_keys(aws, &region)?, region })
}

/// The region in the name of a workspace's host: `aps-workspaces.eu-central-1.amazonaws.com`.
fn region_of(address: &str) -> Option<String> {
    let host = address.split_once("://")?.1.split('/').next()?;
    let region = host.strip_prefix("aps-workspaces.")?.split_once(".amazonaws.com")?.0;
    Some(region.to_owned())
}

/// The key, looked for where the tools of AWS look for it.
fn aws_keys(aws: &SigV4, region: &str) -> Result<AwsKeys> {
    if let (Some(id), Some(secret)) = (&aws.access_key, &aws.secret_key) {
        let key = AwsKey { id: id.clone(), secret: secret.clone(), session_token: None };
        return Ok(AwsKeys::Given(key));
    }
    let of_environment = environment("AWS_ACCESS_KEY_ID").zip(environment("AWS_SECRET_ACCESS_KEY"));
    if let (None, Some((id, secret))) = (&aws.profile, of_environment) {
        let session_token = environment("AWS_SESSION_TOKEN").map(SecretString::from);
        return Ok(AwsKeys::Given(AwsKey { id, secret: secret.into(), session_token }));
    }
    let profile = aws.profile.clone().or_else(|| environment("AWS_PROFILE"));
    if profile.is_none()
        && let Some((token_file, role)) =
            environment("AWS_WEB_IDENTITY_TOKEN_FILE").zip(environment("AWS_ROLE_ARN"))
    {
        let place = environment("AWS_ENDPOINT_URL_STS").unwrap_or_else(|| {
            let china = if region.starts_with("cn-") { ".cn" } else { "" };
            format!("https://sts.{region}.amazonaws.com{china}")
        });
        let url = parse_address(&place).context("the URL of the AWS token service is not an HTTP address")?;
        return Ok(AwsKeys::Role(AwsRole::WebIdentity { url, role, token_file: token_file.into() }));
    }
    let named = environment("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from);
    let usual = || environment("HOME").map(|home| Path::new(&home).join(".aws/credentials"));
    let wanted = named.is_some() || profile.is_some();
    if let Some(file) = named.or_else(usual).filter(|file| wanted || file.exists()) {
        return Ok(AwsKeys::Shared { file, profile: profile.unwrap_or_else(|| "default".to_owned()) });
    }
    if let Some(role) = container()? {
        return Ok(AwsKeys::Role(role));
    }
    if environment("AWS_EC2_METADATA_DISABLED").is_some_and(|disabled| disabled.eq_ignore_ascii_case("true"))
    {
        bail!("no AWS key; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
    }
    let place = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    let place = place.unwrap_or_else(|| "http://169.254.169.254".to_owned());
    let endpoint =
        parse_address(&place).context("$AWS_EC2_METADATA_SERVICE_ENDPOINT is not an HTTP address")?;
    Ok(AwsKeys::Role(AwsRole::Machine { endpoint }))
}

/// The agent beside a container of ECS or a pod of EKS.
fn container() -> Result<Option<AwsRole>> {
    let relative = || {
        let path = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")?;
        Some(format!("http://169.254.170.2{path}"))
    };
    let Some(place) = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI").or_else(relative) else {
        return Ok(None);
    };
    let url = parse_address(&place).context("$AWS_CONTAINER_CREDENTIALS_FULL_URI is not an HTTP address")?;
    let file =
        environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(|file| Credential::File(file.into()));
    let text = || environment("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(|text| Credential::Text(text.into()));
    Ok(Some(AwsRole::Container { url, authorization: file.or_else(text) }))
}

/// A token of Microsoft Entra ID for Azure Monitor's workspaces.
///
/// # Errors
/// When the cloud is unknown, or an address of the environment is none.
pub(super) fn azure(azure: &AzureAd) -> Result<Auth> {
    let (authority, audience) = match azure.cloud.as_deref().unwrap_or("AzurePublic") {
        "AzurePublic" => ("https://login.microsoftonline.com", "https://prometheus.monitor.azure.com"),
        "AzureGovernment" => ("https://login.microsoftonline.us", "https://prometheus.monitor.azure.us"),
        "AzureChina" => ("https://login.chinacloudapi.cn", "https://prometheus.monitor.azure.cn"),
        _ => bail!("`cloud` of `azuread` must be AzurePublic, AzureGovernment or AzureChina"),
    };
    if let Some(AzureOAuth { client_id, client_secret, tenant_id }) = &azure.oauth {
        let authority = environment("AZURE_AUTHORITY_HOST").unwrap_or_else(|| authority.to_owned());
        let tenant: String = tenant_id
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || "-.".contains(*letter))
            .collect();
        let token_url = format!("{}/{tenant}/oauth2/v2.0/token", authority.trim_end_matches('/'));
        return Ok(Auth::Tokens(TokenSource::ClientCredentials(ClientCredentials {
            client_id: client_id.clone(),
            client_secret: Credential::Text(client_secret.clone()),
            token_url: parse_address(&token_url).context("$AZURE_AUTHORITY_HOST is not an HTTP address")?,
            scopes: vec![format!("{audience}/.default")],
            parameters: Vec::new(),
            tls: TlsSettings::default(),
        })));
    }
    // App Service and container apps have an endpoint of their own, machines that of the cloud.
    let own = environment("IDENTITY_ENDPOINT").zip(environment("IDENTITY_HEADER"));
    let (place, version, header) = match own {
        Some((place, header)) => (place, "2019-08-01", ("X-IDENTITY-HEADER".to_owned(), header.into())),
        None => (
            "http://169.254.169.254/metadata/identity/oauth2/token".to_owned(),
            "2018-02-01",
            ("Metadata".to_owned(), SecretString::from("true")),
        ),
    };
    let mut url = parse_address(&place).context("$IDENTITY_ENDPOINT is not an HTTP address")?;
    url.query_pairs_mut().append_pair("api-version", version).append_pair("resource", audience);
    if let Some(identity) = azure.managed_identity.as_ref().filter(|identity| !identity.client_id.is_empty())
    {
        url.query_pairs_mut().append_pair("client_id", &identity.client_id);
    }
    Ok(Auth::Tokens(TokenSource::Metadata { url, header }))
}

/// A token of Google Cloud: for a service account, else for the machine.
///
/// # Errors
/// When the address of the metadata service is none.
pub(super) fn google(google: &GoogleIam, folder: &Path) -> Result<Auth> {
    let named = google.credentials_file.as_ref().map(|file| folder.join(file));
    let key_file = named.or_else(|| environment("GOOGLE_APPLICATION_CREDENTIALS").map(PathBuf::from));
    if let Some(key_file) = key_file {
        return Ok(Auth::Tokens(TokenSource::ServiceAccount { key_file, scope: GOOGLE_SCOPE }));
    }
    let host = environment("GCE_METADATA_HOST").unwrap_or_else(|| "metadata.google.internal".to_owned());
    let place = format!("http://{host}/computeMetadata/v1/instance/service-accounts/default/token");
    let url = parse_address(&place).context("$GCE_METADATA_HOST is not the name of a host")?;
    let header = ("Metadata-Flavor".to_owned(), SecretString::from("Google"));
    Ok(Auth::Tokens(TokenSource::Metadata { url, header }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_in_the_address_of_a_workspace() {
        let address = "https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1";
        assert_eq!(region_of(address).as_deref(), Some("eu-central-1"));
        assert_eq!(region_of("https://prometheus.example/"), None);
    }
}
