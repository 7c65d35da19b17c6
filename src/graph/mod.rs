//! The static graph: record once, replay often.
//!
//! A [`Tape`] records what a model function does to [`Var`]s; `compile` lays the recording out as a graph of array
//! nodes and fused density terms; a [`Replay`] is that graph with the workspace of one chain. Users meet [`Var`],
//! [`Argument`], and the traits by which nodes of their own are plugged in: [`CustomNode`], [`Learned`].

mod density;
mod node;
mod record;
mod run;
mod shape;

pub(crate) use density::formula_of_numbers::{log_prob_of_one, sample_one};
pub use density::learned::{Learned, PosteriorCheck, RowDensity, RowEvaluator, WeightedEvaluator};
pub use density::scores::{ExpectedScores, ScoreEffort, ScoreOutcome};
pub(crate) use density::term::{Call, Formula, Sink, Value};
pub use node::custom::CustomNode;
pub(crate) use node::function::{ElementFunction, function_of_one};
pub(crate) use node::gather::{BLOCK, Block, fill_up, sum};
pub use record::along::{Along, AlongPlate};
pub use record::argument::{Argument, Index, IntoArgument, IntoIndex};
pub use record::axes::{AxisElements, IntoAxis};
pub use record::data_matrix::{IntoMatrix, Matrix};
pub(crate) use record::draw_record::{DrawRecord, DrawRule};
#[doc(hidden)]
pub use record::operators::{ComparableWithVar, InBrackets};
pub(crate) use record::recording::{FamilyRecord, NodeId, Operand, Recording, TermKind, ValueRecord};
pub(crate) use record::rewrite::{Edits, NodeEdit, Rewritten};
pub use record::tape::Tape;
pub use record::var::Var;
pub(crate) use run::compile::{Graph, compile};
pub use run::replay::Replay;
pub(crate) use run::sweep_generate::{Given, LearnedSite};
pub(crate) use shape::{Axis, Map, Shape};
