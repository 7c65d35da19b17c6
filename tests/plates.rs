//! Plates: what runs along which, what is summed over what, and what is refused.

#[path = "support/rejects.rs"]
mod rejects;

use mynah::prelude::*;
use mynah::{ErrorKind, model};
use rejects::rejects;

fn normal(x: f64, loc: f64, scale: f64) -> f64 {
    let z = (x - loc) / scale;
    -0.5 * z * z - scale.ln() - 0.5 * (2.0 * std::f64::consts::PI).ln()
}

#[model]
fn league(margins: &[f64]) {
    plate!(teams = 3, {
        sample!(skill ~ Normal(0.0, 1.0));
    });
    plate!(home = 3, {
        let h = skill.at(&[0, 1, 2]);
        plate!(away = 3, {
            let a = skill.at(&[0, 1, 2]);
            sample!(margin ~ Normal(h - a, 1.0), observed = margins);
        });
    });
}

/// One array gathered by one index in two plates of one length is two arrays.
#[test]
fn equal_gathers_in_two_plates_keep_their_plates() {
    let z = [0.4, -1.0, 2.0];
    let margins = [0.5, 1.0, -2.0, 0.3, 0.1, -3.0, 1.7, 2.5, 0.2];
    let mut expected: f64 = z.iter().map(|&z| normal(z, 0.0, 1.0)).sum();
    for home in 0..3 {
        for away in 0..3 {
            expected += normal(margins[home * 3 + away], z[home] - z[away], 1.0);
        }
    }
    let model = league(&margins).unwrap();
    assert!((model.log_density(&z).unwrap() - expected).abs() < 1e-12);
    assert!(
        model.warnings().iter().any(|w| w.contains("`away`") && w.contains("x.along(\"home\")")),
        "that the index fits both plates is said: {:?}",
        model.warnings()
    );
}

#[model]
fn two_halves(y: &[f64]) {
    plate!(groups = 2, {
        sample!(level ~ Normal(0.0, 1.0));
    });
    plate!(first = 3, {
        sample!(y1 ~ Normal(level.at(&[0, 1, 0]), 1.0), observed = &y[..3]);
    });
    plate!(second = 3, {
        sample!(y2 ~ Normal(level.at(&[0, 1, 0]), 1.0), observed = &y[3..]);
    });
}

#[test]
fn sequential_plates_of_one_length_with_one_gather_build() {
    let y = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    let z = [0.7, -0.2];
    let each = |i: usize| normal(y[i], z[i % 3 % 2], 1.0);
    let expected = normal(z[0], 0.0, 1.0) + normal(z[1], 0.0, 1.0) + (0..6).map(each).sum::<f64>();
    assert!((two_halves(&y).unwrap().log_density(&z).unwrap() - expected).abs() < 1e-12);
}

#[model]
fn bare_numbers(outer: usize, x: &[f64], y: &[f64]) {
    sample!(slope ~ Normal(0.0, 1.0));
    plate!(subjects = outer, {
        plate!(items = 3, {
            sample!(y ~ Normal(slope * x, 1.0), observed = y);
        });
    });
}

#[model]
fn said_numbers(plate: &str, x: &[f64], y: &[f64]) {
    sample!(slope ~ Normal(0.0, 1.0));
    plate!(subjects = 3, {
        plate!(items = 3, {
            sample!(y ~ Normal(x.along(plate) * slope, 1.0), observed = y);
        });
    });
}

/// Numbers never choose between two open plates by their length.
#[test]
fn numbers_that_fit_two_plates_are_refused_or_said() {
    let (x, y) = ([1.0, 2.0, 3.0], [0.5, 0.1, 0.9, 0.4, -0.6, 0.2, 0.8, 1.5, 0.0]);
    let parts = ["site `y`", "`subjects`", "`items`", "length 3", "x.along("];
    rejects(bare_numbers(3, &x, &y), ErrorKind::Shape, &parts);
    assert!(bare_numbers(2, &x, &y[..6]).is_ok(), "one plate has that length");
    let at = |plate: &str, column: fn(usize) -> usize| {
        let expected: f64 = (0..9).map(|i| normal(y[i], 0.7 * x[column(i)], 1.0)).sum();
        let got = said_numbers(plate, &x, &y).unwrap().log_density(&[0.7]).unwrap();
        assert!((got - expected - normal(0.7, 0.0, 1.0)).abs() < 1e-12, "{plate}");
    };
    at("subjects", |i| i / 3);
    at("items", |i| i % 3);
    rejects(said_numbers("trials", &x, &y), ErrorKind::Shape, &["`trials`", "none of them"]);
    rejects(said_numbers("items", &x[..2], &y), ErrorKind::Shape, &["one entry per element", "got 2"]);
}

