//! A log density that is computed per distinct row of parameters: the waist between the graph and what is plugged into it.

use super::scores::{ScoreEffort, ScoreOutcome};
use crate::error::Result;
use crate::seed::Stream;
use std::sync::Arc;

/// A family of densities that is given by more than a formula (a trained network, say) and is conditioned on named
/// parameters.
pub trait Learned: Send + Sync {
    /// The parameters' names, in the order in which rows list them.
    fn names(&self) -> &[String];

    /// The numbers per datum.
    fn width(&self) -> usize;

    /// Binds the density to data (`width()` numbers each, row by row), of which datum i belongs to the row
    /// `row_of_datum[i]` of `rows` rows of parameters.
    ///
    /// # Errors
    /// When a datum is outside of what the density can speak of; the message says which.
    fn bind(&self, data: &[f64], row_of_datum: &[u32], rows: usize) -> Result<Arc<dyn RowDensity>>;
}

/// What a density says of a posterior ([`RowDensity::check_posterior`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PosteriorCheck {
    /// What a reader of the results must know, a sentence each; a sampler's report repeats them with the name of the site.
    pub sentences: Vec<String>,
    /// Whether data drawn from the posterior are unlike those observed.
    pub unlike: bool,
}

/// The log density of observed data, bound to the rows of parameters that it is conditioned on.
///
/// The graph finds the distinct rows, gathers them to a contiguous buffer, calls the evaluator and scatters
/// the gradient back. Parameters and gradients are stored column by column: entry `p * rows + r` belongs to
/// parameter `p` of row `r`.
pub trait RowDensity: Send + Sync {
    /// The number of parameters of a row.
    fn parameters(&self) -> usize;

    /// The number of distinct rows the data were bound to.
    fn rows(&self) -> usize;

    /// A workspace for one chain. It allocates whatever it needs here or on its first call, and nothing later.
    fn evaluator(&self) -> Box<dyn RowEvaluator>;

    /// A workspace for one chain where each datum counts with a weight of its own: in a mixture, or wherever the log density of single
    /// data is a variable. `None`, unless overridden: the graph then binds each datum alone, which gives the same and is slower.
    fn weighted_evaluator(&self) -> Option<Box<dyn WeightedEvaluator>> {
        None
    }

    /// How many of the rows lie outside the region in which this density may be trusted (its training region); 0 for
    /// exact ones.
    fn rows_outside(&self, parameters: &[f64]) -> usize;

    /// What a reader of the results must know of the data it was bound to, a sentence each: data unlike any it was
    /// trained on, say. A sampler's report repeats them with the name of the site. Nothing, unless overridden.
    fn doubts(&self) -> Vec<String> {
        vec![]
    }

    /// Draws data like those it was bound to: for each, in their order, a datum (`width()` numbers) at its own row of
    /// `parameters`. `None`, unless overridden: such a density cannot be drawn from.
    fn sample(&self, _parameters: &[f64], _stream: &mut Stream) -> Option<Vec<f64>> {
        None
    }

    /// What a reader of the results must know of a posterior; `draws` are the parameters of all rows at some draws of it. Nothing,
    /// unless overridden.
    fn check_posterior(&self, _draws: &[Vec<f64>], _stream: &mut Stream) -> PosteriorCheck {
        PosteriorCheck::default()
    }

    /// The range in which each parameter of a row was trained; empty, as it is unless overridden, for a density that was not.
    fn trained_ranges(&self) -> Vec<(String, f64, f64)> {
        vec![]
    }

    /// Its mean scores over data simulated at each of some `draws`, the parameters of all rows; and, where `center` is not empty, what the
    /// observed data pull beyond that at these parameters. Nothing to check, unless overridden.
    fn expected_scores(
        &self,
        _draws: &[Vec<f64>],
        _center: &[f64],
        _effort: &ScoreEffort<'_>,
    ) -> ScoreOutcome {
        ScoreOutcome::Exact
    }

    /// What is to be said of a learned density whose expected scores are not known: the error to expect from the number of its
    /// simulations alone, a sentence each. Nothing, unless overridden.
    fn unchecked(&self) -> Vec<String> {
        vec![]
    }
}

/// The workspace of one chain for a [`RowDensity`].
pub trait RowEvaluator: Send {
    /// The sum of the log densities of all data. Parameters outside the density's domain give NaN or minus infinity.
    fn log_prob(&mut self, parameters: &[f64]) -> f64;

    /// The same sum, with its gradient with respect to every parameter of every row *written* to `gradient`.
    fn log_prob_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> f64;

    /// The log density of each datum, in the order in which the data were bound, written to `out`.
    fn pointwise(&mut self, parameters: &[f64], out: &mut [f64]);
}

/// The workspace of one chain for a [`RowDensity`] whose data are weighed ([`RowDensity::weighted_evaluator`]).
pub trait WeightedEvaluator: RowEvaluator {
    /// The gradient of the sum in which datum i counts `weights[i]` times, by every parameter of every row, *written* to
    /// `gradient`. It follows [`RowEvaluator::pointwise`] at the same parameters, whose results may be used again. A datum of
    /// weight 0 plays no part, even where its log density is not finite.
    fn weighted_gradient(&mut self, parameters: &[f64], weights: &[f64], gradient: &mut [f64]);
}
