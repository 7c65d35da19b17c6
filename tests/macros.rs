//! What a model may look like: forms that must be accepted, and programs that must not compile, with the messages they must give.

use mynah::prelude::*;

#[test]
fn wrong_statements_are_compile_errors() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}

fn log_density(model: Result<Model>, z: &[f64]) -> f64 {
    model.unwrap().log_density(z).unwrap()
}

/// Numbers of any type, literals and data, on both sides; the same model in `f64` alone.
#[test]
fn numbers_of_every_type() {
    #[model]
    fn mixed(dose: &[u32], treated: &[bool], weights: &[f32], y: Vec<i32>) {
        sample!(mu ~ Normal(0, 1));
        sample!(sigma ~ Gamma(2.0, 1));
        sample!(slope ~ Normal(mu, 1_u8));
        // A literal to the left of an operator takes the variable's part at once: methods may follow.
        let scale = (2 * sigma).sqrt() + (1 - 1 / (3 + sigma)).abs() + (0.5 * sigma).exp();
        plate!(rows = dose.len(), {
            let location = slope * dose + dose * mu - treated * slope + weights / scale + 7_usize;
            sample!(y ~ Normal(location, scale), observed = y);
        });
    }
    #[model]
    fn plain(dose: &[f64], treated: &[f64], weights: &[f64], y: &[f64]) {
        sample!(mu ~ Normal(0.0, 1.0));
        sample!(sigma ~ Gamma(2.0, 1.0));
        sample!(slope ~ Normal(mu, 1.0));
        let scale = (2.0 * sigma).sqrt() + (1.0 - 1.0 / (3.0 + sigma)).abs() + (0.5 * sigma).exp();
        plate!(rows = dose.len(), {
            let location = slope * dose + dose * mu - treated * slope + weights / scale + 7.0;
            sample!(y ~ Normal(location, scale), observed = y);
        });
    }
    let z = [0.3, -0.2, 0.9];
    let mixed = mixed(&[1, 2, 3], &[true, false, true], &[0.5, 1.5, 2.5], vec![4, -5, 6]);
    let plain = plain(&[1.0, 2.0, 3.0], &[1.0, 0.0, 1.0], &[0.5, 1.5, 2.5], &[4.0, -5.0, 6.0]);
    assert_eq!(log_density(mixed, &z), log_density(plain, &z));
}

#[test]
fn owned_data_references_and_assignment() {
    #[model]
    fn walk(x: Vec<f64>, index: Vec<usize>, y: [f64; 2]) {
        sample!(start ~ Normal(0, 1));
        let mut location = start;
        let effects = [start, start * 2];
        for effect in &effects {
            location += effect;
            location -= 2 * effect * 3;
        }
        for number in &x {
            location *= number;
            location /= number;
        }
        plate!(groups = 3, {
            sample!(group ~ Normal(location, x));
        });
        plate!(rows = 2, {
            sample!(y ~ Normal(group.at(index) + -&start, 1), observed = y);
        });
        sample!(last ~ Normal(group.at(2), 1), observed = 0.5);
    }
    #[model]
    fn plain(x: &[f64], index: &[usize], y: &[f64]) {
        sample!(start ~ Normal(0.0, 1.0));
        let mut location = start;
        for effect in [start, start * 2.0] {
            location = (location + effect) - 2.0 * effect * 3.0;
        }
        for number in x {
            location = (location * *number) / *number;
        }
        plate!(groups = 3, {
            sample!(group ~ Normal(location, x));
        });
        plate!(rows = 2, {
            sample!(y ~ Normal(group.at(index) + -start, 1.0), observed = y);
        });
        sample!(last ~ Normal(group.at(2), 1.0), observed = 0.5);
    }
    let (x, index, y, z) = ([0.5, 2.0, 1.5], [2, 0], [0.1, 0.7], [0.4, 0.1, -0.3, 0.8]);
    let owned = walk(x.to_vec(), index.to_vec(), y);
    assert_eq!(log_density(owned, &z), log_density(plain(&x, &index, &y), &z));
}

trait Prior {
    fn scale() -> f64;
}

struct Wide;

impl Prior for Wide {
    fn scale() -> f64 {
        3.0
    }
}

fn half_normal<P: Prior, Q>(of: Q) -> HalfNormal<Q>
where
    Q: Into<f64> + Copy,
{
    let _ = (P::scale(), of);
    HalfNormal(of)
}

