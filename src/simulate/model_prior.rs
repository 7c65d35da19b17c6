//! A model as the prior of simulations.

use super::Prior;
use crate::model::{Model, Site};
use crate::seed::Stream;

/// Every kept site is a parameter: its name, or one name per element (`x[0]`, `x[1]`, ...) in a plate. Deterministic
/// quantities come along, so that a simulator may be given what it needs on its own scale.
impl Prior for Model {
    fn names(&self) -> Vec<String> {
        let labels = |name: &str, len: usize| (0..len).map(|i| format!("{name}[{i}]")).collect();
        let names = |site: &Site| match site.shape.is_empty() {
            true => vec![site.name.clone()],
            false => labels(&site.name, site.len()),
        };
        self.kept_sites().flat_map(names).collect()
    }

    fn draw(&self, stream: &mut Stream, theta: &mut [f64]) {
        let mut replay = self.density();
        replay.draw_prior(stream);
        let mut values = vec![];
        (0..self.kept_sites().count()).for_each(|k| replay.append_kept(k, &mut values));
        let values = values.into_iter().chain(std::iter::repeat(f64::NAN));
        theta.iter_mut().zip(values).for_each(|(theta, value)| *theta = value);
    }
}
