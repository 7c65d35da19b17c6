//! The macros of mynah.
