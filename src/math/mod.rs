//! Special functions, with the derivatives that gradients of log densities need.
//!
//! | function | domain | outside |
//! |---|---|---|
//! | [`ln_gamma`], [`digamma`], [`trigamma`] | x > 0 | the limit at 0 and infinity; NaN below 0 |
//! | [`ln_beta`] | a, b > 0 | NaN |
//! | [`erf`], [`erfc`], [`normal_cdf`], [`log_normal_cdf`], [`log1p_exp`], [`logistic`] | the extended real line | only NaN gives NaN |
//! | [`normal_quantile`], [`logit`] | 0 to 1 | the limits at the ends; NaN outside |
//!
//! Relative errors are of the order of 1e-14 where the value is not near a zero of the function;
//! `tests/reference/math.csv` holds values computed by mpmath with 40 digits.

mod bessel;
mod beta;
pub(crate) mod doubles;
mod error_function;
mod gamma;
pub(crate) mod incomplete_gamma;
mod logistic;
mod normal;
mod normal_interval;
pub(crate) mod number;
mod polynomial;
mod rising_factorial;
mod saddle_point;
mod space;
mod sums;
pub(crate) mod vector;

pub(crate) use bessel::ln_bessel_i0_scaled;
pub use beta::{ln_beta, ln_beta_and_slopes};
pub use error_function::{erf, erfc, erfcx};
pub use gamma::{digamma, ln_gamma, ln_gamma_and_digamma, ln_gamma_half_step, trigamma};
pub use logistic::{log1p_exp, logistic, logit};
pub(crate) use normal::hazard_excess;
pub use normal::{log_normal_cdf, normal_cdf, normal_quantile};
pub(crate) use normal_interval::NormalInterval;
pub(crate) use rising_factorial::{ln_rising_factorial, rising_excess};
pub(crate) use saddle_point::{SMALL, ln_1p_minus, ln_binomial, ln_choose, ln_choose_small};
pub(crate) use space::with_space;
pub use sums::{ln_1m_exp, log_add_exp, log_diff_exp, log_sum_exp, x_ln_x, x_ln_y};

#[cfg(test)]
mod doubles_tests;
#[cfg(test)]
mod tests;
