//! Real trials of several subjects, whose true parameters nobody knows and which the model describes only nearly: what is moved is judged
//! by the posterior under the exact likelihood.

#[path = "../common/trials.rs"]
mod trials;

use crate::alarms::says_moved;
use crate::options::Options;
use crate::report::{Fit, nuts, timed};
use mynah::prelude::*;
use mynah::simulate::{Prior, SimulationOptions};
use std::error::Error;
use std::path::Path;
use std::sync::OnceLock;
use trials::Trials;

/// Shifts beyond this, in posterior sds, are printed one by one.
const PRINTED: f64 = 0.5;

/// The exact posterior, which does not depend on what is learned: it is sampled for the first seed alone.
static EXACT: OnceLock<Draws> = OnceLock::new();

/// The region the likelihood is learned in.
#[model]
fn training_prior() {
    sample!(v ~ Uniform(-3.5, 3.5));
    sample!(a ~ Uniform(0.6, 3.5));
    sample!(w ~ Uniform(0.2, 0.8));
    sample!(t0 ~ Uniform(0.0, 0.6));
}

#[model]
fn learned_model(data: &Trials, ddm: &NeuralLikelihood) {
    sample!(v_mu ~ Normal(0.0, 2.0));
    sample!(v_sigma ~ HalfNormal(1.0));
    plate!(subjects = data.subjects(), {
        sample!(v ~ Normal(v_mu, v_sigma));
    });
    sample!(a ~ HalfNormal(2.0));
    sample!(w ~ Uniform(0.0, 1.0));
    sample!(t0 ~ Uniform(0.0, data.fastest()));
    plate!(trials = data.len(), {
        sample!(response ~ ddm.given(v: v.at(&data.subject), a, w, t0), observed = &data.responses);
    });
}

#[model]
fn exact_model(data: &Trials) {
    sample!(v_mu ~ Normal(0.0, 2.0));
    sample!(v_sigma ~ HalfNormal(1.0));
    plate!(subjects = data.subjects(), {
        sample!(v ~ Normal(v_mu, v_sigma));
    });
    sample!(a ~ HalfNormal(2.0));
    sample!(w ~ Uniform(0.0, 1.0));
    sample!(t0 ~ Uniform(0.0, data.fastest()));
    plate!(trials = data.len(), {
        sample!(response ~ Wiener(v.at(&data.subject), a, w, t0), observed = &data.responses);
    });
}

/// The trials of a file, with a drift for each subject: by a likelihood learned in the whole region, and by one learned where that posterior is.
pub(crate) fn fits(path: &Path, options: &Options, seed: u64) -> Result<[Fit; 2], Box<dyn Error>> {
    let data = Trials::read(path)?;
    let exact = exact(&data, options)?;
    let (first, second) = if options.quick { (3_000, 6_000) } else { (100_000, 1_000_000) };
    let fit = |prior: &dyn Prior, simulations: usize, name: String| {
        let model = learned_model(&data, &learn(prior, simulations, seed)?)?;
        let learned = timed("fitted", || model.sample(&nuts(options, seed)))?;
        let fit = Fit::of(name, simulations, &learned, exact)?;
        print_shifts(&fit, &learned);
        Ok::<_, mynah::Error>((fit, model.posterior_box(&learned, "response")?))
    };
    let (plain, narrow) = fit(&training_prior()?, first, format!("real {seed}"))?;
    Ok([plain, fit(&narrow, second, format!("real {seed}, in its box"))?.0])
}

fn learn(prior: &dyn Prior, simulations: usize, seed: u64) -> mynah::Result<NeuralLikelihood> {
    let simulate = SimulationOptions::default().progress(Progress::Hidden);
    let pairs = simulate.run(prior, &Ddm::default(), simulations, seed)?.simulations;
    timed("learned", || Nle::default().shift("t0").progress(Progress::Hidden).seed(seed).fit(&pairs))
}

fn exact(data: &Trials, options: &Options) -> mynah::Result<&'static Draws> {
    if let Some(draws) = EXACT.get() {
        return Ok(draws);
    }
    let draws = timed("exact", || exact_model(data)?.sample(&nuts(options, options.first)))?;
    Ok(EXACT.get_or_init(|| draws))
}

/// Each parameter that was moved far, and what was said of it and of the run.
fn print_shifts(fit: &Fit, learned: &Draws) {
    for (parameter, warned) in fit.parameters.iter().zip(says_moved(learned)) {
        if parameter.off.abs() > PRINTED {
            println!(
                "  {:<8} off {:+.2} predicted {:+.2} left {:+.2} mcse {:.2}  {}",
                parameter.name,
                parameter.off,
                parameter.predicted,
                parameter.left,
                parameter.mcse,
                if warned { "warned of" } else { "not warned of" }
            );
        }
    }
    let summary = learned.summary();
    summary.warnings.iter().for_each(|warning| println!("  warning: {warning}"));
    summary.messages.iter().for_each(|message| println!("  note: {message}"));
}
