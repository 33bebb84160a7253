//! AWS Signature Version 4, as Amazon Managed Service for Prometheus wants it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt::Write;

use chrono::{DateTime, Utc};
use reqwest::{
    Request, Url,
    header::{AUTHORIZATION, HOST, HeaderName, HeaderValue},
};
use ring::{digest, hmac};
use secrecy::{ExposeSecret, SecretString};

use crate::snapshot::{Reason, Unavailable};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// An access key of AWS.
#[derive(Debug, Clone)]
pub struct AwsKey {
    /// Its id, which is no secret.
    pub id: String,
    /// The secret.
    pub secret: SecretString,
    /// The session it belongs to, for temporary keys.
    pub session_token: Option<SecretString>,
}

/// What a signature is valid for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// Signs a request with the headers that it has.
///
/// # Errors
/// When its body is not in memory, or a key holds characters that no header may hold.
pub(super) fn sign(
    request: &mut Request,
    key: &AwsKey,
    extent: Extent<'_>,
    now: DateTime<Utc>,
) -> Result<(), Unavailable> {
    let invalid =
        |what: &str| Unavailable::new(Reason::NotConfigured, format!("cannot sign for AWS: {what}"));
    let body = match request.body() {
        None => &[][..],
        Some(body) => body.as_bytes().ok_or_else(|| invalid("the request has no fixed body"))?,
    };
    let payload = hex(digest::digest(&digest::SHA256, body).as_ref());
    let timestamp = now.format("%Y%m%dT%H%M%SZ").to_string();
    let value = |text: &str| {
        HeaderValue::from_str(text)
            .map_err(|_| invalid("a key contains characters that are invalid in a header"))
    };
    let host = value(&host(request.url()))?;
    let date = value(&timestamp)?;
    let token = key.session_token.as_ref().map(|token| value(token.expose_secret())).transpose()?;
    let headers = request.headers_mut();
    headers.insert(HOST, host);
    headers.insert(DATE, date);
    if let Some(mut token) = token {
        token.set_sensitive(true);
        headers.insert(TOKEN, token);
    }
    let (names, lines) = canonical_headers(request);
    let canonical = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{payload}",
        request.method(),
        canonical_path(request.url()),
        canonical_query(request.url())
    );
    let signature = signature(&canonical, &timestamp, key, extent);
    let scope = scope(&timestamp, extent);
    let text =
        format!("{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", key.id);
    let mut authorization = value(&text)?;
    authorization.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, authorization);
    Ok(())
}

fn scope(timestamp: &str, extent: Extent<'_>) -> String {
    format!("{}/{}/{}/aws4_request", &timestamp[..8], extent.region, extent.service)
}

fn signature(canonical: &str, timestamp: &str, key: &AwsKey, extent: Extent<'_>) -> String {
    let scope = scope(timestamp, extent);
    let hashed = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let to_sign = format!("{ALGORITHM}\n{timestamp}\n{scope}\n{hashed}");
    let secret = format!("AWS4{}", key.secret.expose_secret());
    let parts = [&timestamp[..8], extent.region, extent.service, "aws4_request"];
    let signing_key = parts.iter().fold(secret.into_bytes(), |key, part| keyed(&key, part.as_bytes()));
    hex(&keyed(&signing_key, to_sign.as_bytes()))
}

fn keyed(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
}

/// The host as the connection sends it: with a port unless it is the usual one.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The names that are signed, and their lines. Proxies may change other headers.
fn canonical_headers(request: &Request) -> (String, String) {
    let is_signed = |name: &&HeaderName| **name == HOST || name.as_str().starts_with("x-amz-");
    let mut names: Vec<&HeaderName> = request.headers().keys().filter(is_signed).collect();
    names.sort_by_key(|name| name.as_str());
    let lines = names.iter().fold(String::new(), |mut lines, name| {
        let values = request.headers().get_all(*name).iter().map(|value| value.to_str().unwrap_or_default());
        let words =
            |value: &str| value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let values: Vec<String> = values.map(words).collect();
        let _ = writeln!(lines, "{name}:{}", values.join(",")); // writing to a string cannot fail
        lines
    });
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    (names.join(";"), lines)
}

