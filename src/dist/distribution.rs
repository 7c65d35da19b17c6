//! Distributions as statements of a model use them.

use super::censored::{censored, interval_censored};
pub(super) use super::density::Density;
use super::density::Form;
use super::lapse::lapse;
use super::truncated::truncated;
use super::value::IntoValue;
use crate::graph::{IntoArgument, Var};

/// Whatever may stand to the right of the tilde: a distribution whose parameters are numbers, data or variables.
///
/// # A distribution of your own
///
/// Its mathematics is a [`Kernel`](super::Kernel): names and domains of the parameters, the support, and for one value the log density with its
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

    /// The log density of a value (a variable, a number, or data along the open plates) as a variable: one number per element of
    /// the plates of value and parameters, normalised, with slopes by all of them. Outside the support it is minus infinity.
    ///
    /// What the macros have no word for is written with it, and added to the log density by `factor!`. (`Univariate::log_prob`
    /// is the density of a distribution of plain numbers, as a plain number.)
    ///
    /// # Examples
    /// A change from one rate to another at an unknown time, which is summed out:
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn changepoint(counts: &[u64]) {
    ///     sample!(early ~ Exponential(0.1));
    ///     sample!(late ~ Exponential(0.1));
    ///     let years = counts.len();
    ///     plate!(change = years, {
    ///         plate!(year = years, {
    ///             // 1 where the year (the inner plate) is past the change.
    ///             let past: Vec<f64> =
    ///                 (0..years * years).map(|i| if i % years > i / years { 1.0 } else { 0.0 }).collect();
    ///             let rate = early + (late - early) * past;
    ///             let each = Poisson(rate).log_prob_of(counts.along("year"));
    ///         });
    ///         let of_change = each.sum();
    ///     });
    ///     factor!(likelihood = of_change.log_sum_exp());
    /// }
    /// assert_eq!(changepoint(&[4, 5, 3, 1, 0, 1])?.dim(), 2);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    ///
    /// # Panics
    /// If there is no variable at all, neither among the parameters nor as the value: then there is no model to record it in.
    fn log_prob_of(self, value: impl IntoValue<'t>) -> Var<'t>
    where
        Self: Sized,
    {
        self.density().log_prob_of_value(value.into_value())
    }

    /// This distribution given that the value lies between `low` and `high`, ends included: cut off and normalised anew. The ends are
    /// numbers (infinite ones too), data, or variables. It takes a family whose distribution function is known (Normal,
    /// HalfNormal, LogNormal, Exponential, Gamma, InverseGamma, Weibull, Cauchy, HalfCauchy, Logistic, Laplace, Gumbel, Pareto, Uniform,
    /// LogUniform, and the families of counts).
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// Only what was above the detection limit is in the data.
    /// #[model]
    /// fn above_the_limit(y: &[f64], limit: f64) {
    ///     sample!(mu ~ Normal(0, 10));
    ///     sample!(sigma ~ HalfNormal(5).truncated(0.1, 20));
    ///     plate!(rows = y.len(), {
    ///         sample!(y ~ Normal(mu, sigma).truncated(limit, f64::INFINITY), observed = y);
    ///     });
    /// }
    /// assert_eq!(above_the_limit(&[2.5, 3.1, 2.2], 2.0)?.dim(), 2);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    fn truncated(self, low: impl IntoArgument<'t>, high: impl IntoArgument<'t>) -> Density<'t>
    where
        Self: Sized,
    {
        truncated(self.density(), low.into_argument(), high.into_argument())
    }

    /// This distribution where values at or beyond the limits are known as such only: a datum at or below `low` counts with the probability
    /// of being there, one at or above `high` likewise, any other with its density. The limits are numbers (infinite ones for
    /// none) or data, one per datum. It takes the families that [`Distribution::truncated`] takes; for observed values. A draw
    /// beyond a limit is the limit.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// Times until failure; those of what was still running are the ends of the observation.
    /// #[model]
    /// fn failures(time: &[f64], end: &[f64]) {
    ///     sample!(rate ~ Exponential(1));
    ///     plate!(units = time.len(), {
    ///         sample!(time ~ Exponential(rate).censored(0, end), observed = time);
    ///     });
    /// }
    /// assert_eq!(failures(&[1.5, 4.0, 2.2], &[4.0, 4.0, 5.0])?.dim(), 1);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    fn censored(self, low: impl IntoArgument<'t>, high: impl IntoArgument<'t>) -> Density<'t>
    where
        Self: Sized,
    {
        censored(self.density(), low.into_argument(), high.into_argument())
    }

    /// This distribution where each datum is an interval that the value lies in, `[low, high]`: with infinite ends for what is
    /// censored on one side, with equal ones for a value that is known. It takes the families that [`Distribution::truncated`]
    /// takes; for observed values. A draw is known exactly.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// Between which two visits it happened; to the last one it had not.
    /// #[model]
    /// fn between_visits(visits: &[[f64; 2]]) {
    ///     sample!(shape ~ Gamma(2, 1));
    ///     sample!(rate ~ Gamma(2, 1));
    ///     plate!(patients = visits.len(), {
    ///         sample!(time ~ Gamma(shape, rate).interval_censored(), observed = visits);
    ///     });
    /// }
    /// assert_eq!(between_visits(&[[1.0, 2.0], [0.0, 1.0], [6.0, f64::INFINITY]])?.dim(), 2);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    fn interval_censored(self) -> Density<'t>
    where
        Self: Sized,
    {
        interval_censored(self.density())
    }

    /// A mixture of this distribution and another that takes its place with probability `rate`: lapses of attention, outliers,
    /// around a learned likelihood too.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn trials(responses: &[Response]) {
    ///     sample!(drift ~ Normal(0, 2));
    ///     sample!(lapse ~ Beta(1, 19));
    ///     plate!(trials = responses.len(), {
    ///         let decision = Wiener(drift, 1.5, 0.5, 0.2);
    ///         sample!(response ~ decision.lapse(lapse, UniformResponse(0.0, 5.0)), observed = responses);
    ///     });
    /// }
    /// let responses = [Response { rt: 0.6, choice: 1 }, Response { rt: 0.1, choice: 0 }];
    /// assert_eq!(trials(&responses)?.dim(), 2);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    fn lapse(self, rate: impl IntoArgument<'t>, other: impl Distribution<'t>) -> Density<'t>
    where
        Self: Sized,
    {
        lapse(self.density(), rate.into_argument(), other.density())
    }
}
