//! A choice with its response time: one trial of a decision experiment.

/// One trial: what was chosen and when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// The response time in seconds, above 0, non-decision time included.
    pub rt: f64,
    /// The choice: 1 = upper boundary, 0 = lower boundary.
    pub choice: u8,
}

impl Response {
    /// The trial as a row of data: `[rt, choice]`, the order that every density of this crate uses.
    pub fn row(self) -> [f64; 2] {
        [self.rt, f64::from(self.choice)]
    }
}
