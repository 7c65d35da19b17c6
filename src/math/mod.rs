//! Special functions with derivatives.
