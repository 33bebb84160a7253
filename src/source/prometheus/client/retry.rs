//! When to ask again, and after how long.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{
    Response, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};

/// How often a request is sent at most.
pub(super) const MOST_ATTEMPTS: u32 = 5;
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
    parse(response.headers(), Utc::now())
}

/// Seconds or a date, RFC 9110 section 10.2.3.
fn parse(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    Some((at.with_timezone(&Utc) - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_and_never_undercut_the_server() {
        let delays: Vec<_> = (1..=MOST_ATTEMPTS).map(|attempts| delay(attempts, None)).collect();
        let expected = [200, 400, 800, 1600].map(|milliseconds| Some(Duration::from_millis(milliseconds)));
        assert_eq!(delays[..4], expected);
        assert_eq!(delays[4], None);
        assert_eq!(delay(1, Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
    }

    #[test]
    fn seconds_and_dates_are_understood() {
        let now = DateTime::parse_from_rfc3339("2026-11-20T16:40:00Z").unwrap().with_timezone(&Utc);
        let asked = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            parse(&headers, now)
        };
        assert_eq!(asked("3"), Some(Duration::from_secs(3)));
        assert_eq!(asked("Fri, 20 Nov 2026 16:40:09 GMT"), Some(Duration::from_secs(9)));
        assert_eq!(asked("Fri, 20 Nov 2026 16:39:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked("soon"), None);
    }
}
