//! Data some of which are missing, and expressions in place of data.

use mynah::prelude::*;

#[path = "support/models.rs"]
mod models;
#[path = "support/posterior.rs"]
mod posterior;
use models::{agree, error_of, points};

const NONE: f64 = f64::NAN;

#[model]
fn skipping(x: &[f64], y: &[f64]) {
    sample!(slope ~ Normal(0, 1));
    sample!(sigma ~ HalfNormal(1));
    plate!(rows = y.len(), {
        sample!(y ~ Normal(slope * x, sigma), observed = y, missing = skip);
    });
}

#[test]
fn what_is_missing_says_nothing() {
    let model = skipping(&[0.1, 0.4, -0.9, 2.0], &[0.3, NONE, -0.2, NONE]).unwrap();
    agree(&model, &skipping(&[0.1, -0.9], &[0.3, -0.2]).unwrap());
    let y = &model.sites()[2];
    assert_eq!(
        (&y.plates[..], &y.labels[0][..], &y.shape[..]),
        (&["y.seen".to_string()][..], &["0".to_string(), "2".into()][..], &[2][..])
    );
    // Nothing is missing: the statement as it is without.
    let whole = skipping(&[0.1, -0.9], &[0.3, -0.2]).unwrap();
    assert_eq!(whole.sites()[2].plates, ["rows"]);
}

#[model]
fn nested(scale: &[f64], y: &[f64]) {
    plate!(people = ["ada", "grace"], {
        sample!(level ~ Normal(0, 1));
        plate!(times = 3, {
            sample!(shift ~ Normal(0, 1));
            sample!(y ~ Normal(level + shift, scale.along("times")), observed = y, missing = skip);
        });
    });
}

#[model]
fn nested_by_hand(scale: &[f64], person: &[usize], time: &[usize], y: &[f64]) {
    plate!(people = ["ada", "grace"], {
        sample!(level ~ Normal(0, 1));
        plate!(times = 3, {
            sample!(shift ~ Normal(0, 1));
        });
    });
    let scale: Vec<f64> = time.iter().map(|t| scale[*t]).collect();
    plate!(rows = y.len(), {
        sample!(y ~ Normal(level.at(person) + shift.at2(person, time), scale), observed = y);
    });
}

#[test]
fn gaps_in_nested_plates() {
    let scale = [0.5, 1.0, 2.0];
    let model = nested(&scale, &[0.1, NONE, 0.3, NONE, NONE, -0.6]).unwrap();
    agree(&model, &nested_by_hand(&scale, &[0, 0, 1], &[0, 2, 2], &[0.1, 0.3, -0.6]).unwrap());
    assert_eq!(model.sites().last().unwrap().labels[0], ["ada,0", "ada,2", "grace,2"]);
}

#[model]
fn imputing(x: &[f64], y: &[f64]) {
    sample!(slope ~ Normal(0, 1));
    sample!(centre ~ Normal(0, 1));
    plate!(rows = y.len(), {
        sample!(x ~ Normal(centre, 0.7), observed = x, missing = impute);
        sample!(y ~ Normal(slope * x, 1), observed = y);
    });
}

#[model]
fn imputing_by_hand(x: &[f64], y: &[f64]) {
    let known: Vec<f64> = x.iter().copied().filter(|x| !x.is_nan()).collect();
    sample!(slope ~ Normal(0, 1));
    sample!(centre ~ Normal(0, 1));
    plate!(seen = known.len(), {
        sample!(known ~ Normal(centre, 0.7), observed = &known);
    });
    plate!(gaps = x.len() - known.len(), {
        sample!(missing ~ Normal(centre, 0.7));
    });
    plate!(rows = y.len(), {
        sample!(y ~ Normal(slope * missing.in_gaps(x), 1), observed = y);
    });
}

