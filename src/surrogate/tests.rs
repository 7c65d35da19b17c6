//! Promises of every frozen likelihood, in one table over outcomes: the networks are random, so nothing is trained here.

use super::{Coverage, FrozenFlow, FrozenMlp, FrozenWide, NeuralLikelihood, Parts, Region, Seen};
use crate::error::ErrorKind;
use crate::graph::RowEvaluator;
use crate::neural::autoregressive::{FlowShape, Step};
use crate::neural::mlp::MlpShape;
use crate::neural::scale::{Scale, Scaled};
use crate::neural::scaler::{DataScaler, Feature, InputScaler};
use crate::neural::spline::SplineShape;
use crate::neural::{Activation, TrainingReport, plain};
use crate::seed::{Domain, Seed};
use crate::simulate::{Outcome, Provenance};
use candle_core::{Device, Tensor};

const SPLINE: SplineShape = SplineShape { bins: 6, bound: 3.0, curvature: 0.3 };
pub(super) const ROWS: usize = 3;

fn network(inputs: usize, outputs: usize, seed: u64) -> FrozenMlp {
    let shape = MlpShape::new(inputs, &[16, 12], outputs, Activation::Tanh);
    let mut weights = shape.initial(&mut Seed(seed).stream(Domain::User, 0));
    let last = weights.len() - 13 * outputs;
    weights[last..].iter_mut().for_each(|w| *w *= 5.0); // the last layer starts small: make the density less normal
    FrozenMlp::new(shape, weights)
}

/// A box all of which was visited by a and b.
fn coverage() -> Coverage {
    let table: Vec<f64> = (0..4_000)
        .flat_map(|i| [0.5 + 1.5 * f64::from(i % 97) / 96.0, -1.0 + 3.0 * f64::from(i % 89) / 88.0])
        .collect();
    Coverage::of(&table, 2, vec![0, 1])
}

/// With bends that the data reach, placed so that no datum lies within a step of the differences below from a knot.
fn scale(center: f64, spread: f64) -> Scale {
    Scale { center, spread, ends: [1.5, 1.2] }
}

/// A random flow over several columns: splines for two, affine steps for more.
fn wide(width: usize, seed: u64) -> FrozenWide {
    let step = if width == 2 { Step::Spline(SplineShape { curvature: 0.0, ..SPLINE }) } else { Step::Affine };
    let network = MlpShape::new(width + 3, &[16, 12], width * step.raw_len(), Activation::Tanh);
    let shape = FlowShape { width, transforms: 3, network, step };
    let mut weights = shape.initial(&mut Seed(seed).stream(Domain::User, 1));
    weights.iter_mut().for_each(|w| *w *= 2.0);
    let data = (0..width).map(|c| DataScaler::new(false, scale(0.1 * c as f64, 0.8)));
    FrozenWide::new(shape, weights, data.collect())
}

/// A random likelihood with parameters a (positive, its logarithm read too), b and, for times, the shift t0.
pub(super) fn likelihood(outcome: Outcome) -> NeuralLikelihood {
    NeuralLikelihood::new(parts(outcome, 0))
}

/// A likelihood of each kind, and an ensemble of each.
pub(super) fn cases() -> Vec<(Outcome, NeuralLikelihood)> {
    let ensemble =
        |outcome| NeuralLikelihood::ensemble(parts(outcome, 0), vec![parts(outcome, 10), parts(outcome, 20)]);
    let alone = OUTCOMES.map(|outcome| (outcome, likelihood(outcome)));
    alone.into_iter().chain(OUTCOMES.map(|outcome| (outcome, ensemble(outcome)))).collect()
}

