//! Long arrays, which are evaluated as vectors, against their elements one by one.

use super::table::{Entry, bad_values, may_be_unknown, table};
use mynah::dist::*;
use mynah::graph::Argument;
use mynah::transform::{Support, Transform};
use mynah::{Domain, LogDensity, Model, Seed};

/// Not a multiple of any vector's width or of a block's length.
const ROWS: usize = 101;

/// One setting of parameters per row, all of them near `setting` and in their domains, with a value drawn from each.
fn rows(entry: &Entry, setting: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut stream = Seed(11).stream(Domain::User, 0);
    let near = |r: usize, p: usize| match entry.domains[p] {
        ParameterDomain::Count => setting[p],
        _ => setting[p] * (1.0 - 0.001 * r as f64),
    };
    let row = |r| (0..setting.len()).map(|p| near(r, p)).collect::<Vec<f64>>();
    let parameters: Vec<Vec<f64>> = (0..ROWS).map(row).collect();
    let values = parameters.iter().map(|p| (entry.draw)(p, &mut stream)).collect();
    (parameters, values)
}

/// Data observed with parameters that are unknowns where they may be, else data, and the point at which these are the given ones.
/// Each unknown is read in reverse, so that parameters are gathered.
fn observed(entry: &Entry, parameters: &[Vec<f64>], values: &[f64]) -> (Model, Vec<f64>) {
    let reverse: Vec<usize> = (0..ROWS).rev().collect();
    let unknown = unknown(entry, &parameters[0]);
    let model = Model::record(|scope| {
        let mut unknowns = vec![];
        for &p in &unknown {
            scope.enter("unknowns", ROWS);
            unknowns.push(scope.site(format!("p{p}")).sample(Flat()));
            scope.exit();
        }
        scope.enter("rows", ROWS);
        let mut unknowns = unknowns.iter();
        let mut argument = |p: usize| -> Argument<'_> {
            match unknown.contains(&p) {
                true => unknowns.next().expect("one each").at(&reverse).into(),
                false => parameters.iter().map(|row| row[p]).collect::<Vec<f64>>().into(),
            }
        };
        let arguments: Vec<Argument<'_>> = (0..parameters[0].len()).map(&mut argument).collect();
        scope.site("x").observe((entry.in_model)(&arguments), values);
        scope.exit();
        Ok(())
    });
    let z = unknown.iter().flat_map(|&p| parameters.iter().rev().map(move |row| row[p])).collect();
    (model.unwrap(), z)
}

/// The parameters that are unknowns in the models here.
fn unknown(entry: &Entry, setting: &[f64]) -> Vec<usize> {
    (0..setting.len()).filter(|&p| may_be_unknown(entry.domains[p], setting[p])).collect()
}

/// Sums of a hundred terms, and logarithms and exponentials of vectors that may differ in the last two bits.
fn near(got: f64, want: f64, scale: f64) -> bool {
    (got - want).abs() <= 1e-13 * (scale + want.abs())
}

#[test]
fn a_row_of_parameters_per_datum_gives_what_each_gives_alone() {
    for entry in table() {
        for setting in &entry.settings {
            let (parameters, values) = rows(&entry, setting);
            let (model, z) = observed(&entry, &parameters, &values);
            let mut gradient = vec![0.0; z.len()];
            let value = model.density().log_density_and_gradient(&z, &mut gradient).unwrap();
            assert_eq!(value, model.density().log_density(&z).unwrap(), "{}", entry.name);
            let (mut total, mut sizes) = (0.0, 0.0);
            for (r, (row, &x)) in parameters.iter().zip(&values).enumerate() {
                let alone = (entry.evaluate)(row, x);
                let log_prob = entry.normalised(row, x);
                total += log_prob;
                sizes += log_prob.abs() + (entry.carrier)(x).abs();
                for (at, p) in unknown(&entry, setting).into_iter().enumerate() {
                    let (got, want) = (gradient[at * ROWS + ROWS - 1 - r], &alone.parameters[p]);
                    // The scale of a slope: one over that of its parameter.
                    let scale = 1.0 + 1.0 / row[p].abs().max(0.1);
                    assert!(near(got, *want, scale), "{} {row:?} at {x}: {got} {want}", entry.name);
                }
            }
            assert!(near(value, total, sizes), "{} {setting:?}: {value} {total}", entry.name);
        }
    }
}

#[test]
fn one_row_of_parameters_outside_its_domain_spoils_the_sum() {
    for entry in table() {
        let (parameters, values) = rows(&entry, &entry.settings[0]);
        let (model, z) = observed(&entry, &parameters, &values);
        let mut density = model.density();
        for (at, p) in unknown(&entry, &entry.settings[0]).into_iter().enumerate() {
            // Infinite unknowns are outside the support of their own prior already.
            for bad in bad_values(entry.domains[p]).into_iter().filter(|bad| !bad.is_infinite()) {
                for row in [0, 57, ROWS - 1] {
                    let mut z = z.clone();
                    z[at * ROWS + row] = bad;
                    let error = density.log_density_and_gradient(&z, &mut vec![0.0; z.len()]).unwrap_err();
                    assert!(error.to_string().contains("NaN"), "{} {bad}: {error}", entry.name);
                    assert!(density.log_density(&z).is_err(), "{} {bad}", entry.name);
                }
            }
        }
    }
}

#[test]
fn many_values_of_one_row_give_what_each_gives_alone() {
    for entry in table() {
        for setting in &entry.settings {
            let support = (entry.support)(setting);
            let draws = entry.draws(setting, ROWS);
            // An unknown angle has two coordinates; `tests/directions.rs` has some.
            let of_one = Transform::of(support).filter(|_| support != Support::Circle);
            let Some(transform) = of_one else { continue };
            let model = Model::record(|scope| {
                scope.enter("rows", ROWS);
                let arguments: Vec<Argument<'_>> = setting.iter().map(|&p| p.into()).collect();
                scope.site("x").sample((entry.in_model)(&arguments));
                scope.site("y").observe((entry.in_model)(&arguments), &draws);
                scope.exit();
                Ok(())
            })
            .unwrap();
            let z: Vec<f64> = draws.iter().map(|x| transform.unconstrain(*x)).collect();
            let mut gradient = vec![0.0; ROWS];
            let value = model.density().log_density_and_gradient(&z, &mut gradient).unwrap();
            let (mut total, mut sizes) = (0.0, 0.0);
            for (r, z) in z.iter().enumerate() {
                let x = transform.constrain(*z);
                let alone = (entry.evaluate)(setting, x.value);
                let terms = [alone.log_prob, x.log_jacobian, entry.normalised(setting, draws[r])];
                total += terms.iter().sum::<f64>();
                sizes += terms.iter().map(|term| term.abs()).sum::<f64>();
                let want = alone.value * x.value_slope + x.log_jacobian_slope;
                let scale = 1.0 + (alone.value * x.value_slope).abs();
                assert!(near(gradient[r], want, scale), "{} {setting:?}: {} {want}", entry.name, gradient[r]);
            }
            assert!(near(value, total, sizes), "{} {setting:?}: {value} {total}", entry.name);
        }
    }
}
