//! Flows over several columns and ensembles against a task with a closed form, small trainings each.

use crate::neural::Flow;
use crate::prelude::*;
use crate::simulate::{BoxPrior, Outcome};
use rand::RngExt;
use rand_distr::{Distribution as _, StandardNormal};

/// x = A theta + L e, with standard normal e: x | theta ~ N(A theta, L L').
const A: [[f64; 2]; 3] = [[1.0, 0.5], [-0.7, 0.8], [0.2, -1.0]];
const L: [[f64; 3]; 3] = [[0.5, 0.0, 0.0], [0.3, 0.4, 0.0], [-0.2, 0.3, 0.6]];

fn simulate(theta: &[f64], stream: &mut Stream) -> Vec<f64> {
    let e: [f64; 3] = std::array::from_fn(|_| StandardNormal.sample(stream));
    let row = |i: usize| {
        let noise: f64 = L[i].iter().zip(&e).map(|(l, e)| l * e).sum();
        A[i][0] * theta[0] + A[i][1] * theta[1] + noise
    };
    (0..3).map(row).collect()
}

fn pairs(count: usize) -> Simulations {
    let prior = BoxPrior::new([("a", -2.0, 2.0), ("b", -2.0, 2.0)]).unwrap();
    Simulations::draw(&prior, &simulate, count, Seed(11)).unwrap()
}

/// The log density, by forward substitution in L e = x - A theta.
fn exact(theta: &[f64], x: &[f64]) -> f64 {
    let (mut e, mut sum) = ([0.0; 3], 0.0);
    for i in 0..3 {
        let known: f64 = (0..i).map(|j| L[i][j] * e[j]).sum();
        e[i] = (x[i] - A[i][0] * theta[0] - A[i][1] * theta[1] - known) / L[i][i];
        sum -= 0.5 * e[i] * e[i] + L[i][i].ln() + 0.918_938_533_204_672_7;
    }
    sum
}

fn quick() -> Nle {
    Nle::default().max_epochs(10).batch(200).learning_rate(3e-3).seed(1).progress(Progress::Hidden)
}

/// The mean of `exact - learned` over data drawn at a few parameters: a Kullback-Leibler divergence in nats per datum.
fn divergence(learned: &NeuralLikelihood) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for (t, theta) in [[0.0, 0.0], [1.2, -0.8], [-1.5, 1.0]].iter().enumerate() {
        for i in 0..400 {
            let x = simulate(theta, &mut Seed(i).stream(Domain::User, t as u64));
            sum += exact(theta, &x) - learned.log_prob(theta, &x).unwrap();
            count += 1.0;
        }
    }
    sum / count
}

// The affine flow holds the exact density. 20 000 pairs and some 300 effective numbers leave 300 / (2 * 20 000), about
// 0.01 nats, the splines some more; the bars are a few times that.
#[test]
fn learned_columns_are_the_correlated_normal() {
    let pairs = pairs(20_000);
    for (flow, bar) in [(Flow::AffineAutoregressive, 0.03), (Flow::SplineAutoregressive, 0.06)] {
        let learned = quick().flow(flow).fit(&pairs).unwrap();
        assert_eq!(learned.outcome(), Outcome::Real { width: 3 });
        let kl = divergence(&learned);
        assert!(kl.abs() < bar, "{flow:?}: {kl}");
        eprintln!("{flow:?}: {kl:.4} nats, {:.1} s", learned.report().seconds);
    }
}

#[test]
fn an_ensemble_is_its_members_bit_for_bit_on_any_number_of_threads() {
    let pairs = pairs(2_000);
    let nle = quick().flow(Flow::AffineAutoregressive).max_epochs(2);
    let x = [0.3, -0.2, 0.9];
    let value = |learned: &NeuralLikelihood| learned.log_prob(&[0.4, 0.7], &x).unwrap();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let learned = pool.install(|| nle.clone().ensemble(3).fit(&pairs)).unwrap();
        let members: Vec<f64> = learned.members().iter().map(value).collect();
        let mean = (members.iter().map(|l| l.exp()).sum::<f64>() / 3.0).ln();
        assert!((value(&learned) - mean).abs() < 1e-12, "{} against {mean}", value(&learned));
        assert!(members[0] != members[1] && members[1] != members[2] && members[0] != members[2]);
        let bits: Vec<u64> = members.iter().map(|l| l.to_bits()).collect();
        (bits, value(&learned).to_bits())
    };
    let one = run(1);
    assert_eq!(one, run(3));
    let alone = nle.fit(&pairs).unwrap();
    assert_eq!(value(&alone).to_bits(), one.0[0], "the first member is the likelihood without an ensemble");
}

// A mixture of densities is never worse than the mean of its members' log densities; here by how much does not matter.
#[test]
fn an_ensemble_beats_the_mean_of_its_members() {
    let learned =
        quick().flow(Flow::AffineAutoregressive).ensemble(3).max_epochs(4).fit(&pairs(3_000)).unwrap();
    let members: Vec<f64> = learned.members().iter().map(divergence).collect();
    let (mean, ensemble) = (members.iter().sum::<f64>() / 3.0, divergence(&learned));
    assert!(ensemble < mean, "{ensemble} against {members:?}");
}

// Ten columns of normal data and 1 000 simulations: the small affine flow, by more than a nat (`benches/DEFAULTS.md`); two crescents and
// 4 000: the splines. The same on every run, and all members of an ensemble are of the kind chosen.
#[test]
fn the_flow_is_chosen_by_its_held_out_loss() {
    let transforms = |learned: &NeuralLikelihood| learned.parts.wide.as_ref().unwrap().shape.transforms;
    let nle = Nle::default().seed(1).progress(Progress::Hidden);
    let prior = BoxPrior::new((0..10).map(|p| (format!("m{p}"), -1.0, 1.0))).unwrap();
    let normal = |theta: &[f64], stream: &mut Stream| {
        theta.iter().map(|m| Normal(*m, 0.316).sample(stream)).collect::<Vec<f64>>()
    };
    let pairs = Simulations::draw(&prior, &normal, 1_000, Seed(4)).unwrap();
    assert_eq!(transforms(&nle.fit(&pairs).unwrap()), 2);
    let crescents = |theta: &[f64], stream: &mut Stream| {
        let x = Normal(0.0, 1.0).sample(stream);
        let side = if stream.random::<f64>() < 0.5 { 1.0 } else { -1.0 };
        vec![x, theta[0] + side * (2.0 + x * x) + Normal(0.0, 0.1).sample(stream)]
    };
    let prior = BoxPrior::new([("m", -1.0, 1.0)]).unwrap();
    let pairs = Simulations::draw(&prior, &crescents, 4_000, Seed(4)).unwrap();
    let fit = || nle.clone().max_epochs(40).ensemble(2).fit(&pairs).unwrap();
    let learned = fit();
    assert!(learned.members().iter().all(|member| transforms(member) == 5));
    let value = |learned: &NeuralLikelihood| learned.log_prob(&[0.2], &[0.1, 2.3]).unwrap().to_bits();
    assert_eq!(value(&learned), value(&fit()));
}
