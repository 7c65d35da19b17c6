//! The study behind the defaults of [`Nle`]: one option at a time is moved away from its default, on two problems whose exact
//! likelihood is known.
//!
//! - `ddm`: choices and times of a drift-diffusion model, four parameters (exact: the Wiener density);
//! - `two_moons`: two columns, two parameters, 10 000 simulations by default (exact: see [`moon_log_prob`]).
//!
//! Reported per setting, as means over seeds: the divergence E[log p - log q] in nats per datum over 20 000 fresh pairs, its largest
//! difference between seeds, and the seconds of training.
//!
//! ```sh
//! RAYON_NUM_THREADS=1 cargo run --release --example study_of_defaults -- --task ddm --seeds 3
//! RAYON_NUM_THREADS=1 cargo run --release --example study_of_defaults -- --task two_moons --seeds 3
//! ```
//!
//! `--help` lists all options.

use mynah::neural::{Activation, Flow, Schedule};
use mynah::prelude::*;
use mynah::simulate::{BoxPrior, Simulator};
use rand::RngExt;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

const HELP: &str = "Options:
  --task NAME      ddm or two_moons (default: ddm)
  --simulations N  simulations to train on (default: 100000 of ddm, 10000 of two_moons)
  --seeds N        how many seeds, from 1 on (default: 1)
  --only OPTION    one option of Nle alone, such as batch (default: all)
  --quick          1000 simulations, the defaults alone; its figures mean nothing (default: off)
  --help           print this";