#[model]
fn factors(scores: &[f64]) {
    sample!(mu ~ Normal(0.0, 1.0));
    plate!(rows = 10, {
        factor!(each = -0.1 * mu * mu);
        factor!(by_row = mu * scores);
    });
    plate!(outer = 2, {
        plate!(inner = 3, {
            factor!(part = mu * [1.0, 2.0, 3.0]);
        });
    });
}

#[test]
fn a_factor_counts_once_per_element() {
    let scores: Vec<f64> = (0..10).map(f64::from).collect();
    let expected = normal(0.5, 0.0, 1.0) - 10.0 * 0.1 * 0.25 + 0.5 * 45.0 + 2.0 * 0.5 * 6.0;
    assert!((factors(&scores).unwrap().log_density(&[0.5]).unwrap() - expected).abs() < 1e-12);
}

#[test]
fn a_model_cannot_end_inside_a_plate() {
    let open = Model::record(|scope| {
        scope.site("mu").sample(Normal(0.0, 1.0));
        scope.enter("rows", 2);
        scope.site("x").sample(Normal(0.0, 1.0));
        Ok(())
    });
    rejects(open, ErrorKind::Shape, &["plate `rows` (2)", "still open", "continue"]);
    let closed_twice = Model::record(|scope| {
        scope.exit();
        scope.site("mu").sample(Normal(0.0, 1.0));
        Ok(())
    });
    rejects(closed_twice, ErrorKind::Shape, &["expected an open plate to exit, got none"]);
}

#[model]
fn sums(y: &[f64]) {
    plate!(subjects = 2, {
        plate!(items = 3, {
            sample!(x ~ Normal(0.0, 1.0));
        });
        deterministic!(total = x.sum());
        deterministic!(centre = x.mean_over("items"));
        sample!(y ~ Normal(total, 1.0), observed = y);
    });
    deterministic!(by_item = x.sum_over("subjects"));
    deterministic!(all = x.mean());
}

#[model]
fn sum_of_the_open(y: &[f64]) {
    plate!(rows = 2, {
        sample!(x ~ Normal(0.0, 1.0));
        sample!(y ~ Normal(x.sum(), 1.0), observed = y);
    });
}

#[test]
fn sums_keep_the_open_plates() {
    let z = [1.0, 2.0, 3.0, 10.0, 20.0, 30.0];
    let model = sums(&[0.5, 0.6]).unwrap();
    let values = model.values_at(&z).unwrap();
    assert_eq!(values.get("total").unwrap(), [6.0, 60.0]);
    assert_eq!(values.get("centre").unwrap(), [2.0, 20.0]);
    assert_eq!(values.get("by_item").unwrap(), [11.0, 22.0, 33.0]);
    assert_eq!(values.get("all").unwrap(), [11.0]);
    let expected =
        z.iter().map(|&z| normal(z, 0.0, 1.0)).sum::<f64>() + normal(0.5, 6.0, 1.0) + normal(0.6, 60.0, 1.0);
    assert!((model.log_density(&z).unwrap() - expected).abs() < 1e-9);
    let parts = ["site `y`", "plate `rows` (2)", ".sum_over(\"rows\")"];
    rejects(sum_of_the_open(&[0.1, 0.2]), ErrorKind::Shape, &parts);
}

#[model]
fn scales(noncentered: bool, y: &[f64]) {
    sample!(sigma ~ Normal(0.0, 1.0));
    plate!(rows = y.len(), {
        if noncentered {
            sample!(x ~ Normal(0.0, sigma).noncentered());
            sample!(y ~ Normal(x, 1.0), observed = y);
        } else {
            sample!(x ~ Normal(0.0, sigma));
            sample!(y ~ Normal(x, 1.0), observed = y);
        }
    });
}

