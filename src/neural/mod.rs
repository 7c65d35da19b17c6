//! Networks, conditional densities and the training loop, on candle.
//!
//! What a network computes is written once on plain `f32` slices (`mlp`, `spline`, `categorical`) and entered into
//! candle's graph as one operation with its own backward pass; the plain candle composition of the same functions
//! (`plain`) is what they are tested against and what runs on devices other than the CPU. The frozen likelihoods of
//! [`crate::surrogate`] call the same slices.

mod activation;
mod adam;
mod affine_step;
pub(crate) mod autoregressive;
mod batches;
pub(crate) mod categorical;
mod cells;
mod concerns;
mod count_basis;
pub(crate) mod estimator;
pub(crate) mod flow_inverse;
pub(crate) mod flow_objective;
mod flow_op;
pub(crate) mod lanes;
mod made;
pub(crate) mod mlp;
mod mlp_op;
pub(crate) mod plain;
mod plain_flow;
pub(crate) mod product;
pub(crate) mod scale;
pub(crate) mod scaler;
mod schedule;
pub(crate) mod spline;
mod spline_op;
mod spline_step;
pub(crate) mod spline_sum;
mod train;
mod training_report;

pub use activation::Activation;
pub use autoregressive::Flow;
pub use schedule::Schedule;
pub(crate) use train::{TrainingOptions, failed, train};
pub use training_report::TrainingReport;
