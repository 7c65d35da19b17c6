//! Random numbers of the simulators, by `rand_distr` alone: nothing of the library's own distributions is drawn from.

use mynah::Stream;
use rand::RngExt;
use rand_distr::{Beta, Distribution, Exp, Gamma, Normal, StandardNormal};

pub(crate) fn uniform(stream: &mut Stream) -> f64 {
    stream.random()
}

pub(crate) fn normal(stream: &mut Stream, mean: f64, sd: f64) -> f64 {
    Normal::new(mean, sd).expect("a standard deviation of 0 or more").sample(stream)
}

pub(crate) fn normals(stream: &mut Stream, count: usize) -> Vec<f64> {
    (0..count).map(|_| StandardNormal.sample(stream)).collect()
}

pub(crate) fn half_normal(stream: &mut Stream, sd: f64) -> f64 {
    normal(stream, 0.0, sd).abs()
}

pub(crate) fn log_normal(stream: &mut Stream, mean: f64, sd: f64) -> f64 {
    normal(stream, mean, sd).exp()
}

pub(crate) fn beta(stream: &mut Stream, a: f64, b: f64) -> f64 {
    Beta::new(a, b).expect("positive shapes").sample(stream)
}

pub(crate) fn exponential(stream: &mut Stream, rate: f64) -> f64 {
    Exp::new(rate).expect("a positive rate").sample(stream)
}

/// Gamma numbers divided by their sum.
pub(crate) fn dirichlet(stream: &mut Stream, concentration: [f64; 3]) -> [f64; 3] {
    let parts = concentration.map(|a| Gamma::new(a, 1.0).expect("a positive shape").sample(stream));
    parts.map(|part| part / parts.iter().sum::<f64>())
}

pub(crate) fn category(stream: &mut Stream, probabilities: &[f64; 3]) -> usize {
    let u = uniform(stream);
    if u < probabilities[0] { 0 } else { 1 + usize::from(u >= probabilities[0] + probabilities[1]) }
}

/// Normal numbers of one standard deviation, drawn until they are in order.
pub(crate) fn ordered(stream: &mut Stream, means: [f64; 3], sd: f64) -> [f64; 3] {
    loop {
        let drawn = means.map(|mean| normal(stream, mean, sd));
        if drawn.is_sorted() {
            return drawn;
        }
    }
}

/// The logarithm of the normal density, written out.
pub(crate) fn log_normal_density(x: f64, mean: f64, sd: f64) -> f64 {
    let z = (x - mean) / sd;
    -0.5 * z * z - sd.ln() - 0.5 * std::f64::consts::TAU.ln()
}

/// ln of a sum of exponentials.
pub(crate) fn log_sum(terms: [f64; 3]) -> f64 {
    let most = terms.into_iter().fold(f64::NEG_INFINITY, f64::max);
    most + terms.map(|term| (term - most).exp()).iter().sum::<f64>().ln()
}
