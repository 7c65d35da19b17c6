//! A distribution's mathematics written once for single numbers and for vectors of them.
//!
//! Where every element has parameters of its own (a regression), or very many share theirs, the logarithms and exponentials of
//! the elements are most of the work. [`VectorKernel`] is the formula over [`Number`]: the [`Kernel`] of such a distribution is
//! the formula over `f64` ([`kernel_by_formula`]), and an [`Evaluator`] is the formula over the widest vectors that the
//! processor has, for a block of elements at a time.
//!
//! Whatever touches vectors is `#[inline(always)]` and no closure that `std` calls (`from_fn`, `map`): what is not inlined is
//! compiled for the oldest processor, and each of its operations becomes a call.

use super::kernel::{Kernel, Partials};
use crate::graph::{BLOCK, Block};
use crate::math::doubles::Doubles;
use crate::math::number::Number;
use pulp::{Arch, Simd, WithSimd};

/// The formula of a [`Kernel`] of single numbers, over any kind of [`Number`].
pub(crate) trait VectorKernel<const P: usize>: Kernel<P> {
    /// What the parameters alone determine.
    type Shared<N: Number>: Copy;

    /// As [`Kernel::row`].
    fn row<N: Number>(parameters: [N; P]) -> Self::Shared<N>;

    /// As [`Kernel::partials`].
    fn partials<N: Number>(row: &Self::Shared<N>, x: N) -> Partials<P, N>;
}

/// What a [`Kernel`] computes, by its [`VectorKernel`] over single numbers.
macro_rules! kernel_by_formula {
    ($row:ident, $P:literal) => {
        type Row = $row;

        #[inline]
        fn row(parameters: [f64; $P]) -> $row {
            <Self as VectorKernel<$P>>::row(parameters)
        }

        #[inline]
        fn log_prob(row: &$row, [x]: [f64; 1]) -> f64 {
            // The derivatives are dead code here and the compiler drops them.
            <Self as VectorKernel<$P>>::partials(row, x).log_prob
        }

        #[inline]
        fn partials(row: &$row, [x]: [f64; 1]) -> Partials<$P> {
            <Self as VectorKernel<$P>>::partials(row, x)
        }
    };
}

pub(super) use kernel_by_formula;

/// The partials where a value is possible, [`Partials::IMPOSSIBLE`] elsewhere.
#[inline(always)]
pub(super) fn possible<N: Number, const P: usize>(mask: N::Mask, partials: Partials<P, N>) -> Partials<P, N> {
    let Partials { log_prob, value, mut parameters } = partials;
    let zero = value.all(0.0);
    for p in 0..P {
        parameters[p] = parameters[p].or(mask, zero);
    }
    Partials {
        log_prob: log_prob.or(mask, value.all(f64::NEG_INFINITY)),
        value: value.or(mask, zero),
        parameters,
    }
}

/// The elements of one block, and what is found out about them.
pub(super) struct Elements<const P: usize> {
    /// Parameters; afterwards the derivatives with respect to them.
    pub(super) parameters: [Block; P],
    /// Values; afterwards the derivatives with respect to them.
    pub(super) value: Block,
    /// Afterwards the log densities, less the carrier.
    pub(super) log_prob: Block,
}

impl<const P: usize> Elements<P> {
    pub(super) fn new() -> Self {
        Self { parameters: [[0.0; BLOCK]; P], value: [0.0; BLOCK], log_prob: [0.0; BLOCK] }
    }

    /// Multiplies the derivatives of the first elements by their weights; what has weight 0 becomes 0, whatever it was.
    pub(super) fn weigh(&mut self, weights: &[f64]) {
        for block in self.parameters.iter_mut().chain([&mut self.value]) {
            for (derivative, weight) in block.iter_mut().zip(weights) {
                *derivative = if *weight == 0.0 { 0.0 } else { *derivative * weight };
            }
        }
    }
}

/// Evaluates the first `count` elements of a block; if `shared`, all have the parameters of the first. The places up to the
/// next whole vector are computed too and must hold something.
pub(super) type Evaluator<const P: usize> = fn(&mut Elements<P>, count: usize, shared: bool);

/// The [`Evaluator`] of a distribution.
pub(super) fn evaluate<K: VectorKernel<P>, const P: usize>(
    elements: &mut Elements<P>,
    count: usize,
    shared: bool,
) {
    Arch::new().dispatch(Evaluate::<K, P> { elements, count, shared, kernel: std::marker::PhantomData });
}

struct Evaluate<'a, K, const P: usize> {
    elements: &'a mut Elements<P>,
    count: usize,
    shared: bool,
    kernel: std::marker::PhantomData<K>,
}

impl<K: VectorKernel<P>, const P: usize> WithSimd for Evaluate<'_, K, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Elements { parameters, value, log_prob } = self.elements;
        let vectors = self.count.div_ceil(S::F64_LANES);
        if self.shared {
            let mut first = [Doubles::splat(simd, 0.0); P];
            for p in 0..P {
                first[p] = Doubles::splat(simd, parameters[p][0]);
            }
            let row = <K as VectorKernel<P>>::row(first);
            for at in 0..vectors {
                let partials = <K as VectorKernel<P>>::partials(&row, Doubles::load(simd, value, at));
                store(partials, parameters, value, log_prob, at);
            }
            return;
        }
        for at in 0..vectors {
            let mut own = [Doubles::splat(simd, 0.0); P];
            for p in 0..P {
                own[p] = Doubles::load(simd, &parameters[p], at);
            }
            let row = <K as VectorKernel<P>>::row(own);
            let partials = <K as VectorKernel<P>>::partials(&row, Doubles::load(simd, value, at));
            store(partials, parameters, value, log_prob, at);
        }
    }
}

#[inline(always)]
fn store<S: Simd, const P: usize>(
    partials: Partials<P, Doubles<S>>,
    parameters: &mut [Block; P],
    value: &mut Block,
    log_prob: &mut Block,
    at: usize,
) {
    partials.log_prob.store(log_prob, at);
    partials.value.store(value, at);
    for p in 0..P {
        partials.parameters[p].store(&mut parameters[p], at);
    }
}