/// One member with random weights.
pub(super) fn parts(outcome: Outcome, seed: u64) -> Parts {
    let times = outcome == Outcome::TimeAndChoice;
    let feature = |parameter, log, center, spread| Feature { parameter, log, scale: scale(center, spread) };
    let features =
        vec![feature(0, false, 1.0, 0.6), feature(0, true, 0.1, 0.5), feature(1, false, -0.2, 1.5)];
    let classes = match outcome {
        Outcome::Count => Some(network(3, 7, seed + 1)),
        Outcome::TimeAndChoice => Some(network(3, 2, seed + 2)),
        Outcome::Real { .. } => None,
    };
    // Short times have no bend near: third derivatives of their density are large, differences inexact.
    let ends = if times { [12.0, 1.3] } else { [1.7, 1.3] };
    let data = DataScaler::new(times, Scale { ends, ..scale(-0.3, 0.8) });
    let flow = || FrozenFlow {
        network: network(3 + usize::from(times), SPLINE.raw_len(), seed + 3),
        spline: SplineShape { curvature: if times { SPLINE.curvature } else { 0.0 }, ..SPLINE },
        data,
    };
    let names: Vec<String> =
        ["a", "b", "t0"][..if times { 3 } else { 2 }].iter().map(|n| n.to_string()).collect();
    let free = times.then_some(2);
    Parts {
        region: Region {
            low: vec![0.5, -1.0, 0.0][..names.len()].into(),
            high: vec![2.0; names.len()],
            free,
            coverage: coverage(),
        },
        seen: match outcome {
            Outcome::Count => Seen { ranges: vec![[0.0, 6.0]], classes: vec![true; 7] },
            Outcome::TimeAndChoice => Seen { ranges: vec![[0.05, 9.0]], classes: vec![true; 2] },
            Outcome::Real { width } => Seen { ranges: vec![[-3.0, 3.0]; width], classes: vec![] },
        },
        names,
        outcome,
        inputs: InputScaler { features },
        shift: free,
        classes,
        flow: (outcome.width() == 1 || times).then(flow).filter(|_| outcome != Outcome::Count),
        wide: matches!(outcome, Outcome::Real { width } if width > 1)
            .then(|| wide(outcome.width(), seed + 4)),
        report: TrainingReport {
            epochs: 2,
            best_epoch: 1,
            steps: 7,
            skipped: 0,
            training_loss: vec![0.1, 0.3],
            validation_loss: vec![0.7, f64::NAN],
            stopped: false,
            seconds: 0.1,
            messages: vec![],
        },
        provenance: Provenance::default(),
    }
}

/// Forty data in three rows, not in order, and parameters column by column.
pub(super) fn data(outcome: Outcome) -> (Vec<f64>, Vec<u32>, Vec<f64>) {
    let value = |i: usize| (i * 29 % 40) as f64 / 40.0;
    let datum = |i: usize| match outcome {
        Outcome::Count => vec![(i % 7) as f64],
        Outcome::TimeAndChoice => vec![0.4 + 2.0 * value(i), (i % 3 % 2) as f64],
        Outcome::Real { width } => (0..width).map(|c| 4.0 * value(i + 7 * c) - 2.0).collect(),
    };
    let x = (0..40).flat_map(datum).collect();
    let rows = (0..40).map(|i| (i * 7 % ROWS) as u32).collect();
    let parameters = vec![0.8, 1.1, 1.7, -0.9, 0.4, 1.3, 0.1, 0.2, 0.3];
    (x, rows, parameters[..likelihood(outcome).names().len() * ROWS].to_vec())
}

pub(super) const OUTCOMES: [Outcome; 5] = [
    Outcome::Count,
    Outcome::TimeAndChoice,
    Outcome::Real { width: 1 },
    Outcome::Real { width: 2 },
    Outcome::Real { width: 4 },
];

