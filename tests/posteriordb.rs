//! Eight real models of posteriordb, each written with the macros and by hand.
//!
//! Both forms must give the same log density bit for bit, and NUTS on it the reference posterior: every mean within
//! 4 sqrt(mcse^2 + reference mcse^2) and every sd within 10 % (a z of 4 over about 140 parameters is a false-positive rate
//! below 1 % for the whole table; the seeds are fixed). The data are read from the folder named by
//! `MYNAH_REFERENCE_DATA`; the comparison of the two forms needs none.

mod support;

use mynah::prelude::*;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

// --- Eight schools: a hierarchy with known measurement errors -----------------------------------------------------

#[model]
fn eight_schools(y: &[f64], sigma: &[f64]) {
    sample!(mu ~ Normal(0.0, 5.0));
    sample!(tau ~ HalfCauchy(5.0));
    plate!(schools = y.len(), {
        sample!(theta ~ Normal(mu, tau).noncentered());
        sample!(y ~ Normal(theta, sigma), observed = y);
    });
}

fn eight_schools_by_hand(y: &[f64], sigma: &[f64]) -> Result<Model> {
    Model::record(|scope| {
        let mu = scope.site("mu").sample(Normal(0.0, 5.0));
        let tau = scope.site("tau").sample(HalfCauchy(5.0));
        scope.enter("schools", y.len());
        let theta = scope.site("theta").sample(Normal(mu, tau).noncentered());
        scope.site("y").observe(Normal(theta, sigma), y);
        scope.exit();
        Ok(())
    })
}

// --- Linear regression over a matrix of covariates ----------------------------------------------------------------

#[model]
fn regression(x: &[f64], y: &[f64], covariates: usize) {
    plate!(covariates = covariates, {
        sample!(beta ~ Normal(0.0, 10.0));
    });
    sample!(sigma ~ HalfNormal(10.0));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(beta.dot(x), sigma), observed = y);
    });
}

fn regression_by_hand(x: &[f64], y: &[f64], covariates: usize) -> Result<Model> {
    Model::record(|scope| {
        scope.enter("covariates", covariates);
        let beta = scope.site("beta").sample(Normal(0.0, 10.0));
        scope.exit();
        let sigma = scope.site("sigma").sample(HalfNormal(10.0));
        scope.enter("rows", y.len());
        scope.site("y").observe(Normal(beta.dot(x), sigma), y);
        scope.exit();
        Ok(())
    })
}

// --- Radon: counties with few houses each -------------------------------------------------------------------------

#[model]
fn radon(county: &[usize], counties: usize, uppm: &[f64], floor: &[f64], log_radon: &[f64]) {
    sample!(mu_alpha ~ Normal(0.0, 10.0));
    sample!(sigma_alpha ~ HalfNormal(1.0));
    sample!(sigma_y ~ HalfNormal(1.0));
    plate!(effects = 2, {
        sample!(beta ~ Normal(0.0, 10.0));
    });
    plate!(counties = counties, {
        sample!(alpha ~ Normal(mu_alpha, sigma_alpha).noncentered());
    });
    plate!(houses = log_radon.len(), {
        let mean = alpha.at(county) + beta.at(0) * uppm + beta.at(1) * floor;
        sample!(log_radon ~ Normal(mean, sigma_y), observed = log_radon);
    });
}

fn radon_by_hand(
    county: &[usize],
    counties: usize,
    uppm: &[f64],
    floor: &[f64],
    log_radon: &[f64],
) -> Result<Model> {
    Model::record(|scope| {
        let mu_alpha = scope.site("mu_alpha").sample(Normal(0.0, 10.0));
        let sigma_alpha = scope.site("sigma_alpha").sample(HalfNormal(1.0));
        let sigma_y = scope.site("sigma_y").sample(HalfNormal(1.0));
        scope.enter("effects", 2);
        let beta = scope.site("beta").sample(Normal(0.0, 10.0));
        scope.exit();
        scope.enter("counties", counties);
        let alpha = scope.site("alpha").sample(Normal(mu_alpha, sigma_alpha).noncentered());
        scope.exit();
        scope.enter("houses", log_radon.len());
        let mean = alpha.at(county) + beta.at(0) * uppm + beta.at(1) * floor;
        scope.site("log_radon").observe(Normal(mean, sigma_y), log_radon);
        scope.exit();
        Ok(())
    })
}

// --- Falcons: a Poisson trend with a random effect per year -------------------------------------------------------

