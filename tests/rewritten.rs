//! Models of which something is known, and the same models in other coordinates.

use mynah::model::SiteKind;
use mynah::prelude::*;

#[path = "support/models.rs"]
mod models;
#[path = "support/posterior.rs"]
mod posterior;
use models::{agree, error_of};
use posterior::{gradient_agrees, mean_is, nuts};

/// What makes a model of which something is known.
type Know = fn(&Model, &[(&str, &[f64])]) -> Result<Model>;

/// Every kind of unknown: single, in plates, non-centred in both ways, vectors, ordered, of a distribution put together of others.
#[model]
fn all(group: &[usize], y: &[f64]) {
    sample!(mu ~ Normal(0, 2));
    sample!(scale ~ HalfNormal(1));
    sample!(mixed ~ Mixture([0.3, 0.7], (Normal(mu, 1), Normal(2, scale))));
    plate!(effects = 2, {
        sample!(mean ~ Normal(0, 1));
        sample!(cut ~ Normal(0, 1).ordered());
    });
    sample!(factor ~ LkjCholesky(2, 2.0));
    plate!(groups = 3, {
        sample!(level ~ Normal(mu, scale));
        sample!(shift ~ Normal(mu, scale).noncentered());
        sample!(heavy ~ StudentT(4, mu, scale).noncentered());
        sample!(pair ~ MvNormalCholesky(mean, factor));
    });
    plate!(rows = y.len(), {
        deterministic!(line = level.at(group) + shift.at(group) * heavy.at(group) + pair.at2(group, 1));
        sample!(y ~ Normal(line + cut.at(1) - cut.at(0) + mixed, 1), observed = y);
    });
}

fn whole() -> Model {
    all(&[0, 1, 2, 2], &[0.3, -0.8, 1.1, 0.4]).unwrap()
}

/// A value of every unknown, and the unconstrained points that agree with it: the log density of the rest must differ by the log-Jacobian alone.
fn known(model: &Model) -> Vec<(String, Vec<f64>)> {
    let z: Vec<f64> = (0..model.dim()).map(|i| ((i * 5) % 7) as f64 * 0.2 - 0.6).collect();
    let values = model.values_at(&z).unwrap();
    values.iter().map(|(name, numbers)| (name.to_string(), numbers.to_vec())).collect()
}

/// The log density of data and of all densities of unknowns, at values of all: everything is known.
fn at_known(model: &Model, values: &[(String, Vec<f64>)], know: Know) -> f64 {
    let latent: Vec<(&str, &[f64])> = values
        .iter()
        .filter(|(name, _)| {
            model.sites().iter().any(|site| site.name == *name && site.kind == SiteKind::Latent)
        })
        .map(|(name, numbers)| (name.as_str(), &numbers[..]))
        .collect();
    let rest = know(model, &latent).unwrap();
    assert_eq!(rest.dim(), 0);
    rest.log_density(&[]).unwrap()
}

