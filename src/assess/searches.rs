//! How many things searches look at: tests hold that twice the instances take about twice the looks.

/// Counts things that a search has looked at. Nothing but tests reads the count.
#[cfg(test)]
pub(super) fn looked_at(count: usize) {
    tests::LOOKS.set(tests::LOOKS.get() + count);
}

#[cfg(not(test))]
pub(super) fn looked_at(_: usize) {}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    thread_local! {
        pub(super) static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    /// How many things the searches of some work looked at on this thread.
    pub(in crate::assess) fn looks(work: impl FnOnce()) -> usize {
        LOOKS.set(0);
        work();
        LOOKS.get()
    }
}
