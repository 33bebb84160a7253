//! Answers that several askers share: the first asks, the others wait for what came.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

use crate::snapshot::Unavailable;

/// What was asked once and is the same for everybody who asks.
#[derive(Debug)]
pub(super) struct Once<K, V>(Mutex<HashMap<K, Arc<Known<V>>>>);

/// An answer, once it is there.
type Known<V> = OnceCell<Result<V, Unavailable>>;

impl<K, V> Default for Once<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Once<K, V> {
    /// What is known for a key, or what asking gives.
    pub(super) async fn get<R>(
        &self,
        key: K,
        ask: impl Future<Output = Result<V, Unavailable>>,
        take: impl FnOnce(&V) -> Result<R, Unavailable>,
    ) -> Result<R, Unavailable> {
        let cell = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(key).or_default())
        };
        match cell.get_or_init(|| ask).await {
            Ok(value) => take(value),
            Err(failure) => Err(failure.clone()),
        }
    }
}
