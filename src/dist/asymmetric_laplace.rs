//! The asymmetric Laplace distribution.
//!
//! log p(x) = -log(scale (kappa + 1/kappa)) - (z kappa if z >= 0, -z / kappa if z < 0), z = (x - loc) / scale, x real.
//!
//! Source: Kozubowski & Podgorski 2000, doi:10.1007/PL00022717. Quantile regression at q (Yu & Moyeed 2001,
//! doi:10.1016/S0167-7152(01)00124-9) has kappa = sqrt(q / (1 - q)).

use super::kernel::{Kernel, ParameterDomain, Partials, finite, poison};
use super::vector_kernel::{VectorKernel, kernel_by_formula};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use rand_distr::{Distribution, Exp1};

/// The asymmetric Laplace distribution with mode `loc` (any number), `scale` (above 0) and asymmetry `kappa` (above 0; 1 is the
/// Laplace distribution, above 1 the longer tail is the left one). `loc` is its quantile at kappa^2 / (1 + kappa^2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AsymmetricLaplace<L = f64, S = f64, K = f64>(pub L, pub S, pub K);

/// What the parameters of [`AsymmetricLaplace`] alone determine.
#[derive(Clone, Copy, Debug)]
pub struct AsymmetricLaplaceRow<N = f64> {
    /// The mode.
    loc: N,
    /// 1 / scale.
    inverse_scale: N,
    /// kappa.
    kappa: N,
    /// 1 / kappa.
    inverse_kappa: N,
    /// -log(scale (kappa + 1 / kappa)).
    normaliser: N,
    /// Its derivative with respect to kappa.
    normaliser_slope: N,
}

impl Kernel<3> for AsymmetricLaplace {
    kernel_by_formula! { AsymmetricLaplaceRow, 3 }

    const NAME: &'static str = "AsymmetricLaplace";

    const PARAMETERS: [(&'static str, ParameterDomain); 3] = [
        ("loc", ParameterDomain::Real),
        ("scale", ParameterDomain::Positive),
        ("kappa", ParameterDomain::Positive),
    ];

    const LOCATION_SCALE: Option<[usize; 2]> = Some([0, 1]);

    fn support(_: [f64; 3]) -> Support {
        Support::Real
    }

    fn sample([loc, scale, kappa]: [f64; 3], stream: &mut Stream) -> [f64; 1] {
        let (up, down): (f64, f64) = (Exp1.sample(stream), Exp1.sample(stream));
        let x = loc + finite(scale * finite(finite(up / kappa) - finite(down * kappa)));
        [finite(x) + poison::<Self, f64, 3, 1>([loc, scale, kappa])]
    }
}

impl VectorKernel<3> for AsymmetricLaplace {
    type Shared<N: Number> = AsymmetricLaplaceRow<N>;

    #[inline(always)]
    fn row<N: Number>([loc, scale, kappa]: [N; 3]) -> AsymmetricLaplaceRow<N> {
        let inverse = kappa.reciprocal();
        let poison = poison::<Self, N, 3, 1>([loc, scale, kappa]);
        // With m the smaller of kappa and its inverse: kappa + 1/kappa = (1 + m^2) / m, and the slope of its logarithm by
        // log(kappa), (kappa^2 - 1) / (kappa^2 + 1), is (1 - m^2) / (1 + m^2) with the sign of log(kappa).
        let smaller = kappa.min(inverse);
        let square = smaller * smaller;
        let steepness = (smaller.all(1.0) - square) / (square + 1.0);
        let slope = (-steepness).or(kappa.all(1.0).less_than(kappa), steepness);
        AsymmetricLaplaceRow {
            loc,
            inverse_scale: scale.reciprocal(),
            kappa,
            inverse_kappa: inverse,
            normaliser: smaller.ln() - square.ln_1p() - scale.ln() + poison,
            normaliser_slope: slope * inverse,
        }
    }

    #[inline(always)]
    fn partials<N: Number>(row: &AsymmetricLaplaceRow<N>, x: N) -> Partials<3, N> {
        let (zero, z) = (x.all(0.0), (x - row.loc) * row.inverse_scale);
        let right = zero.at_most(z);
        let steepness = row.kappa.or(right, -row.inverse_kappa);
        let fall = z * steepness;
        // No side has a slope at the mode itself.
        let pull = zero.or(z.equals(zero), steepness * row.inverse_scale);
        // The derivative of `fall`: z on the right, z / kappa^2 on the left.
        let by_kappa = z.or(right, z * row.inverse_kappa * row.inverse_kappa);
        Partials {
            log_prob: row.normaliser - fall,
            value: -pull,
            parameters: [pull, (fall - 1.0) * row.inverse_scale, row.normaliser_slope - by_kappa],
        }
    }
}
