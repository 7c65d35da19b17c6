//! Networks, conditional densities and the training loop, on candle.
//!
//! What a network computes is written once on plain `f32` slices (`mlp`, `spline`, `categorical`) and entered into
//! candle's graph as one operation with its own backward pass; the plain candle composition of the same functions
//! (`plain`) is what they are tested against and what runs on devices other than the CPU. The frozen likelihoods of
//! [`crate::surrogate`] call the same slices.

mod activation;
mod adam;
mod batches;
pub(crate) mod categorical;
mod count_basis;
pub(crate) mod estimator;
mod kernel;
pub(crate) mod mlp;
mod mlp_op;
pub(crate) mod plain;
pub(crate) mod scaler;
pub(crate) mod spline;
mod spline_op;
mod train;

pub use activation::Activation;
pub use train::TrainingReport;
pub(crate) use train::{TrainingOptions, failed, train};
