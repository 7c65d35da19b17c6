//! What formulae are written over: a number, or a vector of numbers that are worked on at once.
//!
//! A formula over [`Number`] serves one element at a time as plain `f64` arithmetic and many at a time as [`Doubles`]. Instead
//! of branching it chooses: [`Number::or`] between two values that are both known, [`Number::unless`] where one is rarely
//! needed.

use super::doubles::{BLOCK, Doubles};
use pulp::Simd;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The longest vector there is, in numbers.
const WIDEST: usize = BLOCK;

/// One number, or several side by side.
pub(crate) trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// The answer to a comparison.
    type Mask: Copy;

    /// The same number in every place.
    fn all(self, value: f64) -> Self;

    fn less_than(self, other: Self) -> Self::Mask;
    fn at_most(self, other: Self) -> Self::Mask;
    fn equals(self, other: Self) -> Self::Mask;

    /// Where both masks hold.
    fn both(self, one: Self::Mask, other: Self::Mask) -> Self::Mask;

    /// `self` where the mask holds, `other` elsewhere.
    fn or(self, mask: Self::Mask, other: Self) -> Self;

    /// `self`, but `rare()` where the mask holds; it is not computed where it is not needed.
    fn unless(self, mask: Self::Mask, rare: impl FnOnce() -> Self) -> Self;

    fn abs(self) -> Self;
    fn sqrt(self) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn ln_1p(self) -> Self;

    /// exp(-|x|); what is below 1e-304 may be 0.
    fn exp_minus_abs(self) -> Self;

    /// log(1 + x) for x from 0 to 1.
    fn ln_1p_unit(self) -> Self;

    fn tanh(self) -> Self;

    /// The larger and the smaller; what is not a number in `self` stays.
    fn max(self, other: Self) -> Self;
    fn min(self, other: Self) -> Self;

    /// A function of single numbers at every place. Neighbours that are equal, as shared parameters are, cost one call.
    fn each<const I: usize, const O: usize>(
        arguments: [Self; I],
        function: impl Fn([f64; I]) -> [f64; O],
    ) -> [Self; O];

    #[inline(always)]
    fn reciprocal(self) -> Self {
        self.all(1.0) / self
    }

    /// 0 for finite numbers, NaN for others.
    #[inline(always)]
    fn nan_unless_finite(self) -> Self {
        self * 0.0
    }

    /// 1 / (1 + exp(-x)), relatively accurate on the left; `(-x).logistic()` is its distance to 1.
    #[inline(always)]
    fn logistic(self) -> Self {
        let e = self.exp_minus_abs();
        let rest = (e + 1.0).reciprocal();
        rest.or(self.all(0.0).at_most(self), e * rest)
    }

    /// The derivative of the logistic function, relatively accurate everywhere: e / (1 + e)^2, e = exp(-|x|).
    #[inline(always)]
    fn logistic_slope(self) -> Self {
        let e = self.exp_minus_abs();
        let rest = e + 1.0;
        e / (rest * rest)
    }

    /// log(1 + exp x), which does not overflow.
    #[inline(always)]
    fn softplus(self) -> Self {
        self.max(self.all(0.0)) + self.exp_minus_abs().ln_1p_unit()
    }

    /// log(exp x + exp y), which does not overflow; of two infinities it is their limit.
    #[inline(always)]
    fn log_add_exp(self, other: Self) -> Self {
        let difference = self - other;
        let sum = self.max(other) + difference.exp_minus_abs().ln_1p_unit();
        // Equal infinities have no difference but a sum, and what is not a number is not lost in the maximum.
        sum.or(difference.equals(difference), self + other)
    }
}

impl Number for f64 {
    type Mask = bool;