#[model]
fn falcons(year: &[f64], count: &[u64]) {
    sample!(alpha ~ Uniform(-20.0, 20.0));
    sample!(beta1 ~ Uniform(-10.0, 10.0));
    sample!(beta2 ~ Uniform(-10.0, 10.0));
    sample!(beta3 ~ Uniform(-10.0, 10.0));
    sample!(sigma ~ Uniform(0.0, 5.0));
    plate!(years = year.len(), {
        sample!(eps ~ Normal(0.0, sigma).noncentered());
        let trend = alpha + year * (beta1 + year * (beta2 + year * beta3));
        sample!(count ~ PoissonLog(trend + eps), observed = count);
    });
}

fn falcons_by_hand(year: &[f64], count: &[u64]) -> Result<Model> {
    Model::record(|scope| {
        let alpha = scope.site("alpha").sample(Uniform(-20.0, 20.0));
        let beta1 = scope.site("beta1").sample(Uniform(-10.0, 10.0));
        let beta2 = scope.site("beta2").sample(Uniform(-10.0, 10.0));
        let beta3 = scope.site("beta3").sample(Uniform(-10.0, 10.0));
        let sigma = scope.site("sigma").sample(Uniform(0.0, 5.0));
        scope.enter("years", year.len());
        let eps = scope.site("eps").sample(Normal(0.0, sigma).noncentered());
        let trend = alpha + year * (beta1 + year * (beta2 + year * beta3));
        scope.site("count").observe(PoissonLog(trend + eps), count);
        scope.exit();
        Ok(())
    })
}

// --- Dogs: a logistic learning curve ------------------------------------------------------------------------------

#[model]
fn dogs(avoided: &[f64], shocked: &[f64], shock: &[u64]) {
    plate!(effects = 3, {
        sample!(beta ~ Normal(0.0, 100.0));
    });
    plate!(trials = shock.len(), {
        let logit = beta.at(0) + beta.at(1) * avoided + beta.at(2) * shocked;
        sample!(shock ~ BernoulliLogit(logit), observed = shock);
    });
}

fn dogs_by_hand(avoided: &[f64], shocked: &[f64], shock: &[u64]) -> Result<Model> {
    Model::record(|scope| {
        scope.enter("effects", 3);
        let beta = scope.site("beta").sample(Normal(0.0, 100.0));
        scope.exit();
        scope.enter("trials", shock.len());
        let logit = beta.at(0) + beta.at(1) * avoided + beta.at(2) * shocked;
        scope.site("shock").observe(BernoulliLogit(logit), shock);
        scope.exit();
        Ok(())
    })
}

// --- An autoregressive series -------------------------------------------------------------------------------------

#[model]
fn autoregression(lagged: &[f64], y: &[f64], order: usize) {
    sample!(alpha ~ Normal(0.0, 10.0));
    plate!(lags = order, {
        sample!(beta ~ Normal(0.0, 10.0));
    });
    sample!(sigma ~ HalfCauchy(2.5));
    plate!(times = y.len(), {
        sample!(y ~ Normal(alpha + beta.dot(lagged), sigma), observed = y);
    });
}

fn autoregression_by_hand(lagged: &[f64], y: &[f64], order: usize) -> Result<Model> {
    Model::record(|scope| {
        let alpha = scope.site("alpha").sample(Normal(0.0, 10.0));
        scope.enter("lags", order);
        let beta = scope.site("beta").sample(Normal(0.0, 10.0));
        scope.exit();
        let sigma = scope.site("sigma").sample(HalfCauchy(2.5));
        scope.enter("times", y.len());
        scope.site("y").observe(Normal(alpha + beta.dot(lagged), sigma), y);
        scope.exit();
        Ok(())
    })
}

// --- A mixture of two normals, its labels summed out --------------------------------------------------------------

#[model]
fn mixture(y: &[f64]) {
    sample!(low ~ Normal(0.0, 2.0));
    sample!(gap ~ Exponential(1.0));
    deterministic!(high = low + gap);
    // `gap` stands in for a second mean above the first: trade its prior for that one's.
    factor!(order = gap + Normal(0.0, 2.0).log_prob_of(high));
    plate!(components = 2, {
        sample!(sigma ~ HalfNormal(2.0));
    });
    sample!(theta ~ Beta(5.0, 5.0));
    plate!(points = y.len(), {
        let components = [Normal(low, sigma.at(0)), Normal(high, sigma.at(1))];
        sample!(y ~ Mixture([theta, 1.0 - theta], components), observed = y);
    });
}

