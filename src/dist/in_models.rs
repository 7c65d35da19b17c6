//! The distributions as statements of a model: any mix of numbers, data and variables as parameters.

use super::distribution::{Density, Distribution};
use super::normal::Normal;
use crate::graph::Argument;

macro_rules! in_models {
    ($($name:ident<$($parameter:ident),+>: $P:literal, $W:literal;)*) => {$(
        impl<'t, $($parameter: Into<Argument<'t>>),+> Distribution<'t> for $name<$($parameter),+> {
            fn density(self) -> Density<'t> {
                #[allow(non_snake_case, reason = "one name for the parameter and its type")]
                let $name($($parameter),+) = self;
                Density::formula::<$name, $P, $W>([$($parameter.into()),+])
            }
        }
    )*};
}

in_models! {
    Normal<L, S>: 2, 1;
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

impl<'t, L: Into<Argument<'t>>, S: Into<Argument<'t>>> Distribution<'t> for NonCentered<L, S> {
    fn density(self) -> Density<'t> {
        self.0.density().noncentered()
    }
}
