//! What nodes compute: operations, functions, matrices, recursions.

pub(super) mod cholesky;
pub(super) mod custom;
pub(super) mod elementwise;
pub(super) mod function;
pub(super) mod gather;
pub(super) mod log_sum_exp;
pub(super) mod matrix;
pub(super) mod op;
pub(super) mod products;
pub(super) mod program;
pub(super) mod scalars;
pub(super) mod scan;
pub(super) mod scan_block;
