//! The study behind the size and kind of the flow over several real columns that [`Nle`] chooses: the public tasks of the benchmark
//! of simulation-based inference (Lueckmann, Boelts, Greenberg, Goncalves & Macke 2021, arXiv:2101.04653) whose simulators are cheap, from
//! 1 000 and 10 000 simulations.
//!
//! Reported per setting: the held-out negative log likelihood in nats per datum over 10 000 fresh pairs, beside that of the exact
//! density where it has a formula, and the seconds of training.
//!
//! ```sh
//! RAYON_NUM_THREADS=1 cargo run --release --example study_of_flows
//! ```
//!
//! Options: `--simulations N`, `--task NAME`, `--setting NAME`, `--seed S`, `--quick`.

use mynah::neural::Flow;
use mynah::prelude::*;
use mynah::simulate::Outcome;
use rand::RngExt;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Parameters and data of one simulation.
type Pair = (Vec<f64>, Vec<f64>);
/// The log density of data given parameters.
type LogProb = fn(&[f64], &[f64]) -> f64;

struct Task {
    name: &'static str,
    draw: Box<dyn Fn(&mut Stream) -> Pair>,
    exact: Option<LogProb>,
}

type Setting = (&'static str, fn(Nle) -> Nle);

fn settings() -> Vec<Setting> {
    vec![
        ("default", |nle| nle),
        ("spline 5 x 3 x 48", |nle| sized(nle, Flow::SplineAutoregressive, 5, &[48, 48, 48])),
        ("spline 3 x 2 x 32", |nle| sized(nle, Flow::SplineAutoregressive, 3, &[32, 32])),
        ("affine 5 x 3 x 48", |nle| sized(nle, Flow::AffineAutoregressive, 5, &[48, 48, 48])),
        ("affine 2 x 2 x 32", |nle| sized(nle, Flow::AffineAutoregressive, 2, &[32, 32])),
        ("spline 5 x 3 x 48, decay 0.3", |nle| {
            sized(nle, Flow::SplineAutoregressive, 5, &[48, 48, 48]).weight_decay(0.3)
        }),
        ("spline 3 x 2 x 32, decay 0.3", |nle| {
            sized(nle, Flow::SplineAutoregressive, 3, &[32, 32]).weight_decay(0.3)
        }),
    ]
}

fn sized(nle: Nle, flow: Flow, transforms: usize, hidden: &[usize]) -> Nle {
    nle.flow(flow).transforms(transforms).flow_hidden(hidden)
}

fn normal(stream: &mut Stream) -> f64 {
    Normal(0.0, 1.0).sample(stream)
}

fn uniform(low: f64, high: f64, stream: &mut Stream) -> f64 {
    low + (high - low) * stream.random::<f64>()
}

fn tasks() -> Vec<Task> {
    vec![
        Task { name: "two_moons", draw: Box::new(two_moons), exact: Some(two_moons_log_prob) },
        Task { name: "gaussian_mixture", draw: Box::new(mixture), exact: Some(mixture_log_prob) },
        Task { name: "slcp", draw: Box::new(slcp), exact: Some(slcp_log_prob) },
        Task {
            name: "gaussian_linear",
            draw: Box::new(|stream| linear((0..10).map(|_| SD * normal(stream)).collect(), stream)),
            exact: Some(linear_log_prob),
        },
        Task {
            name: "gaussian_linear_uniform",
            draw: Box::new(|stream| linear((0..10).map(|_| uniform(-1.0, 1.0, stream)).collect(), stream)),
            exact: Some(linear_log_prob),
        },
        bernoulli_glm(),
    ]
}

/// A crescent whose place depends on the parameters.
fn two_moons(stream: &mut Stream) -> Pair {
    let theta = vec![uniform(-1.0, 1.0, stream), uniform(-1.0, 1.0, stream)];
    let (angle, radius) = (uniform(-PI / 2.0, PI / 2.0, stream), 0.1 + 0.01 * normal(stream));
    let x = vec![
        radius * angle.cos() + 0.25 - FRAC_1_SQRT_2 * (theta[0] + theta[1]).abs(),
        radius * angle.sin() + FRAC_1_SQRT_2 * (theta[1] - theta[0]),
    ];
    (theta, x)
}

fn two_moons_log_prob(theta: &[f64], x: &[f64]) -> f64 {
    let u = x[0] - 0.25 + FRAC_1_SQRT_2 * (theta[0] + theta[1]).abs();
    let radius = u.hypot(x[1] - FRAC_1_SQRT_2 * (theta[1] - theta[0]));
    Normal(0.1, 0.01).log_prob(radius) - (PI * radius).ln()
}

/// A wide and a narrow normal about the parameters.
fn mixture(stream: &mut Stream) -> Pair {
    let theta = vec![uniform(-10.0, 10.0, stream), uniform(-10.0, 10.0, stream)];
    let sd = if stream.random::<f64>() < 0.5 { 1.0 } else { 0.1 };
    let x = theta.iter().map(|m| m + sd * normal(stream)).collect();
    (theta, x)
}

fn mixture_log_prob(theta: &[f64], x: &[f64]) -> f64 {
    let part = |sd: f64| theta.iter().zip(x).map(|(m, x)| Normal(*m, sd).log_prob(*x)).sum::<f64>();
    let (wide, narrow) = (part(1.0), part(0.1));
    let largest = wide.max(narrow);
    largest + (0.5 * ((wide - largest).exp() + (narrow - largest).exp())).ln()
}

/// Four points of a normal in the plane, whose mean and covariance are the parameters.
fn slcp(stream: &mut Stream) -> Pair {
    let theta: Vec<f64> = (0..5).map(|_| uniform(-3.0, 3.0, stream)).collect();
    let [[l11, _], [l21, l22]] = slcp_factor(&theta);
    let mut point = |_| {
        let [a, b] = [normal(stream), normal(stream)];
        [theta[0] + l11 * a, theta[1] + l21 * a + l22 * b]
    };
    let x = (0..4).flat_map(&mut point).collect();
    (theta, x)
}

/// The Cholesky factor of the covariance.
fn slcp_factor(theta: &[f64]) -> [[f64; 2]; 2] {
    let (s1, s2, rho) = (theta[2].powi(2), theta[3].powi(2), theta[4].tanh());
    let l11 = (s1 * s1 + 1e-6).sqrt();
    let l21 = rho * s1 * s2 / l11;
    [[l11, 0.0], [l21, (s2 * s2 - l21 * l21).max(1e-12).sqrt()]]
}

fn slcp_log_prob(theta: &[f64], x: &[f64]) -> f64 {
    let [[l11, _], [l21, l22]] = slcp_factor(theta);
    let point = |x: &[f64]| {
        let a = (x[0] - theta[0]) / l11;
        let b = (x[1] - theta[1] - l21 * a) / l22;
        Normal(0.0, 1.0).log_prob(a) + Normal(0.0, 1.0).log_prob(b) - l11.ln() - l22.ln()
    };
    x.chunks_exact(2).map(point).sum()
}

/// The standard deviation of the linear tasks: a variance of 0.1.
const SD: f64 = 0.316_227_766_016_837_94;

fn linear(theta: Vec<f64>, stream: &mut Stream) -> Pair {
    let x = theta.iter().map(|m| m + SD * normal(stream)).collect();
    (theta, x)
}

fn linear_log_prob(theta: &[f64], x: &[f64]) -> f64 {
    theta.iter().zip(x).map(|(m, x)| Normal(*m, SD).log_prob(*x)).sum()
}

/// A neuron's answers to 100 steps of white noise through a filter of 9 weights, summed up by the number of its spikes and by their
/// correlations with the noise. The noise is one of ours, the prior the benchmark's: F f standard normal.
fn bernoulli_glm() -> Task {
    let mut stream = Seed(11).stream(Domain::User, 9);
    let noise: Vec<f64> = (0..100).map(|_| normal(&mut stream)).collect();
    let design = move |t: usize, j: usize| match j {
        0 => 1.0,
        j => t.checked_sub(j - 1).map_or(0.0, |t| noise[t]),
    };
    let draw = move |stream: &mut Stream| {
        let mut theta = vec![2.0_f64.sqrt() * normal(stream)];
        let mut filter: Vec<f64> = vec![];
        for i in 0..9_usize {
            // Row i of F = D D + diag(sqrt(i / 9)), D = I less its lower neighbour: 1, -2, 1 below the diagonal.
            let before = |back: usize| i.checked_sub(back).map_or(0.0, |k| filter[k]);
            let known = -2.0 * before(1) + before(2);
            filter.push((normal(stream) - known) / (1.0 + (i as f64 / 9.0).sqrt()));
        }
        theta.extend(filter);
        let mut x = vec![0.0; 10];
        for t in 0..100 {
            let drive: f64 = (0..10).map(|j| design(t, j) * theta[j]).sum();
            if stream.random::<f64>() < 1.0 / (1.0 + (-drive).exp()) {
                (0..10).for_each(|j| x[j] += design(t, j));
            }
        }
        (theta, x)
    };
    Task { name: "bernoulli_glm", draw: Box::new(draw), exact: None }
}

impl Task {
    fn pairs(&self, count: usize, seed: Seed) -> mynah::Result<Simulations> {
        let pair = |i: usize| (self.draw)(&mut seed.stream(Domain::User, i as u64));
        let (theta, x): (Vec<_>, Vec<_>) = (0..count).map(pair).unzip();
        let names: Vec<String> = (0..theta[0].len()).map(|p| format!("theta{p}")).collect();
        let width = x[0].len();
        Simulations::new(names, theta.concat(), Outcome::Real { width }, x.concat())
    }
}

/// The mean of minus the log densities of pairs.
fn held_out(learned: &NeuralLikelihood, test: &Simulations) -> mynah::Result<f64> {
    let rows: Vec<u32> = (0..test.len() as u32).collect();
    let width = test.names.len();
    let column = |p| test.parameters.iter().skip(p).step_by(width).copied();
    let by_parameter: Vec<f64> = (0..width).flat_map(column).collect();
    let mut log_prob = vec![0.0; rows.len()];
    learned.bind(&test.data, &rows, rows.len())?.evaluator().pointwise(&by_parameter, &mut log_prob);
    Ok(-log_prob.iter().sum::<f64>() / rows.len() as f64)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    use lexopt::prelude::*;
    let (mut sizes, mut only_task, mut only_setting, mut seed) = (vec![1_000, 10_000], None, None, 1_u64);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("simulations") => sizes = vec![arguments.value()?.parse()?],
            Long("task") => only_task = Some(arguments.value()?.string()?),
            Long("setting") => only_setting = Some(arguments.value()?.string()?),
            Long("seed") => seed = arguments.value()?.parse()?,
            Long("quick") => {
                (sizes, only_task) = (vec![300], Some("two_moons".to_owned()));
                only_setting = Some("default".to_owned());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    println!("| task | simulations | setting | held out | exact | seconds |\n|---|---:|---|---:|---:|---:|");
    let chosen = |only: &Option<String>, name: &str| only.as_deref().is_none_or(|only| only == name);
    for simulations in sizes {
        for task in tasks().into_iter().filter(|task| chosen(&only_task, task.name)) {
            let training = task.pairs(simulations, Seed(seed))?;
            let test = task.pairs(10_000, Seed(seed).derive(1))?;
            let exact = task.exact.map_or(String::new(), |log_prob| {
                let sum: f64 = test.rows().map(|(theta, x)| log_prob(theta, x)).sum();
                format!("{:.3}", -sum / test.len() as f64)
            });
            for (name, setting) in settings().into_iter().filter(|(name, _)| chosen(&only_setting, name)) {
                let nle = setting(Nle::default().seed(seed).progress(Progress::Hidden));
                let learned = nle.fit(&training)?;
                let (loss, seconds) = (held_out(&learned, &test)?, learned.report().seconds);
                println!("| {} | {simulations} | {name} | {loss:.3} | {exact} | {seconds:.1} |", task.name);
            }
        }
    }
    Ok(())
}
