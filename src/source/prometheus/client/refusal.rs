//! Answers that are not what was asked for, named for what they are, and when to ask again.

use std::time::Duration;

use chrono::Utc;
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};

use crate::{
    snapshot::{Reason, Unavailable},
    source::http::{excerpt, retry_after},
};

/// Of a refusal so much is read.
const LONGEST_BODY: usize = 64 * 1024;

/// What kind of text an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Html,
    Other,
}

#[derive(serde::Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ErrorBody {
    error_type: String,
    error: String,
}

/// `None` for an answer to read; otherwise why it is none.
pub(super) async fn refusal(response: &mut Response) -> Option<Unavailable> {
    let status = response.status();
    let kind = kind(response);
    if status.is_success() && kind == Kind::Json {
        return None;
    }
    if status.is_redirection() {
        let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        return Some(redirected(status, location.unwrap_or("nowhere")));
    }
    let body = body(response).await;
    Some(judge(status, kind, &body))
}

fn kind(response: &Response) -> Kind {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match content_type.map(str::to_ascii_lowercase) {
        // Proxies lose the header now and then; the decoder will see whether it is JSON.
        None => Kind::Json,
        Some(text) if text.contains("json") => Kind::Json,
        Some(text) if text.contains("html") => Kind::Html,
        Some(_) => Kind::Other,
    }
}

/// The beginning of the body; a refusal that breaks off is still a refusal.
async fn body(response: &mut Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= LONGEST_BODY {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn redirected(status: StatusCode, location: &str) -> Unavailable {
    let location = location.split(['?', '#']).next().unwrap_or_default(); // sign-in pages put secrets there
    Unavailable::new(
        Reason::UnexpectedReply,
        format!("answered with a redirect ({}) to {}", status.as_u16(), excerpt(location)),
    )
    .hint("use the URL of the API itself, including its path, not of a login page")
}

fn judge(status: StatusCode, kind: Kind, body: &str) -> Unavailable {
    let error: ErrorBody = if kind == Kind::Json {
        serde_json::from_str(body).unwrap_or_default()
    } else {
        ErrorBody::default()
    };
    let words = match kind {
        _ if !error.error.is_empty() => excerpt(&error.error),
        Kind::Html => "an HTML page".to_owned(),
        _ => excerpt(body),
    };
    let told = if words.is_empty() { status.to_string() } else { format!("{status}: {words}") };
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => sign_in_refused(&told),
        StatusCode::TOO_MANY_REQUESTS => Unavailable::new(Reason::QueryFailed, told)
            .hint("the server is rate limiting requests; raise --timeout to allow time for retries"),
        StatusCode::SERVICE_UNAVAILABLE if error.error_type == "timeout" => {
            Unavailable::new(Reason::TimedOut, told).hint("use a shorter --window or a longer --step")
        }
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Unavailable::new(Reason::Unreachable, told).hint("the server, or one behind it, is not ready")
        }
        _ if !error.error.is_empty() => Unavailable::new(Reason::QueryFailed, told),
        _ => foreign(status, kind, &told),
    }
}

/// The error came from something that does not speak the API at all.
fn foreign(status: StatusCode, kind: Kind, told: &str) -> Unavailable {
    let detail = match kind {
        Kind::Html if status.is_success() => "answered with an HTML page, not the Prometheus API".to_owned(),
        _ if status.is_success() => format!("answered with plain text, not the Prometheus API: {told}"),
        _ => format!("no Prometheus API at this URL ({told})"),
    };
    Unavailable::new(Reason::UnexpectedReply, detail)
        .hint("check the address and the path in front of /api/v1, such as /prometheus")
}

fn sign_in_refused(told: &str) -> Unavailable {
    let hint = if told.to_ascii_lowercase().contains("no org id") {
        "name the tenant in the header X-Scope-OrgID"
    } else {
        "give a bearer token, a token file, or a user and a password that may read metrics"
    };
    Unavailable::new(Reason::SignInRefused, told).hint(hint)
}

/// True when the server may just not accept POST here.
pub(super) fn may_accept_get(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_IMPLEMENTED
    )
}

/// How often a request is sent at most.
const MOST_ATTEMPTS: u32 = 5;
const FIRST_DELAY: Duration = Duration::from_millis(200);

/// True for answers that may be different a moment later.
pub(super) fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// How long to wait before the next attempt: twice as long each time, and no less than the server asks for.
/// There is no chance in it, so that a run can be repeated.
pub(super) fn delay(attempts_so_far: u32, asked: Option<Duration>) -> Option<Duration> {
    let doubled = FIRST_DELAY * 2_u32.pow(attempts_so_far.saturating_sub(1));
    (attempts_so_far < MOST_ATTEMPTS).then(|| doubled.max(asked.unwrap_or_default()))
}

/// What the server asks for in `Retry-After`.
pub(super) fn asked_delay(response: &Response) -> Option<Duration> {
    retry_after(response.headers(), Utc::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, kind: Kind, body: &str, reason: Reason, words: &str) {
        let failure = judge(StatusCode::from_u16(status).unwrap(), kind, body);
        assert_eq!(failure.reason, reason, "{failure:?}");
        assert!(format!("{failure:?}").contains(words), "{failure:?}");
    }

    #[test]
    fn refusals_are_named_for_what_they_are() {
        check(401, Kind::Other, "Unauthorized\n", Reason::SignInRefused, "bearer token");
        check(401, Kind::Other, "no org id\n", Reason::SignInRefused, "X-Scope-OrgID");
        check(200, Kind::Html, "<html>Grafana</html>", Reason::UnexpectedReply, "an HTML page");
        check(200, Kind::Other, "pong", Reason::UnexpectedReply, "plain text");
        check(404, Kind::Other, "404 page not found", Reason::UnexpectedReply, "/prometheus");
        check(502, Kind::Html, "<html>Bad gateway</html>", Reason::Unreachable, "an HTML page");
        check(500, Kind::Json, r#"{"error":"boom"}"#, Reason::QueryFailed, "boom");
        let parse = r#"{"status":"error","errorType":"bad_data","error":"1:5: parse error"}"#;
        check(400, Kind::Json, parse, Reason::QueryFailed, "1:5: parse error");
        let timeout = r#"{"status":"error","errorType":"timeout","error":"query timed out"}"#;
        check(503, Kind::Json, timeout, Reason::TimedOut, "query timed out");
    }

    #[test]
    fn delays_double_and_never_undercut_the_server() {
        let delays: Vec<_> = (1..=MOST_ATTEMPTS).map(|attempts| delay(attempts, None)).collect();
        let expected = [200, 400, 800, 1600].map(|milliseconds| Some(Duration::from_millis(milliseconds)));
        assert_eq!(delays[..4], expected);
        assert_eq!(delays[4], None);
        assert_eq!(delay(1, Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
    }
}