fn mixture_by_hand(y: &[f64]) -> Result<Model> {
    Model::record(|scope| {
        let low = scope.site("low").sample(Normal(0.0, 2.0));
        let gap = scope.site("gap").sample(Exponential(1.0));
        let high = scope.site("high").deterministic(low + gap);
        scope.site("order").factor(gap + Normal(0.0, 2.0).log_prob_of(high));
        scope.enter("components", 2);
        let sigma = scope.site("sigma").sample(HalfNormal(2.0));
        scope.exit();
        let theta = scope.site("theta").sample(Beta(5.0, 5.0));
        scope.enter("points", y.len());
        let components = [Normal(low, sigma.at(0)), Normal(high, sigma.at(1))];
        scope.site("y").observe(Mixture([theta, 1.0 - theta], components), y);
        scope.exit();
        Ok(())
    })
}

// --- Kid scores: flat priors and strongly correlated coefficients -------------------------------------------------

#[model]
fn kid_scores(high_school: &[f64], iq: &[f64], both: &[f64], score: &[f64]) {
    plate!(effects = 4, {
        sample!(beta ~ Flat());
    });
    sample!(sigma ~ HalfCauchy(2.5));
    plate!(kids = score.len(), {
        let mean = beta.at(0) + beta.at(1) * high_school + beta.at(2) * iq + beta.at(3) * both;
        sample!(score ~ Normal(mean, sigma), observed = score);
    });
}

fn kid_scores_by_hand(high_school: &[f64], iq: &[f64], both: &[f64], score: &[f64]) -> Result<Model> {
    Model::record(|scope| {
        scope.enter("effects", 4);
        let beta = scope.site("beta").sample(Flat());
        scope.exit();
        let sigma = scope.site("sigma").sample(HalfCauchy(2.5));
        scope.enter("kids", score.len());
        let mean = beta.at(0) + beta.at(1) * high_school + beta.at(2) * iq + beta.at(3) * both;
        scope.site("score").observe(Normal(mean, sigma), score);
        scope.exit();
        Ok(())
    })
}

// --- The two forms are one model ----------------------------------------------------------------------------------

#[test]
fn both_forms_give_the_same_density() {
    let (x, y) = ([0.5, -1.0, 0.3, 2.0, 0.0, 1.0], [1.0, -0.5, 0.2]);
    let (index, counts) = ([0, 1, 0], [3, 0, 7]);
    let bits = [1, 0, 1];
    let pairs = [
        (eight_schools(&y, &[1.0, 2.0, 3.0]), eight_schools_by_hand(&y, &[1.0, 2.0, 3.0])),
        (regression(&x, &y, 2), regression_by_hand(&x, &y, 2)),
        (radon(&index, 2, &x[..3], &x[3..], &y), radon_by_hand(&index, 2, &x[..3], &x[3..], &y)),
        (falcons(&y, &counts), falcons_by_hand(&y, &counts)),
        (dogs(&x[..3], &x[3..], &bits), dogs_by_hand(&x[..3], &x[3..], &bits)),
        (autoregression(&x, &y, 2), autoregression_by_hand(&x, &y, 2)),
        (mixture(&y), mixture_by_hand(&y)),
        (kid_scores(&x[..3], &x[3..], &y, &y), kid_scores_by_hand(&x[..3], &x[3..], &y, &y)),
    ];
    for (macros, by_hand) in pairs {
        let (macros, by_hand) = (macros.unwrap(), by_hand.unwrap());
        let z: Vec<f64> = (0..macros.dim()).map(|i| (i as f64 * 0.7).sin()).collect();
        assert_eq!(macros.log_density(&z).unwrap(), by_hand.log_density(&z).unwrap());
        assert_eq!(macros.sites(), by_hand.sites());
    }
}

// --- The posteriors -----------------------------------------------------------------------------------------------

/// One model's data file, by column.
struct Data(Value);

impl Data {
    fn floats(&self, key: &str) -> Vec<f64> {
        flatten(&self.0[key])
    }

    fn counts(&self, key: &str) -> Vec<u64> {
        self.floats(key).into_iter().map(|x| x as u64).collect()
    }
}

fn flatten(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(flatten).collect(),
        number => vec![number.as_f64().expect("a number")],
    }
}

type Build = fn(&Data) -> Result<Model>;

