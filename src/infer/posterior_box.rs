//! Where a posterior has the parameters of a learned likelihood.

use super::places::Places;
use crate::draws::Draws;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;
use crate::simulate::BoxPrior;

/// The box is wider than the draws by so much of their width on each side.
const MARGIN: f64 = 0.25;
/// The least width, as a share of the trained range.
const LEAST: f64 = 1e-3;
/// The draws looked at.
const MOST: usize = 4000;

impl Model {
    /// The box that holds the parameters of a learned likelihood at all draws (of at most 4000, spread evenly), wider by a quarter on each side, within
    /// the range that it was trained in and where draws left it as far as they did. A likelihood learned again from simulations in this
    /// box has most of its errors behind it: all simulations lie where they count. `statement` is the name of the observed site.
    ///
    /// Where the first posterior was far off, the second may leave the box, which its report says; do it once more then.
    ///
    /// # Errors
    /// [`ErrorKind::Site`] when no observed site of this name has a learned likelihood; [`ErrorKind::Shape`] when the draws are not of this model's
    /// unknowns; [`ErrorKind::Value`] when a parameter is not finite.
    ///
    /// # Examples
    /// ```
    /// use mynah::prelude::*;
    /// let wide = BoxPrior::new([("rate", 0.5, 60.0)])?;
    /// let chips = Counts(|theta, stream| Poisson(theta[0]).sample(stream) as u64);
    /// let learn = |prior: &BoxPrior| {
    ///     let pairs = Simulations::draw(prior, &chips, 4_000, 1)?;
    ///     Nle::default().hidden(&[16]).max_epochs(20).fit(&pairs)
    /// };
    ///
    /// #[model]
    /// fn cookies(learned: &NeuralLikelihood, chips: &[u64]) {
    ///     sample!(rate ~ Gamma(2.0, 0.2));
    ///     plate!(cookies = chips.len(), {
    ///         sample!(count ~ learned.given(rate), observed = chips);
    ///     });
    /// }
    /// let (counts, nuts) = ([9, 12, 7, 10, 11, 8], Nuts::default().draws(300).seed(1));
    /// let first = cookies(&learn(&wide)?, &counts)?;
    /// let narrow = first.posterior_box(&first.sample(&nuts)?, "count")?;
    /// let second = cookies(&learn(&narrow)?, &counts)?.sample(&nuts)?;
    /// # assert!((second.get("rate")?.mean()[0] - 9.5).abs() < 2.0);
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn posterior_box(&self, draws: &Draws, statement: &str) -> Result<BoxPrior> {
        self.check_own(draws)?;
        let mut replay = self.density();
        let places: Vec<_> = replay.learned();
        let named = |place: &str| place == format!("site `{statement}`");
        let Some(site) = places.iter().find(|site| named(&site.place)) else {
            let known: Vec<&str> = places.iter().map(|site| site.place.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let message = format!(
                "expected an observed site with a learned likelihood, got `{statement}`; there is {known}"
            );
            return Err(Error::new(ErrorKind::Site, message));
        };
        let spread = Places::spread(draws, draws.total_draws().min(MOST));
        let at = spread.parameters(&mut replay, draws, &[site.term]);
        let side = |(p, (name, low, high)): (usize, (String, f64, f64))| {
            let rows = site.density.rows();
            let values = || at.iter().flat_map(|of| of[0][p * rows..(p + 1) * rows].iter().copied());
            let least = values().fold(f64::INFINITY, f64::min);
            let greatest = values().fold(f64::NEG_INFINITY, f64::max);
            let margin = (MARGIN * (greatest - least)).max(LEAST * (high - low));
            // Draws that left the trained range are in the box, no margin beyond them.
            (name, (least - margin).max(low.min(least)), (greatest + margin).min(high.max(greatest)))
        };
        BoxPrior::new(site.density.trained_ranges().into_iter().enumerate().map(side))
    }
}
