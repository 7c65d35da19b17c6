//! The distributions as statements of a model: any mix of numbers, data and variables as parameters.

use super::distribution::{Density, Distribution};
use super::{
    Bernoulli, BernoulliLogit, Beta, Cauchy, Exponential, Flat, Gamma, HalfCauchy, HalfNormal, InverseGamma,
    LogNormal, Normal, Poisson, PoissonLog, StudentT, Uniform, Wiener,
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
    Bernoulli<P>: vector_formula<1>;
    BernoulliLogit<L>: vector_formula<1>;
    Beta<A, B>: vector_formula<2>;
    Cauchy<L, S>: vector_formula<2>;
    Exponential<R>: vector_formula<1>;
    Gamma<A, R>: vector_formula<2>;
    HalfCauchy<S>: vector_formula<1>;
    HalfNormal<S>: vector_formula<1>;
    InverseGamma<A, S>: vector_formula<2>;
    LogNormal<L, S>: vector_formula<2>;
    Normal<L, S>: vector_formula<2>;
    Poisson<R>: vector_formula<1>;
    PoissonLog<L>: vector_formula<1>;
    StudentT<D, L, S>: vector_formula<3>;
    Uniform<L, H>: vector_formula<2>;
    Wiener<V, A, W, T>: formula<4, 2>;
}

impl<'t> Distribution<'t> for Flat {
    fn density(self) -> Density<'t> {
        Density::formula::<Flat, 0, 1>([])
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
