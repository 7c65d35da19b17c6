//! Vectors of f64 numbers, with the elementary functions that densities need.
//!
//! [`pulp`] chooses the instructions (AVX-512, AVX2, NEON) when the program runs; formulae are written once, for a vector of
//! any width. Relative errors, by tests over the whole range beside the standard library's functions:
//!
//! | function | method | error below |
//! |---|---|---|
//! | [`Doubles::exp`] | `2^n exp(r)`, abs(r) <= ln(2)/2, Taylor | 3e-16, 1 unit of the smallest number where the result is subnormal |
//! | [`Doubles::ln`] | `x = 2^n m`, m in [sqrt(1/2), sqrt(2)); `n ln 2 + 2 artanh((m - 1) / (m + 1))` | 3e-16 |
//! | [`Doubles::ln_1p`] | the same of 1 + x, with the rounding error of the sum added to m | 4e-16 |
//! | [`Doubles::tanh`] | `e / (e + 2)`, e = exp(2 abs(x)) - 1 by the series without its first term | 6e-16 |
//!
//! All four take any number: infinities, zeros, subnormal numbers and what is not a number give what the standard library
//! gives. Widths round differently where they sum, and processors without fused multiply-add in the last bits, so results
//! may differ in the last bits between processors; on one processor they are always the same.
//!
//! [`Doubles::exp_limited`], [`Doubles::exp_minus_abs`], [`Doubles::ln_normal`] and [`Doubles::ln_1p_unit`] have the same errors
//! on a part of the range and are shorter.

use super::vector::vector;
use pulp::{Simd, bytemuck};

/// Numbers per block of data that [`Doubles`] walk through: a multiple of every width there is.
pub(crate) const BLOCK: usize = 8;

/// ln 2 in two parts, the first of which has few bits, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

vector! {
    /// One vector of f64 numbers.
    Doubles: f64, f64s, m64s, as_simd_f64s, as_mut_simd_f64s, splat_f64s, add_f64s, sub_f64s, mul_f64s, div_f64s, neg_f64s, mul_add_e_f64s, max_f64s, min_f64s, abs_f64s,
    less_than_f64s, less_than_or_equal_f64s, select_f64s
}

/// The first coefficients of 2 artanh(s) = 2 s + s^3 (2/3 + 2/5 s^2 + 2/7 s^4 + ...) behind s^3.
const fn artanh<const N: usize>() -> [f64; N] {
    let mut coefficients = [0.0; N];
    let mut k = 0;
    while k < N {
        coefficients[k] = 2.0 / (2 * k + 3) as f64;
        k += 1;
    }
    coefficients
}

impl<S: Simd> Doubles<S> {
    #[inline(always)]
    pub(crate) fn new(simd: S, values: S::f64s) -> Self {
        Self { simd, values }
    }

    /// Its numbers as the processor holds them.
    #[inline(always)]
    pub(crate) fn values(self) -> S::f64s {
        self.values
    }

    /// What its operations run on.
    #[inline(always)]
    pub(crate) fn simd(self) -> S {
        self.simd
    }

    /// The sum of its numbers; the networks' densities ask for it.
    #[cfg(feature = "neural")]
    #[inline(always)]
    pub(crate) fn sum(self) -> f64 {
        self.simd.reduce_sum_f64s(self.values)
    }

    #[inline(always)]
    pub(crate) fn equals(self, other: Self) -> S::m64s {
        self.simd.equal_f64s(self.values, other.values)
    }

    /// Where both masks hold.
    #[inline(always)]
    pub(crate) fn both(self, one: S::m64s, other: S::m64s) -> S::m64s {
        self.simd.and_m64s(one, other)
    }

    /// Whether a mask holds anywhere.
    #[inline(always)]
    pub(crate) fn anywhere(self, mask: S::m64s) -> bool {
        self.simd.first_true_m64s(mask) < S::F64_LANES
    }

    #[inline(always)]
    pub(crate) fn sqrt(self) -> Self {
        Self { values: self.simd.sqrt_f64s(self.values), ..self }
    }

    /// A function of the only number there is, on processors without vectors: their halves cannot be told apart there.
    #[inline(always)]
    fn single(self, function: fn(f64) -> f64) -> Self {
        Self { values: bytemuck::cast(function(bytemuck::cast(self.values))), ..self }
    }

