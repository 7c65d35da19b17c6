//! A learned likelihood as a density: its value at a datum, draws from it, and what the graph sees of it when data are bound.

use super::bound::Bound;
use super::ensemble::{evaluator, weighted_evaluator};
use super::frozen::Parts;
use super::likelihood::NeuralLikelihood;
use super::sampling::sample_mixture;
use super::score::expected_scores;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{PosteriorCheck, RowDensity, RowEvaluator, ScoreEffort, ScoreOutcome, WeightedEvaluator};
use crate::seed::{Domain, Seed, Stream};
use std::sync::Arc;

/// The most numbers drawn in one call.
const MOST_NUMBERS: usize = 1 << 30;

impl NeuralLikelihood {
    /// The log density of one row of data `x` (length `outcome().width()`) given `theta` (length `names().len()`). Minus infinity
    /// for a time at or before the shift. Beyond the ranges of the training parameters it is the density at the nearest parameters inside,
    /// less 2 nats per squared width that a parameter lies outside.
    ///
    /// For many rows use [`NeuralLikelihood::bind`].
    ///
    /// # Errors
    /// As [`NeuralLikelihood::bind`]; [`ErrorKind::Shape`] when `theta` has another length; [`ErrorKind::Value`] when it is
    /// not finite.
    pub fn log_prob(&self, theta: &[f64], x: &[f64]) -> Result<f64> {
        if theta.len() != self.names().len() {
            let (expected, got) = (self.names().len(), theta.len());
            let names = self.names().join(", ");
            return Err(Error::new(
                ErrorKind::Shape,
                format!("expected {expected} parameters ({names}), got {got}; pass one number for each name"),
            ));
        }
        if let Some(p) = theta.iter().position(|x| !x.is_finite()) {
            let message = format!("expected finite parameters, got {} = {}", self.names()[p], theta[p]);
            return Err(Error::new(ErrorKind::Value, message));
        }
        Ok(self.bind(x, &[0], 1)?.evaluator().log_prob(theta))
    }

    /// Binds data to rows of parameters: `data` is `n x outcome().width()` row by row, datum i belongs to row
    /// `row_of_datum[i]` of `rows`. The parameters come in the order of [`NeuralLikelihood::names`].
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] and [`ErrorKind::Index`] when lengths and indices do not fit; [`ErrorKind::Value`] for data that are
    /// not finite, times that are not positive, choices other than 0 and 1 or never made in training, and counts that are
    /// not whole numbers or above the largest one seen in training (the categorical density gives them probability zero).
    ///
    /// Times and reals outside of the range of the simulations, and counts inside it that no simulation reached, are
    /// accepted: [`RowDensity::doubts`] tells of them, and so does the report of a sampler's run
    /// ([`SamplerReport::messages`](crate::draws::SamplerReport::messages)).
    pub fn bind(&self, data: &[f64], row_of_datum: &[u32], rows: usize) -> Result<Arc<dyn RowDensity>> {
        Ok(Arc::new(BoundLikelihood {
            members: self.bound(data, row_of_datum, rows)?,
            likelihood: self.clone(),
        }))
    }

    /// Draws `count` data given parameters, by name and in any order: `count x outcome().width()` numbers, row by row. The same seed gives
    /// the same data.
    ///
    /// Outside the training region the data are those of the nearest parameters inside.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] for a name that is unknown, missing or repeated; [`ErrorKind::Value`] for a parameter that is not finite;
    /// [`ErrorKind::Options`] for more than 2^30 numbers.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    /// use mynah::simulate::BoxPrior;
    /// let prior = BoxPrior::new([("v", -2.0, 2.0), ("a", 0.8, 2.0), ("w", 0.3, 0.7), ("t0", 0.1, 0.4)])?;
    /// let pairs = Simulations::draw(&prior, &Ddm::default(), 1_000, Seed(1))?;
    /// let ddm = Nle::default().shift("t0").max_epochs(2).fit(&pairs)?;
    /// let trials = ddm.sample([("a", 1.2), ("v", 0.5), ("w", 0.5), ("t0", 0.25)], 100, Seed(2))?;
    /// assert!(trials.chunks(2).all(|trial| trial[0] > 0.25)); // [rt, choice]
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn sample<'n>(
        &self,
        parameters: impl IntoIterator<Item = (&'n str, f64)>,
        count: usize,
        seed: impl Into<Seed>,
    ) -> Result<Vec<f64>> {
        let given: Vec<(&str, f64)> = parameters.into_iter().collect();
        let theta = self.ordered(&given)?;
        let width = self.outcome().width();
        if count.checked_mul(width).is_none_or(|numbers| numbers > MOST_NUMBERS) {
            let message = format!(
                "expected at most {MOST_NUMBERS} numbers in one call, got {count} rows of {width}; draw fewer at a time"
            );
            return Err(Error::new(ErrorKind::Options, message));
        }
        Ok(self.sample_rows(&theta, &vec![0; count], 1, &mut seed.into().stream(Domain::Prediction, 0)))
    }

    /// The parameters in the order of the names.
    fn ordered(&self, given: &[(&str, f64)]) -> Result<Vec<f64>> {
        let wrong = |kind, got: String| {
            let expected = self.names().join("`, `");
            Err(Error::new(kind, format!("expected the parameters `{expected}` by name, got {got}")))
        };
        if let Some((name, _)) = given.iter().find(|(name, _)| !self.names().iter().any(|n| n == name)) {
            return wrong(ErrorKind::Site, format!("the unknown name `{name}`"));
        }
        let mut theta = vec![];
        for name in self.names() {
            match given.iter().filter(|(key, _)| key == name).collect::<Vec<_>>()[..] {
                [(_, value)] if value.is_finite() => theta.push(*value),
                [(_, value)] => {
                    return wrong(ErrorKind::Value, format!("{name} = {value}; pass finite numbers"));
                }
                [] => return wrong(ErrorKind::Site, format!("no `{name}`")),
                _ => return wrong(ErrorKind::Site, format!("`{name}` twice")),
            }
        }
        Ok(theta)
    }
}

