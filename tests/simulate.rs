//! The promises of simulations: the exact DDM against its reference table, reproducibility, counted failures, stores.

use mynah::dist::Response;
use mynah::simulate::{
    BoxPrior, ChoiceTimes, Counts, Ddm, Outcome, Prior, SimulationOptions, SimulationRun, Simulations,
    Simulator,
};
use mynah::{ErrorKind, Progress, Result, Seed, Stop, Stream};
use rand::RngExt;
use statrs::distribution::{Binomial, DiscreteCDF};
use std::sync::atomic::{AtomicUsize, Ordering};

#[path = "simulate/faults.rs"]
mod faults;

/// A prior that always draws the same parameters.
struct Point<const N: usize>([(&'static str, f64); N]);

impl<const N: usize> Prior for Point<N> {
    fn names(&self) -> Vec<String> {
        self.0.iter().map(|entry| entry.0.to_owned()).collect()
    }

    fn draw(&self, _: &mut Stream, theta: &mut [f64]) {
        theta.iter_mut().zip(self.0).for_each(|(value, entry)| *value = entry.1);
    }
}

fn ddm_prior() -> BoxPrior {
    BoxPrior::new([("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)]).unwrap()
}

fn quiet() -> SimulationOptions {
    SimulationOptions::default().progress(Progress::Hidden)
}

fn unit_box() -> BoxPrior {
    BoxPrior::new([("p", 0.0, 1.0)]).unwrap()
}

fn run(simulator: &dyn Simulator, count: usize) -> Result<SimulationRun> {
    quiet().threads(2).run(&unit_box(), simulator, count, Seed(1))
}

// ---------------------------------------------------------------------------------------------- the DDM against its table

/// Twice the smaller tail of a binomial count, exact.
fn binomial_p(successes: usize, trials: usize, share: f64) -> f64 {
    let law = Binomial::new(share, trials as u64).unwrap();
    let (lower, upper) =
        (law.cdf(successes as u64), if successes == 0 { 1.0 } else { law.sf(successes as u64 - 1) });
    2.0 * lower.min(upper)
}

/// Every statistic of every row of the table: P(upper), the mean decision time, and the count of decision times below each
/// conditional quantile. Binomial p-values are exact, the mean's is normal (a million draws). With some 490 statistics and the
/// smallest p-value above 1e-4 / 490 (Bonferroni), a correct simulator fails at most one seed in 10 000.
#[test]
fn ddm_meets_choice_probabilities_means_and_quantiles() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/wfpt_choice_prob_mean_quantiles.csv");
    let mut table = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let mut p_values: Vec<(f64, String)> = vec![];
    for (index, record) in table.records().enumerate() {
        let row: Vec<f64> = record.unwrap().iter().map(|cell| cell.parse().unwrap()).collect();
        let (v, a, w) = (row[0], row[1], row[2]);
        // Named in another order than the simulator's: the columns are matched by name.
        let prior = Point([("t0", 0.0), ("w", w), ("a", a), ("v", v)]);
        let count = 1_000_000;
        let pairs =
            quiet().run(&prior, &Ddm::default(), count, Seed(100 + index as u64)).unwrap().simulations;
        assert_eq!((pairs.len(), pairs.failed), (count, 0));
        let mut add = |what: &str, p: f64| p_values.push((p, format!("v {v}, a {a}, w {w}: {what}")));

        let times = |choice: f64| -> Vec<f64> {
            pairs.data.chunks_exact(2).filter(|row| row[1] == choice).map(|row| row[0]).collect()
        };
        let (upper, lower) = (times(1.0), times(0.0));
        add("P(upper)", binomial_p(upper.len(), count, row[3]));

        let (n, all) = (count as f64, || upper.iter().chain(&lower));
        let mean = all().sum::<f64>() / n;
        let variance = all().map(|t| (t - mean).powi(2)).sum::<f64>() / n;
        let score = (mean - row[4]) / (variance / n).sqrt();
        add("mean", statrs::function::erf::erfc(score.abs() / std::f64::consts::SQRT_2));

        for (side, times, quantiles) in [("upper", &upper, &row[5..10]), ("lower", &lower, &row[10..15])] {
            for (share, quantile) in [0.1, 0.3, 0.5, 0.7, 0.9].into_iter().zip(quantiles) {
                let below = times.iter().filter(|time| *time < quantile).count();
                add(&format!("{side} quantile {share}"), binomial_p(below, times.len(), share));
            }
        }
    }
    assert_eq!(p_values.len(), 41 * 12);
    let worst = p_values.iter().min_by(|x, y| x.0.total_cmp(&y.0)).unwrap();
    println!("smallest of {} p-values: {:.1e} ({})", p_values.len(), worst.0, worst.1);
    assert!(worst.0 > 1e-4 / p_values.len() as f64, "p-value {:e} at {}", worst.0, worst.1);
}

#[test]
fn ddm_adds_the_non_decision_time_and_fails_outside_its_ranges() {
    let at = |v, a, w, t0| {
        quiet().run(&Point([("v", v), ("a", a), ("w", w), ("t0", t0)]), &Ddm::default(), 500, Seed(3))
    };
    let (without, with) = (at(1.0, 1.5, 0.4, 0.0).unwrap(), at(1.0, 1.5, 0.4, 0.25).unwrap());
    for (x, y) in without.simulations.data.chunks_exact(2).zip(with.simulations.data.chunks_exact(2)) {
        assert_eq!((x[0] + 0.25, x[1]), (y[0], y[1]));
    }
    for (v, a, w, t0) in [(1.0, -1.0, 0.5, 0.1), (1.0, 1.0, 1.0, 0.1), (1.0, 1.0, 0.5, -0.1)] {
        let error = at(v, a, w, t0).unwrap_err();
        assert!(error.to_string().contains("500 failures of 500"), "{error}");
    }
}

// ---------------------------------------------------------------------------------------------- reproducibility

#[test]
fn same_seed_same_bits_on_any_number_of_threads() {
    let draw = |threads| {
        quiet().threads(threads).run(&ddm_prior(), &Ddm::default(), 5_000, Seed(7)).unwrap().simulations
    };
    let one = draw(1);
    assert_eq!(one, draw(2));
    assert_eq!(one, draw(4));
    assert_eq!(one, Simulations::draw(&ddm_prior(), &Ddm::default(), 5_000, Seed(7)).unwrap());
    assert_ne!(one, quiet().run(&ddm_prior(), &Ddm::default(), 5_000, Seed(8)).unwrap().simulations);
}

/// Draw values are part of the contract: a change here changes every user's results.
#[test]
fn draws_are_value_stable() {
    let pairs = Simulations::draw(&ddm_prior(), &Ddm::default(), 3, Seed(7)).unwrap();
    let expected: [[f64; 6]; 3] = [
        [
            -0.9073113579635956,
            1.3962532745995895,
            0.43669951671042,
            0.4947786102868245,
            0.8521241060732708,
            0.0,
        ],
        [
            1.4517025616856891,
            1.9645536805532302,
            0.4726762847812867,
            0.44943055024846246,
            1.2566648613459543,
            1.0,
        ],
        [
            2.7081528466861426,
            0.9501421744188263,
            0.3033053002858592,
            0.4128799575415561,
            0.4362951133063311,
            0.0,
        ],
    ];
    for (row, expected) in expected.iter().enumerate() {
        let actual = pairs.parameters[row * 4..][..4].iter().chain(&pairs.data[row * 2..][..2]);
        for (actual, expected) in actual.zip(expected) {
            // exp and ln may differ in the last bit between platforms.
            assert!(
                (actual - expected).abs() <= 1e-13 * expected.abs(),
                "row {row}: {actual:?}, expected {expected:?}"
            );
        }
    }
}

// ---------------------------------------------------------------------------------------------- outcomes

#[test]
fn closures_declare_their_outcomes() {
    let vector = |theta: &[f64], stream: &mut Stream| vec![theta[0], stream.random(), 1.0];
    let pairs = run(&vector, 100).unwrap().simulations;
    assert_eq!((pairs.outcome, pairs.len(), pairs.data.len()), (Outcome::Real { width: 3 }, 100, 300));
    assert_eq!(pairs.parameter("p").unwrap(), pairs.data.iter().step_by(3).copied().collect::<Vec<_>>());

    let count = Counts(|theta: &[f64], _: &mut Stream| (10.0 * theta[0]) as u64);
    assert_eq!(run(&count, 100).unwrap().simulations.outcome, Outcome::Count);

    let response = ChoiceTimes(|theta: &[f64], _: &mut Stream| Response { rt: 0.3 + theta[0], choice: 1 });
    let pairs = run(&response, 100).unwrap().simulations;
    assert_eq!((pairs.outcome, pairs.data[1]), (Outcome::TimeAndChoice, 1.0));
}

#[test]
fn values_outside_the_outcome_are_counted_as_failed() {
    // A response time of 0 below p = 0.4: two fifths of the rows.
    let response =
        ChoiceTimes(|theta: &[f64], _: &mut Stream| Response { rt: (theta[0] - 0.4).max(0.0), choice: 0 });
    let run = run(&response, 1000).unwrap();
    assert_eq!(run.simulations.len() + run.simulations.failed, 1000);
    // 400 rows give or take 4.5 standard deviations of 15.5.
    assert!(run.simulations.failed.abs_diff(400) < 70, "{} failed", run.simulations.failed);
    assert!(run.first_failure.unwrap().reason.contains("a time above 0"));
}

/// A simulator that declares two columns.
struct Pair(fn(&[f64]) -> Vec<f64>);

impl Simulator for Pair {
    fn parameter_names(&self) -> Option<Vec<String>> {
        Some(vec!["p".into()])
    }

    fn outcome(&self) -> Option<Outcome> {
        Some(Outcome::Real { width: 2 })
    }

    fn simulate(&self, theta: &[f64], _: &mut Stream, data: &mut Vec<f64>) {
        data.extend((self.0)(theta));
    }
}

fn rows_below(limit: f64, pairs: &Simulations) -> usize {
    pairs.parameters.iter().position(|&p| p < limit).unwrap()
}

#[test]
fn rows_of_the_wrong_length_are_counted_and_cost_no_other_row() {
    let all = run(&Pair(|_| vec![0.0, 0.0]), 3000).unwrap().simulations;
    let (row, wrong) = (rows_below(0.002, &all), all.parameters.iter().filter(|p| **p < 0.002).count());
    let declared = Pair(|theta| if theta[0] < 0.002 { vec![0.0; 5] } else { vec![0.0; 2] });
    let undeclared =
        |theta: &[f64], _: &mut Stream| if theta[0] < 0.002 { vec![0.0; 5] } else { vec![0.0; 2] };
    for (simulator, origin) in [
        (&declared as &dyn Simulator, "as its outcome declares"),
        (&undeclared, "as in the first row that succeeded"),
    ] {
        let runs = [1, 2, 4]
            .map(|threads| quiet().threads(threads).run(&unit_box(), simulator, 3000, Seed(1)).unwrap());
        for run in &runs {
            assert_eq!(
                (run.simulations.len(), run.simulations.failed, run.drawn),
                (3000 - wrong, wrong, 3000)
            );
            let failure = run.first_failure.as_ref().unwrap();
            assert_eq!((failure.row, failure.theta[0]), (row as u64, all.parameters[row]));
            assert!(failure.reason.contains(&format!("2 numbers, {origin}, got 5")), "{}", failure.reason);
            assert_eq!(run.simulations, runs[0].simulations);
        }
    }
    let nothing = |_: &[f64], _: &mut Stream| Vec::<f64>::new();
    let error = run(&nothing, 10).unwrap_err().to_string();
    assert!(error.contains("10 failures of 10, the first at row 0"), "{error}");
    assert!(error.contains("1 number or more, got 0"), "{error}");
}

// ---------------------------------------------------------------------------------------------- failures

#[test]
fn numbers_that_are_not_finite_and_panics_are_counted() {
    let nan = |theta: &[f64], _: &mut Stream| vec![if theta[0] < 0.1 { f64::NAN } else { theta[0] }];
    let panics = |theta: &[f64], _: &mut Stream| {
        assert!(theta[0] >= 0.1, "p is too small");
        vec![theta[0]]
    };
    // Few rows, so that few messages of the panic hook end up in the test's output.
    for (simulator, reason) in
        [(&nan as &dyn Simulator, "returned NaN"), (&panics, "panicked: p is too small")]
    {
        let run = run(simulator, 100).unwrap();
        let (kept, failed) = (run.simulations.len(), run.simulations.failed);
        assert_eq!((kept + failed, run.drawn, run.requested), (100, 100, 100));
        // Binomial(100, 0.1) lies in 1..=30 but for once in 30 000 seeds.
        assert!((1..=30).contains(&failed), "{failed} failed");
        assert_eq!(run.failed_share(), failed as f64 / 100.0);
        assert!(run.simulations.parameters.iter().all(|&p| p >= 0.1));
        let text = run.to_string();
        let failure = run.first_failure.unwrap();
        assert!(failure.reason.contains(reason) && failure.theta[0] < 0.1, "{failure:?}");
        assert!(text.contains(&format!("{failed} failed")) && text.contains("p = "), "{text}");
    }
}

#[test]
fn all_failed_is_an_error_with_an_example() {
    let error = run(&|_: &[f64], _: &mut Stream| vec![f64::INFINITY], 50).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Simulation);
    let message = error.to_string();
    assert!(message.contains("50 failures of 50, the first at row 0 (p = 0."), "{message}");
    assert!(message.contains("returned inf"), "{message}");
}

#[test]
fn options_and_names_are_checked() {
    let fine = |theta: &[f64], _: &mut Stream| theta.to_vec();
    let kind = |result: Result<SimulationRun>| result.unwrap_err().kind();
    assert_eq!(kind(quiet().threads(0).run(&unit_box(), &fine, 10, Seed(1))), ErrorKind::Options);
    assert_eq!(kind(run(&fine, 0)), ErrorKind::Options);
    let prior = BoxPrior::new([("v", -3.0, 3.0), ("alpha", 0.6, 3.0), ("w", 0.2, 0.8)]).unwrap();
    let error = quiet().run(&prior, &Ddm::default(), 10, Seed(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Site);
    assert!(error.to_string().contains("(missing: a, t0; unknown: alpha)"), "{error}");
}

// ---------------------------------------------------------------------------------------------- stop and progress

#[test]
fn a_stopped_run_keeps_what_is_done() {
    let (stop, calls) = (Stop::new(), AtomicUsize::new(0));
    let simulator = |theta: &[f64], _: &mut Stream| {
        if calls.fetch_add(1, Ordering::Relaxed) == 99 {
            stop.request();
        }
        theta.to_vec()
    };
    let options = quiet().threads(2).stop(&stop);
    let run = options.run(&unit_box(), &simulator, 100_000, Seed(1)).unwrap();
    assert!(run.stopped);
    assert_eq!(run.drawn, calls.load(Ordering::Relaxed));
    assert_eq!(run.simulations.len(), run.drawn);
    // The other thread finishes the rows it began before it saw the flag.
    assert!((100..1000).contains(&run.drawn), "{} drawn", run.drawn);
    assert_eq!(run.simulations.parameters, run.simulations.data);
    assert!(run.to_string().contains("stopped after"), "{run}");

    let error = options.run(&unit_box(), &simulator, 100, Seed(1)).unwrap_err();
    assert!(error.to_string().contains("stop before the first"), "{error}");
}

#[test]
fn a_callback_can_stop_a_run() {
    let stop = Stop::new();
    let flag = stop.clone();
    let slow = |theta: &[f64], _: &mut Stream| {
        std::thread::sleep(std::time::Duration::from_millis(1));
        theta.to_vec()
    };
    let progress = Progress::callback(move |step| {
        assert!(step.job == "simulating" && step.total == 20_000 && step.done <= step.total);
        flag.request();
    });
    let options = SimulationOptions::default().threads(2).progress(progress).stop(&stop);
    let run = options.run(&unit_box(), &slow, 20_000, Seed(1)).unwrap();
    assert!(run.stopped && run.drawn < 20_000);
}