/// A plate that is open beside one whose elements belong to it is read as it is open, with gaps and without.
#[test]
fn a_plate_beside_its_own_elements() {
    #[model]
    fn both(y: &[f64]) {
        plate!(a = 2, {
            sample!(x ~ Normal(0, 1));
        });
        plate!(b = 2, of = a.by(&[1, 0]), {
            deterministic!(own = 2.0 * x);
        });
        plate!(a, {
            plate!(b, {
                sample!(y ~ Normal(x + own, 1), observed = y, missing = skip);
            });
        });
    }
    let whole = both(&[0.1, 0.5, 0.3, 0.4]).unwrap();
    let gap = both(&[0.1, NONE, 0.3, 0.4]).unwrap();
    let left_out = Normal(0.0, 1.0);
    for z in points(2) {
        // Row a, column b: x of a, and twice x of 1 - b.
        let mean = z[0] + 2.0 * z[0];
        let without = whole.log_density(&z).unwrap() - left_out.log_prob(0.5 - mean);
        assert!((gap.log_density(&z).unwrap() - without).abs() < 1e-12);
    }
}

#[test]
fn what_is_missing_is_an_unknown() {
    let (x, y) = ([0.3, NONE, 1.1, NONE], [0.2, 0.4, 1.0, -0.3]);
    let model = imputing(&x, &y).unwrap();
    agree(&model, &imputing_by_hand(&x, &y).unwrap());
    posterior::gradient_agrees(&model);
    let missing = model.kept_sites().last().unwrap();
    assert_eq!(
        (missing.name.as_str(), &missing.labels[0][..]),
        ("x.missing", &["1".to_string(), "3".into()][..])
    );
    let drawn = model.sample_prior(3, 1).unwrap();
    assert!(
        drawn
            .iter()
            .all(|draw| draw.get("x.missing").unwrap().len() == 2 && draw.get("x").unwrap().len() == 2)
    );
}

/// y normal around mu, of which half is missing: the posterior of the missing is the predictive distribution, whose moments are known.
#[test]
fn imputed_values_have_their_exact_posterior() {
    #[model]
    fn normal(y: &[f64]) {
        sample!(mu ~ Normal(0, 2));
        plate!(rows = y.len(), {
            sample!(y ~ Normal(mu, 1.0), observed = y, missing = impute);
        });
        deterministic!(total = y.sum());
    }
    let y = [1.0, NONE, 2.5, NONE];
    let posterior =
        normal(&y).unwrap().sample(&Nuts::default().draws(4000).seed(3).progress(Progress::Hidden)).unwrap();
    let variance = 1.0 / (2.0 + 0.25);
    let mean = 3.5 * variance;
    let missing = posterior.get("y.missing").unwrap();
    for (found, sd) in missing.mean().iter().zip(missing.sd()) {
        assert!((found - mean).abs() < 0.06, "{found} {mean}");
        assert!((sd - (1.0_f64 + variance).sqrt()).abs() < 0.05, "{sd}");
    }
    assert!((posterior.get("total").unwrap().mean()[0] - (3.5 + 2.0 * mean)).abs() < 0.12);
}

#[test]
fn truncated_mixed_and_counted_data_may_be_missing() {
    #[model]
    fn parts(y: &[f64], n: &[f64]) {
        sample!(share ~ Beta(2, 2));
        sample!(mu ~ Normal(0, 1));
        plate!(rows = y.len(), {
            let both = Mixture([share, 1.0 - share], [Normal(mu, 1), Normal(mu + 2.0, 1)]);
            sample!(y ~ both, observed = y, missing = skip);
            sample!(z ~ Normal(mu, 1).truncated(0.0, 5.0), observed = y, missing = impute);
            sample!(n ~ Poisson(mu.exp() * z), observed = n, missing = skip);
        });
    }
    let model = parts(&[0.5, NONE, 1.5], &[1.0, 0.0, NONE]).unwrap();
    assert_eq!(model.dim(), 3);
    posterior::gradient_agrees(&model);
    let by_hand = {
        #[model]
        fn by_hand() {
            sample!(share ~ Beta(2, 2));
            sample!(mu ~ Normal(0, 1));
            sample!(z ~ Normal(mu, 1).truncated(0.0, 5.0));
            for (k, y) in [0.5, 1.5].into_iter().enumerate() {
                sample!(y ~ Mixture([share, 1.0 - share], [Normal(mu, 1), Normal(mu + 2.0, 1)]), observed = y, name = format!("y{k}"));
                sample!(x ~ Normal(mu, 1).truncated(0.0, 5.0), observed = y, name = format!("x{k}"));
            }
            sample!(a ~ Poisson(mu.exp() * 0.5), observed = 1);
            sample!(b ~ Poisson(mu.exp() * z), observed = 0);
        }
        by_hand().unwrap()
    };
    agree(&model, &by_hand);
}

