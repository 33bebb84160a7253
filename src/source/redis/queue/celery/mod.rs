//! Celery 5 on Redis: a list for each queue, and further lists for priorities.
//!
//! A worker takes messages from a list before it has time for them and keeps them in one hash, `unacked`, that
//! all queues share. Unless `acks_late` is set, a message leaves it when its task begins: what is in it still
//! waits. Messages whose time (`eta`) has not come lie there, too.

mod bindings;
mod held;

use crate::snapshot::Unavailable;
use std::sync::Arc;

use self::{bindings::Bindings, held::Held};
use super::{
    Queue,
    look::{Found, Look},
};

/// The system's name.
pub(super) const CELERY: &str = "Celery";

/// Between the parts of a key or a binding.
const SEPARATOR: &str = "\u{6}\u{16}";

/// Reads every queue to which an exchange is bound.
pub(super) async fn read(look: Arc<Look>) -> Result<Found, Unavailable> {
    let (bindings, notes) = Bindings::find(&look).await?;
    let names = bindings.queues();
    if names.is_empty() {
        return Ok(Found { notes, ..Found::default() });
    }
    let held = Arc::new(Held::look(&look, &bindings).await?);
    let read_queue = |look: Arc<Look>, name: String| {
        let held = Arc::clone(&held);
        async move { Ok(Some(read_queue(&look, name, &held).await?)) }
    };
    let mut found = look.each(names, read_queue).await;
    found.notes.extend(notes);
    found.notes.extend(held.note());
    Ok(found)
}

async fn read_queue(look: &Look, name: String, held: &Held) -> Result<Queue, Unavailable> {
    // Each priority but the highest has a list of its own; which there are is the application's choice.
    let lists: Vec<String> =
        std::iter::once(name.clone()).chain((1..=9).map(|step| format!("{name}{SEPARATOR}{step}"))).collect();
    let lengths: Vec<_> = lists.iter().map(|list| vec!["LLEN", list]).collect();
    let lengths: Vec<u64> = look.connection.ask_each(&lengths).await?;
    let with_workers = held.due(&name);
    // A server may answer any number.
    let waiting = lengths.into_iter().chain([with_workers]).fold(0, u64::saturating_add);
    let note = format!("{with_workers} of them lie with workers; with acks_late, those may be running");
    Ok(Queue {
        query: format!("LLEN {name} and its priorities + messages in unacked that are due"),
        delayed: Some(held.delayed(&name)),
        note: (with_workers > 0).then_some(note),
        system: CELERY.to_owned(),
        waiting,
        name,
        ..Queue::default()
    })
}
