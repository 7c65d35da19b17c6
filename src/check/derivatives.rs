//! Derivatives written by hand against differences.
//!
//! A wrong derivative is no error to a sampler: its trajectories lose the energy they should keep, steps shrink, and the draws
//! come slowly or from nowhere near the posterior. Check a density, a node or a kernel of your own once, in a test.
//!
//! Each partial derivative is compared with one by differences, whose error is estimated (`differences.rs`). It may differ by
//! ten of these errors, by 1e-6 of itself, and by 1e-8 of the largest derivative at the point. A density summed from numbers of
//! single precision, such as a learned likelihood, is too rough for differences of this kind.

use super::differences::slope;
use crate::dist::Kernel;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::CustomNode;
use crate::logdensity::LogDensity;
use crate::seed::{Domain, Seed};
use rand::RngExt;
use std::fmt;

/// Derivatives compared with differences: print it, or ask whether they agree.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GradientCheck {
    /// How many points were compared.
    pub points: usize,
    /// How many points were left out, since the density has no finite value there.
    pub skipped: usize,
    /// How many derivatives the differences could not tell to a hundredth: a jump, a kink or too much rounding nearby.
    pub undecided: usize,
    /// The derivative that is furthest off, in units of what it may be off.
    pub worst: Derivative,
}

/// One derivative, twice.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Derivative {
    /// By which coordinate: `z[3]`, `x[0]`, a parameter's name, `value`. Or `log density`, where two methods give two values of it.
    pub coordinate: String,
    /// The point.
    pub point: Vec<f64>,
    /// The derivative by differences.
    pub expected: f64,
    /// The derivative as written.
    pub got: f64,
    /// How far apart the two may be.
    pub tolerance: f64,
}

impl Derivative {
    /// The difference in units of the tolerance; infinite for NaN.
    fn excess(&self) -> f64 {
        let difference = (self.got - self.expected).abs();
        match self.got == self.expected {
            true => 0.0,
            false if difference.is_nan() => f64::INFINITY,
            false => difference / self.tolerance,
        }
    }
}

impl GradientCheck {
    /// Whether every derivative at every point is what the differences say.
    pub fn agrees(&self) -> bool {
        self.worst.excess() <= 1.0 && self.undecided == 0
    }
}

impl fmt::Display for GradientCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Derivative { coordinate, point, expected, got, tolerance } = &self.worst;
        let verdict = if self.agrees() { "agree" } else { "do not agree" };
        write!(f, "derivatives {verdict} with differences at {} points", self.points)?;
        if self.skipped > 0 {
            write!(f, " ({} without a finite value left out)", self.skipped)?;
        }
        if self.undecided > 0 {
            write!(f, "; {} could not be told by differences", self.undecided)?;
        }
        write!(
            f,
            "; the worst, by {coordinate} at {point:?}: expected {expected} within {tolerance:.1e}, got {got}"
        )
    }
}

/// `count` points with every coordinate uniform in (-2, 2). They must fit in memory.
pub fn random_points(dimensions: usize, count: usize, seed: impl Into<Seed>) -> Vec<Vec<f64>> {
    let mut stream = seed.into().stream(Domain::User, 0);
    (0..count).map(|_| (0..dimensions).map(|_| stream.random_range(-2.0..2.0)).collect()).collect()
}

/// Compares the gradient of a log density with differences at these points. The density must be computed in double precision
/// throughout (that of a learned likelihood is not).
///
/// # Errors
/// [`ErrorKind::Shape`] without a point or for a point of another length than `density.dim()`, [`ErrorKind::Value`] when the
/// density has a finite value at none of them; the message repeats what it said.
///
/// # Examples
/// ```
/// use mynah::{DensityError, LogDensity, check};
///
/// /// A normal of scale 2 whose gradient forgets the scale.
/// struct Wrong;
/// impl LogDensity for Wrong {
///     fn dim(&self) -> usize {
///         1
///     }
///     fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
///         Ok(-0.125 * z[0] * z[0])
///     }
///     fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
///         gradient[0] = -z[0];
///         self.log_density(z)
///     }
/// }
/// let check = check::gradient(&mut Wrong, &[vec![1.0]])?;
/// assert!(!check.agrees());
/// assert!((check.worst.expected + 0.25).abs() < 1e-9 && check.worst.got == -1.0);
///
/// // The density of a model, at random points.
/// use mynah::prelude::*;
/// let model = Model::record(|scope| {
///     let scale = scope.site("scale").sample(HalfNormal(1.0));
///     scope.site("x").sample(Normal(0.0, scale));
///     Ok(())
/// })?;
/// let check = check::gradient(&mut model.density(), &check::random_points(model.dim(), 20, 1))?;
/// assert!(check.agrees(), "{check}");
/// # Ok::<(), mynah::Error>(())
/// ```
pub fn gradient(density: &mut dyn LogDensity, points: &[Vec<f64>]) -> Result<GradientCheck> {
    let dim = density.dim();
    let mut comparison = Comparison::default();
    for (at, z) in points.iter().enumerate() {
        check_length(at, z.len(), dim)?;
        // What is left unwritten must not look like a derivative.
        let mut gradient = vec![f64::NAN; dim];
        let (value, with_gradient) =
            match (density.log_density(z), density.log_density_and_gradient(z, &mut gradient)) {
                (Ok(value), Ok(with_gradient)) if value.is_finite() => (value, with_gradient),
                (Err(error), _) | (_, Err(error)) => {
                    comparison.skip(error.to_string());
                    continue;
                }
                (Ok(value), Ok(_)) => {
                    comparison.skip(format!("the log density is {value}"));
                    continue;
                }
            };
        let slopes = slopes(z, |z| density.log_density(z).unwrap_or(f64::NAN));
        comparison.add(z, value, with_gradient, &gradient, &slopes, |i| format!("z[{i}]"));
    }
    comparison.finish()
}

