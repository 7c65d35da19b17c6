//! The chi-squared distribution: a gamma distribution of shape df / 2 and rate 1/2.
//!
//! log p(x) = (df/2 - 1) log(x) - x/2 - df/2 log(2) - ln G(df/2), x > 0.
//!
//! Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 18.

use super::gamma::{Gamma, GammaRow};
use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::Distribution;

/// The chi-squared distribution with `df` degrees of freedom (above 0, not only integers), its mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquared<D = f64>(pub D);

impl Kernel<1> for ChiSquared {
    kernel_by_formula! { GammaRow, 1 }

    const NAME: &'static str = "ChiSquared";

    const PARAMETERS: [(&'static str, ParameterDomain); 1] = [("df", ParameterDomain::Positive)];

    fn support(_: [f64; 1]) -> Support {
        Support::Positive
    }

    fn sample([df]: [f64; 1], stream: &mut Stream) -> [f64; 1] {
        let shape = (0.5 * df).max(f64::MIN_POSITIVE);
        let x = rand_distr::Gamma::new(shape, 2.0).map_or(f64::NAN, |gamma| gamma.sample(stream));
        [above_zero(x) + poison::<Self, f64, 1, 1>([df])]
    }
}

impl VectorKernel<1> for ChiSquared {
    type Shared<N: Number> = GammaRow<N>;

    #[inline(always)]
    fn row<N: Number>([df]: [N; 1]) -> GammaRow<N> {
        <Gamma as VectorKernel<2>>::row([df * 0.5, df.all(0.5)])
    }

    #[inline(always)]
    fn partials<N: Number>(row: &GammaRow<N>, x: N) -> Partials<1, N> {
        let Partials { log_prob, value, parameters: [shape, _] } =
            <Gamma as VectorKernel<2>>::partials(row, x);
        Partials { log_prob, value, parameters: [shape * 0.5] }
    }
}
