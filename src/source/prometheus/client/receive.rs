//! What becomes of an answer's bytes.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde::de::DeserializeOwned;

use super::{
    super::decode::{Answer, Decoder, Limits, missing},
    partial, too_large,
};
use crate::{
    snapshot::{Reason, Unavailable},
    source::http::excerpt,
};

/// Takes an answer chunk by chunk.
pub(super) trait Receive {
    /// What it makes of the bytes.
    type Output;

    /// How many bytes it takes.
    fn limit(&self) -> u64;

    /// Takes the next bytes.
    fn feed(&mut self, chunk: &[u8]) -> Result<(), Unavailable>;

    /// Notified that there are no more.
    fn finish(self) -> Result<Self::Output, Unavailable>;
}

/// The bytes that all answers of a run may have together: twenty million samples, which are 320 MB.
const BYTES_OF_ALL: u64 = 512 * 1024 * 1024;

/// What is left of the bytes that all answers may have together. What an answer takes and does not keep, because it
/// fails, is given back.
#[derive(Debug, Clone)]
pub(super) struct Budget(Arc<AtomicU64>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(BYTES_OF_ALL)))
    }
}

impl Budget {
    /// Takes so many bytes.
    fn take(&self, bytes: u64) -> Result<(), Unavailable> {
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        taken.map(drop).map_err(|_| {
            let limit = BYTES_OF_ALL / 1024 / 1024;
            Unavailable::new(
                Reason::TooLarge,
                format!("skipped: the responses of this run exceed {limit} MiB"),
            )
            .hint("narrow them down with --match, a shorter --window or a longer --step")
        })
    }

    /// How many bytes were taken.
    pub(super) fn taken(&self) -> u64 {
        BYTES_OF_ALL.saturating_sub(self.0.load(Ordering::Relaxed))
    }

    fn give_back(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// An answer to a query, decoded while it arrives.
pub(super) struct Query {
    limits: Limits,
    decoder: Option<Decoder>,
    budget: Budget,
    taken: u64,
}

impl Query {
    pub(super) fn new(limits: Limits, budget: &Budget) -> Self {
        Self { limits, decoder: Some(Decoder::new(limits)), budget: budget.clone(), taken: 0 }
    }
}

impl Drop for Query {
    fn drop(&mut self) {
        self.budget.give_back(self.taken);
    }
}

impl Receive for Query {
    type Output = Answer;

    fn limit(&self) -> u64 {
        self.limits.bytes
    }

    fn feed(&mut self, chunk: &[u8]) -> Result<(), Unavailable> {
        let bytes = chunk.len() as u64;
        self.budget.take(bytes)?;
        self.taken += bytes;
        if let Some(decoder) = &mut self.decoder {
            decoder.feed(chunk)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Answer, Unavailable> {
        let answer = self.decoder.take().unwrap_or_else(|| Decoder::new(self.limits)).finish()?;
        match answer.status.as_str() {
            "success" => {
                self.taken = 0; // kept
                Ok(answer)
            }
            "error" => Err(Unavailable::new(
                Reason::QueryFailed,
                excerpt(answer.error.as_deref().unwrap_or_default()),
            )),
            _ => Err(Unavailable::new(
                Reason::UnexpectedReply,
                "answered with JSON, but not of the Prometheus API",
            )),
        }
    }
}

/// A small document, such as a list of names, kept whole.
pub(super) struct Document<T> {
    bytes: Vec<u8>,
    limit: u64,
    whole: bool,
    shape: std::marker::PhantomData<T>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<T> {
    data: T,
    warnings: Option<Vec<String>>,
    is_partial: Option<bool>,
}

impl<T> Document<T> {
    /// Up to `limit` bytes; `whole` refuses a document that is partial.
    pub(super) fn new(limit: u64, whole: bool) -> Self {
        Self { bytes: Vec::new(), limit, whole, shape: std::marker::PhantomData }
    }
}

impl<T: DeserializeOwned> Receive for Document<T> {
    type Output = T;

    fn limit(&self) -> u64 {
        self.limit
    }

    fn feed(&mut self, chunk: &[u8]) -> Result<(), Unavailable> {
        if (self.bytes.len() + chunk.len()) as u64 > self.limit {
            return Err(too_large(self.limit));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    fn finish(self) -> Result<T, Unavailable> {
        let envelope: Result<Envelope<T>, _> = serde_json::from_slice(&self.bytes);
        let Envelope { data, warnings, is_partial } = envelope.map_err(|error| {
            Unavailable::new(Reason::UnexpectedReply, format!("not an answer of the Prometheus API: {error}"))
        })?;
        match missing(&warnings.unwrap_or_default(), is_partial.unwrap_or_default()) {
            Some(missing) if self.whole => Err(partial(&missing)),
            _ => Ok(data),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
    const REFUSAL: &str = r#"{"status":"error","errorType":"execution","error":"no"}"#;

    fn receive(answer: &str, budget: &Budget) -> Result<Answer, Unavailable> {
        let mut query = Query::new(Limits::default(), budget);
        query.feed(answer.as_bytes())?;
        query.finish()
    }

    #[test]
    fn what_exceeds_all_answers_together_is_left_out_and_says_so() {
        let budget = Budget(Arc::new(AtomicU64::new(2 * ANSWER.len() as u64)));
        for _ in 0..2 {
            assert!(receive(ANSWER, &budget).is_ok());
        }
        let left_out = receive(ANSWER, &budget).unwrap_err();
        assert_eq!(left_out.reason, Reason::TooLarge);
        assert!(left_out.detail.starts_with("skipped: the responses of this run exceed "), "{left_out:?}");
        assert!(left_out.hint.is_some());
    }

    #[test]
    fn a_document_without_warnings_is_whole_however_that_is_written() {
        let receive = |beside: &str| {
            let mut document: Document<Vec<String>> = Document::new(1024, true);
            document.feed(format!(r#"{{"status":"success",{beside}"data":["a"]}}"#).as_bytes())?;
            document.finish()
        };
        for whole in ["", r#""warnings":null,"isPartial":null,"#, r#""warnings":[],"isPartial":false,"#] {
            assert_eq!(receive(whole), Ok(vec!["a".to_owned()]), "{whole}");
        }
        for missing in [r#""isPartial":true,"warnings":null,"#, r#""warnings":["store-2: refused"],"#] {
            assert_eq!(receive(missing).unwrap_err().reason, Reason::Partial, "{missing}");
        }
    }

    #[test]
    fn what_is_not_kept_does_not_count() {
        let budget = Budget(Arc::new(AtomicU64::new(ANSWER.len() as u64)));
        for _ in 0..3 {
            assert_eq!(receive(REFUSAL, &budget).unwrap_err().reason, Reason::QueryFailed);
        }
        assert!(receive(ANSWER, &budget).is_ok());
    }
}
