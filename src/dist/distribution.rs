//! Distributions as statements of a model use them.

use super::family::{Elementwise, Family};
use super::joint::JointFamily;
use super::kernel::Kernel;
use super::vector_kernel::VectorKernel;
use crate::graph::{Argument, Learned};
use std::sync::Arc;

/// Whatever may stand to the right of the tilde: a distribution whose parameters are numbers, data or variables.
///
/// # A distribution of your own
///
/// Its mathematics is a [`Kernel`]: names and domains of the parameters, the support, and for one value the log density with its
/// partial derivatives and a draw. [`Density::formula`] makes of it what a model needs, for any mix of numbers, data and
/// variables; `check::kernel` compares its derivatives with differences. From start to end, for largest values
/// (log p(x) = -ln s - u - exp(-u), u = (x - m) / s; Gumbel 1958, Statistics of Extremes):
///
/// ```
/// use mynah::check;
/// use mynah::dist::{Density, Distribution, Kernel, ParameterDomain, Partials};
/// use mynah::graph::IntoArgument;
/// use mynah::prelude::*;
/// use mynah::transform::Support;
///
/// /// The Gumbel distribution with location `loc` (any number) and scale `scale` (above 0).
/// #[derive(Clone, Copy)]
/// struct Gumbel<L = f64, S = f64>(L, S);
///
/// /// What the parameters alone determine: computed once per distinct row of them, not once per value.
/// #[derive(Clone, Copy)]
/// struct GumbelRow {
///     loc: f64,
///     inverse_scale: f64,
///     /// -ln(scale); NaN for parameters outside their domains, which makes every log density NaN.
///     normaliser: f64,
/// }
///
/// impl Kernel<2> for Gumbel {
///     type Row = GumbelRow;
///     const NAME: &'static str = "Gumbel";
///     const PARAMETERS: [(&'static str, ParameterDomain); 2] =
///         [("loc", ParameterDomain::Real), ("scale", ParameterDomain::Positive)];
///
///     fn support(_: [f64; 2]) -> Support {
///         Support::Real
///     }
///     fn row([loc, scale]: [f64; 2]) -> GumbelRow {
///         let valid = loc.is_finite() && scale > 0.0 && scale.is_finite();
///         let normaliser = if valid { -scale.ln() } else { f64::NAN };
///         GumbelRow { loc, inverse_scale: 1.0 / scale, normaliser }
///     }
///     fn log_prob(row: &GumbelRow, [x]: [f64; 1]) -> f64 {
///         let u = (x - row.loc) * row.inverse_scale;
///         row.normaliser - u - (-u).exp()
///     }
///     fn partials(row: &GumbelRow, [x]: [f64; 1]) -> Partials<2> {
///         let u = (x - row.loc) * row.inverse_scale;
///         let e = (-u).exp();
///         let pull = (1.0 - e) * row.inverse_scale;
///         Partials {
///             log_prob: row.normaliser - u - e,
///             value: -pull,
///             parameters: [pull, u * pull - row.inverse_scale],
///         }
///     }
///     fn sample([loc, scale]: [f64; 2], stream: &mut Stream) -> [f64; 1] {
///         let valid = loc.is_finite() && scale > 0.0 && scale.is_finite();
///         let x = loc - scale * Exponential(1.0).sample(stream).ln();
///         [if valid { x } else { f64::NAN }]
///     }
/// }
///
/// impl<'t, L: IntoArgument<'t>, S: IntoArgument<'t>> Distribution<'t> for Gumbel<L, S> {
///     fn density(self) -> Density<'t> {
///         Density::formula::<Gumbel, 2, 1>([self.0.into_argument(), self.1.into_argument()])
///     }
/// }
///
/// let check = check::kernel::<Gumbel, 2, 1>(&[([0.5, 2.0], [1.3]), ([-1.0, 0.1], [-1.2])])?;
/// assert!(check.agrees(), "{check}");
///
/// /// The highest water of each year.
/// #[model]
/// fn floods(height: &[f64]) {
///     sample!(loc ~ Normal(0, 10));
///     sample!(scale ~ HalfNormal(5));
///     plate!(years = height.len(), {
///         sample!(flood ~ Gumbel(loc, scale), observed = height);
///     });
/// }
/// let mut stream = Seed(1).stream(Domain::User, 0);
/// let height: Vec<f64> = (0..200).map(|_| Gumbel::sample([3.0, 0.5], &mut stream)[0]).collect();
/// let posterior = floods(&height)?.sample(&Nuts::default().chains(2).draws(500).seed(1))?;
/// assert!((posterior.get("loc")?.mean()[0] - 3.0).abs() < 0.15);
/// assert!((posterior.get("scale")?.mean()[0] - 0.5).abs() < 0.15);
/// # Ok::<(), mynah::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a distribution",
    label = "expected a distribution with numbers, data or variables as parameters, such as `Normal(0.0, 1.0)`"
)]
pub trait Distribution<'t> {
    /// The distribution with its parameters, ready to become one node of the graph.
    fn density(self) -> Density<'t>;

    /// Unknowns in ascending order along the innermost open plate, for real and for positive distributions: the density is that of each
    /// element, on the ordered arrays alone and not normalised anew, as in Stan. It takes the symmetry out of mixtures.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn two_levels(y: &[f64], upper: &[usize]) {
    ///     plate!(levels = 2, {
    ///         sample!(mean ~ Normal(0, 2).ordered());
    ///     });
    ///     plate!(rows = y.len(), {
    ///         sample!(y ~ Normal(mean.at(upper), 1), observed = y);
    ///     });
    /// }
    /// let posterior = two_levels(&[-0.3, 0.4, 1.0], &[0, 0, 1])?.sample(&Nuts::default().draws(200).seed(1))?;
    /// assert!(posterior.get("mean")?.mean().windows(2).all(|pair| pair[0] < pair[1]));
    /// # Ok::<(), mynah::Error>(())
    /// ```
    fn ordered(self) -> Density<'t>
    where
        Self: Sized,
    {
        Density { form: Form::Ordered, ..self.density() }
    }

    /// Unknowns written as location + scale x z (of positive distributions: the exponential of that), for distributions with a location and a scale
    /// and for vectors with a location and a Cholesky factor: the same prior in coordinates that a sampler finds easier when the data say little
    /// about each element; the centred form is easier when each has much.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn groups(y: &[f64]) {
    ///     sample!(scale ~ HalfNormal(1));
    ///     plate!(groups = y.len(), {
    ///         sample!(effect ~ StudentT(4, 0, scale).noncentered());
    ///         sample!(y ~ Normal(effect, 1), observed = y);
    ///     });
    /// }
    /// assert_eq!(groups(&[0.3, -1.2, 0.9])?.dim(), 4);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    fn noncentered(self) -> Density<'t>
    where
        Self: Sized,
    {
        Density { form: Form::NonCentered, ..self.density() }
    }

    /// Unknowns whose sum along the innermost open plate is 0, for distributions of real numbers: the density is that of each element, on
    /// the arrays of sum 0 alone and not normalised anew. It tells effects from their common mean.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn effects(y: &[f64]) {
    ///     sample!(mean ~ Normal(0, 10));
    ///     plate!(groups = y.len(), {
    ///         sample!(effect ~ Normal(0, 1).sum_to_zero());
    ///         sample!(y ~ Normal(mean + effect, 0.5), observed = y);
    ///     });
    /// }
    /// assert_eq!(effects(&[0.3, 1.2, 0.9])?.dim(), 1 + 2);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    fn sum_to_zero(self) -> Density<'t>
    where
        Self: Sized,
    {
        Density { form: Form::SumToZero, ..self.density() }
    }
}

