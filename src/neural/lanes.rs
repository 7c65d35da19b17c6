//! Vectors of f32 numbers in the registers of the processor, with the operators of arithmetic and the elementary functions that
//! networks and splines need.
//!
//! [`pulp`] chooses the instructions (AVX-512, AVX2, NEON) when the program runs; formulae are written once, for a vector of any
//! width. Errors, by tests over the whole range:
//!
//! - [`Lanes::exp`], arguments limited to [-87, 87]: relative error below 2.4e-7 (two units in the last place);
//! - [`Lanes::ln`], positive normal arguments: error below 2e-7 of the larger of the result and 1;
//! - [`Lanes::ln_1p`], arguments in [0, 1]: relative error below 2.4e-7.

use crate::math::vector::vector;
use pulp::{Arch, Simd, WithSimd};

/// Numbers per block of data that [`Lanes`] walk through: a multiple of every width there is.
pub(crate) const BLOCK: usize = 16;

vector! {
    /// One vector of f32 numbers.
    Lanes: f32, f32s, m32s, as_simd_f32s, as_mut_simd_f32s, splat_f32s, add_f32s, sub_f32s, mul_f32s, div_f32s, neg_f32s, mul_add_e_f32s, max_f32s, min_f32s, abs_f32s,
    less_than_f32s, less_than_or_equal_f32s, select_f32s
}

impl<S: Simd> Lanes<S> {
    #[inline(always)]
    fn new(simd: S, values: S::f32s) -> Self {
        Self { simd, values }
    }

    /// The exponential: `2^n exp(r)` with `|r| <= ln(2) / 2`, and a Taylor polynomial for `exp(r)`.
    #[inline(always)]
    pub(crate) fn exp(self) -> Self {
        // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
        const ROUND: f32 = 12_582_912.0;
        // ln 2 in two parts, the first of which has few bits, so that `n * HIGH` is exact.
        const HIGH: f32 = 0.693_359_4;
        const LOW: f32 = -2.121_944_4e-4;
        let simd = self.simd;
        let x = self.max(self.all(-87.0)).min(self.all(87.0));
        let shifted = x.mul_add(self.all(std::f32::consts::LOG2_E), self.all(ROUND));
        let n = shifted - ROUND;
        let r = n.mul_add(self.all(-LOW), n.mul_add(self.all(-HIGH), x));
        let series =
            r.polynomial([1.0, 1.0, 0.5, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0]);
        let bits = simd.transmute_u32s_f32s(shifted.values);
        let exponent = simd.wrapping_dyn_shl_u32s(
            simd.add_u32s(bits, simd.splat_u32s(127u32.wrapping_sub(ROUND.to_bits()))),
            simd.splat_u32s(23),
        );
        series * Self { values: simd.transmute_f32s_u32s(exponent), ..self }
    }

    /// The natural logarithm of positive normal numbers: with `x = 2^n m` and m in [sqrt(1/2), sqrt(2)),
    /// `n ln 2 + 2 artanh((m - 1) / (m + 1))`. What is not a finite number gives NaN.
    #[inline(always)]
    pub(crate) fn ln(self) -> Self {
        // The bits of sqrt(1/2): taking them away first makes the exponent that of the interval above.
        const HALF: u32 = 0x3f35_04f3;
        let simd = self.simd;
        let bits = simd.transmute_u32s_f32s(self.values);
        let lifted = simd.sub_u32s(bits, simd.splat_u32s(HALF));
        let exponent = simd.and_u32s(lifted, simd.splat_u32s(0xff80_0000));
        let m = Self { values: simd.transmute_f32s_u32s(simd.sub_u32s(bits, exponent)), ..self };
        // The exponent as a number: its nine bits, sign turned, are n + 256; in the low bits of 2^23 they are added to it.
        let turned = simd.xor_u32s(exponent, simd.splat_u32s(1 << 31));
        let low = simd.wrapping_dyn_shr_u32s(turned, simd.splat_u32s(23));
        let number = simd.or_u32s(low, simd.splat_u32s(0x4b00_0000));
        let n = Self { values: simd.transmute_f32s_u32s(number), ..self } - (8_388_608.0 + 256.0);
        let log = ((m - 1.0) / (m + 1.0)).twice_artanh();
        n.mul_add(self.all(std::f32::consts::LN_2), log) + self * 0.0
    }

    /// `ln(1 + x)` for x in [0, 1]: `2 artanh(x / (2 + x))`.
    #[inline(always)]
    pub(crate) fn ln_1p(self) -> Self {
        (self / (self + 2.0)).twice_artanh()
    }

    /// `2 artanh(s)` for `|s| <= 1/3`, by its series up to `s^17`: what is left out is below 1e-9 of it.
    #[inline(always)]
    fn twice_artanh(self) -> Self {
        let series = (self * self).polynomial([
            2.0,
            2.0 / 3.0,
            2.0 / 5.0,
            2.0 / 7.0,
            2.0 / 9.0,
            2.0 / 11.0,
            2.0 / 13.0,
            2.0 / 15.0,
            2.0 / 17.0,
        ]);
        self * series
    }
}