#[test]
fn messages_say_what_is_wrong_with_gaps() {
    #[model]
    fn counts(n: &[f64]) {
        sample!(rate ~ Gamma(2, 1));
        plate!(rows = n.len(), {
            sample!(n ~ Poisson(rate), observed = n, missing = impute);
        });
    }
    assert!(error_of(counts(&[1.0, NONE])).contains("continuous"));
    assert!(counts(&[1.0, 2.0]).is_ok());
    assert!(error_of(skipping(&[0.0], &[NONE])).contains("that all are"));
    #[model]
    fn plain(y: &[f64]) {
        sample!(mu ~ Normal(0, 1));
        plate!(rows = y.len(), {
            sample!(y ~ Normal(mu, 1), observed = y);
        });
    }
    assert!(error_of(plain(&[0.0, NONE])).contains("missing = skip"));
    #[model]
    fn alone(y: f64) {
        sample!(y ~ Normal(0, 1), observed = y, missing = skip);
    }
    assert!(error_of(alone(NONE)).contains("plate"));
    #[model]
    fn vectors(y: &[[f64; 2]]) {
        sample!(mu ~ Normal(0, 1));
        plate!(rows = y.len(), {
            sample!(y ~ MvNormal(mu, [1.0, 0.0, 0.0, 1.0]), observed = y, missing = skip);
        });
    }
    assert!(error_of(vectors(&[[0.0, NONE], [0.0, 1.0]])).contains("MvNormal"));
}

#[test]
fn expressions_are_observed() {
    #[model]
    fn difference(y: &[f64]) {
        sample!(mu ~ Normal(0, 1));
        sample!(sigma ~ HalfNormal(1));
        plate!(rows = y.len(), {
            let scaled = mu * y;
            sample!(scaled ~ Normal(0.5, sigma), observed = scaled);
        });
    }
    #[model]
    fn by_hand(y: &[f64]) {
        sample!(mu ~ Normal(0, 1));
        sample!(sigma ~ HalfNormal(1));
        plate!(rows = y.len(), {
            factor!(scaled = Normal(0.5, sigma).log_prob_of(mu * y));
        });
    }
    let y = [0.3, -1.0, 2.0];
    let model = difference(&y).unwrap();
    agree(&model, &by_hand(&y).unwrap());
    posterior::gradient_agrees(&model);
    assert_eq!(model.pointwise_log_density(&[0.1, 0.2], "scaled").unwrap().len(), 3);
    // An unknown that is observed as well keeps its own prior.
    #[model]
    fn twice() {
        sample!(x ~ Normal(0, 1));
        sample!(again ~ Normal(1, 1), observed = x);
    }
    let model = twice().unwrap();
    let exact = |x: f64| -0.5 * (x * x + (x - 1.0).powi(2)) - std::f64::consts::TAU.ln();
    assert!((model.log_density(&[0.7]).unwrap() - exact(0.7)).abs() < 1e-12);
    let drawn = model.sample_prior(200, 1).unwrap();
    let mean = drawn.iter().map(|draw| draw.get("x").unwrap()[0]).sum::<f64>() / 200.0;
    assert!(mean.abs() < 0.3, "{mean}");
}
