//! Models of which something is known: unknowns that are data, that are held fixed, or that are set from outside.
//!
//! All three write the recording anew with numbers in place of a node (`graph/record/rewrite.rs`); they differ in what becomes of the unknown's own density.

use super::coordinates::Prior;
use super::site::{Site, SiteKind};
use super::{Model, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Edits, NodeEdit};
use std::collections::HashMap;

/// What becomes of an unknown that has a value.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    /// It is data.
    Data,
    /// Its density counts, and it stays among what draws hold.
    Fixed,
    /// Its density does not count.
    Set,
}

impl Model {
    /// The model in which some unknowns are data: their values by site, flat in the order of the plates, in the parameters' own space. Their densities
    /// count, so that they say something of what they depend on.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when there is no unknown of such a name, or it is given twice; [`ErrorKind::Shape`] when the values are not as many as it has
    /// elements; [`ErrorKind::Value`] when one is not finite or outside of its support.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn groups(y: &[f64]) {
    ///     sample!(mean ~ Normal(0, 1));
    ///     sample!(scale ~ HalfNormal(2));
    ///     plate!(groups = y.len(), {
    ///         sample!(effect ~ Normal(mean, scale));
    ///         sample!(y ~ Normal(effect, 1), observed = y);
    ///     });
    /// }
    /// let model = groups(&[0.3, -0.9])?;
    /// // What the mean would be if the effects were known.
    /// let known = model.condition(&[("effect", &[0.2, -0.5]), ("scale", &[1.0])])?;
    /// assert_eq!(known.dim(), 1);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn condition(&self, values: &[(&str, &[f64])]) -> Result<Model> {
        self.with_known(values, Known::Data)
    }

    /// The same, but that the sites stay among those that draws hold: unknowns held fixed while the others are sampled.
    ///
    /// # Errors
    /// As [`Model::condition`].
    pub fn substitute(&self, values: &[(&str, &[f64])]) -> Result<Model> {
        self.with_known(values, Known::Fixed)
    }

    /// The model in which some unknowns or deterministic quantities are set from outside (the *do* of Pearl 2009, Causality): what depends on them
    /// sees these values, and they say nothing of what they depended on. Draws hold them.
    ///
    /// The values of unknowns may be any finite numbers. Another expression that is written as a deterministic quantity is, is that quantity.
    ///
    /// # Errors
    /// As [`Model::condition`]; and [`ErrorKind::Site`] for a deterministic quantity that is another site, elements of one, or a number.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn yields(water: &[f64], y: &[f64]) {
    ///     sample!(slope ~ Normal(0, 1));
    ///     sample!(noise ~ HalfNormal(1));
    ///     plate!(fields = y.len(), {
    ///         sample!(growth ~ Normal(slope * water, 0.5));
    ///         sample!(y ~ Normal(growth, noise), observed = y);
    ///     });
    /// }
    /// let model = yields(&[0.1, 0.8], &[0.3, 1.1])?;
    /// let posterior = model.sample(&Nuts::default().draws(200).seed(1))?;
    /// let stopped = model.intervene(&[("growth", &[0.0, 0.0])])?.predict(&posterior, 1)?;
    /// assert!(stopped.get("y")?.mean()[1].abs() < 0.5);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn intervene(&self, values: &[(&str, &[f64])]) -> Result<Model> {
        self.with_known(values, Known::Set)
    }

    fn with_known(&self, values: &[(&str, &[f64])], known: Known) -> Result<Model> {
        let (mut edits, mut changed) = (Edits::default(), HashMap::new());
        for (name, numbers) in values {
            let site = self.site_with_value(name, known)?;
            let prior = self.source.priors.get(*name);
            check_values(site, prior.filter(|_| known != Known::Set), numbers)?;
            if changed.insert(*name, site).is_some() {
                return Err(Error::new(ErrorKind::Site, format!("the values of `{name}` are given twice")));
            }
            if let Some(node) = site.node {
                edits.nodes.insert(node, NodeEdit::Numbers((*numbers).into()));
            }
            if let Some(standard) = prior.and_then(|prior| prior.standard) {
                let zeros = vec![0.0; numbers.len()];
                edits.nodes.insert(standard, NodeEdit::Numbers(zeros.into()));
            }
            let of_prior = prior.filter(|prior| prior.standard.is_some()).zip(site.node);
            match (site.term, of_prior) {
                (Some(term), _) if known == Known::Set => drop(edits.terms.insert(term, None)),
                (Some(term), Some((prior, node))) => {
                    drop(edits.terms.insert(term, Some(prior.term_of(node))))
                }
                _ => {}
            }
        }
        let site = |site: &Site| match changed.contains_key(site.name.as_str()) {
            true => site_with_values(site, self.source.priors.get(&site.name), known),
            false => site.clone(),
        };
        let priors =
            |name: &str| (!changed.contains_key(name)).then(|| self.source.priors.get(name).cloned())?;
        self.rewritten(&edits, self.sites().iter().map(site).collect(), &priors)
    }

    /// The site of a name, if it can be given a value.
    fn site_with_value(&self, name: &str, known: Known) -> Result<&Site> {
        let fits = |site: &&Site| match known {
            Known::Set => site.is_kept(),
            _ => site.kind == SiteKind::Latent,
        };
        let Some(site) = self.sites().iter().filter(fits).find(|site| site.name == name) else {
            let names: Vec<&str> = self.sites().iter().filter(fits).map(|site| site.name.as_str()).collect();
            let what =
                if known == Known::Set { "an unknown or a deterministic quantity" } else { "an unknown" };
            let message =
                format!("expected the name of {what}, got `{name}`; there are `{}`", names.join("`, `"));
            return Err(Error::new(ErrorKind::Site, message));
        };
        let others = self.sites().iter().filter(|other| other.name != site.name);
        let shared = || others.map(|other| other.node).any(|node| node == site.node);
        let alone = |node| self.source.recording.is_computed_alone(node) && !shared();
        match site.kind == SiteKind::Deterministic && !site.node.is_some_and(alone) {
            false => Ok(site),
            true => {
                let message = format!(
                    "expected a quantity that is computed from others, got `{name}`, which is another site, elements of one, or a number; set what it \
                     is read from"
                );
                Err(Error::new(ErrorKind::Site, message))
            }
        }
    }

    /// The model written anew; `priors` are those of its unknowns, as they stood.
    pub(super) fn rewritten(
        &self,
        edits: &Edits,
        mut sites: Vec<Site>,
        priors: &dyn Fn(&str) -> Option<Prior>,
    ) -> Result<Model> {
        let rewritten = self.source.recording.rewritten(edits);
        let moved: HashMap<String, Prior> = sites
            .iter()
            .filter_map(|site| Some((site.name.clone(), priors(&site.name)?.moved(&rewritten, site.node))))
            .collect();
        for site in &mut sites {
            site.node = site.node.map(|node| rewritten.nodes[node as usize]);
            site.term = site.term.and_then(|term| rewritten.terms[term]);
        }
        let summed = self.source.summed.moved(&rewritten);
        let source = Source { recording: rewritten.recording, priors: moved, summed };
        Self::compiled(source, sites, self.warnings.clone())
    }
}

