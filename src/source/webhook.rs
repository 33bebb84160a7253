//! Posts messages to webhooks: to the addresses that the settings name for it, and only when somebody asked for it.

use std::time::Duration;

use chrono::Utc;
use reqwest::{Response, StatusCode, header::CONTENT_TYPE};
use tokio::{runtime::Builder, time::sleep};

use super::http::{Client, Endpoint, excerpt, retry_after};
use crate::{foreign::Foreign, snapshot::Unavailable};

/// How long a server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before the second attempt, where the server does not say.
const AGAIN: Duration = Duration::from_secs(1);
/// The longest that is waited for a server that says so.
const LONGEST: Duration = Duration::from_secs(15);

/// Why a message was not delivered. It does not contain the address.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotDelivered(String);

/// Posts a JSON body, and once more where the server is busy.
///
/// # Errors
/// When the server cannot be reached or does not accept the message.
pub fn post(endpoint: &Endpoint, body: &str) -> Result<(), NotDelivered> {
    let foreign = |words: String| NotDelivered(Foreign::new(endpoint.secrets()).message(&words));
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| NotDelivered(error.to_string()))?;
    let delivered = runtime.block_on(deliver(endpoint, body));
    runtime.shutdown_background();
    delivered.map_err(foreign)
}

async fn deliver(endpoint: &Endpoint, body: &str) -> Result<(), String> {
    let client = Client::new(endpoint, PATIENCE).map_err(words)?;
    let request = |http: &reqwest::Client| {
        http.post(endpoint.url.clone())
            .timeout(PATIENCE)
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_owned())
    };
    let mut response = client.send(request).await.map_err(|unsent| words(unsent.into()))?;
    if is_busy(response.status()) {
        let asked = retry_after(response.headers(), Utc::now()).unwrap_or(AGAIN);
        if asked > LONGEST {
            return Err(format!(
                "the server answered {} and asks to wait {} s",
                response.status(),
                asked.as_secs()
            ));
        }
        sleep(asked).await;
        response = client.send(request).await.map_err(|unsent| words(unsent.into()))?;
    }
    if response.status().is_success() { Ok(()) } else { Err(refusal(response).await) }
}

fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// What the server said; the first bytes of an answer are enough.
async fn refusal(mut response: Response) -> String {
    let status = response.status();
    let first = response.chunk().await.ok().flatten().unwrap_or_default();
    match excerpt(&String::from_utf8_lossy(&first)) {
        said if said.is_empty() => format!("the server answered {status}"),
        said => format!("the server answered {status}: {said}"),
    }
}

fn words(failure: Unavailable) -> String {
    let hint = failure.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{}{hint}", failure.detail)
}
