//! The diagnostics against arviz's figures: the chains in `tests/reference/diagnostics`, and every kind of chain in the
//! folder named by `MYNAH_REFERENCE_DATA` where there is one; and what no other program has: stretches in which a chain stands still.

use mynah::draws::{ChainDraws, Draws, Parameter, Warning, diagnostics as d};
use mynah::model;
use mynah::prelude::*;
use rand::RngExt;
use rand_distr::StandardNormal;
use std::path::{Path, PathBuf};

/// A table with names over its columns.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(path: &Path) -> Self {
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        Self { header, rows }
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|other| other == name)
    }

    /// A column of 4 x 1000 draws as chains.
    fn chains(&self, name: &str) -> Option<Vec<Vec<f64>>> {
        let k = self.index(name)?;
        let all: Vec<f64> = self.rows.iter().map(|row| row[k].parse().unwrap()).collect();
        Some(all.chunks(self.rows.len() / 4).map(<[f64]>::to_vec).collect())
    }
}

/// A diagnostic of chains.
type Diagnostic = fn(&[&[f64]]) -> f64;

/// The name of a column of the reference and the function that reproduces it.
const DIAGNOSTICS: [(&str, Diagnostic); 18] = [
    ("mean", d::mean),
    ("sd_ddof1", d::sd),
    ("rhat_rank", d::r_hat),
    ("rhat_split", d::r_hat_split),
    ("rhat_folded", d::r_hat_folded),
    ("rhat_z_scale", d::r_hat_bulk),
    ("ess_bulk", d::ess_bulk),
    ("ess_tail", d::ess_tail),
    ("ess_mean", d::ess_mean),
    ("ess_sd", d::ess_sd),
    ("ess_median", |c| d::ess_quantile(c, 0.5)),
    ("ess_quantile_0.05", |c| d::ess_quantile(c, 0.05)),
    ("ess_quantile_0.95", |c| d::ess_quantile(c, 0.95)),
    ("mcse_mean", d::mcse_mean),
    ("mcse_sd", d::mcse_sd),
    ("mcse_median", |c| d::mcse_quantile(c, 0.5)),
    ("mcse_quantile_0.05", |c| d::mcse_quantile(c, 0.05)),
    ("mcse_quantile_0.95", |c| d::mcse_quantile(c, 0.95)),
];

/// The chains of a kind; some kinds are said by how they are cut from another.
fn chains_of(kind: &str, chains: &Table) -> Vec<Vec<f64>> {
    let cut = |from: &str, count: usize, draws: usize| -> Vec<Vec<f64>> {
        chains.chains(from).unwrap().iter().take(count).map(|c| c[..draws].to_vec()).collect()
    };
    match kind {
        "ar1_0.5_first999" => cut("ar1_0.5", 4, 999),
        "ar1_0.5_chain1_only" => cut("ar1_0.5", 1, 1000),
        "iid_normal_first20" => cut("iid_normal", 4, 20),
        "iid_normal_2chains_first501" => cut("iid_normal", 2, 501),
        "constant_all" => vec![vec![1.5; 100]; 4],
        _ => chains.chains(kind).unwrap_or_else(|| panic!("no chains of kind {kind}")),
    }
}

/// The effective sample size that a standard error is made of.
fn capped(name: &str, row: &[String], expected: &Table) -> Option<f64> {
    let of = name.strip_prefix("mcse_")?;
    row[expected.index(&format!("ess_{of}"))?].parse().ok()
}

