use super::*;
use crate::dist::{Normal, Univariate};
use crate::math::normal_cdf;

fn normals(mean: f64, rows: usize, width: usize, index: u64) -> Vec<f64> {
    let mut stream = Seed(17).stream(Domain::User, index);
    (0..rows * width).map(|_| Normal(mean, 1.0).sample(&mut stream)).collect()
}

/// Four standard errors of the fair coins that the answers then are; the folds share their training rows, which
/// correlates them a little: a fifth more.
#[test]
fn samples_of_one_distribution_are_not_told_apart() {
    for (width, rows) in [(1, 2000), (2, 1000), (10, 400)] {
        let test = c2st(&normals(0.0, rows, width, 0), &normals(0.0, rows, width, 1), width, 5).unwrap();
        assert!((test.accuracy - 0.5).abs() < 4.8 * test.null_error(), "{test:?}");
        assert!((test.null_error() - 0.5 / (2.0 * rows as f64).sqrt()).abs() < 1e-15);
        assert_eq!((test.folds.len(), test.rows), (FOLDS, rows));
    }
}

/// Two unit normals a distance d apart: the best accuracy is Phi(d / 2). The test has four standard errors above it, of
/// 4000 answers, and below it the same and 0.01 for what was not learned.
#[test]
fn shifted_normals_are_told_apart_as_well_as_can_be() {
    for shift in [0.5, 1.0, 2.0] {
        let best = normal_cdf(0.5 * shift);
        let test = c2st(&normals(0.0, 2000, 1, 2), &normals(shift, 2000, 1, 3), 1, 5).unwrap();
        let error = 4.0 * (best * (1.0 - best) / 4000.0).sqrt();
        assert!(test.accuracy < best + error && test.accuracy > best - error - 0.01, "{best} {test:?}");
    }
}

/// Same mean and variance in each column, but correlated: a test of columns one by one would see nothing.
#[test]
fn correlations_are_seen() {
    let (independent, mut correlated) = (normals(0.0, 2000, 2, 4), normals(0.0, 2000, 2, 5));
    for row in correlated.chunks_exact_mut(2) {
        row[1] = 0.9 * row[0] + 0.19f64.sqrt() * row[1];
    }
    // 1/2 + 1/4 integral |p - q|: the sum over 1201 x 1201 points of [-6, 6]^2, in plain Python. Four standard errors of
    // 4000 answers are 0.027; 0.01 for what was not learned.
    let best = 0.7574;
    let test = c2st(&independent, &correlated, 2, 5).unwrap();
    assert!(test.accuracy < best + 0.027 && test.accuracy > best - 0.037, "{test:?}");
}

#[test]
fn samples_far_apart_are_told_apart() {
    let test = c2st(&normals(0.0, 500, 3, 6), &normals(6.0, 500, 3, 7), 3, 5).unwrap();
    assert!(test.accuracy > 0.99, "{test:?}");
}

/// The rows of the larger sample that count lie all over it: one whose first half is like the other sample, and whose second half is
/// not, is told apart in that half.
#[test]
fn rows_of_the_larger_sample_are_drawn_from_all_of_it() {
    let small = normals(0.0, 500, 1, 8);
    let large = [normals(0.0, 500, 1, 9), normals(9.0, 500, 1, 10)].concat();
    for (a, b) in [(&small, &large), (&large, &small)] {
        let test = c2st(a, b, 1, 5).unwrap();
        // Half of the one sample's rows are known for certain: 3/4 in all, with four standard errors of 1000 answers.
        assert!((test.accuracy - 0.75).abs() < 0.055, "{test:?}");
        assert_eq!(test.rows, 500);
        assert_eq!(test, c2st(a, b, 1, 5).unwrap());
        assert_ne!(test.folds, c2st(a, b, 1, 6).unwrap().folds);
    }
}