    /// The exponential.
    #[inline(always)]
    pub(crate) fn exp(self) -> Self {
        if S::F64_LANES == 1 {
            return self.single(f64::exp);
        }
        // Beyond these the result is 0 or infinite; NaN stays.
        let x = self.max(self.all(-746.0)).min(self.all(710.0));
        let (n, r) = x.reduce();
        // 2^n in two factors, the second of which is 1 but for results near the ends of the range.
        let normal = n.max(self.all(-1022.0)).min(self.all(1023.0));
        let beyond = n - normal;
        r.exp_series() * beyond.power_of_two() * normal.power_of_two()
    }

    /// The exponential of arguments limited to [-700, 700]; NaN stays.
    #[inline(always)]
    pub(crate) fn exp_limited(self) -> Self {
        let x = self.max(self.all(-700.0)).min(self.all(700.0));
        if S::F64_LANES == 1 {
            return x.single(f64::exp);
        }
        let (n, r) = x.reduce();
        r.exp_series() * n.power_of_two()
    }

    /// exp(-|x|); what is below 1e-304 is 0.
    #[inline(always)]
    pub(crate) fn exp_minus_abs(self) -> Self {
        let x = -self.abs();
        if S::F64_LANES == 1 {
            return x.single(f64::exp);
        }
        self.all(0.0).or(x.less_than(self.all(-700.0)), x.exp_limited())
    }

    /// The hyperbolic tangent.
    #[inline(always)]
    pub(crate) fn tanh(self) -> Self {
        if S::F64_LANES == 1 {
            return self.single(f64::tanh);
        }
        // From 20 on the result is 1; NaN stays.
        let x = (self.abs() * 2.0).min(self.all(40.0));
        let (n, r) = x.reduce();
        let power = n.power_of_two();
        let e = power.mul_add(r.exp_m1_series(), power - 1.0);
        let size = e / (e + 2.0);
        size.or(self.all(0.0).at_most(self), -size)
    }

    /// n and r with `x = n ln 2 + r`, n an integer and `|r| <= ln(2) / 2`; `|x| < 2^20`.
    #[inline(always)]
    fn reduce(self) -> (Self, Self) {
        // Adding 1.5 * 2^52 rounds to the nearest integer.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        let n = self.mul_add(self.all(std::f64::consts::LOG2_E), self.all(ROUND)) - ROUND;
        (n, n.mul_add(self.all(-LN_2_LOW), n.mul_add(self.all(-LN_2_HIGH), self)))
    }

    /// exp(r) for `|r| <= ln(2) / 2`.
    #[inline(always)]
    fn exp_series(self) -> Self {
        self.mul_add(self.exp_m1_over_x(), self.all(1.0))
    }

    /// exp(r) - 1 for `|r| <= ln(2) / 2`.
    #[inline(always)]
    fn exp_m1_series(self) -> Self {
        self * self.exp_m1_over_x()
    }

    /// The Taylor series of (exp(r) - 1) / r.
    #[inline(always)]
    fn exp_m1_over_x(self) -> Self {
        self.polynomial([
            1.0,
            1.0 / 2.0,
            1.0 / 6.0,
            1.0 / 24.0,
            1.0 / 120.0,
            1.0 / 720.0,
            1.0 / 5040.0,
            1.0 / 40_320.0,
            1.0 / 362_880.0,
            1.0 / 3_628_800.0,
            1.0 / 39_916_800.0,
            1.0 / 479_001_600.0,
            1.0 / 6_227_020_800.0,
        ])
    }

    /// 2^n for integers n from -1022 to 1023; NaN gives anything.
    #[inline(always)]
    fn power_of_two(self) -> Self {
        // Adding 1.5 * 2^20 to an integer leaves it in the low bits of the high half.
        const HIGH_HALF: f64 = 1_572_864.0;
        let simd = self.simd;
        // The exponent's bits are the upper 12 of the high half; the low half of an integer this small is zero.
        let halves: S::u32s = bytemuck::cast(simd.transmute_u64s_f64s((self + HIGH_HALF).values));
        let shifted: S::u64s = bytemuck::cast(simd.wrapping_dyn_shl_u32s(halves, simd.splat_u32s(20)));
        let exponent = simd.add_u64s(shifted, simd.splat_u64s(1023 << 52));
        Self { values: simd.transmute_f64s_u64s(exponent), ..self }
    }

    /// The natural logarithm.
    #[inline(always)]
    pub(crate) fn ln(self) -> Self {
        if S::F64_LANES == 1 {
            return self.single(f64::ln);
        }
        // Subnormal numbers are lifted by 2^54.
        let small = self.less_than(self.all(f64::MIN_POSITIVE));
        let lifted = (self * 18_014_398_509_481_984.0).or(small, self);
        let (n, m) = lifted.split();
        let n = n - self.all(54.0).or(small, self.all(0.0));
        n.ln_sum(m - 1.0).or_ends_of_ln(self)
    }

