//! A density written by hand over named parameters in their own space.
//!
//! A sampler moves z in R^n; the density is written over theta = T(z), with T the bijection onto each parameter's support. The
//! density that the sampler needs follows by the change of variables,
//!
//! log p(z) = log p(theta) + sum_i log |dT_i / dz_i|,
//! d log p / dz_i = d log p / d theta_i  dT_i / dz_i + d log |dT_i / dz_i| / dz_i.

use super::sampler::Sampler;
use super::target::Target;
use crate::draws::{ChainDraws, Draws, Parameter};
use crate::error::{Error, ErrorKind, Result};
use crate::logdensity::{DensityError, LogDensity};
use crate::transform::{Support, Transform};

/// The most numbers that the parameters may have together.
const MOST: usize = 1 << 24;

/// A log density over named parameters, each with its shape and support, and its gradient: one function, written in the
/// parameters' own space. Samplers see it unconstrained, draws carry the names.
///
/// The function takes theta, the parameters one after another (arrays row by row), always strictly inside their supports, and
/// writes the gradient by theta to a slice of the same length. What it leaves unwritten is NaN, and an error. It is cloned once
/// per chain, so that it may keep scratch space. [`check::gradient`](crate::check::gradient) tells whether its gradient is right.
///
/// # Examples
/// ```
/// use mynah::check;
/// use mynah::draws::Parameter;
/// use mynah::infer::NamedDensity;
/// use mynah::prelude::*;
/// use mynah::transform::Support;
///
/// // y ~ Normal(mu, sigma) with flat priors on mu and log sigma; Jacobian and bounds are not its concern.
/// let y = [4.8, 5.3, 4.1, 5.9, 5.2];
/// let parameters = [(Parameter::new("mu", []), Support::Real), (Parameter::new("sigma", []), Support::Positive)];
/// let density = NamedDensity::new(parameters, move |theta, gradient| {
///     let [mu, sigma] = theta[..] else { unreachable!("two parameters") };
///     let sum: f64 = y.iter().map(|y| y - mu).sum();
///     let squares: f64 = y.iter().map(|y| (y - mu).powi(2)).sum();
///     let count = y.len() as f64 + 1.0;
///     gradient[0] = sum / sigma.powi(2);
///     gradient[1] = squares / sigma.powi(3) - count / sigma;
///     Ok(-0.5 * squares / sigma.powi(2) - count * sigma.ln())
/// })?;
/// assert!(check::gradient(&mut density.clone(), &check::random_points(2, 10, 1))?.agrees());
///
/// let posterior = density.sample(&Nuts::default().chains(2).draws(1000).target_acceptance(0.95).seed(1))?;
/// assert!(posterior.column("sigma")?.concat().iter().all(|sigma| *sigma > 0.0));
/// // The posterior of mu is Student's t with 4 degrees of freedom around the mean, 5.06.
/// assert!((posterior.get("mu")?.mean()[0] - 5.06).abs() < 0.1);
/// # Ok::<(), mynah::Error>(())
/// ```
#[derive(Clone)]
pub struct NamedDensity<F> {
    parameters: Vec<Parameter>,
    /// One per number of theta.
    transforms: Vec<Transform>,
    density: F,
    theta: Vec<f64>,
    /// dT / dz and d log |dT / dz| / dz.
    slopes: Vec<(f64, f64)>,
    gradient: Vec<f64>,
}