/// Commas of generic arguments separate neither a distribution from its options nor parameters from one another; a `where`
/// clause stays behind the return type that the macro adds.
#[test]
fn generic_functions_and_models() {
    #[model]
    fn generic<'a, P, I: IntoIterator<Item = &'a f64>>(data: I, count: usize)
    where
        P: Prior,
    {
        sample!(sigma ~ half_normal::<P, f64>(<P as Prior>::scale()), name = format!("{}", "sigma"));
        let data: Vec<f64> = data.into_iter().copied().collect();
        plate!(rows = count, {
            sample!(y ~ Normal(0, sigma), observed = data);
        });
    }
    let model = generic::<Wide, _>(&[0.1, 0.2], 2).unwrap();
    assert_eq!(model.sites()[0].name, "sigma");
}

/// What stays inside a plate is allowed there, and so is leaving the whole model with an error.
#[test]
fn loops_inside_a_plate() {
    #[model]
    fn inside(rows: &[Vec<f64>], text: &str) {
        'all: for (i, row) in rows.iter().enumerate() {
            if row.is_empty() {
                continue 'all;
            }
            sample!(mu ~ Normal(0, 1), name = format!("mu{i}"));
            plate!(columns = row.len(), {
                let shift: f64 =
                    text.trim().parse().map_err(|_| Error::new(ErrorKind::Value, "no number"))?;
                let first = loop {
                    if shift > -1.0 {
                        break shift;
                    }
                };
                let positive = |x: &&f64| {
                    if x.is_nan() {
                        return false;
                    }
                    **x > 0.0
                };
                let count = row.iter().filter(positive).count();
                sample!(y ~ Normal(mu + first, count + 1), observed = row, name = format!("y{i}"));
            });
        }
        if rows.len() > 3 {
            return Ok(());
        }
        sample!(last ~ Normal(0, 1));
    }
    let rows = [vec![1.0, 2.0], vec![], vec![3.0]];
    let model = inside(&rows, "0.5").unwrap();
    let names: Vec<&str> = model.sites().iter().map(|site| site.name.as_str()).collect();
    assert_eq!(names, ["mu0", "y0", "mu2", "y2", "last"]);
    assert_eq!(inside(&rows, "x").unwrap_err().kind(), ErrorKind::Value);
}

/// Plain numbers: nothing but the distribution says what they are.
#[test]
fn distributions_of_plain_numbers_are_inferred() {
    let mut stream = Seed(1).stream(Domain::User, 0);
    let drift = [0.5, 1.5];
    let total = Normal(0.0, 1.0).sample(&mut stream) + Gamma(2.0, 0.2).sample(&mut stream);
    let responses: Vec<Response> =
        drift.iter().map(|&drift| Wiener(drift, 1.5, 0.5, 0.3).sample(&mut stream)).collect();
    assert!(total.is_finite() && responses.iter().all(|response| response.rt > 0.3));
}

#[test]
fn rows_of_different_lengths_are_refused() {
    #[model]
    fn rows(rows: &[Vec<f64>]) {
        sample!(mu ~ Normal(0, 1));
        plate!(rows = rows.len(), {
            sample!(y ~ Normal(mu, 1), observed = rows);
        });
    }
    let message = |data: &[Vec<f64>]| rows(data).unwrap_err().to_string();
    assert!(rows(&[vec![1.0], vec![2.0]]).is_ok());
    assert!(message(&[vec![1.0], vec![2.0, 3.0]]).contains("got 1 numbers in row 0 and 2 in row 1"));
    assert!(message(&[vec![1.0, 2.0], vec![2.0, 3.0]]).contains("got 2 per element"));
    assert!(message(&[vec![], vec![]]).contains("got 0 per element"));
}

/// The wrappers tell a closure its types; a bare closure needs them written.
#[test]
fn simulator_closures_without_types() {
    let prior = BoxPrior::new([("rate", 1.0, 3.0)]).unwrap();
    let counts = Counts(|theta, stream| Poisson(theta[0]).sample(stream) as u64);
    let times = ChoiceTimes(|theta, stream| Wiener(theta[0], 1.0, 0.5, 0.2).sample(stream));
    let reals = Reals(|theta, stream| vec![theta[0], Normal(0.0, 1.0).sample(stream)]);
    let bare = |theta: &[f64], stream: &mut Stream| vec![theta[0], Normal(0.0, 1.0).sample(stream)];
    let data = |pairs: Result<Simulations>| pairs.unwrap().data;
    assert_eq!(data(Simulations::draw(&prior, &counts, 10, 1)).len(), 10);
    assert_eq!(data(Simulations::draw(&prior, &times, 10, 1)).len(), 20);
    assert_eq!(data(Simulations::draw(&prior, &reals, 10, 1)), data(Simulations::draw(&prior, &bare, 10, 1)));
}