/// Scales that leave f32, and f64 when squared; an outlier that alone makes the standard deviation.
#[test]
fn no_scale_hides_a_difference() {
    let ramp = |top: f64| (0..100).map(|i| top * (f64::from(i) / 99.0)).collect::<Vec<f64>>();
    let mut outlier = ramp(99.0);
    outlier[50] = 1e302;
    let cases = [
        (ramp(1e302), ramp(99.0)),
        (ramp(99.0), ramp(1e302)),
        (ramp(1e-300), ramp(1e300)),
        (ramp(f64::MAX), ramp(-f64::MAX)),
        (outlier, ramp(99.0).iter().map(|x| x + 1e4).collect()),
    ];
    for (case, (a, b)) in cases.iter().enumerate() {
        let test = c2st(a, b, 1, 1).unwrap();
        assert!(test.accuracy > 0.9, "case {case}: {test:?}");
    }
}

#[test]
fn what_is_no_sample_is_refused() {
    let (fine, mut broken) = (normals(0.0, 2000, 2, 0), normals(0.0, 2000, 2, 1));
    let message = |a: &[f64], b: &[f64], width| c2st(a, b, width, 1).unwrap_err().to_string();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        broken[7] = bad;
        let expected = format!("finite numbers in the second sample, got {bad} in row 3");
        assert!(message(&fine, &broken, 2).contains(&expected));
    }
    assert!(message(&fine, &fine[..51], 2).contains("got 51 numbers for 2 columns"));
    assert!(message(&fine[..10], &fine, 1).contains("50 or more rows of 1 or more columns in the first"));
    assert!(message(&fine, &[], 1).contains("in the second sample, got 0 numbers"));
    assert!(message(&fine, &fine, 0).contains("for 0 columns"));
    assert!(message(&fine, &fine, usize::MAX).contains("1 to 256 columns"));
    assert!(message(&[3.0; 100], &fine, 1).contains("got 3 in all rows of column 0"));
    assert!(message(&[0.0; 100], &fine, 1).contains("got 0 in all rows of column 0"));
}

/// A number of SplitMix64 (Steele, Lea & Flood 2014), in [0, 1): what `tests/reference/c2st/make.py` draws with.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// Normals of Box & Muller (1958), as in the script.
fn same_normals(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut one = || {
        let radius = (-2.0 * (1.0 - uniform(&mut state)).ln()).sqrt();
        radius * (std::f64::consts::TAU * uniform(&mut state)).cos()
    };
    (0..count).map(|_| one()).collect()
}

/// The second sample of a case: shifted, scaled, or with each number moved towards the one before.
fn second(kind: &str, rows: usize, width: usize) -> Vec<f64> {
    let mut table = same_normals(rows * width, 2);
    match kind {
        "equal" => {}
        "shifted" => table.iter_mut().for_each(|x| *x += 0.4),
        "wider" => table.iter_mut().for_each(|x| *x *= 1.5),
        "correlated" => table.chunks_exact_mut(width).for_each(|row| {
            for k in 1..width {
                row[k] = 0.8 * row[k - 1] + 0.6 * row[k];
            }
        }),
        other => panic!("no kind {other}"),
    }
    table
}

/// The same samples by the benchmark's definition with scikit-learn. Both are averages over seeds of folds and starts; what the
/// seeds leave is in the file's `sd`.
#[test]
fn the_figures_are_those_of_the_benchmarks_definition() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/c2st/expected.csv");
    let text = std::fs::read_to_string(path).unwrap();
    assert_eq!(text.lines().count(), 2 + 8);
    for line in text.lines().filter(|line| !line.starts_with(['#', 'k'])) {
        let cells: Vec<&str> = line.split(',').collect();
        let (width, rows) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        let (expected, sd): (f64, f64) = (cells[3].parse().unwrap(), cells[4].parse().unwrap());
        let (first, second) = (same_normals(rows * width, 1), second(cells[0], rows, width));
        let seeds = 3;
        let ours = (0..seeds).map(|seed| c2st(&first, &second, width, seed).unwrap().accuracy);
        let got = ours.sum::<f64>() / seeds as f64;
        println!("{line}: {got:.4}");
        // The error of a difference of two averages, three seeds against ten, at four standard errors; an sd from ten seeds may
        // itself be a third too small.
        let tolerance = 4.0 * 1.33 * sd * (1.0 / seeds as f64 + 0.1).sqrt();
        assert!((got - expected).abs() < tolerance.max(0.01), "{line}: {got}");
    }
}
