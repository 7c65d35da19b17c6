//! From parameters to what a network reads, and from data to what a flow sees ([`super::scale`]).

use super::scale::{LARGEST, SMALLEST, Scale, Scaled};
use crate::error::{Error, ErrorKind, Result};

/// Where the bends of reals and of parameters begin at the earliest, in spreads, and at the latest.
const NEAREST: [f64; 2] = [4.0, 4.0];
const FARTHEST: f64 = 8.0;
/// The same for logarithms of times. They stay straight over all that a first passage does, below above all: there the tail is
/// known ([`super::spline`]).
const NEAREST_OF_TIMES: [f64; 2] = [12.0, 6.0];
const FARTHEST_OF_TIMES: f64 = 12.0;

/// One input of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Feature {
    /// The column of the parameter.
    pub(crate) parameter: usize,
    /// Whether its logarithm is taken.
    pub(crate) log: bool,
    pub(crate) scale: Scale,
}

/// The inputs of a network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InputScaler {
    pub(crate) features: Vec<Feature>,
}

impl InputScaler {
    /// Features of all parameters but `skip`, from a table with one row per simulation.
    ///
    /// # Errors
    /// When a parameter has the same value in all rows, or is beyond what can be scaled.
    pub(crate) fn fit(names: &[String], table: &[f64], skip: Option<usize>, logs: bool) -> Result<Self> {
        let mut features = vec![];
        for parameter in (0..names.len()).filter(|p| Some(*p) != skip) {
            let column = table[parameter..].iter().step_by(names.len()).copied();
            let Some(scale) = Scale::of(column.clone(), NEAREST, FARTHEST) else {
                return Err(cannot_scale(&format!("the parameter `{}`", names[parameter]), column));
            };
            features.push(Feature { parameter, log: false, scale });
            if logs && column.clone().all(|x| x > 0.0) {
                let scale = Scale::of(column.map(f64::ln), NEAREST, FARTHEST);
                features.extend(scale.map(|scale| Feature { parameter, log: true, scale }));
            }
        }
        match features.is_empty() {
            false => Ok(Self { features }),
            true => Err(Error::new(
                ErrorKind::Options,
                "expected a parameter beside the shift, got none: a shift alone leaves nothing for the network to read; add a \
                 parameter that the times depend on",
            )),
        }
    }

    /// The number of features.
    pub(crate) fn len(&self) -> usize {
        self.features.len()
    }

    /// Writes the features of one row; `parameter(p)` is parameter p.
    #[inline]
    pub(crate) fn apply(&self, parameter: impl Fn(usize) -> f64, out: &mut [f32]) {
        for (out, feature) in out.iter_mut().zip(&self.features) {
            *out = feature.scale.place(feature.read(&parameter)) as f32;
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
            let slope = f64::from(*by_feature) * feature.scale.slopes(feature.read(&parameter)).0;
            let slope = if feature.log { slope / parameter(feature.parameter) } else { slope };
            add(feature.parameter, slope);
        }
    }
}

impl Feature {
    #[inline]
    fn read(&self, parameter: impl Fn(usize) -> f64) -> f64 {
        let value = parameter(self.parameter);
        if self.log { value.ln() } else { value }
    }
}

/// The scale on which a flow sees a real datum or the logarithm of a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DataScaler {
    pub(crate) log: bool,
    pub(crate) scale: Scale,
    /// Between these data (both excluded) the scale has no bend and a time is possible.
    straight: [f64; 2],
}

impl DataScaler {
    /// Data that are on their scale already.
    pub(crate) const IDENTITY: Self =
        Self { log: false, scale: Scale::IDENTITY, straight: [f64::NEG_INFINITY, f64::INFINITY] };

    /// With a given scale, that of the logarithm if `log` is true.
    pub(crate) fn new(log: bool, scale: Scale) -> Self {
        let side = |distance: f64| {
            let x = scale.center + distance * scale.spread;
            if log { x.exp() } else { x }
        };
        Self { log, scale, straight: [side(-scale.ends[0]), side(scale.ends[1])] }
    }

