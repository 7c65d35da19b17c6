//! Running: compiling a recording, and the sweeps over the graph.

pub(super) mod compile;
pub(super) mod density_node;
pub(super) mod distinct;
pub(super) mod draw;
pub(super) mod explain;
pub(super) mod live;
pub(super) mod place_densities;
pub(super) mod replay;
pub(super) mod sweep;
pub(super) mod sweep_generate;
pub(super) mod tempered;
pub(super) mod unknown;
pub(super) mod workspace;
