//! Working space of a thread.

use std::cell::RefCell;

thread_local! {
    static SPACE: RefCell<Vec<f64>> = const { RefCell::new(vec![]) };
}

/// Calls with working space of that length, whose numbers are whatever they are; nothing is allocated once a thread has had as much.
pub(crate) fn with_space<T>(len: usize, call: impl FnOnce(&mut [f64]) -> T) -> T {
    // A call inside of a call, which no formula makes, would find the space taken and get its own.
    let mut space = SPACE.with(RefCell::take);
    if space.len() < len {
        space.resize(len, 0.0);
    }
    let result = call(&mut space[..len]);
    SPACE.with(|own| own.replace(space));
    result
}