/// Compares every diagnostic of every kind; returns how many figures were compared.
fn compare(chains: &Path, expected: &Path, worst: &mut [f64]) -> usize {
    let (chains, expected) = (Table::read(chains), Table::read(expected));
    let mut compared = 0;
    for row in &expected.rows {
        let kind = &row[expected.index("kind").unwrap()];
        let draws = chains_of(kind, &chains);
        let views: Vec<&[f64]> = draws.iter().map(Vec::as_slice).collect();
        for ((name, function), worst) in DIAGNOSTICS.iter().zip(&mut *worst) {
            let Some(k) = expected.index(name) else { continue };
            // arviz has no R-hat for a single chain and none of a constant: an empty cell.
            let Ok(reference) = row[k].parse::<f64>() else {
                assert!(draws.len() == 1 || function(&views).is_nan(), "{kind} {name}");
                continue;
            };
            let got = function(&views);
            if let Some(ess) = capped(name, row, &expected).filter(|ess| *ess > draws.concat().len() as f64) {
                // Standard errors count no more than the draws there are, where arviz counts `ess`: in all but the quantiles'
                // they grow by the root of the ratio.
                let grown = reference * (ess / draws.concat().len() as f64).sqrt();
                let fits = if name.contains("quantile") || name.contains("median") {
                    (reference * (1.0 - 1e-9)..=1.5 * grown).contains(&got)
                } else {
                    (got / grown - 1.0).abs() < 1e-6
                };
                assert!(fits, "{kind} {name}: {got}, expected {grown}");
                compared += 1;
                continue;
            }
            // Relative to the figure; the mean of a centred chain, which is near 0, relative to the spread.
            let scale = if *name == "mean" { reference.abs().max(d::sd(&views)) } else { reference.abs() };
            let error = if got == reference { 0.0 } else { (got - reference).abs() / scale };
            assert!(error < 1e-6, "{kind} {name}: {got}, expected {reference}");
            *worst = worst.max(error);
            compared += 1;
        }
    }
    compared
}

#[test]
fn committed_chains_meet_arviz() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/diagnostics");
    let mut worst = [0.0; DIAGNOSTICS.len()];
    let compared = compare(&folder.join("chains.csv"), &folder.join("expected.csv"), &mut worst);
    assert_eq!(compared, 4 * DIAGNOSTICS.len());
}

fn reference_data() -> Option<PathBuf> {
    let folder = std::env::var_os("MYNAH_REFERENCE_DATA").map(|f| PathBuf::from(f).join("diagnostics"));
    if folder.is_none() {
        println!("not run: MYNAH_REFERENCE_DATA names no folder");
    }
    folder
}

#[test]
fn every_kind_meets_arviz() {
    let Some(folder) = reference_data() else { return };
    let mut worst = [0.0; DIAGNOSTICS.len()];
    for part in ["public", "heldout"] {
        let part = folder.join(part);
        compare(&part.join("chains_4x1000.csv"), &part.join("chain_diagnostics.csv"), &mut worst);
    }
    for ((name, _), worst) in DIAGNOSTICS.iter().zip(worst) {
        println!("{name:20} {worst:.1e}");
    }
}