/// A function of one number for vectors of them.
pub(crate) trait Function {
    /// The value and its derivative.
    fn at<S: Simd>(self, x: Lanes<S>) -> (Lanes<S>, Lanes<S>);
}

/// Replaces every number by the function's value, and writes the derivatives to `derivative` unless that is empty.
pub(crate) fn apply(function: impl Function + Copy, values: &mut [f32], derivative: &mut [f32]) {
    struct Apply<'a, F> {
        function: F,
        values: &'a mut [f32],
        derivative: &'a mut [f32],
    }

    impl<F: Function + Copy> WithSimd for Apply<'_, F> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let keep = !self.derivative.is_empty();
            let (values, value_rest) = S::as_mut_simd_f32s(self.values);
            let (derivatives, derivative_rest) = S::as_mut_simd_f32s(self.derivative);
            let mut derivatives = derivatives.iter_mut();
            for value in values {
                let (v, d) = self.function.at(Lanes::new(simd, *value));
                *value = v.values;
                if let Some(derivative) = derivatives.next() {
                    *derivative = d.values;
                }
            }
            let last = Lanes::new(simd, simd.partial_load_f32s(value_rest));
            let (v, d) = self.function.at(last);
            simd.partial_store_f32s(value_rest, v.values);
            if keep {
                simd.partial_store_f32s(derivative_rest, d.values);
            }
        }
    }

    Arch::new().dispatch(Apply { function, values, derivative });
}

/// `values *= factors`.
pub(crate) fn scale(values: &mut [f32], factors: &[f32]) {
    Arch::new().dispatch(
        #[inline(always)]
        || values.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor),
    );
}

/// The sum of the rows of a matrix.
pub(crate) fn sum_rows(sums: &mut [f32], matrix: &[f32]) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            sums.fill(0.0);
            for row in matrix.chunks_exact(sums.len()) {
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
        },
    );
}

/// The sum of squares, in f64 and in an order that depends on the length alone.
pub(crate) fn sum_of_squares(values: &[f32]) -> f64 {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let mut sums = [0.0; BLOCK];
            for values in values.chunks(BLOCK) {
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += f64::from(*value) * f64::from(*value);
                }
            }
            sums.iter().sum()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    enum Elementary {
        Exp,
        Ln,
        Ln1p,
    }

    impl Function for Elementary {
        #[inline(always)]
        fn at<S: Simd>(self, x: Lanes<S>) -> (Lanes<S>, Lanes<S>) {
            let value = match self {
                Elementary::Exp => x.exp(),
                Elementary::Ln => x.ln(),
                Elementary::Ln1p => x.ln_1p(),
            };
            (value, x)
        }
    }

    fn values(function: Elementary, arguments: &[f32]) -> Vec<f32> {
        let mut values = arguments.to_vec();
        apply(function, &mut values, &mut []);
        values
    }

    // Beside the f64 functions of the standard library. 2.4e-7 is two units of 2^-23.
    #[test]
    fn elementary_functions_have_the_errors_they_state() {
        let arguments: Vec<f32> = (-87_000..=87_000).map(|i| i as f32 / 1000.0).collect();
        for (x, y) in arguments.iter().zip(values(Elementary::Exp, &arguments)) {
            let relative = (f64::from(y) / f64::from(*x).exp() - 1.0).abs();
            assert!(relative < 2.4e-7, "exp({x}): {relative:e}");
        }
        for (x, y) in values(Elementary::Exp, &arguments).iter().zip(&arguments) {
            let (ln, expected) = (values(Elementary::Ln, &[*x])[0], f64::from(*x).ln());
            let error = (f64::from(ln) - expected).abs() / expected.abs().max(1.0);
            assert!(error < 2e-7, "ln({x}), near {y}: {error:e}");
        }
        let arguments: Vec<f32> = (0..=100_000).map(|i| i as f32 / 1e5).chain([1e-12, 3e-9]).collect();
        for (x, y) in arguments.iter().zip(values(Elementary::Ln1p, &arguments)) {
            let expected = f64::from(*x).ln_1p();
            let error = (f64::from(y) - expected).abs();
            assert!(error <= 2.4e-7 * expected, "ln_1p({x}): {error:e}");
        }
    }

    #[test]
    fn exponentials_saturate_and_keep_what_is_not_a_number() {
        let y = values(Elementary::Exp, &[1e30, f32::INFINITY, -1e30, f32::NEG_INFINITY, f32::NAN]);
        assert!(y[0] > 6e37 && y[0] == y[1] && y[0].is_finite() && y[2] == y[3] && y[2] > 0.0, "{y:?}");
        assert!(y[4].is_nan() && values(Elementary::Ln, &[f32::NAN])[0].is_nan(), "{y:?}");
    }
}