// The network is f32, and where a datum crosses a knot of its spline the gradient jumps, so that neither a long step nor a short one is exact:
// at 0.002 both errors are below 1e-3 of gradients of size 10 where no knot is near. With 40 data, two columns and three transforms one often is:
// two of five points must agree, which no wrong gradient does by chance.
#[test]
fn gradients_meet_finite_differences() {
    for (outcome, likelihood) in cases() {
        let (x, rows, parameters) = data(outcome);
        let density = likelihood.bind(&x, &rows, ROWS).unwrap();
        let mut evaluator = density.evaluator();
        let errors = [0.0, 0.011, 0.023, 0.034, 0.045].map(|by| {
            let at: Vec<f64> = parameters.iter().map(|x| x + by).collect();
            errors_of_gradient(&mut *evaluator, &at)
        });
        for i in 0..parameters.len() {
            let mut errors = errors.each_ref().map(|errors| errors[i]);
            errors.sort_unstable_by(f64::total_cmp);
            assert!(errors[1] < 2e-3, "{outcome:?}, parameter {i}: {errors:?}");
        }
    }
}

/// How far each partial derivative lies from a central difference, in units of one plus its size.
fn errors_of_gradient(evaluator: &mut dyn RowEvaluator, parameters: &[f64]) -> Vec<f64> {
    let mut gradient = vec![f64::NAN; parameters.len()];
    let value = evaluator.log_prob_and_gradient(parameters, &mut gradient);
    assert!((value - evaluator.log_prob(parameters)).abs() < 1e-9 * value.abs());
    let mut error = |i: usize| {
        let mut at = |step: f64| {
            let mut moved = parameters.to_vec();
            moved[i] += step;
            evaluator.log_prob(&moved)
        };
        let numeric = (at(0.002) - at(-0.002)) / 0.004;
        (gradient[i] - numeric).abs() / (1.0 + numeric.abs())
    };
    (0..parameters.len()).map(&mut error).collect()
}

#[test]
fn pointwise_values_add_up_and_do_not_depend_on_company() {
    for (outcome, likelihood) in cases() {
        let (x, rows, parameters) = data(outcome);
        let density = likelihood.bind(&x, &rows, ROWS).unwrap();
        let mut pointwise = vec![f64::NAN; rows.len()];
        let mut evaluator = density.evaluator();
        evaluator.pointwise(&parameters, &mut pointwise);
        let (sum, total) = (pointwise.iter().sum::<f64>(), evaluator.log_prob(&parameters));
        assert!((sum - total).abs() < 1e-10 * total.abs(), "{outcome:?}: {sum} {total}");
        let width = outcome.width();
        for (i, value) in pointwise.iter().enumerate() {
            let row = rows[i] as usize;
            let theta: Vec<f64> = parameters.iter().skip(row).step_by(ROWS).copied().collect();
            let alone = likelihood.log_prob(&theta, &x[i * width..][..width]).unwrap();
            assert!(
                (alone - value).abs() < 1e-12 * (1.0 + value.abs()),
                "{outcome:?}, datum {i}: {alone} {value}"
            );
        }
    }
}

// 1e-4: the composition on candle's tensors is f32 throughout.
#[test]
fn log_densities_are_those_of_the_plain_candle_composition() {
    let likelihood = likelihood(Outcome::TimeAndChoice);
    let parts = &likelihood.parts;
    let flow = parts.flow.as_ref().unwrap();
    let tensor = |values: &[f32]| Tensor::from_slice(values, (1, values.len()), &Device::Cpu).unwrap();
    let outputs = |network: &FrozenMlp, inputs: &[f32]| {
        let weights = Tensor::from_slice(&network.weights, network.weights.len(), &Device::Cpu).unwrap();
        plain::mlp(&network.shape, &weights, &tensor(inputs)).unwrap()
    };
    let first = |t: Tensor| f64::from(t.to_vec1::<f32>().unwrap()[0]);
    for (theta, rt, choice) in
        [([0.8, 0.4, 0.1], 0.7, 1u32), ([1.9, -0.8, 0.0], 0.2, 0), ([0.6, 1.8, 0.3], 3.5, 1)]
    {
        let mut features = vec![0.0; 3];
        parts.inputs.apply(|p| theta[p], &mut features);
        let logits = outputs(parts.classes.as_ref().unwrap(), &features);
        let class = Tensor::from_slice(&[choice], 1, &Device::Cpu).unwrap();
        let of_choice = first(plain::categorical_log_prob(&logits, &class).unwrap());
        features.push(if choice == 0 { -1.0 } else { 1.0 });
        let Scaled { u, log_slope } = flow.data.apply(rt - theta[2]);
        let u = Tensor::from_slice(&[u as f32], 1, &Device::Cpu).unwrap();
        let of_time = first(plain::spline_log_prob(SPLINE, &outputs(&flow.network, &features), &u).unwrap());
        let expected = of_choice + of_time + log_slope;
        let got = likelihood.log_prob(&theta, &[rt, f64::from(choice)]).unwrap();
        assert!((got - expected).abs() < 1e-4 * (1.0 + expected.abs()), "{theta:?}: {got} {expected}");
    }
}

