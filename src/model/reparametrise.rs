//! The same model in other coordinates: centred or not, site by site.

use super::Model;
use super::coordinates::{Coordinates, Prior};
use super::site::{Site, SiteKind};
use crate::dist::Form;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Edits, NodeEdit, Tape};

impl Model {
    /// The same model with some unknowns sampled as location + scale x z; see [`Distribution::noncentered`](crate::dist::Distribution::noncentered). Its posterior
    /// is the same, and draws hold the same sites.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when there is no unknown of such a name, or its distribution has no location and scale.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn groups(y: &[f64]) {
    ///     sample!(scale ~ HalfNormal(2));
    ///     plate!(groups = y.len(), {
    ///         sample!(effect ~ Normal(0, scale));
    ///         sample!(y ~ Normal(effect, 1), observed = y);
    ///     });
    /// }
    /// let model = groups(&[0.3, -0.9, 0.1])?;
    /// let posterior = model.noncentered(&["effect"])?.sample(&Nuts::default().draws(200).seed(1))?;
    /// assert_eq!(posterior.get("effect")?.shape(), [3]);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn noncentered(&self, sites: &[&str]) -> Result<Model> {
        self.in_form(sites, Form::NonCentered)
    }

    /// The same model with some unknowns sampled as they are, though they were written with `.noncentered()`.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when there is no unknown of such a name, or it is of a distribution put together of others.
    pub fn centered(&self, sites: &[&str]) -> Result<Model> {
        self.in_form(sites, Form::Plain)
    }

    fn in_form(&self, sites: &[&str], form: Form) -> Result<Model> {
        let (mut edits, mut priors) = (Edits::default(), self.source.priors.clone());
        for name in sites {
            let (site, prior) = self.unknown_with_prior(name)?;
            let new = self
                .prior_in_form(site, prior, form, &mut edits)
                .map_err(|error| error.context(format!("at site `{name}`")))?;
            priors.insert(name.to_string(), new);
        }
        self.rewritten(&edits, self.sites().to_vec(), &|name| priors.get(name).cloned())
    }

    fn unknown_with_prior(&self, name: &str) -> Result<(&Site, &Prior)> {
        let known =
            |site: &&Site| site.kind == SiteKind::Latent && self.source.priors.contains_key(&site.name);
        match self.sites().iter().filter(known).find(|site| site.name == name) {
            Some(site) => Ok((site, &self.source.priors[name])),
            None => {
                let names: Vec<&str> =
                    self.sites().iter().filter(known).map(|site| site.name.as_str()).collect();
                let message = format!(
                    "expected the name of an unknown whose distribution is not put together of others, got `{name}`; there are `{}`",
                    names.join("`, `")
                );
                Err(Error::new(ErrorKind::Site, message))
            }
        }
    }

    /// Notes how the recording changes, and returns the prior as it then is.
    fn prior_in_form(&self, site: &Site, prior: &Prior, form: Form, edits: &mut Edits) -> Result<Prior> {
        let (Some(node), Some(term)) = (site.node, site.term) else { return Ok(prior.clone()) };
        if let Form::Ordered | Form::SumToZero = prior.form {
            let message = "expected an unknown whose elements stand for themselves, got one that is ordered or sums to zero";
            return Err(Error::new(ErrorKind::Site, message));
        }
        let mut new = Prior { form, ..prior.clone() };
        if let (Form::NonCentered, Some(standardised)) = (form, prior.family.standardised()) {
            if prior.standard.is_none() {
                let [location, scale] = [0, 1].map(|k| prior.parameters[k].clone());
                edits.nodes.insert(node, NodeEdit::Standardised { location, scale });
                let of_z = Prior { family: standardised, ..prior.clone() };
                edits.terms.insert(term, Some(of_z.term_of(node)));
                (new.bijection, new.standard) = (None, Some(node));
            }
            return Ok(new);
        }
        let tape = Tape::of(self.source.recording.copy(), &prior.plates);
        let Coordinates { bijection, operands } = Coordinates::of(&tape, prior, form)?;
        new.bijection = Some(bijection.clone());
        edits.nodes.insert(node, NodeEdit::Unknown(bijection, operands));
        if let Some(standard) = new.standard.take() {
            edits.nodes.insert(standard, NodeEdit::Numbers(vec![0.0; site.len()].into()));
            edits.terms.insert(term, Some(prior.term_of(node)));
        }
        Ok(new)
    }
}