/// How unknowns are written: their coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// By the distribution's support.
    Plain,
    /// As location + scale x z.
    NonCentered,
    /// The same of a normal unknown: the density of the standard value stands in place of that of the unknown, and nothing has to cancel.
    Standardised,
    /// In ascending order along the innermost plate.
    Ordered,
    /// With sum 0 along the innermost plate.
    SumToZero,
}

/// A log density with its parameters filled in: what a statement adds to the graph.
pub struct Density<'t> {
    pub(crate) family: DensityFamily,
    pub(crate) arguments: Vec<Argument<'t>>,
    /// How an unknown of it is written.
    pub(crate) form: Form,
    /// A mistake made while the parameters were named; reported when the model is built.
    pub(crate) error: Option<crate::Error>,
}

/// Where the log density comes from.
#[derive(Clone)]
pub(crate) enum DensityFamily {
    Formula(Arc<dyn Family>),
    Learned(Arc<dyn Learned>),
    /// A density of vectors, whose size its arguments will say.
    Joint(Arc<dyn JointFamily>),
}

impl<'t> Density<'t> {
    /// The density of kernel `K` with `P` parameters for values of `W` numbers.
    pub fn formula<K: Kernel<P, W>, const P: usize, const W: usize>(arguments: [Argument<'t>; P]) -> Self {
        Self::family(Arc::new(Elementwise::<K, P, W>::new()), arguments.into())
    }

    /// The same for a kernel whose formula is written for vectors too.
    pub(crate) fn vector_formula<K: VectorKernel<P>, const P: usize>(arguments: [Argument<'t>; P]) -> Self {
        Self::family(Arc::new(Elementwise::<K, P, 1>::with_vectors()), arguments.into())
    }

    pub(crate) fn family(family: Arc<dyn Family>, arguments: Vec<Argument<'t>>) -> Self {
        Self { family: DensityFamily::Formula(family), arguments, form: Form::Plain, error: None }
    }

    /// A density of vectors.
    pub(crate) fn joint(family: Arc<dyn JointFamily>, arguments: Vec<Argument<'t>>) -> Self {
        Self { family: DensityFamily::Joint(family), arguments, form: Form::Plain, error: None }
    }

    /// A density given by more than a formula, with one argument per name in `learned.names()`, in that order.
    pub fn learned(learned: Arc<dyn Learned>, arguments: Vec<Argument<'t>>) -> Self {
        Self { family: DensityFamily::Learned(learned), arguments, form: Form::Plain, error: None }
    }

    /// A density that cannot be built: the error is reported when the model is.
    pub fn invalid(learned: Arc<dyn Learned>, error: crate::Error) -> Self {
        Self { error: Some(error), ..Self::learned(learned, vec![]) }
    }

    /// The same density of a normal unknown, to be sampled through standard normal values.
    pub(crate) fn standardised(mut self) -> Self {
        self.form = Form::Standardised;
        self
    }

    /// The names of the parameters.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.family {
            DensityFamily::Formula(family) => family.parameters().into_iter().map(|(name, _)| name).collect(),
            DensityFamily::Learned(learned) => learned.names().to_vec(),
            DensityFamily::Joint(family) => {
                family.arguments().iter().map(|argument| argument.name.to_string()).collect()
            }
        }
    }
}

impl<'t> Distribution<'t> for Density<'t> {
    fn density(self) -> Density<'t> {
        self
    }
}
