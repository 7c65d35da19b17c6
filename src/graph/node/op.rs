//! Element-wise operations and their derivatives, over numbers and vectors of them.

use crate::math::ln_1m_exp;
use crate::math::number::Number;

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Unary {
    Neg,
    Exp,
    Ln,
    Sqrt,
    Abs,
    Tanh,
    Sin,
    Cos,
    /// log(1 + x)
    Ln1p,
    /// 1 / (1 + exp(-x))
    Logistic,
    /// log(1 + exp(x))
    Softplus,
    /// log(1 - exp(x))
    Ln1mExp,
    /// x^n
    Powi(i32),
}

impl Unary {
    #[inline(always)]
    pub(crate) fn value<N: Number>(self, x: N) -> N {
        match self {
            Unary::Neg => -x,
            Unary::Exp => x.exp(),
            Unary::Ln => x.ln(),
            Unary::Sqrt => x.sqrt(),
            Unary::Abs => x.abs(),
            Unary::Tanh => x.tanh(),
            Unary::Sin => each(x, f64::sin),
            Unary::Cos => each(x, f64::cos),
            Unary::Ln1p => x.ln_1p(),
            Unary::Logistic => x.logistic(),
            Unary::Softplus => x.softplus(),
            Unary::Ln1mExp => each(x, ln_1m_exp),
            Unary::Powi(n) => powi(x, n),
        }
    }

    /// dy/dx at x, where y = value(x) is known.
    ///
    /// Where the function has no derivative: 0 for |x| at 0 (the middle of its slopes), infinite for the square root at 0
    /// (the limit from the right).
    #[inline(always)]
    pub(crate) fn slope<N: Number>(self, x: N, y: N) -> N {
        match self {
            Unary::Neg => x.all(-1.0),
            Unary::Exp => y,
            Unary::Ln => x.reciprocal(),
            // The root of -0 is -0.
            Unary::Sqrt => y.abs().reciprocal() * 0.5,
            Unary::Abs => {
                let sign = x.all(1.0).or(x.equals(y), x.all(-1.0));
                x.all(0.0).or(y.equals(x.all(0.0)), sign)
            }
            // 1 - y^2 would lose its digits where y is near 1; the slope of 2 logistic(2x) - 1 does not.
            Unary::Tanh => (x * 2.0).logistic_slope() * 4.0,
            Unary::Sin => each(x, f64::cos),
            Unary::Cos => -each(x, f64::sin),
            Unary::Ln1p => (x + 1.0).reciprocal(),
            Unary::Logistic => x.logistic_slope(),
            Unary::Softplus => x.logistic(),
            Unary::Ln1mExp => each(x, |x| -1.0 / (-x).exp_m1()),
            Unary::Powi(n) => powi_slope(x, n),
        }
    }
}

#[inline(always)]
fn each<N: Number>(x: N, function: fn(f64) -> f64) -> N {
    let [y] = N::each([x], |[x]| [function(x)]);
    y
}

/// The small powers of everyday models without a call.
#[inline(always)]
fn powi<N: Number>(x: N, n: i32) -> N {
    match n {
        0 => x.all(1.0),
        1 => x,
        2 => x * x,
        -1 => x.reciprocal(),
        _ => {
            let [y] = N::each([x], |[x]| [x.powi(n)]);
            y
        }
    }
}

/// n x^(n-1). A constant, which x^0 is at 0 too, has slope 0 everywhere.
#[inline(always)]
fn powi_slope<N: Number>(x: N, n: i32) -> N {
    match n.checked_sub(1) {
        _ if n == 0 => x.all(0.0),
        Some(less) => powi(x, less) * f64::from(n),
        None => each(x, |x| x.powf(f64::from(i32::MIN) - 1.0)) * f64::from(n),
    }
}

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    /// x^y
    Pow,
    /// log(exp(x) + exp(y))
    LogAddExp,
}

impl Binary {
    #[inline(always)]
    pub(crate) fn value<N: Number>(self, x: N, y: N) -> N {
        match self {
            Binary::Add => x + y,
            Binary::Sub => x - y,
            Binary::Mul => x * y,
            Binary::Div => x / y,
            Binary::Pow => {
                let [power] = N::each([x, y], |[x, y]| [x.powf(y)]);
                power
            }
            Binary::LogAddExp => x.log_add_exp(y),
        }
    }

