//! One parameter among the draws.

use super::diagnostics::weighted;
use super::look_up::unknown_name;
use super::{Draws, Parameter, diagnostics};
use crate::{Error, ErrorKind, Result};

/// The draws of one parameter array; [`Draws::get`] finds it by name. Elements are row-major over the parameter's shape.
#[derive(Clone, Copy, Debug)]
pub struct ParameterDraws<'a> {
    draws: &'a Draws,
    parameter: &'a Parameter,
    first: usize,
}

impl Draws {
    /// A parameter by its name.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when there is none of this name; the message lists those there are, the nearest first.
    pub fn get(&self, name: &str) -> Result<ParameterDraws<'_>> {
        let mut first = 0;
        for parameter in self.parameters() {
            if parameter.name == name {
                return Ok(ParameterDraws { draws: self, parameter, first });
            }
            first += parameter.width();
        }
        Err(unknown_name("parameter", name, self.parameters().iter().map(|p| p.name.as_str())))
    }
}

impl<'a> ParameterDraws<'a> {
    /// The parameter's name.
    pub fn name(&self) -> &'a str {
        &self.parameter.name
    }

    /// The parameter's shape: `[]` for a scalar.
    pub fn shape(&self) -> &'a [usize] {
        &self.parameter.shape
    }

    /// The number of scalars in the parameter.
    pub fn width(&self) -> usize {
        self.parameter.width()
    }

    /// One element: a slice of draws per chain.
    ///
    /// # Panics
    /// When there is no such element.
    pub fn column(&self, element: usize) -> Vec<&'a [f64]> {
        assert!(element < self.width(), "element {element} of `{}`, which has {}", self.name(), self.width());
        self.draws.column_at(self.first + element)
    }

    /// All elements, in order: for each a slice of draws per chain.
    pub fn columns(&self) -> impl Iterator<Item = Vec<&'a [f64]>> + use<'a> {
        let (draws, first) = (self.draws, self.first);
        (0..self.width()).map(move |element| draws.column_at(first + element))
    }

    /// One chain: a slice of draws per element.
    ///
    /// # Panics
    /// When there is no such chain.
    pub fn chain(&self, chain: usize) -> Vec<&'a [f64]> {
        assert!(chain < self.draws.chains(), "chain {chain} of {}", self.draws.chains());
        self.columns().map(|chains| chains[chain]).collect()
    }

    /// All draws of all chains, the first chain first: each an array of `width()` elements.
    pub fn iter(&self) -> impl Iterator<Item = Vec<f64>> + use<'a> {
        let this = *self;
        this.draws.chain_lengths().into_iter().enumerate().flat_map(move |(chain, length)| {
            let elements = this.chain(chain);
            (0..length).map(move |draw| elements.iter().map(|column| column[draw]).collect())
        })
    }

    /// The mean of every element over all draws, by their weights where they have some.
    pub fn mean(&self) -> Vec<f64> {
        self.each(diagnostics::mean, weighted::mean)
    }

    /// The standard deviation of every element over all draws, by their weights where they have some.
    pub fn sd(&self) -> Vec<f64> {
        self.each(diagnostics::sd, weighted::sd)
    }

    /// A quantile of every element over all draws, by their weights where they have some; NaN for an element with a NaN among its draws.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] for a probability outside [0, 1].
    pub fn quantile(&self, probability: f64) -> Result<Vec<f64>> {
        if !(0.0..=1.0).contains(&probability) {
            let message = format!("expected a probability in [0, 1], got {probability}; the median is 0.5");
            return Err(Error::new(ErrorKind::Value, message));
        }
        Ok(self.each(
            |chains| diagnostics::quantile(chains, probability),
            |draws, weights| weighted::quantile(draws, weights, probability),
        ))
    }

    /// A figure of every element, of draws that count alike or by their weights.
    fn each(&self, alike: impl Fn(&[&[f64]]) -> f64, by_weight: impl Fn(&[f64], &[f64]) -> f64) -> Vec<f64> {
        match self.draws.weights().map(|weights| weights.concat()) {
            None => self.columns().map(|chains| alike(&chains)).collect(),
            Some(weights) => self.columns().map(|chains| by_weight(&chains.concat(), &weights)).collect(),
        }
    }
}