impl<F> NamedDensity<F>
where
    F: FnMut(&[f64], &mut [f64]) -> Result<f64, DensityError> + Clone + Send,
{
    /// The density of these parameters, in the order in which theta lists them.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] for a name that is empty or stands twice, [`ErrorKind::Value`] for a discrete support or an interval that
    /// is not finite or empty, [`ErrorKind::Shape`] when there are no numbers, or more than 2^24.
    pub fn new(parameters: impl IntoIterator<Item = (Parameter, Support)>, density: F) -> Result<Self> {
        let (parameters, supports): (Vec<Parameter>, Vec<Support>) = parameters.into_iter().unzip();
        let count = |parameter: &Parameter| {
            parameter.shape.iter().try_fold(1_usize, |count, length| count.checked_mul(*length))
        };
        let total =
            parameters.iter().try_fold(0_usize, |total, parameter| total.checked_add(count(parameter)?));
        if total.is_none_or(|total| total > MOST) {
            let message = format!("expected at most {MOST} numbers in all parameters together, got more");
            return Err(Error::new(ErrorKind::Shape, message));
        }
        // What draws will ask of the names, asked before any sampling.
        Draws::new(parameters.clone(), vec![ChainDraws::default()])?;
        let mut transforms = vec![];
        for (parameter, support) in parameters.iter().zip(supports) {
            let transform = transform(parameter, support)?;
            transforms.extend(vec![transform; parameter.width()]);
        }
        let dim = transforms.len();
        let (theta, slopes, gradient) = (vec![0.0; dim], vec![(0.0, 0.0); dim], vec![0.0; dim]);
        Ok(Self { parameters, transforms, density, theta, slopes, gradient })
    }

    /// The names and shapes of the parameters.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// theta = T(z).
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] when z has not one number per number of theta.
    pub fn constrain(&self, z: &[f64]) -> Result<Vec<f64>> {
        self.each("z", z, |transform, z| transform.constrain(z).value)
    }

    /// The z with T(z) = theta: infinite on the boundary of a support, NaN outside.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] when theta has not one number per number of the parameters.
    pub fn unconstrain(&self, theta: &[f64]) -> Result<Vec<f64>> {
        self.each("theta", theta, Transform::unconstrain)
    }

    fn each(&self, name: &str, numbers: &[f64], map: impl Fn(Transform, f64) -> f64) -> Result<Vec<f64>> {
        if numbers.len() != self.transforms.len() {
            let (expected, got) = (self.transforms.len(), numbers.len());
            let message =
                format!("expected {expected} numbers in {name}, one per number of the parameters, got {got}");
            return Err(Error::new(ErrorKind::Shape, message));
        }
        Ok(self.transforms.iter().zip(numbers).map(|(transform, &x)| map(*transform, x)).collect())
    }

    /// The log density of z; theta and the gradient by theta are left in place.
    fn evaluate(&mut self, z: &[f64]) -> Result<f64, DensityError> {
        if z.len() != self.transforms.len() {
            let (expected, got) = (self.transforms.len(), z.len());
            return Err(DensityError::fatal(format!("expected a point of {expected} numbers, got {got}")));
        }
        let mut log_jacobian = 0.0;
        for (i, (transform, &z)) in self.transforms.iter().zip(z).enumerate() {
            let constrained = transform.constrain(z);
            self.theta[i] = constrained.value;
            self.slopes[i] = (constrained.value_slope, constrained.log_jacobian_slope);
            log_jacobian += constrained.log_jacobian;
        }
        // What is left unwritten must not look like a derivative.
        self.gradient.fill(f64::NAN);
        Ok((self.density)(&self.theta, &mut self.gradient)? + log_jacobian)
    }

    /// Every number with its label, for a message; of many, the first.
    fn at(&self) -> String {
        let labels = self.parameters.iter().flat_map(Parameter::labels);
        let numbers: Vec<String> =
            labels.zip(&self.theta).take(10).map(|(label, x)| format!("{label} = {x}")).collect();
        format!("{}{}", numbers.join(", "), if self.theta.len() > 10 { ", ..." } else { "" })
    }
}

impl<F> NamedDensity<F>
where
    F: FnMut(&[f64], &mut [f64]) -> Result<f64, DensityError> + Clone + Send + Sync + 'static,
{
    /// The density as a target of samplers.
    pub fn target(&self) -> Target<'_> {
        Target::over(self, self.parameters.clone(), self.transforms.clone())
    }

    /// Draws with [`Nuts`](super::Nuts) or any other sampler, under the parameters' names and in their own space.
    ///
    /// # Errors
    /// As [`Nuts::run`](super::Nuts::run).
    pub fn sample(&self, sampler: &dyn Sampler) -> Result<Draws> {
        sampler.sample(&self.target())
    }
}

fn transform(parameter: &Parameter, support: Support) -> Result<Transform> {
    let message = match support {
        Support::Interval { low, high } if !(low < high && (high - low).is_finite()) => {
            format!("expected finite bounds low < high for `{}`, got {low} and {high}", parameter.name)
        }
        _ => match Transform::of(support) {
            Some(transform) => return Ok(transform),
            None => format!("expected a continuous support for `{}`, got {support}", parameter.name),
        },
    };
    Err(Error::new(ErrorKind::Value, message))
}