#[test]
fn everything_known_is_the_sum_of_all_densities() {
    let model = whole();
    let values = known(&model);
    let get = |name: &str| &values.iter().find(|(known, _)| known == name).unwrap().1;
    let normal =
        |x: f64, m: f64, s: f64| -0.5 * ((x - m) / s).powi(2) - s.ln() - 0.5 * std::f64::consts::TAU.ln();
    let (mu, scale) = (get("mu")[0], get("scale")[0]);
    let mut of_data = 0.0;
    for (row, (group, y)) in [0, 1, 2, 2].into_iter().zip([0.3, -0.8, 1.1, 0.4]).enumerate() {
        let line =
            get("level")[group] + get("shift")[group] * get("heavy")[group] + get("pair")[2 * group + 1];
        assert!((line - get("line")[row]).abs() < 1e-12);
        of_data += normal(y, line + get("cut")[1] - get("cut")[0] + get("mixed")[0], 1.0);
    }
    assert!((at_known(&model, &values, Model::intervene) - of_data).abs() < 1e-11);
    let heavy = StudentT(4.0, mu, scale);
    let l = get("factor");
    let mut expected = of_data + normal(mu, 0.0, 2.0) + HalfNormal(1.0).log_prob(scale);
    let mixed = get("mixed")[0];
    expected += (0.3 * normal(mixed, mu, 1.0).exp() + 0.7 * normal(mixed, 2.0, scale).exp()).ln();
    expected += get("mean").iter().chain(get("cut")).map(|x| normal(*x, 0.0, 1.0)).sum::<f64>();
    for group in 0..3 {
        expected += normal(get("level")[group], mu, scale) + normal(get("shift")[group], mu, scale);
        expected += heavy.log_prob(get("heavy")[group]);
        let d = [0, 1].map(|k| get("pair")[2 * group + k] - get("mean")[k]);
        let z = (d[1] - l[2] * d[0]) / l[3];
        expected += normal(d[0], 0.0, 1.0) + normal(z, 0.0, 1.0) - l[3].ln();
    }
    // The density of the factor, 2 x 2 with eta 2: (1 - r^2) times 3 / 4.
    expected += (0.75 * (1.0 - l[2] * l[2])).ln();
    for know in [Model::condition, Model::substitute] {
        let found = at_known(&model, &values, know);
        assert!((found - expected).abs() < 1e-10, "{found} {expected}");
    }
}

#[test]
fn a_known_unknown_leaves_the_others_as_they_are() {
    let model = whole();
    let values = known(&model);
    for (name, numbers) in &values {
        if name == "line" {
            continue;
        }
        for rest in
            [model.condition(&[(name, numbers)]).unwrap(), model.intervene(&[(name, numbers)]).unwrap()]
        {
            gradient_agrees(&rest);
            let left = model.dim() - rest.dim();
            assert!(left > 0 && left <= numbers.len());
            let site = rest.sites().iter().find(|site| site.name == *name).unwrap();
            assert!(matches!(site.kind, SiteKind::Observed | SiteKind::Deterministic));
            let drawn = rest.sample_prior(2, 1).unwrap();
            assert_eq!(drawn[0].get("line").unwrap().len(), 4);
            assert_eq!(drawn[0].get(name).unwrap().len(), numbers.len());
        }
    }
    // One after the other is both at once.
    let (a, b) = (("mu", &[0.3][..]), ("shift", &[0.1, -0.2, 0.5][..]));
    let once = model.condition(&[a, b]).unwrap();
    agree(&model.condition(&[a]).unwrap().condition(&[b]).unwrap(), &once);
    agree(&model.condition(&[b]).unwrap().condition(&[a]).unwrap(), &once);
}

#[test]
fn other_coordinates_have_the_same_posterior() {
    #[model]
    fn groups(y: &[f64]) {
        sample!(mu ~ Normal(1, 2));
        sample!(scale ~ HalfNormal(2));
        plate!(groups = y.len(), {
            sample!(effect ~ Normal(mu, scale));
            sample!(other ~ Normal(mu, scale).noncentered());
            sample!(y ~ Normal(effect + other, 0.5), observed = y);
        });
    }
    let model = groups(&[0.3, -0.9, 2.0]).unwrap();
    #[model]
    fn swapped(y: &[f64]) {
        sample!(mu ~ Normal(1, 2));
        sample!(scale ~ HalfNormal(2));
        plate!(groups = y.len(), {
            sample!(effect ~ Normal(mu, scale).noncentered());
            sample!(other ~ Normal(mu, scale));
            sample!(y ~ Normal(effect + other, 0.5), observed = y);
        });
    }
    let other = model.noncentered(&["effect"]).unwrap().centered(&["other"]).unwrap();
    agree(&other, &swapped(&[0.3, -0.9, 2.0]).unwrap());
    agree(&other.centered(&["effect"]).unwrap().noncentered(&["other"]).unwrap(), &model);
    agree(&model.centered(&["effect"]).unwrap().noncentered(&["other"]).unwrap(), &model);
    let known = other.condition(&[("effect", &[0.1, 0.2, 0.3])]).unwrap();
    agree(
        &known.noncentered(&["other"]).unwrap(),
        &model.condition(&[("effect", &[0.1, 0.2, 0.3])]).unwrap(),
    );
    // Every kind that can be turned, in both ways and back.
    let model = whole();
    let sites = ["level", "heavy", "pair", "shift"];
    let there = model.noncentered(&sites).unwrap();
    gradient_agrees(&there);
    let centred = there.centered(&sites).unwrap();
    gradient_agrees(&centred);
    agree(&centred.noncentered(&["heavy", "shift"]).unwrap(), &model);
}

