//! Vectors of f64 numbers, with the two elementary functions that a density needs. As [`super::lanes`], of which these are the
//! counterparts in f64; errors, by tests over the whole range:
//!
//! - [`Doubles::exp`], arguments limited to [-700, 700]: relative error below 5e-16;
//! - [`Doubles::ln`], positive normal arguments: error below 3e-16 of the larger of the result and 1.

use super::vector::vector;
use pulp::{Simd, bytemuck};

/// Numbers per block of data that [`Doubles`] walk through: a multiple of every width there is.
pub(crate) const BLOCK: usize = 8;

vector! {
    /// One vector of f64 numbers.
    Doubles: f64, f64s, m64s, as_simd_f64s, as_mut_simd_f64s, splat_f64s, add_f64s, sub_f64s, mul_f64s, div_f64s, neg_f64s, mul_add_e_f64s, max_f64s, min_f64s, abs_f64s,
    less_than_f64s, less_than_or_equal_f64s, select_f64s
}

impl<S: Simd> Doubles<S> {
    /// What its operations run on.
    #[inline(always)]
    pub(crate) fn simd(self) -> S {
        self.simd
    }

    /// The sum of its numbers.
    #[inline(always)]
    pub(crate) fn sum(self) -> f64 {
        self.simd.reduce_sum_f64s(self.values)
    }

    /// A function of the only number there is, on processors without vectors: their halves cannot be told apart there.
    #[inline(always)]
    fn single(self, function: fn(f64) -> f64) -> Self {
        Self { values: bytemuck::cast(function(bytemuck::cast(self.values))), ..self }
    }

    /// The exponential: `2^n exp(r)` with `|r| <= ln(2) / 2`, and a Taylor polynomial for `exp(r)`.
    #[inline(always)]
    pub(crate) fn exp(self) -> Self {
        // Adding 1.5 * 2^52 rounds to the nearest integer.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        // Adding 1.5 * 2^20 to an integer leaves it in the low bits of the high half.
        const HIGH_HALF: f64 = 1_572_864.0;
        // ln 2 in two parts, the first of which has few bits, so that `n * HIGH` is exact.
        const HIGH: f64 = 6.931_471_803_691_238e-1;
        const LOW: f64 = 1.908_214_929_270_587_7e-10;
        let simd = self.simd;
        let x = self.max(self.all(-700.0)).min(self.all(700.0));
        if S::F64_LANES == 1 {
            return x.single(f64::exp);
        }
        let n = x.mul_add(self.all(std::f64::consts::LOG2_E), self.all(ROUND)) - ROUND;
        let r = n.mul_add(self.all(-LOW), n.mul_add(self.all(-HIGH), x));
        let series = r.polynomial([
            1.0,
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
        ]);
        // The exponent's bits are the upper 12 of the high half; the low half of an integer this small is zero.
        let halves: S::u32s = bytemuck::cast(simd.transmute_u64s_f64s((n + HIGH_HALF).values));
        let shifted: S::u64s = bytemuck::cast(simd.wrapping_dyn_shl_u32s(halves, simd.splat_u32s(20)));
        let exponent = simd.add_u64s(shifted, simd.splat_u64s(1023 << 52));
        series * Self { values: simd.transmute_f64s_u64s(exponent), ..self }
    }

    /// The natural logarithm of positive normal numbers: with `x = 2^n m` and m in [sqrt(1/2), sqrt(2)),
    /// `n ln 2 + 2 artanh((m - 1) / (m + 1))`. What is not a finite number gives NaN.
    #[inline(always)]
    pub(crate) fn ln(self) -> Self {
        // The bits of sqrt(1/2): taking them away first makes the exponent that of the interval above.
        const HALF: u64 = 0x3fe6_a09e_667f_3bcd;
        const HIGH: f64 = 6.931_471_803_691_238e-1;
        const LOW: f64 = 1.908_214_929_270_587_7e-10;
        let simd = self.simd;
        if S::F64_LANES == 1 {
            return self.single(f64::ln);
        }
        let bits = simd.transmute_u64s_f64s(self.values);
        let lifted = simd.sub_u64s(bits, simd.splat_u64s(HALF));
        let exponent = simd.and_u64s(lifted, simd.splat_u64s(0xfff0_0000_0000_0000));
        let m = Self { values: simd.transmute_f64s_u64s(simd.sub_u64s(bits, exponent)), ..self };
        // The exponent as a number: its twelve bits, sign turned, are n + 2048; in the low bits of the high half of 2^20 they
        // are added to it.
        let turned: S::u32s = bytemuck::cast(simd.xor_u64s(exponent, simd.splat_u64s(1 << 63)));
        let low: S::u64s = bytemuck::cast(simd.wrapping_dyn_shr_u32s(turned, simd.splat_u32s(20)));
        let number = simd.or_u64s(low, simd.splat_u64s(0x4130_0000_0000_0000));
        let n = Self { values: simd.transmute_f64s_u64s(number), ..self } - (1_048_576.0 + 2048.0);
        let s = (m - 1.0) / (m + 1.0);
        let series = (s * s).polynomial([
            2.0,
            2.0 / 3.0,
            2.0 / 5.0,
            2.0 / 7.0,
            2.0 / 9.0,
            2.0 / 11.0,
            2.0 / 13.0,
            2.0 / 15.0,
            2.0 / 17.0,
            2.0 / 19.0,
            2.0 / 21.0,
            2.0 / 23.0,
        ]);
        n.mul_add(self.all(HIGH), s.mul_add(series, n * LOW)) + self * 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Arch, WithSimd};

    struct Both<'a> {
        x: &'a mut [f64],
        exp: bool,
    }

    impl WithSimd for Both<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            for at in 0..self.x.len() / S::F64_LANES {
                let x = Doubles::load(simd, self.x, at);
                let y = if self.exp { x.exp() } else { x.ln() };
                y.store(self.x, at);
            }
        }
    }

    /// Of a number of arguments that is a multiple of [`BLOCK`].
    fn values(arguments: &[f64], exp: bool) -> Vec<f64> {
        assert_eq!(arguments.len() % BLOCK, 0);
        let mut x = arguments.to_vec();
        Arch::new().dispatch(Both { x: &mut x, exp });
        x
    }

    // Beside the standard library, whose functions are correct to one unit in the last place (2.2e-16).
    #[test]
    fn elementary_functions_have_the_errors_they_state() {
        let arguments: Vec<f64> = (0..400_000).map(|i| -700.0 + f64::from(i) * 0.0035).collect();
        let exps = values(&arguments, true);
        for (x, y) in arguments.iter().zip(&exps) {
            assert!((y / x.exp() - 1.0).abs() < 5e-16, "exp({x}): {y:e}");
        }
        let near: Vec<f64> = (0..80_000).map(|i| 0.6 + 1e-5 * f64::from(i)).collect();
        for arguments in [&exps, &near] {
            for (x, y) in arguments.iter().zip(values(arguments, false)) {
                let expected = x.ln();
                assert!((y - expected).abs() < 3e-16 * expected.abs().max(1.0), "ln({x:e}): {y:e}");
            }
        }
    }

    #[test]
    fn limits_hold_and_what_is_not_a_number_stays() {
        let x = [1e300, f64::INFINITY, -1e300, f64::NEG_INFINITY, f64::NAN, 0.0, 700.0, -700.0];
        let y = values(&x, true);
        assert!(y[0] == y[6] && y[1] == y[6] && y[2] == y[7] && y[3] == y[7] && y[4].is_nan(), "{y:?}");
        assert_eq!(y[5], 1.0);
        assert!(values(&x, false)[4].is_nan());
    }
}