#[model]
fn proper_scale(y: &[f64]) {
    sample!(sigma ~ HalfNormal(1.0));
    sample!(p ~ Uniform(0.0, 1.0));
    plate!(rows = y.len(), {
        sample!(x ~ Normal(0.0, sigma * 2.0).noncentered());
        sample!(y ~ Normal(x, sigma), observed = y);
        sample!(k ~ Bernoulli(p), observed = y);
    });
}

/// Both forms refuse a negative scale, and a scale that may be any real number is said when the model is built.
#[test]
fn scales_are_positive_in_both_forms() {
    for noncentered in [false, true] {
        let model = scales(noncentered, &[0.1, 0.2]).unwrap();
        assert!(model.log_density(&[0.5, 0.1, 0.2]).is_ok());
        let error = model.log_density(&[-0.5, 0.1, 0.2]).unwrap_err().to_string();
        assert!(error.contains("site `x`") && error.contains("scale = -0.5"), "{error}");
        let [warning] = model.warnings() else { panic!("one warning: {:?}", model.warnings()) };
        for part in ["site `x`", "`scale` of Normal", "`sigma`", "HalfNormal"] {
            assert!(warning.contains(part), "no `{part}` in: {warning}");
        }
    }
    assert!(proper_scale(&[0.0, 1.0]).unwrap().warnings().is_empty());
}

#[model]
fn named(name: &str) {
    plate!(rows = 2, {
        sample!(x ~ Normal(0.0, 1.0));
    });
    sample!(other ~ Normal(0.0, 1.0), name = name);
}

#[test]
fn names_tell_sites_apart() {
    rejects(named("x[0]"), ErrorKind::Site, &["`x[0]`", "rename"]);
    rejects(named(""), ErrorKind::Site, &["empty"]);
    assert!(named("y[0]").is_ok());
}

#[model]
fn lengths(outer: usize, inner: usize) {
    plate!(outer = outer, {
        plate!(inner = inner, {
            sample!(x ~ Normal(0.0, 1.0));
        });
    });
}

#[test]
fn plates_too_long_for_any_machine_are_refused() {
    for (outer, inner) in [(1 << 40, 1 << 40), (usize::MAX, 1), (1, usize::MAX), (1 << 20, 1 << 20)] {
        rejects(lengths(outer, inner), ErrorKind::Shape, &["at most 268435456 elements"]);
    }
}

#[model]
fn same_names(y: &[f64]) {
    plate!(rows = 3, {
        sample!(x ~ Normal(0.0, 1.0));
    });
    plate!(rows = 3, {
        sample!(y ~ Normal(x, 1.0), observed = y);
    });
}

#[model]
fn outside(y: &[f64]) {
    sample!(mu ~ Normal(0.0, 1.0));
    sample!(y ~ Normal(mu, 1.0), observed = y);
}

#[model]
fn missing_covariate(x: &[f64], y: &[f64]) {
    sample!(slope ~ Normal(0.0, 1.0));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(slope * x, 1.0), observed = y);
    });
}

#[model]
fn matrix_product(matrix: &[f64], y: &[f64]) {
    plate!(covariates = 2, {
        sample!(slope ~ Normal(0.0, 1.0));
    });
    plate!(rows = y.len(), {
        sample!(y ~ Normal(slope.dot(matrix), 1.0), observed = y);
    });
}

#[test]
fn messages_say_what_is_there() {
    let y = [0.1, 0.2, 0.3];
    rejects(same_names(&y), ErrorKind::Shape, &["two plates named `rows`", ".at(index)"]);
    rejects(
        outside(&y),
        ErrorKind::Shape,
        &["one observed value outside of any plate", "got 3", "plate!(rows = 3"],
    );
    rejects(
        missing_covariate(&[1.0, f64::NAN, 2.0], &y),
        ErrorKind::Value,
        &["site `y`", "NaN at position 1"],
    );
    let matrix = [1.0, 0.5, 1.0, f64::NAN, 1.0, 0.2];
    rejects(matrix_product(&matrix, &y), ErrorKind::Value, &["site `y`", "NaN in row 1, column 1"]);
}

#[test]
fn variables_of_another_model_are_refused() {
    let mixed = Model::record(|outer| {
        let mu = outer.site("mu").sample(Normal(0.0, 1.0));
        let inner = Model::record(|inner| {
            inner.site("x").sample(Normal(mu, 1.0));
            Ok(())
        });
        inner.map(|_| ())
    });
    rejects(mixed, ErrorKind::Site, &["site `x`", "another model"]);
}

