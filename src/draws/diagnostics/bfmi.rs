//! E-BFMI: does momentum resampling reach all energies?
//!
//! Hamiltonian Monte Carlo moves between energies `E_n` only by drawing new momenta. The estimated Bayesian fraction of missing
//! information `sum (E_n - E_{n-1})^2 / sum (E_n - mean E)^2` compares one such step with the whole spread: below
//! 0.3 the chain diffuses slowly through the energies and the tails are explored badly. Betancourt 2016,
//! <https://arxiv.org/abs/1604.00695>.

use super::moments::mean_of;

/// E-BFMI of one chain from its energies in order; NaN with fewer than four draws, with an energy that is not finite,
/// or with energies that never change.
pub fn e_bfmi(energy: &[f64]) -> f64 {
    if energy.len() < 4 || !energy.iter().all(|e| e.is_finite()) {
        return f64::NAN;
    }
    let center = mean_of(energy);
    let steps: f64 = energy.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
    let spread: f64 = energy.iter().map(|e| (e - center).powi(2)).sum();
    steps / spread
}