/// Compares the backward pass of a node with differences: at each point, a list of all inputs, for one random combination of
/// its `outputs` outputs.
///
/// # Errors
/// [`ErrorKind::Shape`] without a point, an input or an output or for points of different lengths, [`ErrorKind::Value`] when the
/// node's outputs are finite at none of them.
///
/// # Examples
/// ```
/// use mynah::check;
/// use mynah::graph::CustomNode;
///
/// /// y = x0 x1, with one derivative wrong.
/// struct Product;
/// impl CustomNode for Product {
///     fn forward(&self, x: &[f64], y: &mut [f64]) {
///         y[0] = x[0] * x[1];
///     }
///     fn backward(&self, x: &[f64], _y: &[f64], dy: &[f64], dx: &mut [f64]) {
///         dx[0] = dy[0] * x[1];
///         dx[1] = dy[0] * x[1];
///     }
/// }
/// let check = check::custom_node(&Product, 1, &check::random_points(2, 10, 1))?;
/// assert!(!check.agrees());
/// assert_eq!(check.worst.coordinate, "x[1]");
/// # Ok::<(), mynah::Error>(())
/// ```
pub fn custom_node(node: &dyn CustomNode, outputs: usize, points: &[Vec<f64>]) -> Result<GradientCheck> {
    let inputs = points.first().map_or(0, Vec::len);
    if outputs == 0 || (inputs == 0 && !points.is_empty()) {
        let message =
            format!("expected a node with inputs and outputs, got {inputs} inputs and {outputs} outputs");
        return Err(Error::new(ErrorKind::Shape, message));
    }
    let weights = random_points(outputs, points.len(), 0);
    let mut comparison = Comparison::default();
    for (at, (x, weights)) in points.iter().zip(&weights).enumerate() {
        check_length(at, x.len(), inputs)?;
        let mut y = vec![f64::NAN; outputs];
        let mut dx = vec![f64::NAN; inputs];
        node.forward(x, &mut y);
        let combine = |y: &[f64]| y.iter().zip(weights).map(|(y, weight)| y * weight).sum::<f64>();
        let value = combine(&y);
        if !value.is_finite() {
            comparison.skip(format!("the outputs are {y:?}"));
            continue;
        }
        node.backward(x, &y, weights, &mut dx);
        let slopes = slopes(x, |x| {
            let mut y = vec![f64::NAN; outputs];
            node.forward(x, &mut y);
            combine(&y)
        });
        comparison.add(x, value, value, &dx, &slopes, |i| format!("x[{i}]"));
    }
    comparison.finish()
}

