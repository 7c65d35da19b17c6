//! Element-wise operations and their derivatives.

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
    /// x^n
    Powi(i32),
}

impl Unary {
    #[inline]
    pub(crate) fn value(self, x: f64) -> f64 {
        match self {
            Unary::Neg => -x,
            Unary::Exp => x.exp(),
            Unary::Ln => x.ln(),
            Unary::Sqrt => x.sqrt(),
            Unary::Abs => x.abs(),
            Unary::Tanh => x.tanh(),
            Unary::Sin => x.sin(),
            Unary::Cos => x.cos(),
            Unary::Ln1p => x.ln_1p(),
            Unary::Logistic => logistic(x),
            Unary::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Unary::Powi(n) => powi(x, n),
        }
    }

    /// dy/dx at x, where y = value(x) is known.
    #[inline]
    pub(crate) fn slope(self, x: f64, y: f64) -> f64 {
        match self {
            Unary::Neg => -1.0,
            Unary::Exp => y,
            Unary::Ln => 1.0 / x,
            Unary::Sqrt => 0.5 / y,
            Unary::Abs => {
                if x == 0.0 {
                    0.0
                } else {
                    x.signum()
                }
            }
            Unary::Tanh => 1.0 - y * y,
            Unary::Sin => x.cos(),
            Unary::Cos => -x.sin(),
            Unary::Ln1p => 1.0 / (1.0 + x),
            Unary::Logistic => y * (1.0 - y),
            Unary::Softplus => logistic(x),
            Unary::Powi(0) => 0.0,
            Unary::Powi(n) => f64::from(n) * powi(x, n - 1),
        }
    }
}

#[inline]
fn logistic(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// The small powers of everyday models without a call.
#[inline]
fn powi(x: f64, n: i32) -> f64 {
    match n {
        0 => 1.0,
        1 => x,
        2 => x * x,
        -1 => 1.0 / x,
        _ => x.powi(n),
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
    pub(crate) fn value(self, x: f64, y: f64) -> f64 {
        match self {
            Binary::Add => x + y,
            Binary::Sub => x - y,
            Binary::Mul => x * y,
            Binary::Div => x / y,
            Binary::Pow => x.powf(y),
            Binary::LogAddExp => {
                let top = x.max(y);
                if top == f64::NEG_INFINITY { top } else { top + (-(x - y).abs()).exp().ln_1p() }
            }
        }
    }

    /// The slopes with respect to x and y, where out = value(x, y) is known.
    #[inline(always)]
    pub(crate) fn slopes(self, x: f64, y: f64, out: f64) -> (f64, f64) {
        match self {
            Binary::Add => (1.0, 1.0),
            Binary::Sub => (1.0, -1.0),
            Binary::Mul => (y, x),
            Binary::Div => (1.0 / y, -out / y),
            Binary::Pow => (y * x.powf(y - 1.0), out * x.ln()),
            Binary::LogAddExp => (logistic(x - y), logistic(y - x)),
        }
    }
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
        assert_eq!(Binary::LogAddExp.value(f64::NEG_INFINITY, f64::NEG_INFINITY), f64::NEG_INFINITY);
    }
}
