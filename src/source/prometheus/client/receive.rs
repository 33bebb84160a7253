//! What becomes of an answer's bytes.

use serde::de::DeserializeOwned;

use super::super::{
    decode::{Answer, Decoder, Limits},
    error::too_large,
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

    /// Told that there are no more.
    fn finish(self) -> Result<Self::Output, Unavailable>;
}

/// An answer to a query, decoded while it arrives.
pub(super) struct Query {
    limits: Limits,
    decoder: Decoder,
}

impl Query {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, decoder: Decoder::new(limits) }
    }
}

impl Receive for Query {
    type Output = Answer;

    fn limit(&self) -> u64 {
        self.limits.bytes
    }

    fn feed(&mut self, chunk: &[u8]) -> Result<(), Unavailable> {
        Ok(self.decoder.feed(chunk)?)
    }

    fn finish(self) -> Result<Answer, Unavailable> {
        let answer = self.decoder.finish()?;
        match answer.status.as_str() {
            "success" => Ok(answer),
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
    shape: std::marker::PhantomData<T>,
}

#[derive(serde::Deserialize)]
struct Envelope<T> {
    data: T,
}

impl<T> Document<T> {
    pub(super) fn new(limit: u64) -> Self {
        Self { bytes: Vec::new(), limit, shape: std::marker::PhantomData }
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
        envelope.map(|envelope| envelope.data).map_err(|error| {
            Unavailable::new(Reason::UnexpectedReply, format!("not an answer of the Prometheus API: {error}"))
        })
    }
}