const MODELS: [(&str, Build); 8] = [
    ("eight_schools-eight_schools_noncentered", |data| {
        eight_schools(&data.floats("y"), &data.floats("sigma"))
    }),
    ("sblri-blr", |data| regression(&data.floats("X"), &data.floats("y"), 5)),
    ("radon_mn-radon_hierarchical_intercept_noncentered", |data| {
        let county: Vec<usize> = data.counts("county_idx").iter().map(|&c| c as usize - 1).collect();
        radon(&county, 85, &data.floats("log_uppm"), &data.floats("floor_measure"), &data.floats("log_radon"))
    }),
    ("GLMM_Poisson_data-GLMM_Poisson_model", |data| falcons(&data.floats("year"), &data.counts("C"))),
    ("dogs-dogs", |data| {
        let shock = data.counts("y");
        let (mut avoided, mut shocked) = (vec![], vec![]);
        for dog in shock.chunks(25) {
            let mut shocks = 0;
            for (trial, shock) in dog.iter().enumerate() {
                avoided.push((trial as u64 - shocks) as f64);
                shocked.push(shocks as f64);
                shocks += shock;
            }
        }
        dogs(&avoided, &shocked, &shock)
    }),
    ("arK-arK", |data| {
        let y = data.floats("y");
        let lagged: Vec<f64> =
            (5..y.len()).flat_map(|t| (1..=5).map(|lag| y[t - lag]).collect::<Vec<_>>()).collect();
        autoregression(&lagged, &y[5..], 5)
    }),
    ("low_dim_gauss_mix-low_dim_gauss_mix", |data| mixture(&data.floats("y"))),
    ("kidiq-kidscore_interaction", |data| {
        let (school, iq) = (data.floats("mom_hs"), data.floats("mom_iq"));
        let both: Vec<f64> = school.iter().zip(&iq).map(|(a, b)| a * b).collect();
        kid_scores(&school, &iq, &both, &data.floats("kid_score"))
    }),
];

struct Reference {
    mean: f64,
    sd: f64,
    mcse: f64,
}

/// The reference summary under our names: 0-based, and `low`, `high` for the two ordered means of the mixture.
fn reference(path: &Path) -> HashMap<String, Reference> {
    let mut rows = csv::Reader::from_path(path).unwrap();
    rows.records()
        .map(|row| {
            let row = row.unwrap();
            let number = |i: usize| row[i].parse().unwrap();
            (ours(&row[0], path), Reference { mean: number(1), sd: number(2), mcse: number(3) })
        })
        .collect()
}

fn ours(name: &str, path: &Path) -> String {
    if path.to_string_lossy().contains("gauss_mix") && name.starts_with("mu") {
        return if name == "mu[1]" { "low" } else { "high" }.to_string();
    }
    match name.split_once('[') {
        Some((site, index)) => {
            format!("{site}[{}]", index.trim_end_matches(']').parse::<usize>().unwrap() - 1)
        }
        None => name.to_string(),
    }
}

#[test]
fn posteriors_match_posteriordb() {
    let Some(folder) = support::reference_data("posteriordb") else { return };
    for (name, build) in MODELS {
        let folder = folder.join("posteriordb/public").join(name);
        let data =
            Data(serde_json::from_str(&std::fs::read_to_string(folder.join("data.json")).unwrap()).unwrap());
        // 4 x 4000: the sd of the heavy-tailed scales needs that many draws to settle within 10 %.
        let nuts = Nuts::default().target_acceptance(0.95).draws(4000).seed(1).progress(Progress::Hidden);
        let posterior = build(&data).unwrap().sample(&nuts).unwrap();
        compare(name, &posterior.summary(), &reference(&folder.join("reference_summary.csv")));
    }
}

fn compare(name: &str, summary: &Summary, reference: &HashMap<String, Reference>) {
    let mut compared = 0;
    for row in &summary.rows {
        let Some(expected) = reference.get(&row.name) else { continue };
        let error = (row.mcse_mean.powi(2) + expected.mcse.powi(2)).sqrt();
        let z = (row.mean - expected.mean) / error;
        assert!(
            z.abs() < 4.0,
            "{name}: {} has mean {}, reference {} (z = {z:.2})",
            row.name,
            row.mean,
            expected.mean
        );
        let ratio = row.sd / expected.sd;
        assert!(
            (0.9..1.1).contains(&ratio),
            "{name}: {} has sd {}, reference {}",
            row.name,
            row.sd,
            expected.sd
        );
        assert!(row.r_hat < 1.01, "{name}: {} has R-hat {}", row.name, row.r_hat);
        compared += 1;
    }
    assert!(compared >= 3, "{name}: only {compared} parameters were compared");
    println!("{name}: {compared} parameters agree");
}
