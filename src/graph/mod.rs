//! The static graph: record once, replay often (DESIGN D1).
//!
//! A [`Tape`] records what a model function does to [`Var`]s; `compile` lays the recording out as a graph of array
//! nodes and fused density terms; a [`Replay`] is that graph with the workspace of one chain. Users meet [`Var`],
//! [`Argument`], and the traits by which nodes of their own are plugged in: [`CustomNode`], [`Learned`].

mod along;
mod argument;
mod axes;
mod bound;
mod cholesky;
mod classes;
mod compile;
mod custom;
mod data_matrix;
mod density;
mod density_node;
mod distinct;
mod draw;
mod draw_record;
mod elements;
mod elementwise;
mod explain;
mod formula_of_numbers;
mod function;
mod functions;
mod gaps;
mod gather;
mod linear_algebra;
mod live;
mod log_sum_exp;
mod matrix;
mod matrix_products;
mod mix;
mod op;
mod operand;
mod operators;
mod place_densities;
mod plates;
mod products;
mod program;
mod recording;
mod replay;
mod rewrite;
mod scalars;
mod scan;
mod scan_block;
mod scan_record;
mod scores;
mod shape;
mod states;
mod sums;
mod sweep;
mod sweep_generate;
mod tape;
mod tempered;
mod term;
mod unknown;
mod var;
mod vectors;
mod workspace;

pub use along::{Along, AlongPlate};
pub use argument::{Argument, Index, IntoArgument, IntoIndex};
pub use axes::{AxisElements, IntoAxis};
pub(crate) use compile::{Graph, compile};
pub use custom::CustomNode;
pub use data_matrix::{IntoMatrix, Matrix};
pub use density::{Learned, PosteriorCheck, RowDensity, RowEvaluator, WeightedEvaluator};
pub(crate) use draw_record::{DrawRecord, DrawRule};
pub(crate) use formula_of_numbers::{log_prob_of_one, sample_one};
pub(crate) use function::{ElementFunction, function_of_one};
pub(crate) use gather::{BLOCK, Block, fill_up, sum};
#[doc(hidden)]
pub use operators::{ComparableWithVar, InBrackets};
pub(crate) use recording::{FamilyRecord, NodeId, Operand, Recording, TermKind, ValueRecord};
pub use replay::Replay;
pub(crate) use rewrite::{Edits, NodeEdit, Rewritten};
pub use scores::{ExpectedScores, ScoreEffort, ScoreOutcome};
pub(crate) use shape::{Axis, Map, Shape};
pub(crate) use sweep_generate::{Given, LearnedSite};
pub use tape::Tape;
pub(crate) use term::{Call, Formula, Sink, Value};
pub use var::Var;