/// Compares the partial derivatives of a kernel with differences, at pairs of parameters and a value: those by the parameters
/// and, of continuous distributions, that by the value. Outside the support they must be 0.
///
/// # Errors
/// [`ErrorKind::Shape`] without a pair, [`ErrorKind::Value`] when the density is finite at none of them.
///
/// # Examples
/// ```
/// use mynah::check;
/// use mynah::dist::Gamma;
/// let check = check::kernel::<Gamma, 2, 1>(&[([2.0, 0.5], [3.0]), ([0.7, 4.0], [0.1])])?;
/// assert!(check.agrees(), "{check}");
/// # Ok::<(), mynah::Error>(())
/// ```
pub fn kernel<K: Kernel<P, W>, const P: usize, const W: usize>(
    points: &[([f64; P], [f64; W])],
) -> Result<GradientCheck> {
    let mut comparison = Comparison::default();
    for &(parameters, x) in points {
        let row = K::row(parameters);
        let (value, partials) = (K::log_prob(&row, x), K::partials(&row, x));
        if value.is_nan() || value == f64::INFINITY {
            comparison.skip(format!("the log density is {value}"));
            continue;
        }
        let possible = value.is_finite();
        let mut got = partials.parameters.to_vec();
        let mut expected = match possible {
            true => slopes(&parameters, |at| K::log_prob(&K::row(std::array::from_fn(|p| at[p])), x)),
            false => vec![Some((0.0, 0.0)); P],
        };
        if W > 0 && !K::support(parameters).is_discrete() {
            got.push(partials.value);
            expected.extend(match possible {
                true => slopes(&x[..1], |at| {
                    let x = std::array::from_fn(|w| if w == 0 { at[0] } else { x[w] });
                    K::log_prob(&row, x) + K::carrier(x)
                }),
                false => vec![Some((0.0, 0.0))],
            });
        }
        let point = [&parameters[..], &x[..]].concat();
        let name = |i: usize| K::PARAMETERS.get(i).map_or("value".to_string(), |(name, _)| name.to_string());
        comparison.add(&point, value, partials.log_prob, &got, &expected, name);
    }
    comparison.finish()
}

/// A derivative by differences and its error, where there is one.
type Expected = Option<(f64, f64)>;

/// The derivatives of `f` at `x` by each coordinate.
fn slopes(x: &[f64], mut f: impl FnMut(&[f64]) -> f64) -> Vec<Expected> {
    let mut moved = x.to_vec();
    let mut along = |i: usize| {
        let found = slope(
            |value| {
                moved[i] = value;
                f(&moved)
            },
            x[i],
        );
        moved[i] = x[i];
        found.map(|slope| (slope.value, slope.error))
    };
    (0..x.len()).map(&mut along).collect()
}

fn check_length(at: usize, length: usize, expected: usize) -> Result<()> {
    if length == expected {
        return Ok(());
    }
    let message = format!("expected {expected} coordinates for every point, got {length} at point {at}");
    Err(Error::new(ErrorKind::Shape, message))
}

/// What was compared so far.
#[derive(Default)]
struct Comparison {
    points: usize,
    skipped: usize,
    undecided: usize,
    worst: Option<Derivative>,
    reason: String,
}

impl Comparison {
    fn skip(&mut self, reason: String) {
        self.skipped += 1;
        self.reason = reason;
    }

    /// Compares one point: the value from both methods, and every derivative.
    fn add(
        &mut self,
        point: &[f64],
        value: f64,
        with_gradient: f64,
        got: &[f64],
        expected: &[Expected],
        name: impl Fn(usize) -> String,
    ) {
        self.points += 1;
        let of = |coordinate: String, expected: f64, got: f64, tolerance: f64| Derivative {
            coordinate,
            point: point.to_vec(),
            expected,
            got,
            tolerance,
        };
        // Two ways to sum the same terms differ by rounding alone.
        self.keep(of("log density".to_string(), value, with_gradient, 1e-10 * value.abs().max(1.0)));
        let largest = expected.iter().flatten().fold(0.0_f64, |largest, (slope, _)| largest.max(slope.abs()));
        for (i, (&got, expected)) in got.iter().zip(expected).enumerate() {
            let Some((slope, error)) = *expected else {
                self.undecided += 1;
                continue;
            };
            let rounding = 1e4 * f64::EPSILON * value.abs().max(1.0);
            self.undecided += usize::from(error > (1e-2 * slope.abs()).max(1e-4 * largest).max(rounding));
            self.keep(of(name(i), slope, got, 10.0 * error + 1e-6 * slope.abs() + 1e-8 * largest));
        }
    }

    fn keep(&mut self, derivative: Derivative) {
        if self.worst.as_ref().is_none_or(|worst| derivative.excess() > worst.excess()) {
            self.worst = Some(derivative);
        }
    }

    fn finish(self) -> Result<GradientCheck> {
        let Comparison { points, skipped, undecided, worst, reason } = self;
        match worst {
            Some(worst) => Ok(GradientCheck { points, skipped, undecided, worst }),
            None if skipped > 0 => {
                let message = format!(
                    "expected a finite value at one of {skipped} points or more, got none; at the last one: {reason}"
                );
                Err(Error::new(ErrorKind::Value, message))
            }
            None => Err(Error::new(
                ErrorKind::Shape,
                "expected at least one point to compare derivatives at, got none",
            )),
        }
    }
}
