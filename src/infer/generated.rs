//! From draws to what a model says of them: data that it would make, quantities computed anew, log densities of data.

use super::places::Places;
use crate::draws::{ChainDraws, Draws, Parameter};
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Given, Replay};
use crate::model::{Model, Site, SiteKind};
use crate::seed::{Domain, Seed, Stream};

/// Where the values of a kept site come from.
#[derive(Clone, Copy, PartialEq)]
enum Source {
    /// The columns of the draws from here on.
    Draws(usize),
    /// Its prior, given the others.
    Prior,
    /// Computed from others.
    Computed,
}

impl Model {
    /// For each of some draws, with its weight, the data that this model would make: every observed site drawn anew, the deterministic quantities computed from the
    /// draw, and the unknowns that the draws lack. The draws may be of another model: unknowns are taken by name where their shapes are the
    /// same, and drawn from their priors (given the others) where the draws have none of that name and shape, as for new groups; the report says
    /// which. So the same function, called with other covariates, predicts for these; one with more `deterministic!` quantities computes them over a
    /// posterior that is there.
    ///
    /// The observed values are not used; they must be there and be possible. Sites whose density cannot be drawn from are left out.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when the draws have none of this model's unknowns, or there is nothing to predict; [`ErrorKind::Options`] when the result does
    /// not fit into memory.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// #[model]
    /// fn line(x: &[f64], y: &[f64]) {
    ///     sample!(slope ~ Normal(0, 1));
    ///     sample!(noise ~ HalfNormal(1));
    ///     plate!(rows = x.len(), {
    ///         deterministic!(mean = slope * x);
    ///         sample!(y ~ Normal(mean, noise), observed = y);
    ///     });
    /// }
    /// let posterior = line(&[0.0, 1.0, 2.0], &[0.1, 0.9, 2.2])?.sample(&Nuts::default().draws(500).seed(1))?;
    /// let predicted = line(&[10.0, 20.0], &[0.0; 2])?.predict(&posterior, 1)?;
    /// let (mean, y) = (predicted.get("mean")?, predicted.get("y")?);
    /// assert_eq!(y.shape(), [2]);
    /// assert!((mean.mean()[1] - 20.0 * posterior.get("slope")?.mean()[0]).abs() < 1e-9);
    /// assert!(y.sd()[0] > mean.sd()[0]);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn predict(&self, draws: &Draws, seed: impl Into<Seed>) -> Result<Draws> {
        let seed = seed.into();
        let sources = self.sources(draws)?;
        let kept: Vec<&Site> = self.kept_sites().collect();
        let new = |k: &usize| !matches!(sources[*k], Source::Draws(_));
        let new: Vec<usize> = (0..kept.len()).filter(new).collect();
        let observed: Vec<&Site> = self.observed().collect();
        if new.is_empty() && observed.is_empty() {
            return Err(nothing_to_say(
                "observed sites, deterministic quantities or unknowns that the draws lack",
            ));
        }
        let discrete: Vec<&Site> = self.discrete_sites().collect();
        let mut replay = self.density();
        let unknowns = new.iter().map(|k| kept[*k]).chain(discrete.iter().copied());
        let mut parameters: Vec<Parameter> = unknowns.map(|site| parameter(site, 1)).collect();
        // Which sites can be drawn shows at the first draw.
        let mut drawable: Option<Vec<bool>> = None;
        let chains = self.each_draw(draws, &sources, &mut replay, seed, &mut |replay, stream, row| {
            for k in &new {
                replay.append_kept(*k, row);
            }
            let states = self.draw_states(replay, false, stream);
            for site in &discrete {
                row.extend(self.states_of(site, &states).unwrap_or_default());
            }
            let drawn: Vec<_> =
                observed.iter().map(|site| self.draw_observed(site, replay, &states, stream)).collect();
            let can = drawable.get_or_insert_with(|| drawn.iter().map(Option::is_some).collect());
            for ((site, numbers), _) in observed.iter().zip(drawn).zip(can.iter()).filter(|(_, can)| **can) {
                // Of parameters that allow no draw there are no data.
                row.extend(numbers.unwrap_or_else(|| vec![f64::NAN; site.len() * site.width]));
            }
        })?;
        let drawn = observed.iter().zip(drawable.unwrap_or_default()).filter(|(_, can)| *can);
        parameters.extend(drawn.map(|(site, _)| parameter(site, site.width)));
        let mut report = draws.report().clone();
        report.moved = None;
        report.messages = drawn_anew(&kept, &sources);
        Ok(beside(draws, parameters, chains)?.with_report(report))
    }

    /// For each of some draws, with its weight, the log density of every observed datum: what leave-one-out cross-validation and information criteria start
    /// from. One array per observed site, under its name and of its shape. The draws may be of another model of the same unknowns, such as this one
    /// with other data.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when the draws lack an unknown of this model, or have it in another shape; [`ErrorKind::Options`] when the result does
    /// not fit into memory.
    pub fn log_likelihood(&self, draws: &Draws) -> Result<Draws> {
        let sources = self.sources_of_all(draws)?;
        let observed: Vec<&Site> = self.sites_of_data().collect();
        if observed.is_empty() {
            return Err(nothing_to_say("observed sites"));
        }
        let mut replay = self.density();
        let chains = self.each_draw(draws, &sources, &mut replay, Seed(0), &mut |replay, _, row| {
            for term in observed.iter().filter_map(|site| site.term) {
                row.extend(replay.pointwise_here(term));
            }
        })?;
        beside(draws, observed.iter().map(|site| parameter(site, 1)).collect(), chains)
    }

    /// For some draws of this model, its discrete unknowns, which it summed out: for each draw, with its weight, their states given all data and the draw.
    /// (`predict` draws them from their priors instead.)
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when the draws lack an unknown of this model, or it has no discrete ones; [`ErrorKind::Options`] when the result does not
    /// fit into memory.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    ///
    /// /// Which of two groups each datum comes from.
    /// #[model]
    /// fn groups(y: &[f64]) {
    ///     plate!(groups = 2, {
    ///         sample!(mean ~ Normal(0, 3).ordered());
    ///     });
    ///     sample!(share ~ Beta(2, 2));
    ///     plate!(rows = y.len(), {
    ///         sample!(group ~ Bernoulli(share));
    ///         sample!(y ~ Normal(mean.at(group), 0.5), observed = y);
    ///     });
    /// }
    /// let model = groups(&[-2.1, 1.8, -1.9, 2.2, 2.0])?;
    /// let posterior = model.sample(&Nuts::default().draws(500).seed(1))?;
    /// let group = model.infer_discrete(&posterior, 1)?.get("group")?.mean();
    /// assert!(group[0] < 0.05 && group[1] > 0.95);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn infer_discrete(&self, draws: &Draws, seed: impl Into<Seed>) -> Result<Draws> {
        let sources = self.sources_of_all(draws)?;
        let discrete: Vec<&Site> = self.discrete_sites().collect();
        if discrete.is_empty() {
            return Err(nothing_to_say("discrete unknowns"));
        }
        let mut replay = self.density();
        let chains =
            self.each_draw(draws, &sources, &mut replay, seed.into(), &mut |replay, stream, row| {
                let states = self.draw_states(replay, true, stream);
                discrete
                    .iter()
                    .for_each(|site| row.extend(self.states_of(site, &states).unwrap_or_default()));
            })?;
        beside(draws, discrete.iter().map(|site| parameter(site, 1)).collect(), chains)
    }

    fn discrete_sites(&self) -> impl Iterator<Item = &Site> {
        self.sites().iter().filter(|site| site.kind == SiteKind::Discrete)
    }

    /// Where the values of each kept site come from, none of them from its prior.
    fn sources_of_all(&self, draws: &Draws) -> Result<Vec<Source>> {
        let sources = self.sources(draws)?;
        match self.kept_sites().zip(&sources).find(|(_, source)| **source == Source::Prior) {
            None => Ok(sources),
            Some((site, _)) => {
                let message = format!(
                    "expected draws of all unknowns of this model, got none of `{}` with the shape {:?}; sample this model, or one with the same unknowns",
                    site.name, site.shape
                );
                Err(Error::new(ErrorKind::Site, message))
            }
        }
    }

    fn observed(&self) -> impl Iterator<Item = &Site> {
        self.sites().iter().filter(|site| site.kind == SiteKind::Observed)
    }

    /// Where the values of each kept site come from.
    fn sources(&self, draws: &Draws) -> Result<Vec<Source>> {
        let source = |site: &Site| {
            if site.kind == SiteKind::Deterministic {
                return Source::Computed;
            }
            let mut first = 0;
            for parameter in draws.parameters() {
                if parameter.name == site.name && parameter.shape == site.shape {
                    return Source::Draws(first);
                }
                first += parameter.width();
            }
            Source::Prior
        };
        let sources: Vec<Source> = self.kept_sites().map(source).collect();
        if !sources.iter().any(|source| matches!(source, Source::Draws(_))) {
            let own: Vec<String> = self.kept_sites().map(|site| format!("`{}`", site.name)).collect();
            let theirs: Vec<String> =
                draws.parameters().iter().map(|own| format!("`{}`", own.name)).collect();
            let message = format!(
                "expected draws of this model's unknowns ({}), got draws of {}: none has the same name and shape",
                own.join(", "),
                theirs.join(", ")
            );
            return Err(Error::new(ErrorKind::Site, message));
        }
        Ok(sources)
    }

    /// Restores every draw and has a row of numbers written at each; the chains of these rows.
    fn each_draw(
        &self,
        draws: &Draws,
        sources: &[Source],
        replay: &mut Replay,
        seed: Seed,
        write: &mut dyn FnMut(&mut Replay, &mut Stream, &mut Vec<f64>),
    ) -> Result<Vec<ChainDraws>> {
        let kept: Vec<&Site> = self.kept_sites().collect();
        let drawn: Vec<Option<usize>> = kept
            .iter()
            .zip(sources)
            .map(|(site, source)| site.term.filter(|_| *source == Source::Prior))
            .collect();
        let given = Given {
            kept: &|k| matches!(sources.get(k), Some(Source::Draws(_))),
            drawn: &|term| drawn.contains(&Some(term)),
        };
        let places = Places::spread(draws, draws.total_draws());
        let (mut chains, mut index) = (vec![], 0);
        for length in draws.chain_lengths() {
            let mut values: Vec<f64> = vec![];
            for draw in 0..length {
                let columns = places.row(draws, index);
                let mut row = vec![];
                for (site, source) in kept.iter().zip(sources) {
                    match source {
                        Source::Draws(first) => row.extend(&columns[*first..first + site.len()]),
                        Source::Prior | Source::Computed => row.resize(row.len() + site.len(), f64::NAN),
                    }
                }
                let stream = &mut seed.stream(Domain::Prediction, index as u64);
                replay.restore_given(&row, &given, stream);
                let before = values.len();
                write(replay, stream, &mut values);
                if draw == 0 && values.try_reserve_exact((values.len() - before) * length).is_err() {
                    let message = format!(
                        "expected numbers that fit into memory, got {length} draws of {} each; thin the draws",
                        values.len()
                    );
                    return Err(Error::new(ErrorKind::Options, message));
                }
                index += 1;
            }
            chains.push(ChainDraws { values, statistics: vec![] });
        }
        Ok(chains)
    }
}