/// The density as the graph knows it.
struct BoundLikelihood {
    /// One at least, all bound to the same data.
    members: Vec<Arc<Bound>>,
    likelihood: NeuralLikelihood,
}

impl BoundLikelihood {
    fn parts(&self) -> Vec<&Parts> {
        self.members.iter().map(|member| &*member.parts).collect()
    }
}

impl RowDensity for BoundLikelihood {
    fn parameters(&self) -> usize {
        self.members[0].parameters()
    }

    fn rows(&self) -> usize {
        self.members[0].rows
    }

    fn evaluator(&self) -> Box<dyn RowEvaluator> {
        evaluator(&self.members)
    }

    fn weighted_evaluator(&self) -> Option<Box<dyn WeightedEvaluator>> {
        Some(weighted_evaluator(&self.members))
    }

    fn rows_outside(&self, parameters: &[f64]) -> usize {
        self.members[0].rows_outside(parameters)
    }

    fn doubts(&self) -> Vec<String> {
        // All say the same of data and simulations; one of them may have more to say of its training.
        self.members
            .iter()
            .rev()
            .max_by_key(|member| member.doubts.len())
            .map_or(vec![], |m| m.doubts.clone())
    }

    fn sample(&self, parameters: &[f64], stream: &mut Stream) -> Option<Vec<f64>> {
        let (members, first) = (self.parts(), &self.members[0]);
        let draw = || sample_mixture(&members, parameters, &first.row_of_datum, first.rows, stream);
        first.takes(parameters).then(draw)
    }

    fn check_posterior(&self, draws: &[Vec<f64>], stream: &mut Stream) -> PosteriorCheck {
        self.members[0].observed(&self.parts()).check(draws, stream)
    }

    fn trained_ranges(&self) -> Vec<(String, f64, f64)> {
        self.members[0].parts.trained_ranges()
    }

    fn expected_scores(&self, draws: &[Vec<f64>], center: &[f64], effort: &ScoreEffort<'_>) -> ScoreOutcome {
        expected_scores(&self.likelihood, &self.members[0], draws, center, effort)
    }

    fn unchecked(&self) -> Vec<String> {
        self.members[0].unchecked.clone()
    }
}