/// The path as it is sent, with its escapes escaped once more, as every service but S3 wants it.
fn canonical_path(url: &Url) -> String {
    let segments: Vec<String> = url.path().split('/').map(|segment| escaped(segment.as_bytes())).collect();
    segments.join("/")
}

/// The parameters in the order of their escaped names and values.
fn canonical_query(url: &Url) -> String {
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (escaped(name.as_bytes()), escaped(value.as_bytes())))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                write!(out, "{}", char::from(*byte))
            }
            byte => write!(out, "%{byte:02X}"),
        };
        out
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}"); // writing to a string cannot fail
        out
    })
}

#[cfg(test)]
mod tests {
    use reqwest::Method;

    use super::*;

    /// Of the test suite that AWS published, `aws-sig-v4-test-suite`.
    const EXTENT: Extent<'_> = Extent { region: "us-east-1", service: "service" };

    fn key(session_token: Option<&str>) -> AwsKey {
        AwsKey {
            id: "AKIDEXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: session_token.map(SecretString::from),
        }
    }

    fn now() -> DateTime<Utc> {
        "2015-08-30T12:36:00Z".parse().unwrap()
    }

    #[track_caller]
    fn check(method: Method, url: &str, signed: &str, signature: &str) {
        let mut request = Request::new(method, url.parse().unwrap());
        sign(&mut request, &key(None), EXTENT, now()).unwrap();
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders={signed}, Signature={signature}"
        );
        assert_eq!(request.headers()[AUTHORIZATION], expected.as_str(), "{url}");
        assert!(!format!("{request:?}").contains(signature));
    }

    #[test]
    fn requests_of_the_published_suite_get_its_signatures() {
        let check = |method, url, signature| check(method, url, "host;x-amz-date", signature);
        let host = "https://example.amazonaws.com/";
        // get-vanilla
        let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
        check(Method::GET, host, vanilla);
        // get-vanilla-query-order-key-case
        let url = "https://example.amazonaws.com/?Param2=value2&Param1=value1";
        check(Method::GET, url, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
        // get-vanilla-query-unreserved
        let unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let url = format!("https://example.amazonaws.com/?{unreserved}={unreserved}");
        check(Method::GET, &url, "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197");
        // post-vanilla
        check(Method::POST, host, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
        // post-vanilla-query
        let url = "https://example.amazonaws.com/?Param1=value1";
        check(Method::POST, url, "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11");
    }

    #[test]
    fn the_token_of_a_session_is_signed_as_well() {
        let mut request = Request::new(Method::POST, "https://example.amazonaws.com/".parse().unwrap());
        let token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
        sign(&mut request, &key(Some(token)), EXTENT, now()).unwrap();
        // post-sts-header-before
        let expected = "SignedHeaders=host;x-amz-date;x-amz-security-token, \
                        Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead";
        let authorization = request.headers()[AUTHORIZATION].to_str().unwrap();
        assert!(authorization.ends_with(expected), "{authorization}");
    }

    #[test]
    fn paths_are_escaped_twice_and_ports_belong_to_the_host() {
        let url: Url =
            "https://a.example:8443/workspaces/ws-1/api/v1/label/a%20b/values?x=1%202&match%5B%5D=up"
                .parse()
                .unwrap();
        assert_eq!(canonical_path(&url), "/workspaces/ws-1/api/v1/label/a%2520b/values");
        assert_eq!(canonical_query(&url), "match%5B%5D=up&x=1%202");
        assert_eq!(host(&url), "a.example:8443");
        assert_eq!(host(&"https://a.example:443/".parse().unwrap()), "a.example");
    }
}
