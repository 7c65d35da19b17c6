//! Where the parameters of simulations come from.

use super::parameter_names::check_names;
use crate::error::{Error, ErrorKind, Result};
use crate::seed::Stream;
use rand::RngExt;

/// Named parameters that can be drawn.
pub trait Prior: Sync {
    /// The names of the parameters: at least one, all different.
    fn names(&self) -> Vec<String>;

    /// Writes one draw to `theta`, whose length is that of [`Prior::names`], taking every random number from `stream`. The priors
    /// here write NaN to places beyond that length, and to a shorter slice as much as it holds.
    fn draw(&self, stream: &mut Stream, theta: &mut [f64]);
}

/// Independent uniform parameters, each in its own interval.
///
/// # Examples
/// ```
/// use mynah::simulate::BoxPrior;
/// let prior = BoxPrior::new([("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)])?;
/// assert!(BoxPrior::new([("v", 3.0, -3.0)]).is_err());
/// # let _ = prior;
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BoxPrior {
    names: Vec<String>,
    low: Vec<f64>,
    width: Vec<f64>,
}

impl BoxPrior {
    /// A box from `(name, low, high)`, `low < high`, both finite.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] for a bound that is not finite or `low >= high`; [`ErrorKind::Site`] for no name, an empty name or a
    /// name given twice.
    pub fn new<N: Into<String>>(sides: impl IntoIterator<Item = (N, f64, f64)>) -> Result<Self> {
        let mut prior = BoxPrior { names: vec![], low: vec![], width: vec![] };
        for (name, low, high) in sides {
            let name = name.into();
            if !(low < high && (high - low).is_finite()) {
                let message = format!(
                    "expected finite bounds with low < high for parameter '{name}', got {low} and {high}; \
                     write ({name:?}, low, high)"
                );
                return Err(Error::new(ErrorKind::Value, message));
            }
            prior.names.push(name);
            prior.low.push(low);
            prior.width.push(high - low);
        }
        check_names(&prior.names)?;
        Ok(prior)
    }
}

impl Prior for BoxPrior {
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn draw(&self, stream: &mut Stream, theta: &mut [f64]) {
        for ((value, low), width) in theta.iter_mut().zip(&self.low).zip(&self.width) {
            *value = low + width * stream.random::<f64>();
        }
        theta.iter_mut().skip(self.names.len()).for_each(|value| *value = f64::NAN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::{Domain, Seed};

    #[test]
    fn bounds_and_names_are_checked() {
        let message = |sides: Vec<(&str, f64, f64)>| BoxPrior::new(sides).unwrap_err().to_string();
        assert!(message(vec![("v", 1.0, 1.0)]).contains("low < high for parameter 'v', got 1 and 1"));
        assert!(message(vec![("v", f64::NAN, 1.0)]).contains("got NaN and 1"));
        assert!(message(vec![("v", 0.0, f64::INFINITY)]).contains("got 0 and inf"));
        assert!(message(vec![("v", f64::MIN, f64::MAX)]).contains("finite bounds"));
        assert!(message(vec![("v", 0.0, 1.0), ("v", 0.0, 1.0)]).contains("'v' twice"));
        assert!(message(vec![("v", 0.0, 1.0), ("", 0.0, 1.0)]).contains("parameter 1"));
        assert!(message(vec![]).contains("at least one parameter"));
    }

    #[test]
    fn draws_fill_the_box_evenly() {
        let prior = BoxPrior::new([("v", -3.0, 3.0), ("a", 1.0, 1.5)]).unwrap();
        let mut stream = Seed(5).stream(Domain::User, 0);
        let (mut theta, mut sum) = ([0.0; 2], [0.0; 2]);
        let count = 10_000;
        for _ in 0..count {
            prior.draw(&mut stream, &mut theta);
            assert!((-3.0..3.0).contains(&theta[0]) && (1.0..1.5).contains(&theta[1]));
            sum.iter_mut().zip(theta).for_each(|(s, t)| *s += t);
        }
        // Means within 4.5 of their standard errors, width / sqrt(12 count).
        assert!((sum[0] / count as f64).abs() < 4.5 * 6.0 / (12.0 * count as f64).sqrt());
        assert!((sum[1] / count as f64 - 1.25).abs() < 4.5 * 0.5 / (12.0 * count as f64).sqrt());
    }
}