    /// The slopes with respect to x and y, where out = value(x, y) is known.
    #[inline(always)]
    pub(crate) fn slopes<N: Number>(self, x: N, y: N, out: N) -> (N, N) {
        match self {
            Binary::Add => (x.all(1.0), x.all(1.0)),
            Binary::Sub => (x.all(1.0), x.all(-1.0)),
            Binary::Mul => (y, x),
            Binary::Div => (y.reciprocal(), -out / y),
            Binary::Pow => {
                let [by_x, by_y] = N::each([x, y, out], |[x, y, out]| power_slopes(x, y, out));
                (by_x, by_y)
            }
            Binary::LogAddExp => {
                let share = (x - y).logistic();
                // Equal shares where both are the same, infinities too.
                let equal = x.equals(y);
                (x.all(0.5).or(equal, share), x.all(0.5).or(equal, (y - x).logistic()))
            }
        }
    }
}

/// Of x^y = exp(y log x), with its limits at x = 0: a power that is 0 has slope 0 by y, and x^0 has slope 0 by x.
#[inline]
fn power_slopes(x: f64, y: f64, out: f64) -> [f64; 2] {
    let by_x = if y == 0.0 { 0.0 } else { y * x.powf(y - 1.0) };
    let by_y = if out == 0.0 && x >= 0.0 { 0.0 } else { out * x.ln() };
    [by_x, by_y]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn central(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        let h = 1e-6 * x.abs().max(1.0);
        (f(x + h) - f(x - h)) / (2.0 * h)
    }

    // Central differences with h = 1e-6 are good to about 1e-9 relative for these smooth functions.
    #[test]
    fn slopes_match_finite_differences() {
        use Unary::*;
        for op in [
            Neg,
            Exp,
            Ln,
            Sqrt,
            Abs,
            Tanh,
            Sin,
            Cos,
            Ln1p,
            Logistic,
            Softplus,
            Powi(2),
            Powi(-1),
            Powi(3),
            Powi(-2),
        ] {
            for x in [0.3, 1.7, 4.0] {
                let slope = op.slope(x, op.value(x));
                assert!(
                    (slope - central(|x| op.value(x), x)).abs() < 1e-7 * slope.abs().max(1.0),
                    "{op:?} at {x}"
                );
            }
        }
        for op in [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div, Binary::Pow, Binary::LogAddExp] {
            let (x, y) = (1.3, 0.7);
            let (dx, dy) = op.slopes(x, y, op.value(x, y));
            assert!((dx - central(|x| op.value(x, y), x)).abs() < 1e-7, "{op:?}");
            assert!((dy - central(|y| op.value(x, y), y)).abs() < 1e-7, "{op:?}");
        }
    }

    #[test]
    fn extremes_do_not_overflow() {
        assert_eq!(Unary::Softplus.value(1000.0), 1000.0);
        assert_eq!(Unary::Softplus.value(-1000.0), 0.0);
        assert_eq!(Unary::Logistic.value(-1000.0), 0.0);
    }

    const INFINITY: f64 = f64::INFINITY;

    /// Operation, x, exact value and slope (limits where the function has them). The slopes away from 0 are mpmath's.
    const UNARY_CORNERS: [(Unary, f64, f64, f64); 37] = [
        (Unary::Powi(0), 0.0, 1.0, 0.0),
        (Unary::Powi(0), -0.0, 1.0, 0.0),
        (Unary::Powi(0), 3.0, 1.0, 0.0),
        (Unary::Powi(0), INFINITY, 1.0, 0.0),
        (Unary::Powi(1), 0.0, 0.0, 1.0),
        (Unary::Powi(2), 0.0, 0.0, 0.0),
        (Unary::Powi(3), -0.0, 0.0, 0.0),
        (Unary::Powi(-1), INFINITY, 0.0, 0.0),
        (Unary::Powi(i32::MIN), 1.0, 1.0, i32::MIN as f64),
        (Unary::Powi(i32::MIN), -1.0, 1.0, -(i32::MIN as f64)),
        (Unary::Powi(i32::MAX), 1.0, 1.0, i32::MAX as f64),
        (Unary::Sqrt, 0.0, 0.0, INFINITY),
        (Unary::Sqrt, -0.0, 0.0, INFINITY),
        (Unary::Sqrt, INFINITY, INFINITY, 0.0),
        (Unary::Abs, 0.0, 0.0, 0.0),
        (Unary::Abs, -0.0, 0.0, 0.0),
        (Unary::Abs, -3.0, 3.0, -1.0),
        (Unary::Abs, 5e-324, 5e-324, 1.0),
        (Unary::Tanh, 0.0, 0.0, 1.0),
        (Unary::Tanh, 10.0, 0.999_999_995_877_692_8, 8.244_614_455_767_397e-9),
        (Unary::Tanh, -30.0, -1.0, 3.502_604_305_078_608e-26),
        (Unary::Tanh, 800.0, 1.0, 0.0),
        (Unary::Tanh, -800.0, -1.0, 0.0),
        (Unary::Tanh, INFINITY, 1.0, 0.0),
        (Unary::Logistic, 40.0, 1.0, 4.248_354_255_291_589e-18),
        (Unary::Logistic, -40.0, 4.248_354_255_291_589e-18, 4.248_354_255_291_589e-18),
        (Unary::Logistic, 800.0, 1.0, 0.0),
        (Unary::Logistic, -800.0, 0.0, 0.0),
        (Unary::Softplus, -40.0, 4.248_354_255_291_589e-18, 4.248_354_255_291_589e-18),
        (Unary::Softplus, INFINITY, INFINITY, 1.0),
        (Unary::Ln1mExp, 0.0, -INFINITY, -INFINITY),
        (Unary::Ln1mExp, -INFINITY, 0.0, 0.0),
        (Unary::Ln1mExp, -1e-20, -46.051_701_859_880_92, -1e20),
        (Unary::Ln1mExp, -40.0, -4.248_354_255_291_589e-18, -4.248_354_255_291_589e-18),
        (Unary::Ln, 0.0, -INFINITY, INFINITY),
        (Unary::Ln1p, -1.0, -INFINITY, INFINITY),
        (Unary::Exp, -800.0, 0.0, 0.0),
    ];

    /// Operation, x, y, exact value and both slopes.
    const BINARY_CORNERS: [(Binary, f64, f64, f64, f64, f64); 13] = [
        (Binary::Pow, 0.0, 2.0, 0.0, 0.0, 0.0),
        (Binary::Pow, 0.0, 1.0, 0.0, 1.0, 0.0),
        (Binary::Pow, 0.0, 0.5, 0.0, INFINITY, 0.0),
        (Binary::Pow, 0.0, 0.0, 1.0, 0.0, -INFINITY),
        (Binary::Pow, 2.0, 0.0, 1.0, 0.0, std::f64::consts::LN_2),
        (Binary::Pow, INFINITY, -1.0, 0.0, 0.0, 0.0),
        (Binary::LogAddExp, -INFINITY, -INFINITY, -INFINITY, 0.5, 0.5),
        (Binary::LogAddExp, INFINITY, INFINITY, INFINITY, 0.5, 0.5),
        (Binary::LogAddExp, -INFINITY, 3.0, 3.0, 0.0, 1.0),
        (Binary::LogAddExp, INFINITY, -INFINITY, INFINITY, 1.0, 0.0),
        (Binary::LogAddExp, 800.0, -800.0, 800.0, 1.0, 0.0),
        (Binary::LogAddExp, -800.0, -800.0, -799.306_852_819_440_1, 0.5, 0.5),
        (Binary::Div, 0.0, INFINITY, 0.0, 0.0, 0.0),
    ];

    fn same(got: f64, want: f64) -> bool {
        got == want || (got - want).abs() <= 1e-15 * want.abs()
    }

    #[test]
    fn corners_have_their_limits() {
        for (op, x, value, slope) in UNARY_CORNERS {
            let (y, dy) = (op.value(x), op.slope(x, op.value(x)));
            assert!(same(y, value) && same(dy, slope), "{op:?} at {x}: {y:e}, slope {dy:e}");
        }
        for (op, x, y, value, by_x, by_y) in BINARY_CORNERS {
            let out = op.value(x, y);
            let (dx, dy) = op.slopes(x, y, out);
            assert!(same(out, value), "{op:?} of {x} and {y}: {out}");
            assert!(same(dx, by_x) && same(dy, by_y), "{op:?} of {x} and {y}: slopes {dx} {dy}");
        }
    }

    #[test]
    fn what_is_not_a_number_stays() {
        use Unary::*;
        for op in
            [Neg, Exp, Ln, Sqrt, Abs, Tanh, Sin, Cos, Ln1p, Logistic, Softplus, Ln1mExp, Powi(2), Powi(-3)]
        {
            assert!(op.value(f64::NAN).is_nan(), "{op:?}");
        }
        for op in [Binary::Add, Binary::Sub, Binary::Mul, Binary::Div, Binary::Pow, Binary::LogAddExp] {
            assert!(op.value(f64::NAN, 2.0).is_nan() && op.value(2.0, f64::NAN).is_nan(), "{op:?}");
        }
        // Outside of its domain a function has no value, and no slope that would hide it.
        for (op, x) in [(Ln, -1.0), (Sqrt, -1.0), (Ln1p, -2.0), (Ln1mExp, 1.0)] {
            assert!(op.value(x).is_nan(), "{op:?}");
        }
    }
}
