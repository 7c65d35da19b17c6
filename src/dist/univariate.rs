//! Distributions with plain numbers for parameters: ask for a density or a draw.

use super::kernel::Kernel;
use super::{
    AsymmetricLaplace, Bernoulli, BernoulliLogit, Beta, BetaBinomial, Binomial, BinomialLogit, Cauchy,
    ChiSquared, Delta, ExGaussian, Exponential, Gamma, Geometric, Gumbel, HalfCauchy, HalfNormal,
    HalfStudentT, Hypergeometric, InverseGamma, InverseGaussian, Kumaraswamy, Laplace, LogNormal, LogUniform,
    Logistic, NegativeBinomial, NegativeBinomial2, NegativeBinomial2Log, Normal, Pareto, Poisson, PoissonLog,
    ShiftedWald, SkewNormal, StudentT, TruncatedNormal, Uniform, VonMises, Weibull,
};
use crate::seed::Stream;
use crate::transform::Support;

/// A distribution of one number whose parameters are plain numbers.
///
/// # Examples
/// ```
/// use mynah::dist::{Poisson, Univariate};
/// use mynah::{Domain, Seed};
/// let counts = Poisson(3.0);
/// assert!((counts.log_prob(0.0) + 3.0).abs() < 1e-15);
/// let draw = counts.sample(&mut Seed(1).stream(Domain::User, 0));
/// assert!(draw >= 0.0 && draw.fract() == 0.0);
/// ```
pub trait Univariate {
    /// The normalised log density, or log probability, at `x`. Minus infinity outside the support, NaN if a
    /// parameter lies outside its domain.
    fn log_prob(&self, x: f64) -> f64;

    /// One draw; NaN if a parameter lies outside its domain.
    fn sample(&self, stream: &mut Stream) -> f64;

    /// Where the values may lie.
    fn support(&self) -> Support;
}

/// `Univariate` by the distribution's kernel: the type, its number of parameters, its fields in order.
macro_rules! univariate {
    ($($name:ident $count:literal [$($field:tt)*];)*) => {$(
        impl Univariate for $name {
            fn log_prob(&self, x: f64) -> f64 {
                let row = <$name as Kernel<$count>>::row([$(self.$field),*]);
                let log_prob = <$name as Kernel<$count>>::log_prob(&row, [x]);
                // The carrier has no meaning outside the support.
                if log_prob == f64::NEG_INFINITY { log_prob } else { log_prob + <$name as Kernel<$count>>::carrier([x]) }
            }

            fn sample(&self, stream: &mut Stream) -> f64 {
                <$name as Kernel<$count>>::sample([$(self.$field),*], stream)[0]
            }

            fn support(&self) -> Support {
                <$name as Kernel<$count>>::support([$(self.$field),*])
            }
        }
    )*};
}

univariate! {
    Delta 1 [0];
    Normal 2 [0 1];
    HalfNormal 1 [0];
    LogNormal 2 [0 1];
    Exponential 1 [0];
    Gamma 2 [0 1];
    Beta 2 [0 1];
    Uniform 2 [0 1];
    Bernoulli 1 [0];
    BernoulliLogit 1 [0];
    Poisson 1 [0];
    PoissonLog 1 [0];
    Cauchy 2 [0 1];
    HalfCauchy 1 [0];
    StudentT 3 [0 1 2];
    InverseGamma 2 [0 1];
    Laplace 2 [0 1];
    Logistic 2 [0 1];
    Gumbel 2 [0 1];
    Weibull 2 [0 1];
    InverseGaussian 2 [0 1];
    ShiftedWald 3 [0 1 2];
    ChiSquared 1 [0];
    HalfStudentT 2 [0 1];
    SkewNormal 3 [0 1 2];
    ExGaussian 3 [0 1 2];
    TruncatedNormal 4 [0 1 2 3];
    Binomial 2 [0 1];
    BinomialLogit 2 [0 1];
    NegativeBinomial 2 [0 1];
    NegativeBinomial2 2 [0 1];
    NegativeBinomial2Log 2 [0 1];
    Geometric 1 [0];
    BetaBinomial 3 [0 1 2];
    Hypergeometric 3 [0 1 2];
    Pareto 2 [0 1];
    LogUniform 2 [0 1];
    AsymmetricLaplace 3 [0 1 2];
    VonMises 2 [0 1];
    Kumaraswamy 2 [0 1];
}
