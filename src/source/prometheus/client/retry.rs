//! When to ask again, and after how long.

use std::time::Duration;

use chrono::Utc;
use reqwest::{Response, StatusCode};

use crate::source::http::retry_after;

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
    retry_after(response.headers(), Utc::now())
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
}
