//! The elementary functions of vectors beside those of the standard library.

use super::doubles::{BLOCK, Doubles};
use pulp::{Arch, Simd, WithSimd};

#[derive(Clone, Copy, Debug)]
enum Function {
    Exp,
    ExpLimited,
    Ln,
    LnNormal,
    Ln1p,
    Tanh,
    ExpMinusAbs,
    Ln1pUnit,
}

/// A function of the standard library.
type Exact = fn(f64) -> f64;

struct Apply<'a>(&'a mut [f64], Function);

impl WithSimd for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for at in 0..self.0.len() / S::F64_LANES {
            let x = Doubles::load(simd, self.0, at);
            let y = match self.1 {
                Function::Exp => x.exp(),
                Function::ExpLimited => x.exp_limited(),
                Function::Ln => x.ln(),
                Function::LnNormal => x.ln_normal(),
                Function::Ln1p => x.ln_1p(),
                Function::Tanh => x.tanh(),
                Function::ExpMinusAbs => x.exp_minus_abs(),
                Function::Ln1pUnit => x.ln_1p_unit(),
            };
            y.store(self.0, at);
        }
    }
}

/// Of any number of arguments.
fn values(function: Function, arguments: &[f64]) -> Vec<f64> {
    let mut x = arguments.to_vec();
    x.resize(arguments.len().next_multiple_of(BLOCK), 1.0);
    Arch::new().dispatch(Apply(&mut x, function));
    x.truncate(arguments.len());
    x
}

/// The largest relative error beside the standard library, whose own is below 1.2e-16 (tanh: 2.3e-16).
fn largest_error(function: Function, exact: Exact, arguments: &[f64]) -> f64 {
    let error = |(x, y): (&f64, f64)| {
        let want = exact(*x);
        // Below the normal numbers one unit of the smallest counts as 1e-16.
        if y == want { 0.0 } else { (y - want).abs() / want.abs().max(f64::MIN_POSITIVE) }
    };
    arguments.iter().zip(values(function, arguments)).map(error).fold(0.0, f64::max)
}

/// Positive numbers over the whole range, subnormal ones included, and closely around 1.
fn positive() -> Vec<f64> {
    let spread = (0..400_000u64).map(|i| f64::from_bits(1 + i * 23_058_430_092));
    let near_1 = (0..200_000).map(|i| 0.5 + 1e-5 * f64::from(i));
    let nearer = (0..1000).map(|i| 1.0 + (f64::from(i) - 500.0) * f64::EPSILON);
    spread.chain(near_1).chain(nearer).collect()
}

#[test]
fn elementary_functions_have_the_errors_they_state() {
    let exponents: Vec<f64> = (0..400_000).map(|i| -745.0 + f64::from(i) * 0.003_635).collect();
    let tiny: Vec<f64> = positive().into_iter().filter(|x| *x < 1.0).collect();
    let around_0: Vec<f64> =
        tiny.iter().flat_map(|x| [*x, -*x]).chain((0..100_000).map(|i| f64::from(i) * 1e-4)).collect();
    let limited: Vec<f64> = exponents.iter().copied().filter(|x| x.abs() < 700.0).collect();
    let normal: Vec<f64> = positive().into_iter().filter(|x| *x >= f64::MIN_POSITIVE).collect();
    let above_minus_1: Vec<f64> = around_0.iter().copied().chain(positive()).collect();
    let unit: Vec<f64> = tiny.iter().copied().chain([0.0, 1.0]).collect();
    let table: [(Function, Exact, &[f64], f64); 9] = [
        (Function::ExpMinusAbs, |x| (-x.abs()).exp(), &limited, 3e-16),
        (Function::Ln1pUnit, f64::ln_1p, &unit, 4e-16),
        (Function::Exp, f64::exp, &exponents, 3e-16),
        (Function::Exp, f64::exp, &around_0, 3e-16),
        (Function::ExpLimited, f64::exp, &limited, 3e-16),
        (Function::Ln, f64::ln, &positive(), 3e-16),
        (Function::LnNormal, f64::ln, &normal, 3e-16),
        (Function::Ln1p, f64::ln_1p, &above_minus_1, 4e-16),
        (Function::Tanh, f64::tanh, &around_0, 6e-16),
    ];
    for (function, exact, arguments, allowed) in table {
        let error = largest_error(function, exact, arguments);
        println!("{function:?}: {error:e}");
        assert!(error < allowed, "{function:?}: {error:e}");
    }
}

#[test]
fn ends_of_the_range_are_the_standard_librarys() {
    let ends = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        -2.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        1e300,
        -1e300,
        5e-324,
        -5e-324,
        800.0,
        -800.0,
        709.782_712_893_383_9,
        709.79,
        -745.13,
        -745.14,
    ];
    let functions: [(Function, Exact); 4] = [
        (Function::Exp, f64::exp),
        (Function::Ln, f64::ln),
        (Function::Ln1p, f64::ln_1p),
        (Function::Tanh, f64::tanh),
    ];
    for (function, exact) in functions {
        for (x, y) in ends.iter().zip(values(function, &ends)) {
            let want = exact(*x);
            // Finite values are compared as above; zeros, infinities and NaN must be the same.
            let close = y.is_finite() && (y - want).abs() <= 6e-16 * want.abs();
            assert!(y == want || close || y.is_nan() && want.is_nan(), "{function:?}({x:e}): {y:e}");
        }
    }
}

#[test]
fn short_forms_keep_to_their_limits() {
    let x = [1e300, f64::INFINITY, -1e300, f64::NEG_INFINITY, f64::NAN, 0.0, 700.0, -700.0];
    let y = values(Function::ExpLimited, &x);
    assert!(y[0] == y[6] && y[1] == y[6] && y[2] == y[7] && y[3] == y[7] && y[4].is_nan(), "{y:?}");
    assert_eq!(y[5], 1.0);
    let y = values(Function::ExpMinusAbs, &x);
    assert!(y[..4] == [0.0; 4] && y[4].is_nan() && y[5] == 1.0 && y[6] == y[7] && y[6] > 0.0, "{y:?}");
    assert!(values(Function::Ln1pUnit, &x)[4].is_nan());
    assert!(values(Function::LnNormal, &x)[4].is_nan() && values(Function::LnNormal, &x)[1].is_nan());
}
