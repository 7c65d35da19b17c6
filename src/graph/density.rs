//! A log density that is computed per distinct row of parameters: the waist between the graph and what is plugged into it.

/// The log density of observed data, bound to the rows of parameters that it is conditioned on.
///
/// The graph finds the distinct rows (see DESIGN D4), gathers them to a contiguous buffer, calls the evaluator and scatters
/// the gradient back. Parameters and gradients are stored column by column: entry `p * rows + r` belongs to
/// parameter `p` of row `r`.
pub trait RowDensity: Send + Sync {
    /// The number of parameters of a row.
    fn parameters(&self) -> usize;

    /// The number of distinct rows the data were bound to.
    fn rows(&self) -> usize;

    /// A workspace for one chain. It allocates whatever it needs here or on its first call, and nothing later.
    fn evaluator(&self) -> Box<dyn RowEvaluator>;

    /// How many of the rows lie outside the region in which this density may be trusted (its training region); 0 for exact ones.
    fn rows_outside(&self, _parameters: &[f64]) -> usize {
        0
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
