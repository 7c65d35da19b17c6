//! Models: named statements over plates, recorded once as a graph.
//!
//! A [`Model`] is what a `#[model]` function returns. It knows its [`Site`]s, its log density as a
//! [`Replay`] for samplers, and how to draw from its prior and to predict.

#[doc = include_str!("language.md")]
pub mod language {}

mod check;
mod combined;
mod condition;
mod coordinates;
mod discrete;
mod missing;
mod predict;
mod reparametrise;
mod scope;
mod site;
mod statement;
mod states;
mod summed;
mod summed_draws;

pub use predict::Values;
pub use scope::Scope;
pub use site::{Site, SiteKind};
pub use statement::Statement;

use crate::error::Result;
use crate::graph::{Graph, NodeId, Recording, Replay, compile};
use crate::logdensity::{DensityError, LogDensity};
use coordinates::Prior;
use states::Summed;
use std::collections::HashMap;
use std::sync::Arc;

/// A recorded model with its data inside: immutable, cheap to clone, shared by chains and threads.
#[derive(Clone)]
pub struct Model {
    graph: Arc<Graph>,
    sites: Arc<[Site]>,
    warnings: Arc<[String]>,
    /// What the graph was compiled from, to be written anew.
    source: Arc<Source>,
}

/// A recording, and what is known of its unknowns.
struct Source {
    recording: Recording,
    /// The priors of unknowns, by the names of their sites; none of unknowns whose distribution is put together of others.
    priors: HashMap<String, Prior>,
    summed: Summed,
}

impl Model {
    /// Records a model function once. `#[model]` wraps a function's body in this call.
    ///
    /// # Errors
    /// The first mistake of the recording: lengths that do not match their plate, positions out of range, two sites of
    /// one name, data or constants outside of what a distribution allows; or whatever the function itself returns.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    /// let model = Model::record(|scope| {
    ///     let mu = scope.site("mu").sample(Normal(0.0, 1.0));
    ///     scope.enter("rows", 3);
    ///     scope.site("y").observe(Normal(mu, 1.0), &[0.1, 0.9, 0.4]);
    ///     scope.exit();
    ///     Ok(())
    /// })?;
    /// assert_eq!(model.dim(), 1);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn record(body: impl FnOnce(&Scope) -> Result<()>) -> Result<Self> {
        let scope = Scope::default();
        let outcome = body(&scope);
        Self::finish(scope, outcome)
    }

    fn finish(scope: Scope, outcome: Result<()>) -> Result<Self> {
        if let Some(error) = scope.tape.take_error() {
            return Err(error);
        }
        outcome?;
        scope.tape.check_closed()?;
        let mut sites = scope.sites.take();
        check::labels(&sites)?;
        let summed = scope.sum_out(&mut sites)?;
        if let Some(error) = scope.tape.take_error() {
            return Err(error);
        }
        let mut recording = scope.tape.inner.into_inner();
        let warnings = std::mem::take(&mut recording.warnings);
        Self::compiled(
            Source { recording, priors: scope.priors.into_inner(), summed },
            sites,
            warnings.into(),
        )
    }

    fn compiled(source: Source, sites: Vec<Site>, warnings: Arc<[String]>) -> Result<Self> {
        let kept = sites.iter().filter(|site| site.is_kept()).filter_map(|site| site.node);
        let kept: Vec<NodeId> = kept.chain(source.summed.nodes()).collect();
        let graph = compile(source.recording.copy(), &kept)?;
        Ok(Self { graph: Arc::new(graph), sites: sites.into(), warnings, source: Arc::new(source) })
    }

    /// What is worth a word about the model as it was built, one sentence each: an unknown of the real line that stands for a
    /// scale, an index that fits two open plates. A sampler's report repeats them.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The number of unconstrained dimensions.
    pub fn dim(&self) -> usize {
        self.graph.dim
    }

    /// All statements, in the order in which they were recorded.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// The sites whose values draws hold: unknowns and deterministic quantities, in order.
    pub fn kept_sites(&self) -> impl Iterator<Item = &Site> {
        self.sites.iter().filter(|site| site.is_kept())
    }

    /// The log density of the unconstrained unknowns, log-Jacobians included: what samplers run on.
    pub fn density(&self) -> Replay {
        Replay::new(self.graph.clone())
    }

    /// The log density at one unconstrained point; for many points take [`Model::density`] once.
    ///
    /// # Errors
    /// When it is NaN or plus infinity; the message names the site.
    pub fn log_density(&self, z: &[f64]) -> std::result::Result<f64, DensityError> {
        self.density().log_density(z)
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "Model in {} unconstrained dimensions", self.dim())?;
        for site in self.sites.iter() {
            let plates = if site.plates.is_empty() {
                String::new()
            } else {
                format!(" in {}", site.plates.join(", "))
            };
            let distribution = site.distribution.as_deref().unwrap_or("");
            writeln!(f, "  {} ({:?} {distribution}){plates} {:?}", site.name, site.kind, site.shape)?;
        }
        Ok(())
    }
}
