//! The half Student t distribution: the absolute value of a centred Student t number.
//!
//! log p(x) = log(2) + log p_t(x), with p_t the density of Student's t with location 0; x >= 0.
//!
//! Source: Gelman 2006, Prior distributions for variance parameters, <https://doi.org/10.1214/06-BA117A>.

use super::kernel::{Kernel, ParameterDomain, Partials, above_zero, poison};
use super::student_t::{StudentT, StudentTRow};
use super::vector_kernel::{VectorKernel, kernel_by_formula, possible};
use crate::math::number::Number;
use crate::seed::Stream;
use crate::transform::Support;
use std::f64::consts::LN_2;

/// The half Student t distribution with `df` degrees of freedom (above 0, not only integers) and `scale` (above 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HalfStudentT<D = f64, S = f64>(pub D, pub S);

impl Kernel<2> for HalfStudentT {
    kernel_by_formula! { StudentTRow, 2 }

    const NAME: &'static str = "HalfStudentT";

    const PARAMETERS: [(&'static str, ParameterDomain); 2] =
        [("df", ParameterDomain::Positive), ("scale", ParameterDomain::Positive)];

    fn support(_: [f64; 2]) -> Support {
        Support::Positive
    }

    fn sample([df, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
        let [t] = <StudentT as Kernel<3>>::sample([df, 0.0, scale], stream);
        [above_zero(t.abs()) + poison::<Self, f64, 2, 1>([df, scale])]
    }
}

impl VectorKernel<2> for HalfStudentT {
    type Shared<N: Number> = StudentTRow<N>;

    #[inline(always)]
    fn row<N: Number>([df, scale]: [N; 2]) -> StudentTRow<N> {
        <StudentT as VectorKernel<3>>::row([df, df.all(0.0), scale])
    }

    #[inline(always)]
    fn partials<N: Number>(row: &StudentTRow<N>, x: N) -> Partials<2, N> {
        let Partials { log_prob, value, parameters: [df, _, scale] } =
            <StudentT as VectorKernel<3>>::partials(row, x);
        let partials = Partials { log_prob: log_prob + LN_2, value, parameters: [df, scale] };
        possible(x.all(0.0).at_most(x), partials)
    }
}