impl<F> LogDensity for NamedDensity<F>
where
    F: FnMut(&[f64], &mut [f64]) -> Result<f64, DensityError> + Clone + Send,
{
    fn dim(&self) -> usize {
        self.transforms.len()
    }

    fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
        let value = self.evaluate(z)?;
        if value.is_nan() || value == f64::INFINITY {
            return Err(DensityError::recoverable(format!("the log density is {value} at {}", self.at())));
        }
        Ok(value)
    }

    fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
        let value = self.evaluate(z)?;
        if !value.is_finite() {
            return Err(DensityError::recoverable(format!("the log density is {value} at {}", self.at())));
        }
        for (out, (by_theta, (slope, log_jacobian_slope))) in
            gradient.iter_mut().zip(self.gradient.iter().zip(&self.slopes))
        {
            *out = by_theta * slope + log_jacobian_slope;
        }
        if let Some(i) = gradient.iter().position(|derivative| !derivative.is_finite()) {
            let label = self.parameters.iter().flat_map(Parameter::labels).nth(i).unwrap_or_default();
            let (by_theta, at) = (self.gradient[i], self.at());
            return Err(DensityError::recoverable(format!(
                "the derivative by {label} is {by_theta} at {at}"
            )));
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;
    use crate::dist::{HalfNormal, Normal, Uniform};
    use crate::infer::Nuts;
    use crate::model::Model;

    fn supports() -> [(Parameter, Support); 3] {
        [
            (Parameter::new("mu", []), Support::Real),
            (Parameter::new("scale", [2]), Support::Positive),
            (Parameter::new("p", []), Support::Interval { low: -1.0, high: 3.0 }),
        ]
    }

    /// mu ~ Normal(1, 2), scale ~ HalfNormal(0.5) twice, p ~ Uniform(-1, 3) with a factor -p^2, by hand.
    fn by_hand(theta: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
        let z = (theta[0] - 1.0) / 2.0;
        gradient.copy_from_slice(&[-z / 2.0, -4.0 * theta[1], -4.0 * theta[2], -2.0 * theta[3]]);
        let constants = -0.5 * (2.0 * std::f64::consts::PI).ln() - 2.0_f64.ln() - 4.0_f64.ln()
            + 2.0 * (0.5 * (2.0 / std::f64::consts::PI).ln() - 0.5_f64.ln());
        Ok(constants - 0.5 * z * z - 2.0 * (theta[1].powi(2) + theta[2].powi(2)) - theta[3].powi(2))
    }

    #[test]
    fn the_density_of_the_same_model() {
        let model = Model::record(|scope| {
            scope.site("mu").sample(Normal(1.0, 2.0));
            scope.enter("rows", 2);
            scope.site("scale").sample(HalfNormal(0.5));
            scope.exit();
            let p = scope.site("p").sample(Uniform(-1.0, 3.0));
            scope.site("pull").factor(-p.powi(2));
            Ok(())
        })
        .unwrap();
        let mut named = NamedDensity::new(supports(), by_hand).unwrap();
        let mut density = model.density();
        for z in check::random_points(4, 20, 1) {
            let (mut ours, mut theirs) = ([0.0; 4], [0.0; 4]);
            let value = named.log_density_and_gradient(&z, &mut ours).unwrap();
            let expected = density.log_density_and_gradient(&z, &mut theirs).unwrap();
            // Sums of the same few terms of order 10 in another order.
            assert!((value - expected).abs() < 1e-13 * 10.0, "{value} for {expected}");
            assert!(ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-12), "{ours:?} for {theirs:?}");
            assert_eq!(named.log_density(&z).unwrap(), value);
            let back = named.unconstrain(&named.constrain(&z).unwrap()).unwrap();
            assert!(back.iter().zip(&z).all(|(a, b)| (a - b).abs() < 1e-12));
        }
        let nuts = Nuts::default().chains(1).warmup(200).draws(200).seed(1);
        let draws = named.sample(&nuts).unwrap();
        assert_eq!(draws.labels(), ["mu", "scale[0]", "scale[1]", "p"]);
        let inside = |label: &str, low: f64, high: f64| {
            draws.column(label).unwrap().concat().iter().all(|x| low < *x && *x < high)
        };
        assert!(inside("scale[0]", 0.0, 5.0) && inside("p", -1.0, 3.0));
    }

    #[test]
    fn wrong_parameters_and_functions() {
        let kind = |parameters: Vec<(Parameter, Support)>| match NamedDensity::new(parameters, by_hand) {
            Ok(_) => None,
            Err(error) => Some(error.kind()),
        };
        let one = |name: &str, shape: &[usize], support| vec![(Parameter::new(name, shape), support)];
        assert_eq!(kind(vec![]), Some(ErrorKind::Shape));
        assert_eq!(kind(one("x", &[0], Support::Real)), Some(ErrorKind::Shape));
        assert_eq!(kind(one("x", &[usize::MAX, 2], Support::Real)), Some(ErrorKind::Shape));
        assert_eq!(kind(one("x", &[1 << 40], Support::Real)), Some(ErrorKind::Shape));
        assert_eq!(kind(one("", &[], Support::Real)), Some(ErrorKind::Site));
        assert_eq!(
            kind([one("x", &[], Support::Real), one("x", &[], Support::Real)].concat()),
            Some(ErrorKind::Site)
        );
        assert_eq!(kind(one("x", &[], Support::Count)), Some(ErrorKind::Value));
        for (low, high) in [(1.0, 1.0), (0.0, f64::INFINITY), (f64::NAN, 1.0), (-1.7e308, 1.7e308)] {
            assert_eq!(kind(one("x", &[], Support::Interval { low, high })), Some(ErrorKind::Value));
        }
        let mut unwritten = NamedDensity::new(supports(), |_: &[f64], gradient: &mut [f64]| {
            gradient[0] = 1.0;
            Ok(0.0)
        })
        .unwrap();
        let error = unwritten.log_density_and_gradient(&[0.0; 4], &mut [0.0; 4]).unwrap_err();
        assert!(
            error.to_string().starts_with("the derivative by scale[0] is NaN at mu = 0, scale[0] = 1"),
            "{error}"
        );
        assert!(unwritten.log_density(&[0.0; 3]).is_err() && unwritten.constrain(&[0.0; 5]).is_err());
    }
}