#[test]
fn a_time_at_the_shift_has_density_zero_and_no_gradient() {
    let likelihood = likelihood(Outcome::TimeAndChoice);
    let density = likelihood.bind(&[0.5, 1.0, 0.9, 0.0], &[0, 1], 2).unwrap();
    let mut gradient = [f64::NAN; 6];
    for t0 in [0.5, 0.7] {
        let value = density.evaluator().log_prob_and_gradient(&[1.0, 1.0, 0.0, 0.0, t0, 0.1], &mut gradient);
        assert_eq!((value, gradient), (f64::NEG_INFINITY, [0.0; 6]));
    }
    assert_eq!(likelihood.log_prob(&[1.0, 0.0, 0.5], &[0.5, 1.0]).unwrap(), f64::NEG_INFINITY);
}

#[test]
fn rows_outside_the_training_region_are_counted_but_for_the_shift() {
    let likelihood = likelihood(Outcome::TimeAndChoice);
    let density = likelihood.bind(&[0.5, 1.0, 0.9, 0.0], &[0, 1], 2).unwrap();
    assert_eq!((density.parameters(), density.rows()), (3, 2));
    assert_eq!(density.rows_outside(&[1.0, 1.9, 0.0, 0.0, 0.1, 99.0]), 0);
    assert_eq!(density.rows_outside(&[1.0, 2.1, 0.0, f64::NAN, 0.1, 0.1]), 1);
    assert_eq!(density.rows_outside(&[0.4, 1.0, 0.0, -1.1, 0.1, 0.1]), 2);
}

#[test]
fn data_the_density_does_not_know_are_refused_in_words() {
    use Outcome::{Count, TimeAndChoice};
    let real = Outcome::Real { width: 1 };
    type Case<'a> = (Outcome, &'a [f64], &'a [u32], ErrorKind, &'a str);
    let cases: [Case<'_>; 9] = [
        (Count, &[1.0, 7.0], &[0, 0], ErrorKind::Value, "datum 1: expected a count of at most 6"),
        (Count, &[1.5], &[0], ErrorKind::Value, "expected a count (0, 1, 2, ...), got 1.5"),
        (Count, &[-1.0], &[0], ErrorKind::Value, "got -1"),
        (
            TimeAndChoice,
            &[0.5, 2.0],
            &[0],
            ErrorKind::Value,
            "expected a choice of 0 (lower) or 1 (upper), got 2",
        ),
        (
            TimeAndChoice,
            &[0.0, 1.0],
            &[0],
            ErrorKind::Value,
            "expected a response time above 0 (seconds), got 0",
        ),
        (TimeAndChoice, &[0.5], &[0], ErrorKind::Shape, "expected 1 data of 2 columns (2 numbers), got 1"),
        (real, &[f64::NAN], &[0], ErrorKind::Value, "expected a finite number, got NaN"),
        (real, &[0.5], &[3], ErrorKind::Index, "expected rows below 3, got row 3 for datum 0"),
        (real, &[0.5], &[], ErrorKind::Shape, "expected 0 data"),
    ];
    for (outcome, x, rows, kind, message) in cases {
        let error = likelihood(outcome).bind(x, rows, ROWS).err().expect(message);
        assert!(error.kind() == kind && error.to_string().contains(message), "{error:?}, not {message}");
    }
    let error = likelihood(Count).log_prob(&[1.0], &[1.0]).unwrap_err();
    assert!(error.to_string().starts_with("expected 2 parameters (a, b), got 1"), "{error}");
}

