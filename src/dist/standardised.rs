//! The standard normal value z behind a non-centred normal x = location + scale x z.
//!
//! log p(z) = -z^2 / 2 - log(2 pi) / 2, whatever location and scale are. They are parameters all the same: where one of them
//! leaves its domain there is no x, and the density of z is NaN as that of x would be.
//!
//! Source: Papaspiliopoulos, Roberts & Skold (2007), doi:10.1214/088342307000000014.

use super::distribution::{Density, Distribution};
use super::kernel::{Kernel, ParameterDomain, Partials, poison};
use super::normal::Normal;
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::graph::Argument;
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;

/// log(2 pi) / 2.
const HALF_LN_2_PI: f64 = 0.918_938_533_204_672_7;

/// The distribution of z in x = location + scale x z, x a normal variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standardised<L = f64, S = f64>(pub(crate) L, pub(crate) S);

impl<'t, L: Into<Argument<'t>>, S: Into<Argument<'t>>> Distribution<'t> for Standardised<L, S> {
    fn density(self) -> Density<'t> {
        Density::vector_formula::<Standardised, 2>([self.0.into(), self.1.into()])
    }
}

impl Kernel<2> for Standardised {
    kernel_by_formula! { StandardisedRow, 2 }

    const NAME: &'static str = <Normal as Kernel<2>>::NAME;

    const PARAMETERS: [(&'static str, ParameterDomain); 2] = <Normal as Kernel<2>>::PARAMETERS;

    fn support(_: [f64; 2]) -> Support {
        Support::Real
    }

    fn sample(parameters: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let [z] = <Normal as Kernel<2>>::sample([0.0, 1.0], stream);
        [z + poison::<Self, f64, 2, 1>(parameters)]
    }
}

/// Minus log(2 pi) / 2, or NaN.
type StandardisedRow<N = f64> = N;

impl VectorKernel<2> for Standardised {
    type Shared<N: Number> = N;

    #[inline(always)]
    fn row<N: Number>(parameters: [N; 2]) -> N {
        poison::<Self, N, 2, 1>(parameters) - HALF_LN_2_PI
    }

    #[inline(always)]
    fn partials<N: Number>(normaliser: &N, z: N) -> Partials<2, N> {
        let zero = z.all(0.0);
        Partials { log_prob: *normaliser - z * z * 0.5, value: -z, parameters: [zero, zero] }
    }
}