#[model]
fn moving_average(y: &[f64]) {
    sample!(theta ~ Uniform(-1.0, 1.0));
    let mut shock = theta * 0.0;
    let mut means = vec![];
    for datum in y {
        let mean = theta * shock;
        means.push(mean);
        shock = *datum - mean;
    }
    plate!(times = y.len(), {
        sample!(y ~ Normal(Var::stack(&means), 1.0), observed = y);
    });
}

#[model]
fn stacks(length: usize) {
    sample!(a ~ Normal(0.0, 1.0));
    plate!(rows = length, {
        deterministic!(x = Var::stack(&[a, a * 2.0]));
    });
}

#[test]
fn scalars_stack_to_an_array() {
    let y = [0.5, -0.2, 0.9, 0.1];
    let (theta, mut shock, mut expected) = (0.0, 0.0, 0.0);
    for datum in y {
        expected += normal(datum, theta * shock, 1.0);
        shock = datum - theta * shock;
    }
    // z = 0 is theta = 0, where the density of the uniform times the Jacobian is 1/2 x 2 x 1/4.
    let got = moving_average(&y).unwrap().log_density(&[0.0]).unwrap();
    assert!((got - expected - 0.25_f64.ln()).abs() < 1e-12);
    assert_eq!(stacks(2).unwrap().values_at(&[1.5]).unwrap().get("x").unwrap(), [1.5, 3.0]);
    rejects(stacks(3), ErrorKind::Shape, &["one scalar per element of plate `rows` (3)", "got 2"]);
}

/// A density that tells how many distinct rows of parameters it was bound to.
struct CountsRows(std::sync::Arc<std::sync::atomic::AtomicUsize>, Vec<String>);

impl mynah::graph::Learned for CountsRows {
    fn names(&self) -> &[String] {
        &self.1
    }

    fn width(&self) -> usize {
        1
    }

    fn bind(
        &self,
        _: &[f64],
        _: &[u32],
        rows: usize,
    ) -> Result<std::sync::Arc<dyn mynah::graph::RowDensity>> {
        self.0.store(rows, std::sync::atomic::Ordering::Relaxed);
        Err(mynah::Error::new(ErrorKind::Value, "it has counted"))
    }
}

/// Twenty subjects by three conditions are sixty rows of parameters, however a trial's drift is written.
#[test]
fn rows_are_distinct_by_value() {
    use mynah::dist::Density;
    use mynah::graph::Argument;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    let trials = 2000;
    let subject: Vec<usize> = (0..trials).map(|trial| trial / 100).collect();
    let condition: Vec<usize> = (0..trials).map(|trial| trial % 3).collect();
    let coded: Vec<f64> = condition.iter().map(|&c| [-1.0, 0.0, 1.0][c]).collect();
    let delay: Vec<f64> = vec![0.3; trials];
    let rows = |form: usize| {
        let count = Arc::new(AtomicUsize::new(0));
        let names = ["v", "a", "t0"].map(String::from).to_vec();
        let learned = Arc::new(CountsRows(count.clone(), names));
        let error = Model::record(|scope| {
            scope.enter("conditions", 3);
            let effect = scope.site("effect").sample(Normal(0.0, 1.0));
            scope.exit();
            scope.enter("subjects", 20);
            let base = scope.site("base").sample(Normal(0.0, 1.0));
            let slope = scope.site("slope").sample(Normal(0.0, 1.0));
            scope.exit();
            scope.enter("trials", trials);
            let drift = match form {
                0 => base.at(&subject) + effect.at(&condition),
                1 => base.at(&subject) + slope.at(&subject) * &coded,
                _ => (base.at(&subject) * 2.0).tanh() - (&coded * slope.at(&subject)).exp(),
            };
            let arguments: Vec<Argument> =
                vec![drift.into(), slope.at(&subject).exp().into(), Argument::from(&delay)];
            scope.site("y").observe(Density::learned(learned, arguments), &coded);
            scope.exit();
            Ok(())
        });
        assert!(error.unwrap_err().to_string().contains("it has counted"));
        count.load(Ordering::Relaxed)
    };
    assert_eq!([rows(0), rows(1), rows(2)], [60, 60, 60]);
}
