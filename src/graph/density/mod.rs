//! Densities: formulae over distinct rows of parameters, and learned ones bound to data.

pub(super) mod bound;
pub(super) mod classes;
pub(super) mod formula_of_numbers;
pub(super) mod learned;
pub(super) mod scores;
pub(super) mod term;