#[test]
fn e_bfmi_meets_arviz() {
    let Some(folder) = reference_data() else { return };
    let folder = folder.join("public");
    let energies = Table::read(&folder.join("energy.csv"));
    let text = std::fs::read_to_string(folder.join("loo_waic_bfmi.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    for name in ["energy_a", "energy_b"] {
        let chains = energies.chains(name).unwrap();
        let expected = json["bfmi"][name].as_array().unwrap();
        assert_eq!(chains.len(), expected.len());
        for (chain, expected) in chains.iter().zip(expected) {
            let (got, expected) = (d::e_bfmi(chain), expected.as_f64().unwrap());
            println!("{name} {:.1e}", (got / expected - 1.0).abs());
            assert!((got / expected - 1.0).abs() < 1e-6, "{name}: {got}, expected {expected}");
        }
    }
}

/// Antithetic chains seem worth three times their draws; a standard error is that of independent ones all the same.
#[test]
fn standard_errors_count_no_more_than_the_draws() {
    let antithetic: Vec<Vec<f64>> = (0..4).map(|c| autoregression(c, 1000, -0.5)).collect();
    let views: Vec<&[f64]> = antithetic.iter().map(Vec::as_slice).collect();
    assert!(d::ess_mean(&views) > 8000.0);
    let error = d::sd(&views) / 4000f64.sqrt();
    assert!((d::mcse_mean(&views) / error - 1.0).abs() < 1e-12);
    let row = &one_scalar(&antithetic).summary().rows[0];
    assert!((row.mcse_mean / error - 1.0).abs() < 1e-12);
}

// An AR(1) chain's mean has ESS = S (1 - phi) / (1 + phi): a third of the draws at phi = 0.5. Over 40 sets the average
// estimate has a standard error near 1 %; 5 % leaves room for the bias of a truncated sum.
#[test]
fn ess_of_ar1_is_known_exactly() {
    let set = |seed: u64| (0..4).map(|c| autoregression(4 * seed + c, 1000, 0.5)).collect::<Vec<_>>();
    let ess = |chains: Vec<Vec<f64>>| d::ess_mean(&chains.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let mean = (0..40).map(|seed| ess(set(seed)) / 40.0).sum::<f64>();
    assert!((mean / (4000.0 / 3.0) - 1.0).abs() < 0.05, "{mean}");
}

// --- Chains that stand still ------------------------------------------------------------------------------------------

fn stream(seed: u64) -> Stream {
    Seed(seed).stream(Domain::User, 0)
}

/// A normal chain in which each draw keeps the share `phi` of the last.
fn autoregression(seed: u64, draws: usize, phi: f64) -> Vec<f64> {
    let (mut rng, mut x) = (stream(seed), 0.0);
    let mut step = || {
        x = phi * x + (1.0 - phi * phi).sqrt() * rng.sample::<f64, _>(StandardNormal);
        x
    };
    (0..draws).map(|_| step()).collect()
}

/// A chain that rejects: random-walk Metropolis on a normal, with steps of so many standard deviations.
fn metropolis(seed: u64, draws: usize, step: f64) -> Vec<f64> {
    let (mut rng, mut x) = (stream(seed), 0.0_f64);
    let mut next = || {
        let to = x + step * rng.sample::<f64, _>(StandardNormal);
        if rng.random::<f64>().ln() < 0.5 * (x * x - to * to) {
            x = to;
        }
        x
    };
    (0..draws).map(|_| next()).collect()
}

fn one_scalar(chains: &[Vec<f64>]) -> Draws {
    let chain = |values: &Vec<f64>| ChainDraws { values: values.clone(), statistics: vec![] };
    Draws::new(vec![Parameter::new("mu", [])], chains.iter().map(chain).collect()).unwrap()
}

fn stands_still(chains: &[Vec<f64>]) -> bool {
    d::standstill(&chains.iter().map(Vec::as_slice).collect::<Vec<_>>()).is_some()
}

#[test]
fn a_chain_stuck_for_a_tenth_is_named() {
    for (chain, first, draws, noise) in
        [(2, 900, 100, 0.0), (0, 0, 100, 0.0), (3, 450, 60, 0.0), (1, 900, 100, 1e-4)]
    {
        let mut chains: Vec<Vec<f64>> = (0..4).map(|c| autoregression(c, 1000, 0.3)).collect();
        for i in first + 1..first + draws {
            chains[chain][i] = chains[chain][first] + noise * chains[chain][i];
        }
        let drawn = one_scalar(&chains);
        let warnings = drawn.warnings();
        let found = warnings.iter().find_map(|warning| match warning {
            Warning::StoodStill { scalars, chain, first } => Some((*chain, *first, scalars.worst[0].value)),
            _ => None,
        });
        // The step in or out of the place may by chance be short too.
        let (at, from, length) = found.unwrap_or_else(|| panic!("chain {chain}: {warnings:?}"));
        assert!(
            at == chain && from.abs_diff(first) <= 1 && (length - draws as f64).abs() <= 1.0,
            "{from} {length}"
        );
        let text = drawn.summary().to_string();
        assert!(
            text.contains("1 of 1 scalar has one value for longer than chance allows (longest: mu for"),
            "{text}"
        );
    }
}

/// A chain of 500 draws by its seed.
type MakeChain<'a> = &'a dyn Fn(u64) -> Vec<f64>;

/// At most one set in a thousand is accused; of each kind 1000 sets of 4 x 500 draws.
#[test]
fn sound_chains_are_not_accused() {
    let uniform = |seed| {
        let mut rng = stream(seed);
        (0..500).map(|_| rng.random()).collect::<Vec<f64>>()
    };
    let of_uniform = |seed, f: fn(f64) -> f64| uniform(seed).into_iter().map(f).collect::<Vec<f64>>();
    let kinds: [(&str, MakeChain<'_>); 9] = [
        ("independent", &|seed| autoregression(seed, 500, 0.0)),
        ("correlated", &|seed| autoregression(seed, 500, 0.8)),
        ("heavy-tailed", &|seed| of_uniform(seed, |u| (std::f64::consts::PI * (u - 0.5)).tan().powi(3))),
        ("two values", &|seed| of_uniform(seed, |u| f64::from(u8::from(u < 0.5)))),
        ("mostly one value", &|seed| of_uniform(seed, |u| f64::from(u8::from(u < 0.05)))),
        ("an atom", &|seed| of_uniform(seed, |u| (u - 0.5).max(0.0))),
        ("counts", &|seed| of_uniform(seed, |u| (-2.0 * (1.0 - u).ln()).floor())),
        ("Metropolis that accepts half", &|seed| metropolis(seed, 500, 2.0)),
        ("Metropolis that accepts a fifth", &|seed| metropolis(seed, 500, 6.0)),
    ];
    for (kind, chain) in kinds {
        let sets = (0..1000).map(|set| (0..4).map(|c| chain(4 * set + c)).collect::<Vec<_>>());
        let accused = sets.filter(|chains| stands_still(chains)).count();
        assert!(accused <= 1, "{kind}: {accused} of 1000");
    }
}

#[model]
fn cone() {
    sample!(scale ~ HalfNormal(1.0));
    sample!(skewed ~ Gamma(1.5, 1.0));
    plate!(groups = 3, {
        sample!(effect ~ Normal(0.0, scale).noncentered());
    });
}

/// Chains of the sampler itself, on a skewed posterior that it can follow.
#[test]
fn sound_runs_of_the_sampler_are_not_accused() {
    let model = cone().unwrap();
    let runs = std::env::var("MYNAH_TEST_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(40);
    let nuts = Nuts::default().warmup(300).draws(500).progress(Progress::Hidden);
    let accused = (0..runs).filter(|seed| {
        let draws = model.sample(&nuts.clone().seed(*seed)).unwrap();
        draws.warnings().iter().any(|warning| matches!(warning, Warning::StoodStill { .. }))
    });
    assert_eq!(accused.count(), 0, "of {runs}");
}

/// The ends of the range of numbers: what is finite has a finite mean and spread, and nothing panics.
#[test]
fn extreme_draws_have_figures() {
    let unit: Vec<Vec<f64>> = (0..4).map(|c| autoregression(c, 200, 0.2)).collect();
    let times =
        |factor: f64| unit.iter().map(|c| c.iter().map(|x| x * factor).collect()).collect::<Vec<Vec<f64>>>();
    let views = |chains: &[Vec<f64>]| d::sd(&chains.iter().map(Vec::as_slice).collect::<Vec<_>>());
    for factor in [1e-300, 1e-200, 1e-150, 1e150, 1e200, 1e300] {
        let chains = times(factor);
        // Rounding of numbers near the smallest ones is coarser, but not at these sizes.
        assert!((views(&chains) / factor / views(&unit) - 1.0).abs() < 1e-12, "{factor}");
        let row = &one_scalar(&chains).summary().rows[0];
        let plain = &one_scalar(&unit).summary().rows[0];
        for (got, expected) in [(row.mean, plain.mean), (row.q5, plain.q5), (row.mcse_mean, plain.mcse_mean)]
        {
            assert!((got / factor / expected - 1.0).abs() < 1e-9, "{factor}: {got} {expected}");
        }
        let split =
            |chains: &[Vec<f64>]| d::r_hat_split(&chains.iter().map(Vec::as_slice).collect::<Vec<_>>());
        assert!((split(&chains) - split(&unit)).abs() < 1e-9);
    }
    let ends: Vec<Vec<f64>> =
        unit.iter().map(|c| c.iter().map(|x| f64::MAX.copysign(*x)).collect()).collect();
    let row = &one_scalar(&ends).summary().rows[0];
    assert!(row.mean.is_finite() && row.q5 == f64::MIN && row.q95 == f64::MAX && row.r_hat < 1.1, "{row:?}");
}
