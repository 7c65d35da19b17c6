//! The diagnostics against arviz's figures: the chains in `tests/reference/diagnostics`, and every kind of chain in the
//! folder named by `MYNAH_REFERENCE_DATA` where there is one.

use mynah::draws::diagnostics as d;
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
