//! Whether what was learned can be believed: tests of draws against draws.

mod c2st;

pub use c2st::{C2st, c2st};