    /// log(1 + x), accurate near 0.
    #[inline(always)]
    pub(crate) fn ln_1p(self) -> Self {
        if S::F64_LANES == 1 {
            return self.single(f64::ln_1p);
        }
        let sum = self + 1.0;
        // What rounding took from the sum, exactly: from the smaller of the two terms.
        let lost = (self - (sum - 1.0)).or(self.less_than(self.all(1.0)), self.all(1.0) - (sum - self));
        let (n, m) = sum.split();
        // Above 2^53 the loss is nothing beside the sum, and 2^-n might leave the range.
        let scale = n.min(self.all(60.0)).max(self.all(-60.0));
        let f = lost.mul_add((-scale).power_of_two(), m - 1.0);
        n.ln_sum(f).or_ends_of_ln(sum)
    }

    /// log(1 + x) for x from 0 to 1.
    #[inline(always)]
    pub(crate) fn ln_1p_unit(self) -> Self {
        if S::F64_LANES == 1 {
            return self.single(f64::ln_1p);
        }
        // As in `ln_sum`, without n and with s up to 1/3.
        let s = self / (self + 2.0);
        let square = s * s;
        let series = square.polynomial(artanh::<15>());
        let half = self * self * 0.5;
        self - (half - s * square.mul_add(series, half))
    }

    /// The natural logarithm of positive normal numbers; the networks' densities ask for it. What is not a finite number gives
    /// NaN.
    #[cfg(any(test, feature = "neural"))]
    #[inline(always)]
    pub(crate) fn ln_normal(self) -> Self {
        if S::F64_LANES == 1 {
            return self.single(f64::ln);
        }
        let (n, m) = self.split();
        n.ln_sum(m - 1.0) + self * 0.0
    }

    /// n and m with `x = 2^n m` and m in [sqrt(1/2), sqrt(2)), for positive normal numbers.
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        // The bits of sqrt(1/2): taking them away first makes the exponent that of the interval above.
        const HALF: u64 = 0x3fe6_a09e_667f_3bcd;
        let simd = self.simd;
        let bits = simd.transmute_u64s_f64s(self.values);
        let lifted = simd.sub_u64s(bits, simd.splat_u64s(HALF));
        let exponent = simd.and_u64s(lifted, simd.splat_u64s(0xfff0_0000_0000_0000));
        let m = Self { values: simd.transmute_f64s_u64s(simd.sub_u64s(bits, exponent)), ..self };
        // The exponent as a number: its twelve bits, sign turned, are n + 2048; in the low bits of the high half of 2^20 they
        // are added to it.
        let turned: S::u32s = bytemuck::cast(simd.xor_u64s(exponent, simd.splat_u64s(1 << 63)));
        let low: S::u64s = bytemuck::cast(simd.wrapping_dyn_shr_u32s(turned, simd.splat_u32s(20)));
        let number = simd.or_u64s(low, simd.splat_u64s(0x4130_0000_0000_0000));
        (Self { values: simd.transmute_f64s_u64s(number), ..self } - (1_048_576.0 + 2048.0), m)
    }

    /// `n ln 2 + log(1 + f)` for f in [sqrt(1/2) - 1, sqrt(2) - 1): with s = f / (2 + f), log(1 + f) = 2 artanh(s)
    /// = f - f^2/2 + s (f^2/2 + R), R = 2/3 s^2 + 2/5 s^4 + ..., in which f, the largest term, is exact.
    #[inline(always)]
    fn ln_sum(self, f: Self) -> Self {
        let n = self;
        let s = f / (f + 2.0);
        let square = s * s;
        let series = square.polynomial(artanh::<10>());
        let half = f * f * 0.5;
        let small = s.mul_add(square.mul_add(series, half), n * LN_2_LOW);
        n.mul_add(self.all(LN_2_HIGH), f - (half - small))
    }

    /// These logarithms, but for those of `x` that are 0, negative, infinite or not numbers.
    #[inline(always)]
    fn or_ends_of_ln(self, x: Self) -> Self {
        let zero = self.all(0.0);
        // A comparison with what is not a number does not hold.
        let inside = self.or(zero.less_than(x), self.all(f64::NAN));
        let limited = self.all(f64::NEG_INFINITY).or(x.equals(zero), inside);
        x.or(x.equals(self.all(f64::INFINITY)), limited)
    }
}
