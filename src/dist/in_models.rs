//! The distributions as statements of a model: any mix of numbers, data and variables as parameters.

use super::distribution::{Density, Distribution};
use super::{
    AsymmetricLaplace, Bernoulli, BernoulliLogit, Beta, BetaBinomial, Binomial, BinomialLogit, Cauchy,
    ChiSquared, Delta, ExGaussian, Exponential, Flat, FlatPositive, Gamma, Geometric, Gumbel, HalfCauchy,
    HalfNormal, HalfStudentT, Hypergeometric, InverseGamma, InverseGaussian, Kumaraswamy, Laplace, LogNormal,
    LogUniform, Logistic, NegativeBinomial, NegativeBinomial2, NegativeBinomial2Log, Normal, Pareto, Poisson,
    PoissonLog, ShiftedWald, SkewNormal, StudentT, TruncatedNormal, Uniform, VonMises, Weibull, Wiener,
};
use crate::graph::IntoArgument;

macro_rules! in_models {
    ($($name:ident<$($parameter:ident),+>: $formula:ident<$($size:literal),+>;)*) => {$(
        impl<'t, $($parameter: IntoArgument<'t>),+> Distribution<'t> for $name<$($parameter),+> {
            fn density(self) -> Density<'t> {
                #[allow(non_snake_case, reason = "one name for the parameter and its type")]
                let $name($($parameter),+) = self;
                Density::$formula::<$name, $($size),+>([$($parameter.into_argument()),+])
            }
        }
    )*};
}

in_models! {
    AsymmetricLaplace<L, S, K>: vector_formula<3>;
    Bernoulli<P>: vector_formula<1>;
    BernoulliLogit<L>: vector_formula<1>;
    Beta<A, B>: vector_formula<2>;
    BetaBinomial<N, A, B>: scalar_count_formula<3>;
    Binomial<N, P>: count_formula<2>;
    BinomialLogit<N, L>: count_formula<2>;
    Cauchy<L, S>: cumulative_formula<2>;
    ChiSquared<D>: vector_formula<1>;
    Delta<X>: formula<1, 1>;
    ExGaussian<M, S, R>: formula<3, 1>;
    Exponential<R>: cumulative_formula<1>;
    Gamma<A, R>: cumulative_formula<2>;
    Geometric<P>: count_formula<1>;
    Gumbel<L, S>: cumulative_formula<2>;
    HalfCauchy<S>: cumulative_formula<1>;
    HalfNormal<S>: cumulative_formula<1>;
    HalfStudentT<D, S>: vector_formula<2>;
    Hypergeometric<T, S, D>: scalar_count_formula<3>;
    InverseGamma<A, S>: cumulative_formula<2>;
    InverseGaussian<M, L>: vector_formula<2>;
    Kumaraswamy<A, B>: formula<2, 1>;
    Laplace<L, S>: cumulative_formula<2>;
    LogNormal<L, S>: cumulative_formula<2>;
    LogUniform<L, H>: cumulative_formula<2>;
    Logistic<L, S>: cumulative_formula<2>;
    NegativeBinomial2<M, F>: scalar_count_formula<2>;
    NegativeBinomial2Log<M, F>: scalar_count_formula<2>;
    NegativeBinomial<R, P>: scalar_count_formula<2>;
    Normal<L, S>: cumulative_formula<2>;
    Pareto<M, A>: cumulative_formula<2>;
    Poisson<R>: count_formula<1>;
    PoissonLog<L>: count_formula<1>;
    ShiftedWald<V, A, T>: vector_formula<3>;
    SkewNormal<L, S, A>: formula<3, 1>;
    StudentT<D, L, S>: vector_formula<3>;
    TruncatedNormal<M, S, L, H>: formula<4, 1>;
    Uniform<L, H>: cumulative_formula<2>;
    VonMises<L, K>: formula<2, 1>;
    Weibull<K, S>: cumulative_formula<2>;
    Wiener<V, A, W, T>: formula<4, 2>;
}

impl<'t> Distribution<'t> for Flat {
    fn density(self) -> Density<'t> {
        Density::formula::<Flat, 0, 1>([])
    }
}

impl<'t> Distribution<'t> for FlatPositive {
    fn density(self) -> Density<'t> {
        Density::formula::<FlatPositive, 0, 1>([])
    }
}

/// A normal prior written as location + scale x standard normal; see [`Normal::noncentered`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonCentered<L, S>(Normal<L, S>);

impl<L, S> Normal<L, S> {
    /// The same prior, sampled through standard normal values: location + scale x z. Samplers find it easier when each
    /// element of a plate has little data of its own; the centred form is easier when each has much.
    pub fn noncentered(self) -> NonCentered<L, S> {
        NonCentered(self)
    }
}

impl<'t, L: IntoArgument<'t>, S: IntoArgument<'t>> Distribution<'t> for NonCentered<L, S> {
    fn density(self) -> Density<'t> {
        self.0.density().standardised()
    }
}