#[test]
fn a_saved_likelihood_comes_back_bit_for_bit() {
    let path = std::env::temp_dir().join(format!("mynah-surrogate-{}.safetensors", std::process::id()));
    for (outcome, before) in cases() {
        before.save(&path).unwrap();
        let after = NeuralLikelihood::load(&path).unwrap();
        let (x, rows, parameters) = data(outcome);
        let run = |likelihood: &NeuralLikelihood| {
            let mut gradient = vec![0.0; parameters.len()];
            let density = likelihood.bind(&x, &rows, ROWS).unwrap();
            let value = density.evaluator().log_prob_and_gradient(&parameters, &mut gradient);
            (value.to_bits(), gradient.iter().map(|g| g.to_bits()).collect::<Vec<_>>())
        };
        assert_eq!(run(&before), run(&after), "{outcome:?}");
        assert_eq!(
            (after.names(), after.outcome(), after.region()),
            (before.names(), outcome, before.region())
        );
        assert_eq!(format!("{:?}", after.report()), format!("{:?}", before.report()));
        assert_eq!(after.shift(), before.shift());
        assert_eq!(after.members().len(), before.members().len());
    }
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn files_that_are_something_else_are_refused_in_words() {
    let path = std::env::temp_dir().join(format!("mynah-broken-{}.safetensors", std::process::id()));
    likelihood(Outcome::TimeAndChoice).save(&path).unwrap();
    let good = std::fs::read(&path).unwrap();
    let replaced = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = good.windows(from.len()).position(|w| w == from.as_bytes()).expect(from);
        [&good[..at], to.as_bytes(), &good[at + to.len()..]].concat()
    };
    let mut infinite = good.clone();
    // Behind the weights come the cells of the coverage, a byte each.
    let end = infinite.len() - likelihood(Outcome::TimeAndChoice).parts.region.coverage.cells().len();
    infinite[end - 4..end].copy_from_slice(&f32::INFINITY.to_le_bytes());
    let cases = [
        (b"nothing of the kind".to_vec(), "expected a safetensors file"),
        (good[..good.len() - 100].to_vec(), "expected"),
        (replaced("mynah", "minah"), "the header has no entry `mynah`"),
        (
            replaced("\\\"format\\\":4", "\\\"format\\\":5"),
            "expected format 4, got format 5, which a later version",
        ),
        (
            replaced("\\\"format\\\":4", "\\\"format\\\":3"),
            "expected format 4, got format 3, which an earlier version",
        ),
        (replaced("time_and_choice", "time_and_chance"), "expected a complete header"),
        (replaced("\\\"shift\\\":2", "\\\"shift\\\":9"), "expected a shift that is a parameter"),
        (replaced("\\\"bins\\\":6", "\\\"bins\\\":7"), "expected a flow with its bins"),
        (infinite, "expected finite"),
    ];
    for (bytes, message) in cases {
        std::fs::write(&path, bytes).unwrap();
        let error = NeuralLikelihood::load(&path).unwrap_err();
        assert!(
            error.kind() == ErrorKind::Format && error.to_string().contains(message),
            "{error:?}, not {message}"
        );
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(NeuralLikelihood::load(&path).unwrap_err().kind(), ErrorKind::Io);
}
