//! What is shown: the newest assessment while it is fresh, else why there is none.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

use crate::{
    render::{Templates, freshness_openmetrics, outage_document, safe},
    serve::{Answer, Bytes, Site},
};

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// An assessment, ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Edition {
    /// The page of `check`.
    pub page: Bytes,
    pub json: Bytes,
    /// Gauges in OpenMetrics text, ending in `# EOF`.
    pub metrics: String,
    pub at: DateTime<Utc>,
    /// When it was ready, by a clock that nobody sets.
    pub ready: Instant,
}

/// What has come of assessing so far.
#[derive(Debug, Default)]
struct State {
    newest: Option<Edition>,
    /// Why the last assessment failed, if it did.
    failure: Option<String>,
    /// When the last assessment ended, however it ended.
    ended: Option<Instant>,
}

/// What the server shows.
#[derive(Debug)]
pub(super) struct Board {
    state: Mutex<State>,
    interval: Duration,
    /// How old an assessment may be: the next one and its deadline are allowed for.
    lifetime: Duration,
    started: Instant,
}

impl Board {
    /// A board on which nothing is yet. `deadline` is the time that reading may take.
    pub(super) fn new(interval: Duration, deadline: Duration) -> Self {
        let lifetime = interval.saturating_mul(2).saturating_add(deadline.saturating_mul(2));
        Self { state: Mutex::default(), interval, lifetime, started: Instant::now() }
    }

    /// Shows an assessment in place of what was there.
    pub(super) fn publish(&self, edition: Edition) {
        *self.state() = State { newest: Some(edition), failure: None, ended: Some(Instant::now()) };
    }

    /// Shows that there is no assessment, and why.
    pub(super) fn fail(&self, reason: &str) {
        let mut state = self.state();
        state.failure = Some(safe(&reason.split_whitespace().collect::<Vec<_>>().join(" ")));
        state.ended = Some(Instant::now());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer_at(&self, path: &str, now: Instant) -> Option<Answer> {
        let state = self.state();
        let fresh = state.fresh(now, self.lifetime);
        let answer = |is_well: bool, content_type, body| {
            Some(Answer { status: if is_well { 200 } else { 503 }, content_type, body, refresh: None })
        };
        let refresh = Some(self.interval.as_secs().max(1));
        match path {
            "/" => {
                let page = match fresh {
                    Some(edition) => edition.page.clone(),
                    None => state.outage().into(),
                };
                answer(fresh.is_some(), HTML, page).map(|answer| Answer { refresh, ..answer })
            }
            "/check.json" => {
                let failure = || {
                    let at = state.last_success().map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
                    Bytes::from(json!({ "error": state.reason(), "last_assessed_at": at }).to_string())
                };
                answer(fresh.is_some(), JSON, fresh.map_or_else(failure, |edition| edition.json.clone()))
            }
            "/metrics" => answer(true, OPENMETRICS, state.metrics(fresh).into()),
            "/readyz" => {
                let reason = || Bytes::from(state.reason() + "\n");
                answer(
                    fresh.is_some(),
                    TEXT,
                    fresh.map_or_else(reason, |_| Bytes::from_static(b"assessed\n")),
                )
            }
            "/healthz" => {
                let since = now.saturating_duration_since(state.ended.unwrap_or(self.started));
                let (is_well, text) = if since <= self.lifetime {
                    (true, "alive\n")
                } else {
                    (false, "the assessment hangs\n")
                };
                answer(is_well, TEXT, Bytes::from_static(text.as_bytes()))
            }
            _ => None,
        }
    }
}

impl State {
    /// The newest assessment, unless it is too old or a later one failed.
    fn fresh(&self, now: Instant, lifetime: Duration) -> Option<&Edition> {
        let newest = self.newest.as_ref().filter(|_| self.failure.is_none())?;
        (now.saturating_duration_since(newest.ready) <= lifetime).then_some(newest)
    }

    fn last_success(&self) -> Option<DateTime<Utc>> {
        self.newest.as_ref().map(|edition| edition.at)
    }

    /// Why there is no fresh assessment.
    fn reason(&self) -> String {
        match (&self.failure, &self.newest) {
            (Some(failure), _) => failure.clone(),
            (None, None) => "the first assessment is not ready yet".to_owned(),
            (None, Some(_)) => "the last assessment is too old, and the next one is not ready".to_owned(),
        }
    }