/// The exact posterior of normal groups of which one is known.
#[test]
fn conditioning_moves_what_the_unknown_depends_on() {
    #[model]
    fn groups(y: &[f64]) {
        sample!(mu ~ Normal(0, 1));
        plate!(groups = y.len(), {
            sample!(effect ~ Normal(mu, 1.0).noncentered());
        });
    }
    let model = groups(&[0.0; 3]).unwrap();
    let conditioned = model.condition(&[("effect", &[1.0, 2.0, 3.0])]).unwrap().sample(&nuts()).unwrap();
    mean_is(&conditioned, "mu", &[6.0 / 4.0]);
    let set = model.intervene(&[("effect", &[1.0, 2.0, 3.0])]).unwrap().sample(&nuts()).unwrap();
    mean_is(&set, "mu", &[0.0]);
    assert_eq!(set.get("effect").unwrap().mean(), [1.0, 2.0, 3.0]);
    assert!(conditioned.get("effect").is_err());
}

#[test]
fn quantities_are_set_from_outside() {
    #[model]
    fn line(x: &[f64], y: &[f64]) {
        sample!(slope ~ Normal(0, 1));
        plate!(rows = y.len(), {
            deterministic!(mean = slope * x);
            deterministic!(same = slope);
            sample!(y ~ Normal(mean, 0.1), observed = y);
        });
    }
    let model = line(&[1.0, 2.0], &[0.5, 1.5]).unwrap();
    let posterior = model.sample(&nuts()).unwrap();
    let set = model.intervene(&[("mean", &[3.0, -3.0])]).unwrap();
    let predicted = set.predict(&posterior, 1).unwrap();
    assert!((predicted.get("y").unwrap().mean()[1] + 3.0).abs() < 0.02);
    assert!((predicted.get("y").unwrap().sd()[0] - 0.1).abs() < 0.01);
    assert!(error_of(model.intervene(&[("same", &[1.0, 1.0])])).contains("computed from others"));
    assert!(
        error_of(model.condition(&[("mean", &[1.0, 1.0])]))
            .contains("expected the name of an unknown, got `mean`")
    );
}

#[test]
fn mistakes_are_named() {
    let model = whole();
    assert!(error_of(model.condition(&[("nobody", &[1.0])])).contains("`mu`, `scale`"));
    assert!(error_of(model.condition(&[("y", &[1.0; 4])])).contains("got `y`"));
    assert!(
        error_of(model.condition(&[("mu", &[1.0, 2.0])]))
            .contains("expected 1 values of `mu`, one per element, got 2")
    );
    assert!(error_of(model.condition(&[("scale", &[-1.0])])).contains("-1 at position 0"));
    assert!(model.intervene(&[("scale", &[1.0])]).is_ok());
    assert!(error_of(model.condition(&[("mu", &[f64::NAN])])).contains("NaN"));
    assert!(error_of(model.condition(&[("cut", &[1.0, 0.0])])).contains("position"));
    assert!(error_of(model.condition(&[("factor", &[1.0, 0.0, 0.9, 0.9])])).contains("position"));
    assert!(error_of(model.condition(&[("mu", &[1.0]), ("mu", &[1.0])])).contains("twice"));
    assert!(error_of(model.noncentered(&["scale"])).contains("location"));
    assert!(error_of(model.noncentered(&["mixed"])).contains("put together"));
    assert!(error_of(model.centered(&["cut"])).contains("ordered"));
}
