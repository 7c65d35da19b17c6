//! From parameters to what a network reads: standardised values, and standardised logarithms where they help.
//!
//! Feature `(x_p - m) / s`, or `(ln x_p - m) / s`, with mean and standard deviation over the training rows.

use crate::error::{Error, ErrorKind, Result};

/// One input of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Feature {
    /// The column of the parameter.
    pub(crate) parameter: usize,
    /// Whether its logarithm is taken.
    pub(crate) log: bool,
    pub(crate) mean: f64,
    pub(crate) sd: f64,
}

/// The inputs of a network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InputScaler {
    pub(crate) features: Vec<Feature>,
}

/// Mean and standard deviation.
pub(crate) fn moments(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    (mean, (values.map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt())
}

impl InputScaler {
    /// Features of all parameters but `skip`, from a table with one row per simulation.
    ///
    /// # Errors
    /// When a parameter has the same value in all rows.
    pub(crate) fn fit(names: &[String], table: &[f64], skip: Option<usize>, logs: bool) -> Result<Self> {
        let mut features = vec![];
        for parameter in (0..names.len()).filter(|p| Some(*p) != skip) {
            let column = table[parameter..].iter().step_by(names.len()).copied();
            let (mean, sd) = moments(column.clone());
            let varies = sd > 1e-12 * mean.abs(); // false for NaN too
            if !varies {
                return Err(Error::new(
                    ErrorKind::Training,
                    format!(
                        "expected the parameter `{}` to vary between simulations, got {mean} in all of them; give it a \
                         prior or take it out of the parameters",
                        names[parameter]
                    ),
                ));
            }
            features.push(Feature { parameter, log: false, mean, sd });
            if logs && column.clone().all(|x| x > 0.0) {
                let (mean, sd) = moments(column.map(f64::ln));
                features.push(Feature { parameter, log: true, mean, sd });
            }
        }
        Ok(Self { features })
    }

    /// The number of features.
    pub(crate) fn len(&self) -> usize {
        self.features.len()
    }

    /// Writes the features of one row; `parameter(p)` is parameter p.
    #[inline]
    pub(crate) fn apply(&self, parameter: impl Fn(usize) -> f64, out: &mut [f32]) {
        for (out, feature) in out.iter_mut().zip(&self.features) {
            let value = parameter(feature.parameter);
            let value = if feature.log { value.ln() } else { value };
            *out = ((value - feature.mean) / feature.sd) as f32;
        }
    }

    /// Calls `add(p, gradient)` for each feature with its share of the gradient by parameter p.
    #[inline]
    pub(crate) fn chain(
        &self,
        parameter: impl Fn(usize) -> f64,
        by_features: &[f32],
        mut add: impl FnMut(usize, f64),
    ) {
        for (by_feature, feature) in by_features.iter().zip(&self.features) {
            let slope = f64::from(*by_feature) / feature.sd;
            let slope = if feature.log { slope / parameter(feature.parameter) } else { slope };
            add(feature.parameter, slope);
        }
    }
}

/// The scale on which a flow sees a real datum: `u = (y - m) / s`, or `u = (ln y - m) / s` for times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DataScaler {
    pub(crate) log: bool,
    pub(crate) mean: f64,
    pub(crate) sd: f64,
}

impl DataScaler {
    /// The scale of these data.
    ///
    /// # Errors
    /// When all data are equal.
    pub(crate) fn fit(values: &[f64], log: bool) -> Result<Self> {
        let (mean, sd) = moments(values.iter().map(|y| if log { y.ln() } else { *y }));
        let varies = sd > 1e-12 * mean.abs(); // false for NaN too
        if !varies {
            return Err(Error::new(
                ErrorKind::Training,
                format!(
                    "expected simulated data that vary, got data whose standard deviation is {sd}; a number that never varies has no density"
                ),
            ));
        }
        Ok(Self { log, mean, sd })
    }

    /// `u` and the logarithm of `du / dy`.
    #[inline]
    pub(crate) fn apply(&self, y: f64) -> (f64, f64) {
        let (value, log_slope) = if self.log { (y.ln(), -y.ln()) } else { (y, 0.0) };
        ((value - self.mean) / self.sd, log_slope - self.sd.ln())
    }

    /// From the derivative of a log density of `u` by `u` to that of the datum's by `y`.
    #[inline]
    pub(crate) fn by_datum(&self, y: f64, by_u: f64) -> f64 {
        if self.log { (by_u / self.sd - 1.0) / y } else { by_u / self.sd }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_standard_and_constant_parameters_are_refused() {
        let names = ["a", "b"].map(String::from);
        let table: Vec<f64> = (1..=200).flat_map(|i| [f64::from(i), 5.0 - f64::from(i % 11)]).collect();
        let scaler = InputScaler::fit(&names, &table, None, true).unwrap();
        assert_eq!(
            scaler.features.iter().map(|f| (f.parameter, f.log)).collect::<Vec<_>>(),
            [(0, false), (0, true), (1, false)]
        );
        let mut rows = vec![0.0f32; 600];
        for (row, theta) in rows.chunks_mut(3).zip(table.chunks(2)) {
            scaler.apply(|p| theta[p], row);
        }
        for feature in 0..3 {
            let (mean, sd) = moments(rows[feature..].iter().step_by(3).map(|x| f64::from(*x)));
            assert!(mean.abs() < 1e-6 && (sd - 1.0).abs() < 1e-6, "{mean} {sd}"); // f32 rounding of 200 numbers
        }
        let constant = vec![1.0; 20];
        let error = InputScaler::fit(&names, &constant, None, false).unwrap_err();
        assert!(error.to_string().contains("expected the parameter `a` to vary"), "{error}");
    }
}
