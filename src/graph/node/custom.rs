//! Nodes with a forward and a backward pass of their own.

/// A function y = f(x) of arrays with its vector-Jacobian product, to be used as one node of a graph.
///
/// The inputs of the node are laid end to end in `x`. Calls must not keep state; they may allocate, but then the gradient
/// of the model does as well.
///
/// # Examples
/// ```
/// use mynah::graph::CustomNode;
///
/// /// y = x0 * x1, for two scalar inputs.
/// struct Product;
/// impl CustomNode for Product {
///     fn forward(&self, x: &[f64], y: &mut [f64]) {
///         y[0] = x[0] * x[1];
///     }
///     fn backward(&self, x: &[f64], _y: &[f64], dy: &[f64], dx: &mut [f64]) {
///         dx[0] = dy[0] * x[1];
///         dx[1] = dy[0] * x[0];
///     }
/// }
/// ```
pub trait CustomNode: Send + Sync {
    /// Writes f(x) to `y`.
    fn forward(&self, x: &[f64], y: &mut [f64]);

    /// Writes the gradient with respect to `x` to `dx`, given `y` = f(x) and the gradient `dy` with respect to `y`.
    fn backward(&self, x: &[f64], y: &[f64], dy: &[f64], dx: &mut [f64]);
}

/// The inputs of a custom node laid end to end, and their gradient.
pub(crate) struct CustomScratch {
    pub(crate) x: Vec<f64>,
    pub(crate) dx: Vec<f64>,
}