/// There are as many values as elements, finite and possible.
fn check_values(site: &Site, prior: Option<&Prior>, numbers: &[f64]) -> Result<()> {
    let name = &site.name;
    if numbers.len() != site.len() {
        let message =
            format!("expected {} values of `{name}`, one per element, got {}", site.len(), numbers.len());
        return Err(Error::new(ErrorKind::Shape, message));
    }
    let mut possible = None;
    if let Some(bijection) = prior.and_then(|prior| prior.bijection.as_ref())
        && bijection.operands() == 0
    {
        let (mut z, mut back) = (vec![0.0; bijection.coordinates(numbers.len())], vec![0.0; numbers.len()]);
        bijection.unconstrain(numbers, &[], &mut z);
        bijection.constrain(&z, &[], &mut back);
        let differs = |(x, back): (&f64, &f64)| !((x - back).abs() <= 1e-6 * x.abs().max(1e-6));
        possible = numbers.iter().zip(&back).position(differs);
    }
    match numbers.iter().position(|x| !x.is_finite()).or(possible) {
        None => Ok(()),
        Some(at) => {
            let support = site.distribution.as_deref().unwrap_or("a quantity");
            let message = format!(
                "expected finite values of `{name}` in the support of {support}, got {} at position {at}",
                numbers[at]
            );
            Err(Error::new(ErrorKind::Value, message))
        }
    }
}

/// A site that has its values.
fn site_with_values(site: &Site, prior: Option<&Prior>, known: Known) -> Site {
    let mut site = site.clone();
    if known != Known::Data {
        site.kind = SiteKind::Deterministic;
        return site;
    }
    site.kind = SiteKind::Observed;
    site.node = None;
    // Vectors are data of several numbers per element.
    if let Some(prior) = prior {
        let plates = prior.plates.lengths().len().min(site.shape.len());
        site.width = site.shape[plates..].iter().product();
        site.shape.truncate(plates);
        site.plates.truncate(plates);
        site.labels.truncate(plates);
    }
    site
}
