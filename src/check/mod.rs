//! Checks, before anything is believed: of derivatives written by hand against differences ([`gradient`], [`custom_node`],
//! [`kernel`]), and of draws against draws (`c2st`, with the feature `neural`).

#[cfg(feature = "neural")]
mod c2st;
#[cfg(feature = "neural")]
mod classifier;
mod derivatives;
#[cfg(test)]
mod derivatives_tests;
mod differences;

#[cfg(feature = "neural")]
pub use c2st::{C2st, c2st};
pub use derivatives::{Derivative, GradientCheck, custom_node, gradient, kernel, random_points};
