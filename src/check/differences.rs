//! Derivatives by differences, with an error estimate of their own.
//!
//! Ridders (1982, doi:10.1016/S0141-1195(82)80057-0): central differences at steps h, h/s, h/s^2, ... are extrapolated to a
//! step of 0 by Neville's scheme; where two neighbours of the table agree best, their difference estimates the error.

/// The ratio of two successive steps.
const RATIO: f64 = 1.6;
/// Steps of one table.
const STEPS: usize = 9;
/// First steps that are tried, relative to the larger of 1 and |x|: long ones see past rounding, short ones stay in the domain.
const FIRST_STEPS: [f64; 6] = [0.3, 0.03, 3e-3, 3e-4, 3e-6, 3e-8];

/// A derivative and the estimate of its error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slope {
    pub(super) value: f64,
    pub(super) error: f64,
}

/// The derivative at `x` of a function that is finite around it; `None` where it never is.
pub(super) fn slope(mut f: impl FnMut(f64) -> f64, x: f64) -> Option<Slope> {
    let mut best: Option<Slope> = None;
    for first in FIRST_STEPS {
        let Some(found) = table(&mut f, x, first * x.abs().max(1.0)) else { continue };
        if best.is_none_or(|best| found.error < best.error) {
            best = Some(found);
        }
        if found.error <= 1e-11 * found.value.abs() {
            break;
        }
    }
    best
}

/// Neville's table from one first step; `None` where the function is not finite at one of the steps.
fn table(f: &mut impl FnMut(f64) -> f64, x: f64, first: f64) -> Option<Slope> {
    let mut best = Slope { value: f64::NAN, error: f64::INFINITY };
    let mut previous: [f64; STEPS] = [0.0; STEPS];
    let mut step = first;
    for row in 0..STEPS {
        // As far apart as the arguments are after rounding.
        let (high, low) = (x + step, x - step);
        let (above, below) = (f(high), f(low));
        if !(above.is_finite() && below.is_finite() && high > low) {
            return None;
        }
        // Rounding of the two values, carried through the quotient.
        let rounding = f64::EPSILON * (above.abs() + below.abs()) / (high - low);
        let mut current = [0.0; STEPS];
        current[0] = (above - below) / (high - low);
        let mut factor = 1.0;
        for column in 1..=row {
            factor *= RATIO * RATIO;
            current[column] = (factor * current[column - 1] - previous[column - 1]) / (factor - 1.0);
            let near = (current[column] - current[column - 1]).abs();
            let error = near.max((current[column] - previous[column - 1]).abs()) + rounding;
            if error < best.error {
                best = Slope { value: current[column], error };
            }
        }
        previous = current;
        step /= RATIO;
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_as_stated() {
        type Case = (fn(f64) -> f64, f64, f64);
        let table: [Case; 8] = [
            (f64::exp, 1.3, 1.3_f64.exp()),
            (f64::exp, -700.0, (-700.0_f64).exp()),
            (f64::ln, 1e-4, 1e4),
            (|x| x.powi(3), 0.0, 0.0),
            (|x| (50.0 * x).sin(), 0.2, 50.0 * 10.0_f64.cos()),
            (|x| 1e6 + x * x, 3.0, 6.0),
            (|x| -0.5 * ((x - 1.0) / 1e-3).powi(2), 1.0005, -500.0),
            (|x| -x.abs().powf(1.5), 1e3, -1.5 * 1e3_f64.sqrt()),
        ];
        for (case, (f, x, exact)) in table.into_iter().enumerate() {
            let Slope { value, error } = slope(f, x).unwrap();
            assert!(
                (value - exact).abs() <= 10.0 * error + 1e-12 * exact.abs(),
                "{case}: {value} for {exact}, {error}"
            );
            assert!(error <= 1e-7 * exact.abs().max(1e-2), "{case}: {error}");
        }
        assert!(slope(|_| f64::NAN, 0.0).is_none());
        assert!(slope(f64::ln, -1.0).is_none());
    }
}