    /// The scale of these data.
    ///
    /// # Errors
    /// When all data are equal, or are beyond what can be scaled.
    pub(crate) fn fit(values: &[f64], log: bool) -> Result<Self> {
        let (nearest, farthest) =
            if log { (NEAREST_OF_TIMES, FARTHEST_OF_TIMES) } else { (NEAREST, FARTHEST) };
        match Scale::of(values.iter().map(|y| if log { y.ln() } else { *y }), nearest, farthest) {
            Some(scale) => Ok(Self::new(log, scale)),
            None => Err(cannot_scale("simulated data", values.iter().copied())),
        }
    }

    /// Whether a datum lies where nothing is bent; a time that is not above 0 does not.
    #[inline]
    pub(crate) fn is_straight(&self, y: f64) -> bool {
        y > self.straight[0] && y < self.straight[1]
    }

    /// The datum's place `u` and the logarithm of `du / dy`.
    #[inline]
    pub(crate) fn apply(&self, y: f64) -> Scaled {
        if !self.log {
            return self.scale.apply(y);
        }
        let log_y = y.ln();
        let Scaled { u, log_slope } = self.scale.apply(log_y);
        Scaled { u, log_slope: log_slope - log_y }
    }

    /// From the derivative of a log density of `u` by `u` to that of the datum's by `y`.
    #[inline]
    pub(crate) fn by_datum(&self, y: f64, by_u: f64) -> f64 {
        let (slope, log_slope_by) = self.scale.slopes(if self.log { y.ln() } else { y });
        let by_value = by_u * slope + log_slope_by;
        if self.log { (by_value - 1.0) / y } else { by_value }
    }

    /// The datum whose place is `u`.
    pub(crate) fn invert(&self, u: f64) -> f64 {
        let value = self.scale.invert(u);
        if self.log { value.exp() } else { value }
    }
}

/// Appends the places of a row of columns; returns the log Jacobian.
pub(crate) fn scale_row(row: &[f64], scales: &[DataScaler], places: &mut Vec<f32>) -> f64 {
    let mut log_jacobian = 0.0;
    for (x, scale) in row.iter().zip(scales) {
        let Scaled { u, log_slope } = scale.apply(*x);
        places.push(u as f32);
        log_jacobian += log_slope;
    }
    log_jacobian
}

/// Why numbers have no scale.
fn cannot_scale(what: &str, values: impl Iterator<Item = f64> + Clone) -> Error {
    let first = values.clone().next().unwrap_or(f64::NAN);
    let largest = values.clone().map(f64::abs).fold(0.0, f64::max);
    let message = match values.clone().all(|x| x == first) {
        true => format!(
            "expected {what} to vary between simulations, got {first} in all of them; what never varies has no density and \
             teaches nothing: give it a prior or leave it out"
        ),
        false => format!(
            "expected {what} to vary by more than {SMALLEST:e} and a 1e-12th of its size, and to be at most {LARGEST:e}, got numbers \
             of up to {largest:e}; change its unit or take its offset out"
        ),
    };
    Error::new(ErrorKind::Training, message)
}

#[cfg(test)]
mod tests {
    use super::super::scale::moments;
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
            // Of numbers that are not normal the spread by quantiles is near the standard deviation, no more.
            assert!(mean.abs() < 0.5 && (sd - 1.0).abs() < 0.5, "{mean} {sd}");
        }
        let constant = vec![1.0; 20];
        let error = InputScaler::fit(&names, &constant, None, false).unwrap_err();
        assert!(error.to_string().contains("expected the parameter `a` to vary"), "{error}");
    }

    // The gradient of a feature through its bend; 1e-6 relative: central differences.
    #[test]
    fn gradients_pass_through_the_bends() {
        let names = ["a".to_owned()];
        let table: Vec<f64> = (1..=1000).map(|i| f64::from(i).powi(-3)).collect();
        let scaler = InputScaler::fit(&names, &table, None, true).unwrap();
        for x in [1e-9, 1e-4, 0.3, 5.0, 1e4] {
            for (f, feature) in scaler.features.iter().enumerate() {
                let at = |x: f64| feature.scale.place(feature.read(|_| x));
                let numeric = (at(x * 1.00001) - at(x / 1.00001)) / (x * 1.00001 - x / 1.00001);
                let mut by_features = [0.0f32; 2];
                by_features[f] = 1.0;
                let mut gradient = 0.0;
                scaler.chain(|_| x, &by_features, |_, g| gradient += g);
                assert!((gradient / numeric - 1.0).abs() < 1e-5, "{x}: {gradient} {numeric}");
            }
        }
    }
}
