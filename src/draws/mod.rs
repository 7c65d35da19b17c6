//! What a sampler returns: chains of draws of named parameter arrays, in the parameters' own space, with the
//! sampler's statistics; and whether they can be believed.
//!
//! [`Draws`] holds the numbers, [`diagnostics`] judges them, [`Summary`] prints them, a [`Warning`] says in words what is
//! wrong with them.

mod chain;
mod cmdstan;
mod corrected;
pub mod diagnostics;
mod look_up;
mod moved;
pub(crate) mod number;
mod parameter;
mod places;
mod provenance;
mod report;
mod sampler_statistics;
mod save;
mod statistic;
mod store;
mod summary;
mod summary_row;
mod table;
mod view;
mod warning;
mod warning_text;
mod weights;

pub use chain::ChainDraws;
pub(crate) use moved::Correction;
pub use moved::Moved;
pub use parameter::Parameter;
pub use places::{Correlated, Place};
pub use provenance::Provenance;
pub use report::{Divergence, SamplerReport};
pub use statistic::{DrawStatistics, Statistic};
pub use store::Draws;
pub use summary::Summary;
pub use summary_row::SummaryRow;
pub use view::ParameterDraws;
pub use warning::{Suspect, Suspects, Warning};
