//! Draws that count differently: log weights, as importance sampling gives them.

use super::{Draws, diagnostics};
use crate::{Error, ErrorKind, Result};

impl Draws {
    /// The same draws with a log weight each, up to a constant: one list per chain, minus infinity for a draw that does not count.
    /// Means, standard deviations, quantiles and the summary are then weighted, and the effective sample sizes are those
    /// of independent draws with such weights ([`diagnostics::weighted`]).
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] when there is not one for each draw, [`ErrorKind::Value`] for NaN and plus infinity, and when no draw counts.
    ///
    /// # Examples
    /// ```
    /// use mynah::draws::{ChainDraws, Draws, Parameter};
    /// let chain = ChainDraws { values: vec![0.0, 1.0, 5.0], statistics: vec![] };
    /// let draws = Draws::new(vec![Parameter::new("x", [])], vec![chain])?;
    /// // Weights 1, 3 and 0.
    /// let draws = draws.with_log_weights(vec![vec![0.0, 3_f64.ln(), f64::NEG_INFINITY]])?;
    /// assert!((draws.get("x")?.mean()[0] - 0.75).abs() < 1e-12);
    /// assert!((draws.weight_ess().unwrap() - 1.6).abs() < 1e-12); // (1 + 3)^2 / (1 + 9)
    /// # Ok::<(), mynah::Error>(())
    /// ```
    pub fn with_log_weights(mut self, log_weights: Vec<Vec<f64>>) -> Result<Self> {
        let lengths: Vec<usize> = log_weights.iter().map(Vec::len).collect();
        if lengths != self.chain_lengths() {
            let (expected, got) = (self.chain_lengths(), lengths);
            let message = format!(
                "expected a log weight for each draw of each chain, {expected:?} of them, got {got:?}"
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let all = || log_weights.iter().flatten();
        if let Some(wrong) = all().find(|weight| weight.is_nan() || **weight == f64::INFINITY) {
            let message = format!(
                "expected log weights below infinity, got {wrong}; a draw that does not count has minus infinity"
            );
            return Err(Error::new(ErrorKind::Value, message));
        }
        if all().all(|weight| *weight == f64::NEG_INFINITY) {
            let message = "expected a draw that counts, got log weights of minus infinity alone; draw from a density that covers the target";
            return Err(Error::new(ErrorKind::Value, message));
        }
        self.log_weights = Some(log_weights);
        Ok(self)
    }

    /// The log weights of one chain's draws as they were given; `None` where all draws count alike.
    ///
    /// # Panics
    /// When there is no such chain.
    pub fn log_weights(&self, chain: usize) -> Option<&[f64]> {
        self.log_weights.as_ref().map(|chains| chains[chain].as_slice())
    }

    /// The weights of all draws, one list per chain, of sum 1 over all of them; `None` where all draws count alike.
    pub fn weights(&self) -> Option<Vec<Vec<f64>>> {
        let chains = self.log_weights.as_ref()?;
        let top = chains.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = chains.iter().flatten().map(|weight| (weight - top).exp()).sum();
        Some(chains.iter().map(|chain| chain.iter().map(|w| (w - top).exp() / total).collect()).collect())
    }

    /// The number of equally weighted independent draws that the weights are worth, `(sum w)^2 / sum w^2` (Kish 1965); `None` where all
    /// draws count alike.
    pub fn weight_ess(&self) -> Option<f64> {
        Some(diagnostics::weighted::ess_of_weights(&self.weights()?.concat()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::{ChainDraws, Parameter};

    fn draws(chains: &[&[f64]]) -> Draws {
        let chain = |values: &&[f64]| ChainDraws { values: values.to_vec(), statistics: vec![] };
        Draws::new(vec![Parameter::new("x", [])], chains.iter().map(chain).collect()).unwrap()
    }

    /// Weights 1, 2, 1 | 4, 0 of 2, 4, 6 | 8, 100: mean (2 + 8 + 6 + 32) / 8 = 6; sum w (x - 6)^2 = 16 + 8 + 0 + 16 = 40; sum w^2 = 22.
    #[test]
    fn moments_and_quantiles_of_a_case_done_by_hand() {
        let draws = draws(&[&[2.0, 4.0, 6.0], &[8.0, 100.0]]);
        let log = |weights: &[f64]| weights.iter().map(|w: &f64| 700.0 + w.ln()).collect::<Vec<f64>>();
        let draws = draws.with_log_weights(vec![log(&[1.0, 2.0, 1.0]), log(&[4.0, 0.0])]).unwrap();
        let x = draws.get("x").unwrap();
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} for {b}");
        near(x.mean()[0], 6.0);
        // sum w (x - m)^2 / (1 - sum w^2) with weights of sum 1: (40/8) / (1 - 22/64).
        near(x.sd()[0], (5.0_f64 / (1.0 - 22.0 / 64.0)).sqrt());
        near(draws.weight_ess().unwrap(), 64.0 / 22.0);
        // Middles of the weights at 0.5, 2, 3.5 and 6 of 8, stretched from [0.5, 6] to [0, 1]: 2 at 0, 4 at 3/11, 6 at 6/11, 8 at 1.
        near(x.quantile(0.0).unwrap()[0], 2.0);
        near(x.quantile(3.0 / 11.0).unwrap()[0], 4.0);
        near(x.quantile(0.5).unwrap()[0], 4.0 + 2.0 * (0.5 - 3.0 / 11.0) / (3.0 / 11.0));
        near(x.quantile(1.0).unwrap()[0], 8.0);
        let row = &draws.summary().rows[0];
        near(row.mean, 6.0);
        // sum w^2 (x - m)^2 = (1 x 16 + 4 x 4 + 0 + 16 x 4) / 64 = 96 / 64; the variance 5 of them.
        near(row.mcse_mean, (96.0_f64 / 64.0).sqrt());
        near(row.ess_bulk, 5.0 / (96.0 / 64.0));
        assert!(row.r_hat.is_nan());
    }

    /// Equal weights change no mean, sd or quantile.
    #[test]
    fn equal_weights_count_alike() {
        let plain = draws(&[&[3.0, 1.0, 4.0, 1.0, 5.0], &[9.0, 2.0, 6.0, 5.0]]);
        let weighted = plain.clone().with_log_weights(vec![vec![-3.0; 5], vec![-3.0; 4]]).unwrap();
        let (a, b) = (plain.get("x").unwrap(), weighted.get("x").unwrap());
        let near = |a: Vec<f64>, b: Vec<f64>| assert!((a[0] - b[0]).abs() < 1e-12, "{a:?} for {b:?}");
        near(a.mean(), b.mean());
        near(a.sd(), b.sd());
        for p in [0.0, 0.05, 0.3, 0.5, 0.95, 1.0] {
            near(a.quantile(p).unwrap(), b.quantile(p).unwrap());
        }
        assert!((weighted.weight_ess().unwrap() - 9.0).abs() < 1e-12);
        assert!(weighted.warnings().iter().all(|warning| !warning.to_string().contains("chains")));
    }

    #[test]
    fn wrong_weights_are_refused() {
        let error =
            |weights: Vec<Vec<f64>>| draws(&[&[1.0, 2.0], &[3.0]]).with_log_weights(weights).unwrap_err();
        assert_eq!(error(vec![vec![0.0, 0.0]]).kind(), ErrorKind::Shape);
        assert_eq!(error(vec![vec![0.0], vec![0.0, 0.0]]).kind(), ErrorKind::Shape);
        for bad in [f64::NAN, f64::INFINITY] {
            assert_eq!(error(vec![vec![0.0, bad], vec![0.0]]).kind(), ErrorKind::Value);
        }
        let none = error(vec![vec![f64::NEG_INFINITY; 2], vec![f64::NEG_INFINITY]]);
        assert!(none.to_string().contains("a density that covers the target"), "{none}");
    }
}