    #[inline(always)]
    fn all(self, value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn less_than(self, other: Self) -> bool {
        self < other
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> bool {
        self <= other
    }

    #[inline(always)]
    fn equals(self, other: Self) -> bool {
        self == other
    }

    #[inline(always)]
    fn both(self, one: bool, other: bool) -> bool {
        one && other
    }

    #[inline(always)]
    fn or(self, mask: bool, other: Self) -> Self {
        if mask { self } else { other }
    }

    #[inline(always)]
    fn unless(self, mask: bool, rare: impl FnOnce() -> Self) -> Self {
        if mask { rare() } else { self }
    }

    #[inline(always)]
    fn abs(self) -> Self {
        f64::abs(self)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }

    #[inline(always)]
    fn exp(self) -> Self {
        f64::exp(self)
    }

    #[inline(always)]
    fn ln(self) -> Self {
        f64::ln(self)
    }

    #[inline(always)]
    fn ln_1p(self) -> Self {
        f64::ln_1p(self)
    }

    #[inline(always)]
    fn exp_minus_abs(self) -> Self {
        (-f64::abs(self)).exp()
    }

    #[inline(always)]
    fn ln_1p_unit(self) -> Self {
        f64::ln_1p(self)
    }

    #[inline(always)]
    fn tanh(self) -> Self {
        f64::tanh(self)
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    #[inline(always)]
    fn each<const I: usize, const O: usize>(
        arguments: [Self; I],
        function: impl Fn([f64; I]) -> [f64; O],
    ) -> [Self; O] {
        function(arguments)
    }
}

impl<S: Simd> Number for Doubles<S> {
    type Mask = S::m64s;

    #[inline(always)]
    fn all(self, value: f64) -> Self {
        self.all(value)
    }

    #[inline(always)]
    fn less_than(self, other: Self) -> S::m64s {
        self.less_than(other)
    }

    #[inline(always)]
    fn at_most(self, other: Self) -> S::m64s {
        self.at_most(other)
    }

    #[inline(always)]
    fn equals(self, other: Self) -> S::m64s {
        self.equals(other)
    }

    #[inline(always)]
    fn both(self, one: S::m64s, other: S::m64s) -> S::m64s {
        self.both(one, other)
    }

    #[inline(always)]
    fn or(self, mask: S::m64s, other: Self) -> Self {
        self.or(mask, other)
    }

    #[inline(always)]
    fn unless(self, mask: S::m64s, rare: impl FnOnce() -> Self) -> Self {
        if self.anywhere(mask) { rare().or(mask, self) } else { self }
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.abs()
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }

    #[inline(always)]
    fn exp(self) -> Self {
        self.exp()
    }

    #[inline(always)]
    fn ln(self) -> Self {
        self.ln()
    }

    #[inline(always)]
    fn ln_1p(self) -> Self {
        self.ln_1p()
    }

    #[inline(always)]
    fn exp_minus_abs(self) -> Self {
        self.exp_minus_abs()
    }

    #[inline(always)]
    fn ln_1p_unit(self) -> Self {
        self.ln_1p_unit()
    }

    #[inline(always)]
    fn tanh(self) -> Self {
        self.tanh()
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.max(other)
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.min(other)
    }

    #[inline(always)]
    fn each<const I: usize, const O: usize>(
        arguments: [Self; I],
        function: impl Fn([f64; I]) -> [f64; O],
    ) -> [Self; O] {
        let mut columns = [[0.0; WIDEST]; I];
        for i in 0..I {
            arguments[i].store(&mut columns[i], 0);
        }
        let mut results = [[0.0; WIDEST]; O];
        let mut result = [0.0; O];
        for lane in 0..S::F64_LANES {
            let same = |column: &[f64; WIDEST]| column[lane].to_bits() == column[lane - 1].to_bits();
            if lane == 0 || !columns.iter().all(same) {
                result = function(std::array::from_fn(|i| columns[i][lane]));
            }
            (0..O).for_each(|o| results[o][lane] = result[o]);
        }
        let mut vectors = [arguments[0]; O];
        for o in 0..O {
            vectors[o] = Doubles::load(arguments[0].simd(), &results[o], 0);
        }
        vectors
    }
}