type Setting = (&'static str, fn(Nle) -> Nle);

/// The settings of every option; the defaults themselves come first, once.
fn settings(task: &str) -> Vec<(&'static str, Vec<Setting>)> {
    let mut settings: Vec<(_, Vec<Setting>)> = vec![
        ("defaults", vec![("", |nle| nle)]),
        (
            "batch",
            vec![
                ("64", |nle| nle.batch(64)),
                ("128", |nle| nle.batch(128)),
                ("512", |nle| nle.batch(512)),
                ("1024", |nle| nle.batch(1024)),
            ],
        ),
        (
            "learning_rate",
            vec![
                ("0.0003", |nle| nle.learning_rate(3e-4)),
                ("0.001", |nle| nle.learning_rate(1e-3)),
                ("0.01", |nle| nle.learning_rate(1e-2)),
            ],
        ),
        (
            "max_epochs",
            vec![
                ("20", |nle| nle.max_epochs(20)),
                ("50", |nle| nle.max_epochs(50)),
                ("100", |nle| nle.max_epochs(100)),
            ],
        ),
        (
            "patience",
            vec![
                ("10", |nle| nle.patience(10)),
                ("20", |nle| nle.patience(20)),
                ("400", |nle| nle.patience(400)),
            ],
        ),
        (
            "schedule, averaging",
            vec![
                ("Constant, 0", |nle| nle.schedule(Schedule::Constant).averaging(0.0)),
                ("Constant, 0.99", |nle| nle.schedule(Schedule::Constant)),
                ("Constant, 0.999", |nle| nle.schedule(Schedule::Constant).averaging(0.999)),
                ("Cosine, 0", |nle| nle.averaging(0.0)),
                ("Cosine, 0.999", |nle| nle.averaging(0.999)),
            ],
        ),
        (
            "weight_decay",
            vec![
                ("0", |nle| nle.weight_decay(0.0)),
                ("0.03", |nle| nle.weight_decay(0.03)),
                ("0.3", |nle| nle.weight_decay(0.3)),
            ],
        ),
        ("bins", vec![("4", |nle| nle.bins(4)), ("16", |nle| nle.bins(16))]),
        ("activation", vec![("Tanh", |nle| nle.activation(Activation::Tanh))]),
    ];
    settings.extend(match task {
        "ddm" => vec![(
            "hidden",
            vec![
                ("[32, 32]", (|nle| nle.hidden(&[32, 32])) as fn(Nle) -> Nle),
                ("[64, 64]", |nle| nle.hidden(&[64, 64])),
                ("[64, 64, 64]", |nle| nle.hidden(&[64, 64, 64])),
                ("[96, 96, 96]", |nle| nle.hidden(&[96, 96, 96])),
            ],
        )],
        _ => vec![
            (
                "max_epochs, long",
                vec![
                    ("200", (|nle| nle.max_epochs(200)) as fn(Nle) -> Nle),
                    ("400", |nle| nle.max_epochs(400)),
                    ("1000", |nle| nle.max_epochs(1000)),
                ],
            ),
            (
                "flow_hidden",
                vec![
                    ("[32, 32]", (|nle| nle.flow_hidden(&[32, 32])) as fn(Nle) -> Nle),
                    ("[64, 64]", |nle| nle.flow_hidden(&[64, 64])),
                    ("[50, 50]", |nle| nle.flow_hidden(&[50, 50])),
                    ("[64, 64, 64]", |nle| nle.flow_hidden(&[64, 64, 64])),
                    ("[96, 96, 96]", |nle| nle.flow_hidden(&[96, 96, 96])),
                ],
            ),
            (
                "transforms",
                vec![
                    ("2", |nle| nle.transforms(2)),
                    ("3", |nle| nle.transforms(3)),
                    ("8", |nle| nle.transforms(8)),
                ],
            ),
            ("flow", vec![("AffineAutoregressive", |nle| nle.flow(Flow::AffineAutoregressive))]),
        ],
    });
    settings
}

/// A crescent of mean radius 0.1, moved by the parameters (Greenberg, Nonnenmacher & Macke 2019, arXiv:1905.07488).
fn moons(theta: &[f64], stream: &mut Stream) -> Vec<f64> {
    let (angle, radius) = (PI * (stream.random::<f64>() - 0.5), Normal(0.1, 0.01).sample(stream));
    let [x, y] = moon_centre(theta);
    vec![x + radius * angle.cos(), y + radius * angle.sin()]
}

fn moon_centre(theta: &[f64]) -> [f64; 2] {
    let [sum, difference] = [theta[0] + theta[1], theta[1] - theta[0]];
    [0.25 - FRAC_1_SQRT_2 * sum.abs(), FRAC_1_SQRT_2 * difference]
}

/// Of the crescent in polar coordinates: the angle is uniform over a half circle, the radius normal, the Jacobian the radius. A
/// radius below 0, ten standard deviations away, is left out.
fn moon_log_prob(theta: &[f64], x: &[f64]) -> f64 {
    let centre = moon_centre(theta);
    let radius = (x[0] - centre[0]).hypot(x[1] - centre[1]);
    Normal(0.1, 0.01).log_prob(radius) - (PI * radius).ln()
}

/// The problem: training pairs and pairs to test on, the exact log density of the latter, and the defaults.
struct Task {
    training: Simulations,
    test: Simulations,
    exact: Vec<f64>,
    nle: Nle,
}

fn draw(
    prior: &BoxPrior,
    simulator: &impl Simulator,
    n: usize,
    seed: u64,
) -> mynah::Result<[Simulations; 2]> {
    Ok([
        Simulations::draw(prior, simulator, n, Seed(seed))?,
        Simulations::draw(prior, simulator, 20_000, Seed(seed).derive(1))?,
    ])
}

fn task(name: &str, simulations: usize, seed: u64) -> mynah::Result<Task> {
    let nle = Nle::default().seed(seed).progress(Progress::Hidden);
    let by_row = |test: &Simulations, log_prob: &dyn Fn(&[f64], &[f64]) -> f64| {
        let width = test.names.len();
        test.parameters.chunks(width).zip(test.data.chunks(2)).map(|(theta, x)| log_prob(theta, x)).collect()
    };
    if name == "ddm" {
        let prior = BoxPrior::new([("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)])?;
        let [training, test] = draw(&prior, &Ddm::default(), simulations, seed)?;
        let exact = by_row(&test, &|theta, x| {
            Wiener(theta[0], theta[1], theta[2], theta[3]).log_prob(Response { rt: x[0], choice: x[1] as u8 })
        });
        return Ok(Task { training, test, exact, nle: nle.shift("t0") });
    }
    let prior = BoxPrior::new([("theta1", -1.0, 1.0), ("theta2", -1.0, 1.0)])?;
    let [training, test] = draw(&prior, &moons, simulations, seed)?;
    let exact = by_row(&test, &moon_log_prob);
    Ok(Task { training, test, exact, nle })
}

impl Task {
    /// E[log p - log q] and the seconds of training.
    fn divergence(&self, setting: fn(Nle) -> Nle) -> mynah::Result<(f64, f64)> {
        let learned = setting(self.nle.clone()).fit(&self.training)?;
        let rows: Vec<u32> = (0..self.test.len() as u32).collect();
        let width = self.test.names.len();
        let column = |p| self.test.parameters.iter().skip(p).step_by(width).copied();
        let by_parameter: Vec<f64> = (0..width).flat_map(column).collect();
        let mut log_prob = vec![0.0; rows.len()];
        learned.bind(&self.test.data, &rows, rows.len())?.evaluator().pointwise(&by_parameter, &mut log_prob);
        let sum: f64 = self.exact.iter().zip(&log_prob).map(|(p, q)| p - q).sum();
        Ok((sum / rows.len() as f64, learned.report().seconds))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    use lexopt::prelude::*;
    let (mut name, mut simulations, mut seeds, mut only) = ("ddm".to_owned(), None, 1, None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => {
                println!("{HELP}");
                return Ok(());
            }
            Long("task") => name = arguments.value()?.parse()?,
            Long("simulations") => simulations = Some(arguments.value()?.parse()?),
            Long("seeds") => seeds = arguments.value()?.parse()?,
            Long("only") => only = Some(arguments.value()?.string()?),
            Long("quick") => (simulations, only) = (Some(1000), Some("defaults".to_owned())),
            other => return Err(other.unexpected().into()),
        }
    }
    if !["ddm", "two_moons"].contains(&name.as_str()) {
        return Err(format!("expected --task to be ddm or two_moons, got {name}").into());
    }
    let simulations = simulations.unwrap_or(if name == "ddm" { 100_000 } else { 10_000 });
    println!("{name}, {simulations} simulations, {seeds} seeds\n");
    println!("| option | setting | divergence, nats | between seeds | seconds |\n|---|---|---:|---:|---:|");
    let tasks: Vec<Task> =
        (1..=seeds).map(|seed| task(&name, simulations, seed)).collect::<mynah::Result<_>>()?;
    for (option, settings) in settings(&name) {
        for (label, setting) in
            settings.into_iter().filter(|_| only.as_deref().is_none_or(|only| only == option))
        {
            let runs: Vec<(f64, f64)> =
                tasks.iter().map(|task| task.divergence(setting)).collect::<mynah::Result<_>>()?;
            let mean = |of: fn(&(f64, f64)) -> f64| runs.iter().map(of).sum::<f64>() / runs.len() as f64;
            let extreme =
                |fold: fn(f64, f64) -> f64| runs.iter().map(|run| run.0).reduce(fold).unwrap_or(0.0);
            let spread = extreme(f64::max) - extreme(f64::min);
            println!(
                "| {option} | {label} | {:.4} | {spread:.4} | {:.1} |",
                mean(|run| run.0),
                mean(|run| run.1)
            );
        }
    }
    Ok(())
}
