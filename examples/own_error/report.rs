//! Learned beside exact, parameter by parameter.

use crate::options::Options;
use mynah::prelude::*;
use serde::Serialize;
use std::time::Instant;

/// All figures; distances are in exact posterior sds.
#[derive(Serialize)]
pub(crate) struct Report {
    example: &'static str,
    correlation: f64,
    left: f64,
    fits: Vec<Fit>,
}

#[derive(Serialize)]
pub(crate) struct Fit {
    pub(crate) name: String,
    pub(crate) simulations: usize,
    /// Of the score check.
    pub(crate) seconds: f64,
    pub(crate) parameters: Vec<Parameter>,
}

#[derive(Serialize)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// Learned less exact mean.
    pub(crate) off: f64,
    /// What the check says of it.
    pub(crate) predicted: f64,
    /// Corrected less exact mean; `off` where there is no correction.
    pub(crate) left: f64,
    pub(crate) mcse: f64,
}

impl Fit {
    /// A learned posterior beside an exact one of the same parameters.
    pub(crate) fn of(
        name: String,
        simulations: usize,
        learned: &Draws,
        exact: &Draws,
    ) -> mynah::Result<Self> {
        let corrected = match learned.corrected() {
            Ok(corrected) => corrected,
            Err(error) => {
                println!("{name}: {error}");
                learned.clone()
            }
        };
        let (rows, after, exact) = (learned.summary().rows, corrected.summary().rows, exact.summary().rows);
        let parameter = |k: usize| {
            let in_sds = |mean: f64| (mean - exact[k].mean) / exact[k].sd;
            let ratio = rows[k].sd / exact[k].sd;
            Parameter {
                name: exact[k].name.clone(),
                off: in_sds(rows[k].mean),
                predicted: rows[k].moved.unwrap_or(f64::NAN) * ratio,
                left: in_sds(after[k].mean),
                mcse: rows[k].moved_mcse.unwrap_or(f64::NAN) * ratio,
            }
        };
        let seconds = learned.report().moved.as_ref().map_or(0.0, |moved| moved.seconds);
        Ok(Self { name, simulations, seconds, parameters: (0..exact.len()).map(parameter).collect() })
    }

    fn line(&self) -> String {
        let rms = |of: fn(&Parameter) -> f64| root_mean_square(self.parameters.iter().map(of));
        let worst =
            |of: fn(&Parameter) -> f64| self.parameters.iter().map(of).fold(0.0, |a: f64, b| a.max(b.abs()));
        format!(
            "{:<22} {:>8} {:>5.2} s   rms off {:.2} predicted {:.2} left {:.2}   worst off {:.2} left {:.2}   mcse {:.2}",
            self.name,
            self.simulations,
            self.seconds,
            rms(|p| p.off),
            rms(|p| p.predicted),
            rms(|p| p.left),
            worst(|p| p.off),
            worst(|p| p.left),
            rms(|p| p.mcse),
        )
    }
}

fn root_mean_square(values: impl Iterator<Item = f64> + Clone) -> f64 {
    (values.clone().map(|x| x * x).sum::<f64>() / values.count() as f64).sqrt()
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { example: "own_error", correlation: f64::NAN, left: f64::NAN, fits: vec![] }
    }

    pub(crate) fn add(&mut self, fit: Fit) {
        println!("{}", fit.line());
        self.fits.push(fit);
    }

    /// Prints and writes the figures over all fits.
    pub(crate) fn end(mut self, options: &Options) -> Result<(), Box<dyn std::error::Error>> {
        let all = || self.fits.iter().flat_map(|fit| &fit.parameters);
        let correlation = correlation(&all().map(|p| (p.off, p.predicted)).collect::<Vec<_>>());
        let left = root_mean_square(all().map(|p| p.left)) / root_mean_square(all().map(|p| p.off));
        println!(
            "correlation of predicted and actual shifts {correlation:.3}; left after correction {left:.2} of what was"
        );
        (self.correlation, self.left) = (correlation, left);
        if let Some(path) = &options.json {
            std::fs::write(path, serde_json::to_string_pretty(&self)?)?;
        }
        Ok(())
    }
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (mx, my) = pairs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let sum = |f: fn(f64, f64) -> f64| pairs.iter().map(|(x, y)| f(x - mx, y - my)).sum::<f64>();
    sum(|x, y| x * y) / (sum(|x, _| x * x) * sum(|_, y| y * y)).sqrt()
}

/// NUTS as all fits are made with.
pub(crate) fn nuts(options: &Options, seed: u64) -> Nuts {
    let draws = options.draws();
    Nuts::default()
        .target_acceptance(0.9)
        .warmup((draws / 4).max(100))
        .draws(draws)
        .seed(seed)
        .progress(Progress::Hidden)
        .score_check(options.check.clone())
}

/// Says how long something took.
pub(crate) fn timed<T>(what: &str, job: impl FnOnce() -> mynah::Result<T>) -> mynah::Result<T> {
    let start = Instant::now();
    let done = job()?;
    eprintln!("{what}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(done)
}
