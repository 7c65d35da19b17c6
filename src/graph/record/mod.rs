//! Recording: the tape, variables and what is done to them.

pub(super) mod along;
pub(super) mod argument;
pub(super) mod axes;
pub(super) mod data_matrix;
pub(super) mod draw_record;
pub(super) mod elements;
pub(super) mod functions;
pub(super) mod gaps;
pub(super) mod linear_algebra;
pub(super) mod matrix_products;
pub(super) mod mix;
pub(super) mod operand;
pub(super) mod operators;
pub(super) mod plates;
pub(super) mod recording;
pub(super) mod rewrite;
pub(super) mod scan_record;
pub(super) mod states;
pub(super) mod sums;
pub(super) mod tape;
pub(super) mod var;
pub(super) mod vectors;
