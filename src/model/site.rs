//! The named statements of a model.

use crate::graph::NodeId;

/// A named statement of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// The name, unique within the model.
    pub name: String,
    /// What the statement does.
    pub kind: SiteKind,
    /// The plates it stands in, outermost first.
    pub plates: Vec<String>,
    /// The labels of the elements of each of these plates; empty for a plate without labels.
    pub labels: Vec<Vec<String>>,
    /// The length of each of these plates; empty for a scalar.
    pub shape: Vec<usize>,
    /// The distribution's name, for sampled and observed sites.
    pub distribution: Option<String>,
    pub(crate) node: Option<NodeId>,
    pub(crate) term: Option<usize>,
    /// The numbers per element, for observed sites.
    pub(crate) width: usize,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SiteKind {
    /// `sample!`: an unknown that the posterior is about.
    Latent,
    /// `sample!` with `observed`: data.
    Observed,
    /// `deterministic!`: a quantity computed from others, kept with the draws.
    Deterministic,
    /// `sample!` of a discrete distribution without `observed`: an unknown that is summed out.
    Discrete,
    /// `factor!`: a term added to the log density.
    Factor,
}

impl Site {
    /// Whether draws hold values of this site.
    pub fn is_kept(&self) -> bool {
        matches!(self.kind, SiteKind::Latent | SiteKind::Deterministic)
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
