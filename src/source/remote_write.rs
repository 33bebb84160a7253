//! Sends messages of remote write: beside webhooks the only thing this program writes to a server behind HTTP, and only to the
//! address that the config names for it.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::{runtime::Builder, time::sleep};

use super::http::{Client, Endpoint, excerpt};
use crate::{
    foreign::Foreign,
    snapshot::{Reason, Unavailable},
};

/// How long to wait before a message is sent again to a server that cannot take it now.
const AGAIN: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// How long a server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why rollups could not be sent.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotSent(String);

impl From<Unavailable> for NotSent {
    fn from(failure: Unavailable) -> Self {
        let hint = failure.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        Self(format!("{}{hint}", failure.detail))
    }
}

/// Sends messages one after the other. Returns the words of the server about samples that it has already or does not
/// take any more; sending these again is idempotent.
///
/// # Errors
/// When a message did not arrive, or was refused for another reason.
pub fn send(endpoint: &Endpoint, messages: &[Vec<u8>]) -> Result<Vec<String>, NotSent> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| NotSent(error.to_string()))?;
    let sent = runtime.block_on(async {
        let client = Client::new(endpoint, PATIENCE)?;
        let mut words = Vec::new();
        for message in messages {
            words.extend(deliver(&client, endpoint, message).await?);
        }
        Ok(words)
    });
    runtime.shutdown_background();
    let foreign = Foreign::new(endpoint.secrets());
    let sent: Result<Vec<String>, NotSent> = sent;
    match sent {
        Ok(words) => Ok(words.iter().map(|words| foreign.message(words)).collect()),
        Err(NotSent(words)) => Err(NotSent(foreign.message(&words))),
    }
}

async fn deliver(client: &Client, endpoint: &Endpoint, message: &[u8]) -> Result<Option<String>, NotSent> {
    let body = snap::raw::Encoder::new().compress_vec(message).map_err(|error| NotSent(error.to_string()))?;
    let request = |http: &reqwest::Client| {
        http.post(endpoint.url.clone())
            .timeout(PATIENCE)
            .header("Content-Type", "application/x-protobuf")
            .header("Content-Encoding", "snappy")
            .header("X-Prometheus-Remote-Write-Version", "0.1.0")
            .body(body.clone())
    };
    let mut delays = AGAIN.into_iter();
    loop {
        let response = client.send(request).await.map_err(Unavailable::from)?;
        let status = response.status();
        if status.is_success() {
            return Ok(None);
        }
        let passing = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
        if let Some(delay) = delays.next().filter(|_| passing) {
            sleep(delay).await;
            continue;
        }
        return refused(status, &beginning(response).await);
    }
}

/// The first bytes of an answer; no more is needed of a refusal.
async fn beginning(mut response: reqwest::Response) -> String {
    let first = response.chunk().await.ok().flatten().unwrap_or_default();
    excerpt(&String::from_utf8_lossy(&first))
}

/// Samples that are there already or came too late are no failure: the server has kept the others of the message.
fn refused(status: StatusCode, words: &str) -> Result<Option<String>, NotSent> {
    const NO_HARM: [&str; 6] =
        ["out of order", "out-of-order", "out of bounds", "duplicate", "too old", "too far in the past"];
    let lower = words.to_ascii_lowercase();
    if status == StatusCode::BAD_REQUEST && NO_HARM.iter().any(|known| lower.contains(known)) {
        return Ok(Some(words.to_owned()));
    }
    let hint = match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            "end the address in the path for remote write, such as /api/v1/write; Prometheus itself needs \
             --web.enable-remote-write-receiver"
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "correct the sign-in below [remote_write]",
        _ => "see the server's log",
    };
    Err(Unavailable::new(Reason::QueryFailed, format!("the server answered {status}: {words}"))
        .hint(hint)
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_already_is_no_failure() {
        for words in ["out of order sample", "Duplicate sample for timestamp", "out of bounds"] {
            assert_eq!(refused(StatusCode::BAD_REQUEST, words).unwrap().as_deref(), Some(words));
        }
        assert!(refused(StatusCode::BAD_REQUEST, "label name too long").is_err());
        let told = refused(StatusCode::NOT_FOUND, "404 page not found").unwrap_err().to_string();
        assert!(told.contains("--web.enable-remote-write-receiver"), "{told}");
    }
}
