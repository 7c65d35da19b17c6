//! Any numbers at all: a number or NaN, and never a panic.

use super::table::table;
use mynah::dist::*;
use mynah::transform::{Support, Transform};
use mynah::{Domain, Seed};

const ANYTHING: [f64; 15] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    -1e-300,
    1e-300,
    1e-10,
    0.5,
    1.0,
    -1.0,
    1e10,
    f64::MAX,
    f64::MIN,
];

/// Every list of `length` of these numbers.
fn lists(length: usize) -> Vec<Vec<f64>> {
    (0..length).fold(vec![vec![]], |lists, _| {
        let longer = |list: &Vec<f64>| ANYTHING.map(|x| [list.as_slice(), &[x]].concat());
        lists.iter().flat_map(longer).collect()
    })
}

#[test]
fn extremes_give_numbers_or_nan_and_never_panic() {
    for entry in table() {
        let mut stream = Seed(2).stream(Domain::User, 0);
        for parameters in lists(entry.domains.len()) {
            let valid = entry.domains.iter().zip(&parameters).all(|(domain, p)| domain.contains(*p));
            // Ends out of order, or with no number between them, have no draw.
            let ordered = match (entry.support)(&parameters) {
                Support::Interval { low, high } => low.next_up() < high,
                Support::Above { low } => low < f64::MAX,
                Support::Below { high } => high > f64::MIN,
                _ => entry.name != "Hypergeometric" || parameters[0] >= parameters[1].max(parameters[2]),
            };
            let distribution = (entry.univariate)(&parameters);
            for x in ANYTHING {
                let log_prob = distribution.log_prob(x);
                assert!(valid || !(log_prob.is_finite()), "{} {parameters:?} at {x}: {log_prob}", entry.name);
                (entry.evaluate)(&parameters, x);
            }
            let draw = distribution.sample(&mut stream);
            let inside = (entry.support)(&parameters).contains(&[draw]);
            match valid && ordered {
                true => assert!(inside, "{} {parameters:?} gave {draw}", entry.name),
                false => assert!(draw.is_nan(), "{} {parameters:?} gave {draw}", entry.name),
            }
        }
    }
    let mut stream = Seed(3).stream(Domain::User, 0);
    for parameters in lists(3).into_iter().map(|p| [p[0], p[1], p[2], 0.1]).chain([[0.5, 1.0, 0.5, f64::NAN]])
    {
        let wiener = Wiener(parameters[0], parameters[1], parameters[2], parameters[3]);
        let domains = <Wiener as Kernel<4, 2>>::PARAMETERS.map(|(_, domain)| domain);
        let valid = domains.iter().zip(&parameters).all(|(domain, p)| domain.contains(*p));
        for rt in ANYTHING {
            let log_prob = wiener.log_prob(Response { rt, choice: 1 });
            assert!(valid || !log_prob.is_finite(), "{parameters:?} at {rt}: {log_prob}");
        }
        assert!(valid || wiener.sample(&mut stream).rt.is_nan(), "{parameters:?}");
    }
}

#[test]
fn supports_and_transforms_take_anything() {
    for ends in lists(2) {
        let interval = Support::Interval { low: ends[0], high: ends[1] };
        let transforms = [Support::Real, Support::Positive, interval].map(|s| Transform::of(s).unwrap());
        for x in ANYTHING {
            for transform in transforms {
                transform.constrain(x);
                transform.unconstrain(x);
            }
            for support in
                [interval, Support::Count, Support::Category { categories: 0 }, Support::TimeAndChoice]
            {
                assert!(
                    !support.contains(&[]) && !support.contains(&[x; 3]) && !support.to_string().is_empty()
                );
                support.contains(&[x]);
            }
        }
    }
    assert_eq!(Observed::new(vec![1.0], 0).len(), 0);
    assert!(Observed::from(&[[0.0; 0]; 3][..]).is_empty());
}
