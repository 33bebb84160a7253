//! Asking for the document.

use std::time::Duration;

use reqwest::{
    Response, StatusCode,
    header::{ACCEPT, LOCATION},
};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    signal::duration_text,
    snapshot::{Reason, Unavailable},
    source::http::{Client, Endpoint, excerpt, transport_error},
};

/// No health document is larger.
const LARGEST: usize = 1024 * 1024;

/// What an endpoint answered.
#[derive(Debug)]
pub(super) struct Document {
    /// The HTTP status: success, or 500 and above.
    pub status: StatusCode,
    /// The document, or why it is none.
    pub json: Result<Value, Unavailable>,
}

/// Asks once, with `patience` as the timeout.
///
/// # Errors
/// When there is no answer, or one that says nothing about the application: a sign-in page, "not found".
pub(super) async fn ask(endpoint: &Endpoint, patience: Duration) -> Result<Document, Unavailable> {
    let client = Client::new(endpoint, patience)?;
    timeout(patience, exchange(&client, endpoint)).await.unwrap_or_else(|_| {
        let detail = format!("no complete answer within {}", duration_text(patience));
        Err(Unavailable::new(Reason::TimedOut, detail)
            .hint("check whether the application hangs, or raise --timeout"))
    })
}

async fn exchange(client: &Client, endpoint: &Endpoint) -> Result<Document, Unavailable> {
    let ask = |http: &reqwest::Client| {
        http.get(endpoint.url.clone()).header(ACCEPT, "application/health+json, application/json")
    };
    let mut response = client.send(ask).await?;
    let status = response.status();
    if !status.is_success() && !status.is_server_error() {
        return Err(refusal(&response));
    }
    let body = body(&mut response).await?;
    Ok(Document { status, json: parse(&body) })
}

fn refusal(response: &Response) -> Unavailable {
    let status = response.status();
    if status.is_redirection() {
        let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        // Sign-in pages put secrets behind the `?`.
        let location = location.and_then(|text| text.split(['?', '#']).next()).unwrap_or("nowhere");
        let detail = format!("answered with a redirect ({}) to {}", status.as_u16(), excerpt(location));
        return Unavailable::new(Reason::UnexpectedReply, detail).hint("use the URL of the document itself");
    }
    let told = format!("answered {status}");
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Unavailable::new(Reason::SignInRefused, told)
            .hint("set a bearer token, a token file, a header, or a username and password"),
        StatusCode::TOO_MANY_REQUESTS => {
            Unavailable::new(Reason::QueryFailed, told).hint("the server is rate limiting requests")
        }
        _ => Unavailable::new(Reason::UnexpectedReply, told).hint("check the path of the address"),
    }
}

async fn body(response: &mut Response) -> Result<Vec<u8>, Unavailable> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transport_error)? {
        if bytes.len() + chunk.len() > LARGEST {
            let detail = "the document is larger than 1 MiB";
            return Err(Unavailable::new(Reason::TooLarge, detail).hint("use the URL of a smaller one"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

pub(super) fn parse(body: &[u8]) -> Result<Value, Unavailable> {
    serde_json::from_slice(body).map_err(|error| {
        let text = String::from_utf8_lossy(body.get(..200).unwrap_or(body));
        let what = match text.trim_start() {
            "" => "nothing".to_owned(),
            text if text.starts_with('<') => "a page in HTML or XML".to_owned(),
            text if text.starts_with(['{', '[']) => format!("JSON with a mistake ({error})"),
            text => format!("plain text: {}", excerpt(text)),
        };
        Unavailable::new(
            Reason::UnexpectedReply,
            format!("answered with {what}, where a JSON document was expected"),
        )
        .hint("use the URL of the application's JSON health document")
    })
}