    /// The page in place of an assessment.
    fn outage(&self) -> String {
        let page = outage_document(&self.reason(), self.last_success());
        // The built-in templates do not fail.
        page.to_html(&Templates::default()).unwrap_or_default()
    }

    /// Whether there is a fresh assessment, and its figures.
    fn metrics(&self, fresh: Option<&Edition>) -> String {
        let mut text = freshness_openmetrics(fresh.is_some(), self.last_success());
        text.push_str(fresh.map_or("# EOF\n", |edition| &edition.metrics));
        text
    }
}

impl Site for Board {
    fn answer(&self, path: &str) -> Option<Answer> {
        self.answer_at(path, Instant::now())
    }

    fn is_public(&self, path: &str) -> bool {
        matches!(path, "/healthz" | "/readyz")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(60);

    fn board() -> Board {
        Board::new(INTERVAL, Duration::from_secs(30))
    }

    fn edition(ready: Instant) -> Edition {
        Edition {
            page: Bytes::from_static(b"<p>page"),
            json: Bytes::from_static(b"{}"),
            metrics: "scale_advisor_verdict 1\n# EOF\n".to_owned(),
            at: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
            ready,
        }
    }

    #[track_caller]
    fn answered(board: &Board, path: &str, now: Instant) -> (u16, String) {
        let answer = board.answer_at(path, now).unwrap();
        (answer.status, String::from_utf8(answer.body.to_vec()).unwrap())
    }

    #[test]
    fn nothing_is_shown_before_the_first_assessment() {
        let (board, now) = (board(), Instant::now());
        for path in ["/", "/check.json", "/readyz"] {
            let (status, text) = answered(&board, path, now);
            assert_eq!(status, 503);
            assert!(text.contains("the first assessment is not ready yet"), "{text}");
        }
        let (status, metrics) = answered(&board, "/metrics", now);
        assert_eq!(status, 200);
        assert!(
            metrics.contains("\nscale_advisor_up 0\n# EOF\n") && !metrics.contains("timestamp"),
            "{metrics}"
        );
        assert_eq!(answered(&board, "/healthz", now).0, 200);
        assert_eq!(board.answer_at("/etc/passwd", now), None);
    }

    #[test]
    fn a_fresh_assessment_is_shown_until_it_is_too_old() {
        let (board, now) = (board(), Instant::now());
        board.publish(edition(now));
        assert_eq!(answered(&board, "/", now), (200, "<p>page".to_owned()));
        assert_eq!(answered(&board, "/check.json", now), (200, "{}".to_owned()));
        let (_, metrics) = answered(&board, "/metrics", now);
        assert!(metrics.contains("\nscale_advisor_up 1\n"), "{metrics}");
        assert!(metrics.contains("\nscale_advisor_last_success_timestamp_seconds 1790000000\n"), "{metrics}");
        assert!(metrics.ends_with("scale_advisor_verdict 1\n# EOF\n"), "{metrics}");

        let late = now + board.lifetime + Duration::from_secs(1);
        let (_, metrics) = answered(&board, "/metrics", late);
        assert!(metrics.contains("\nscale_advisor_up 0\n") && !metrics.contains("verdict"), "{metrics}");
        assert_eq!(answered(&board, "/", late).0, 503);
        assert_eq!(answered(&board, "/healthz", late), (503, "the assessment hangs\n".to_owned()));
    }

    #[test]
    fn a_failure_hides_what_was_there_until_the_next_success() {
        let (board, now) = (board(), Instant::now());
        board.publish(edition(now));
        board.fail("no source answers: <script>\u{1b}[31m\n  cause: refused");
        let (status, page) = answered(&board, "/", now);
        assert_eq!(status, 503);
        assert!(page.contains("no source answers: &lt;script&gt;"), "{page}");
        assert!(page.contains("21 Sep 2026"), "{page}");
        let (_, json) = answered(&board, "/check.json", now);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["last_assessed_at"], "2026-09-21T14:13:20Z");
        assert_eq!(answered(&board, "/healthz", now).0, 200, "a failed source is no reason for a restart");
        assert!(answered(&board, "/metrics", now).1.contains("scale_advisor_up 0"));
        board.publish(edition(now));
        assert_eq!(answered(&board, "/readyz", now), (200, "assessed\n".to_owned()));
    }
}
