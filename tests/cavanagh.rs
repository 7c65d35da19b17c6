//! Real choices and response times: the exact-density fit of 3 988 trials of 14 subjects (Cavanagh et al. 2011,
//! doi:10.1038/nn.2925) against a reference fit of the same model by another program.
//!
//! The trials and the reference summary are read from the folder named by `MYNAH_REFERENCE_DATA`.

#[path = "../examples/common/trials.rs"]
mod trials;

mod support;

use mynah::model;
use mynah::prelude::*;
use trials::Trials;

#[model]
fn hierarchical(data: &Trials) {
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

/// Every mean within 4 Monte Carlo standard errors of both fits together (19 parameters: a false-positive rate of about
/// 0.1 %), every sd within 10 %, R-hat below 1.01, no divergence.
#[test]
fn the_exact_fit_meets_the_reference() {
    let Some(folder) = support::reference_data("cavanagh") else { return };
    let folder = folder.join("cognitive/public");
    let data = Trials::read(&folder.join("cavanagh_theta.csv")).unwrap();
    assert_eq!((data.len(), data.subjects()), (3988, 14));
    let nuts = Nuts::default().target_acceptance(0.9).draws(2000).seed(1).progress(Progress::Hidden);
    let posterior = hierarchical(&data).unwrap().sample(&nuts).unwrap();
    assert_eq!(posterior.divergences(), 0);
    let summary = posterior.summary();
    let mut reference = csv::Reader::from_path(folder.join("fit_cavanagh_hier_v_summary.csv")).unwrap();
    let mut worst: f64 = 0.0;
    for row in reference.records() {
        let row = row.unwrap();
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let ours = summary.row(&row[0]).unwrap();
        let z = (ours.mean - number(1)) / (ours.mcse_mean.powi(2) + number(3).powi(2)).sqrt();
        worst = worst.max(z.abs());
        assert!(z.abs() < 4.0, "{}: mean {} against {} (z = {z:.2})", &row[0], ours.mean, number(1));
        assert!((ours.sd / number(2) - 1.0).abs() < 0.1, "{}: sd {} against {}", &row[0], ours.sd, number(2));
        assert!(ours.r_hat < 1.01, "{}: R-hat {}", &row[0], ours.r_hat);
    }
    println!("worst z {worst:.2}");
}
