//! The distributions as statements of a model: any mix of numbers, data and variables as parameters.

use super::distribution::{Density, Distribution};
use super::{
    Bernoulli, BernoulliLogit, Beta, Cauchy, Exponential, Flat, Gamma, HalfCauchy, HalfNormal, InverseGamma,
    LogNormal, Normal, Poisson, PoissonLog, StudentT, Uniform, Wiener,
};
use crate::graph::IntoArgument;

macro_rules! in_models {
    ($($name:ident<$($parameter:ident),+>: $P:literal, $W:literal;)*) => {$(
        impl<'t, $($parameter: IntoArgument<'t>),+> Distribution<'t> for $name<$($parameter),+> {
            fn density(self) -> Density<'t> {
                #[allow(non_snake_case, reason = "one name for the parameter and its type")]
                let $name($($parameter),+) = self;
                Density::formula::<$name, $P, $W>([$($parameter.into_argument()),+])
            }
        }
    )*};
}

in_models! {
    Bernoulli<P>: 1, 1;
    BernoulliLogit<L>: 1, 1;
    Beta<A, B>: 2, 1;
    Cauchy<L, S>: 2, 1;
    Exponential<R>: 1, 1;
    Gamma<A, R>: 2, 1;
    HalfCauchy<S>: 1, 1;
    HalfNormal<S>: 1, 1;
    InverseGamma<A, S>: 2, 1;
    LogNormal<L, S>: 2, 1;
    Normal<L, S>: 2, 1;
    Poisson<R>: 1, 1;
    PoissonLog<L>: 1, 1;
    StudentT<D, L, S>: 3, 1;
    Uniform<L, H>: 2, 1;
    Wiener<V, A, W, T>: 4, 2;
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
        self.0.density().noncentered()
    }
}