fn nothing_to_say(expected: &str) -> Error {
    let message = format!(
        "expected a model with {expected}, got one without; there is nothing to compute of the draws"
    );
    Error::new(ErrorKind::Site, message)
}

/// Rows computed of draws, one for each, with the weights of these.
fn beside(draws: &Draws, parameters: Vec<Parameter>, chains: Vec<ChainDraws>) -> Result<Draws> {
    let computed = Draws::new(parameters, chains)?;
    let log_weights = (0..draws.chains()).map(|chain| draws.log_weights(chain).map(<[f64]>::to_vec));
    match log_weights.collect() {
        Some(log_weights) => computed.with_log_weights(log_weights),
        None => Ok(computed),
    }
}

/// A site as a parameter of draws.
fn parameter(site: &Site, width: usize) -> Parameter {
    let mut shape = site.shape.clone();
    let mut labels = site.labels.clone();
    if width > 1 {
        shape.push(width);
        labels.push(vec![]);
    }
    Parameter::new(&site.name, shape).with_coordinates(labels)
}

/// What was drawn from priors because the draws do not have it.
fn drawn_anew(kept: &[&Site], sources: &[Source]) -> Vec<String> {
    let of_prior = kept.iter().zip(sources).filter(|(_, source)| **source == Source::Prior);
    let names: Vec<String> = of_prior.map(|(site, _)| format!("`{}`", site.name)).collect();
    match names.is_empty() {
        true => vec![],
        false => vec![format!(
            "{} was drawn from its prior given the others: the draws have none of that name and shape.",
            names.join(", ")
        )],
    }
}
