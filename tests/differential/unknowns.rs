//! Statements of programs beyond scalars: vectors, slices, recursions.

use super::program::{Distribution, Expr, Plate};

/// The numbers of a vector.
#[derive(Clone, Debug)]
pub(crate) enum Vector {
    /// One for all, a variable.
    Same(Expr),
    Numbers(Vec<f64>),
    /// An array over this plate, which is not open, and perhaps open ones.
    Array(Expr, usize),
}

/// A lower triangular matrix.
#[derive(Clone, Debug)]
pub(crate) enum Factor {
    /// Row by row, with numbers above the diagonal that are not read.
    Numbers(Vec<f64>),
    /// An array over these two axes, rows perhaps scaled.
    Array { matrix: Expr, axes: [usize; 2], scale: Option<Vector> },
}

#[derive(Clone, Debug)]
pub(crate) enum Prior {
    /// In order along the innermost plate, and above 0 if so.
    Ordered(Distribution, bool),
    /// Of sum 0 along the innermost plate.
    SumToZero(Distribution),
    /// Uniform from an end that is a variable on, so wide.
    Between(Expr, Expr),
    /// A Pareto distribution above an end that is a variable.
    Above(Expr, f64),
    /// Student's t with 3 degrees of freedom, as location + scale z.
    NonCenteredStudent(Expr, Expr),
    /// As exp(location + scale z).
    NonCenteredLogNormal(Expr, Expr),
    /// As it is, or as location + factor z.
    MvNormal {
        loc: Vector,
        factor: Factor,
        noncentered: bool,
    },
    Dirichlet(Vector),
    LkjCholesky(Expr),
}

/// An unknown whose coordinates may be other in number than its elements.
#[derive(Clone, Debug)]
pub(crate) struct Unknown {
    pub(crate) binding: usize,
    pub(crate) name: String,
    pub(crate) prior: Prior,
    /// Its first coordinate of z, and how many there are of each slice.
    pub(crate) first: usize,
    pub(crate) coordinates: usize,
    /// The plates along which slices are repeated, and the size of a slice.
    pub(crate) repeated: Vec<Plate>,
    pub(crate) size: usize,
    /// The axes of a slice.
    pub(crate) along: Vec<Plate>,
}

/// A recursion along the innermost plate.
#[derive(Clone, Debug)]
pub(crate) struct Recursion {
    pub(crate) name: String,
    /// One per state.
    pub(crate) bindings: Vec<usize>,
    pub(crate) starts: Vec<Expr>,
    pub(crate) inputs: Vec<Expr>,
    pub(crate) step: Vec<Expr>,
    pub(crate) along: Plate,
}
