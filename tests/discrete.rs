//! Discrete unknowns: summed out, beside sums over all of their values, and drawn afterwards.

use mynah::prelude::*;

#[path = "support/models.rs"]
mod models;
#[path = "support/posterior.rs"]
mod posterior;
use models::{agree, error_of, points};
use posterior::gradient_agrees;

fn normal(x: f64, mean: f64, sd: f64) -> f64 {
    Normal(mean, sd).log_prob(x)
}

fn bernoulli(z: usize, p: f64) -> f64 {
    if z == 1 { p.ln() } else { (1.0 - p).ln() }
}

fn log_sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let terms: Vec<f64> = terms.into_iter().collect();
    let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + terms.iter().map(|term| (term - most).exp()).sum::<f64>().ln()
}

#[test]
fn an_unknown_of_each_datum_is_a_mixture() {
    #[model]
    fn summed(y: &[f64]) {
        sample!(share ~ Dirichlet([1.0, 2.0, 3.0]));
        plate!(components = 3, {
            sample!(mean ~ Normal(0, 2));
            sample!(sd ~ HalfNormal(1));
        });
        plate!(rows = y.len(), {
            sample!(component ~ Categorical(share));
            sample!(y ~ Normal(mean.at(component), sd.at(component)), observed = y);
        });
    }
    #[model]
    fn mixed(y: &[f64]) {
        sample!(share ~ Dirichlet([1.0, 2.0, 3.0]));
        plate!(components = 3, {
            sample!(mean ~ Normal(0, 2));
            sample!(sd ~ HalfNormal(1));
        });
        plate!(rows = y.len(), {
            sample!(y ~ Mixture(share, Normal(mean, sd)), observed = y);
        });
    }
    let y = [0.3, -1.2, 2.2, 0.3];
    let model = summed(&y).unwrap();
    agree(&model, &mixed(&y).unwrap());
    gradient_agrees(&model);
    // Data count together by the unknown that they depend on: here one each.
    let z = &points(model.dim())[2];
    let each = model.pointwise_log_density(z, "component").unwrap();
    for (left, right) in each.iter().zip(mixed(&y).unwrap().pointwise_log_density(z, "y").unwrap()) {
        assert!((left - right).abs() < 1e-12);
    }
    let error = model.pointwise_log_density(z, "y").unwrap_err().to_string();
    assert!(error.contains("count together"), "{error}");
}

/// Sites that are occupied or not, visited several times: z per site, in two layouts of the visits.
#[test]
fn several_data_share_an_unknown() {
    let (visits, site) = ([1u64, 0, 0, 0, 1, 1], [0usize, 0, 1, 1, 2, 2]);
    #[model]
    fn nested(visits: &[u64]) {
        sample!(occupied ~ Beta(2, 2));
        sample!(seen ~ Beta(1, 3));
        plate!(sites = 3, {
            sample!(z ~ Bernoulli(occupied));
            plate!(visits = 2, {
                sample!(visit ~ Bernoulli(seen * z), observed = visits);
            });
        });
    }
    #[model]
    fn ragged(site: &[usize], visits: &[u64]) {
        sample!(occupied ~ Beta(2, 2));
        sample!(seen ~ Beta(1, 3));
        plate!(sites = 3, {
            sample!(z ~ Bernoulli(occupied));
        });
        plate!(visits = visits.len(), of = sites.by(site), {
            sample!(visit ~ Bernoulli(seen * z), observed = visits);
        });
    }
    let model = nested(&visits).unwrap();
    agree(&ragged(&site, &visits).unwrap(), &model);
    gradient_agrees(&model);
    for z in points(2) {
        let values = model.values_at(&z).unwrap();
        let (p, q) = (values.get("occupied").unwrap()[0], values.get("seen").unwrap()[0]);
        let [seen, never] = [1, 0].map(|v| bernoulli(v, q));
        let of_sites =
            2.0 * p.ln() + (seen + never) + 2.0 * seen + log_sum([p.ln() + 2.0 * never, (1.0 - p).ln()]);
        let jacobian = (p * (1.0 - p)).ln() + (q * (1.0 - q)).ln();
        let exact = of_sites + Beta(2.0, 2.0).log_prob(p) + Beta(1.0, 3.0).log_prob(q) + jacobian;
        let found = model.log_density(&z).unwrap();
        assert!((found - exact).abs() < 1e-12, "{found} {exact}");
    }
}

/// A chain of four states in a loop, an unknown in an inner plate beside one in the outer one, and counts.
#[model]
fn tangled(y: &[f64]) {
    sample!(stay ~ Beta(4, 2));
    sample!(shift ~ Normal(0, 1));
    sample!(first ~ Bernoulli(0.4));
    let mut state = first;
    let mut states = vec![first];
    for t in 1..4 {
        sample!(next ~ Bernoulli(stay * state + (1.0 - stay) * (1.0 - state)), name = format!("state{t}"));
        states.push(next);
        state = next;
    }
    for (t, (state, y)) in states.iter().zip(y).enumerate() {
        sample!(y ~ Normal(shift * state, 1), observed = y, name = format!("y{t}"));
    }
    plate!(groups = 2, {
        sample!(count ~ Binomial(2, stay));
        plate!(items = 3, {
            sample!(odd ~ Bernoulli(0.25 + 0.25 * count));
            sample!(x ~ Normal(shift * odd, 1.0 + count), observed = &y[..6]);
        });
    });
}

fn tangled_by_hand(stay: f64, shift: f64, y: &[f64]) -> f64 {
    let chain = (0..16).map(|bits: usize| {
        let state = |t: usize| bits >> t & 1;
        let mut total = bernoulli(state(0), 0.4);
        for t in 0..4 {
            total += normal(y[t], shift * state(t) as f64, 1.0);
            if t > 0 {
                total += if state(t) == state(t - 1) { stay.ln() } else { (1.0 - stay).ln() };
            }
        }
        total
    });
    let group = |g: usize| {
        log_sum((0..3).map(|count| {
            let items = (0..3).map(|i| {
                let p = 0.25 + 0.25 * f64::from(count);
                log_sum([0, 1].map(|odd| {
                    bernoulli(odd, p) + normal(y[3 * g + i], shift * odd as f64, 1.0 + f64::from(count))
                }))
            });
            Binomial(2.0, stay).log_prob(f64::from(count)) + items.sum::<f64>()
        }))
    };
    log_sum(chain) + group(0) + group(1)
}

const Y: [f64; 6] = [0.4, -0.7, 1.9, 1.1, 0.2, -0.3];

#[test]
fn chains_and_nests_of_unknowns_are_summed_exactly() {
    let model = tangled(&Y).unwrap();
    assert_eq!(model.dim(), 2);
    gradient_agrees(&model);
    for z in points(2) {
        let values = model.values_at(&z).unwrap();
        let (stay, shift) = (values.get("stay").unwrap()[0], values.get("shift").unwrap()[0]);
        let prior = Beta(4.0, 2.0).log_prob(stay) + normal(shift, 0.0, 1.0) + (stay * (1.0 - stay)).ln();
        let (found, exact) = (model.log_density(&z).unwrap(), prior + tangled_by_hand(stay, shift, &Y));
        assert!((found - exact).abs() < 1e-11, "{found} {exact}");
    }
}

/// States drawn at one point of the others, beside their probabilities by enumeration.
#[test]
fn states_are_drawn_given_all_data() {
    let model = tangled(&Y).unwrap();
    let (stay, shift) = (0.7, 1.5);
    let chains = vec![mynah::draws::ChainDraws { values: [stay, shift].repeat(4000), statistics: vec![] }];
    let parameters = ["stay", "shift"].map(|name| mynah::draws::Parameter::new(name, vec![]));
    let draws = Draws::new(parameters.to_vec(), chains).unwrap();
    let states = model.infer_discrete(&draws, 5).unwrap();
    let weight = |bits: usize| {
        let state = |t: usize| bits >> t & 1;
        let moves = (1..4).map(|t| if state(t) == state(t - 1) { stay.ln() } else { (1.0_f64 - stay).ln() });
        let data = (0..4).map(|t| normal(Y[t], shift * state(t) as f64, 1.0));
        bernoulli(state(0), 0.4) + moves.sum::<f64>() + data.sum::<f64>()
    };
    let all = log_sum((0..16).map(weight));
    for (t, name) in ["first", "state1", "state2", "state3"].iter().enumerate() {
        let exact = (log_sum((0..16).filter(|bits| bits >> t & 1 == 1).map(weight)) - all).exp();
        let found = states.get(name).unwrap().mean()[0];
        assert!((found - exact).abs() < 4.0 * (0.25 / 4000.0_f64).sqrt(), "{name}: {found} {exact}");
    }
    // Neighbours together: what independent draws of each would get wrong.
    let [one, two] = ["state1", "state2"].map(|name| states.column(name).unwrap()[0].to_vec());
    let both = one.iter().zip(&two).filter(|(a, b)| **a == 1.0 && **b == 1.0).count() as f64 / 4000.0;
    let exact = (log_sum((0..16).filter(|bits| bits >> 1 & 3 == 3).map(weight)) - all).exp();
    assert!((both - exact).abs() < 0.035, "{both} {exact}");
    // The count of a group and what it says of its items.
    let joint = |count: usize, odd: usize| {
        let p = 0.25 + 0.25 * count as f64;
        let sd = 1.0 + count as f64;
        let item = |i: usize, odd: usize| bernoulli(odd, p) + normal(Y[i], shift * odd as f64, sd);
        let others = (1..3).map(|i| log_sum([item(i, 0), item(i, 1)]));
        Binomial(2.0, stay).log_prob(count as f64) + item(0, odd) + others.sum::<f64>()
    };
    let all = log_sum((0..3).flat_map(|count| [0, 1].map(|odd| joint(count, odd))));
    let (count, odd) =
        (states.column("count[0]").unwrap()[0].to_vec(), states.column("odd[0,0]").unwrap()[0].to_vec());
    for (c, o) in (0..3).flat_map(|c| [(c, 0), (c, 1)]) {
        let found = count.iter().zip(&odd).filter(|(a, b)| **a == c as f64 && **b == o as f64).count() as f64
            / 4000.0;
        let exact = (joint(c, o) - all).exp();
        assert!((found - exact).abs() < 0.035, "{c} {o}: {found} {exact}");
    }
}

#[test]
fn states_and_data_are_drawn_from_the_prior_together() {
    #[model]
    fn nested(y: &[f64]) {
        sample!(far ~ Normal(10, 0.1));
        plate!(groups = 2, {
            sample!(z ~ Bernoulli(0.3));
            plate!(rows = 3, {
                sample!(w ~ Categorical([0.5, 0.5]));
                sample!(y ~ Normal(far * z + 100.0 * w, 0.1), observed = y);
            });
        });
    }
    let model = nested(&[0.0; 6]).unwrap();
    let drawn = model.sample_prior(2000, 3).unwrap();
    let mut ones = 0.0;
    for draw in &drawn {
        let (z, w, y) = (draw.get("z").unwrap(), draw.get("w").unwrap(), draw.get("y").unwrap());
        for k in 0..6 {
            let mean = draw.get("far").unwrap()[0] * z[k / 3] + 100.0 * w[k];
            assert!((y[k] - mean).abs() < 0.7, "{y:?} {z:?} {w:?}");
        }
        ones += z[1];
    }
    assert!((ones / 2000.0 - 0.3).abs() < 0.05);
    let posterior =
        model.sample(&Nuts::default().chains(1).draws(200).seed(1).progress(Progress::Hidden)).unwrap();
    let predicted = model.predict(&posterior, 1).unwrap();
    let (z, y) =
        (predicted.column("z[1]").unwrap()[0].to_vec(), predicted.column("y[1,2]").unwrap()[0].to_vec());
    let w = predicted.column("w[1,2]").unwrap()[0].to_vec();
    assert!((0..200).all(|i| (y[i] - 10.0 * z[i] - 100.0 * w[i]).abs() < 1.5));
    let loglik = model.log_likelihood(&posterior).unwrap();
    assert_eq!(loglik.get("z").unwrap().shape(), [2]);
    assert!(loglik.get("y").is_err() && loglik.get("w").is_err());
}

#[test]
fn other_statements_take_states() {
    let (y, mean) = ([0.5, f64::NAN, 1.5], [0.1, 0.2, 0.3]);
    #[model]
    fn summed(y: &[f64], mean: &[f64]) {
        sample!(p ~ Beta(1, 1));
        sample!(s ~ HalfNormal(1));
        plate!(rows = y.len(), {
            sample!(z ~ Bernoulli(p));
            deterministic!(centre = mean + z);
            sample!(y ~ Normal(centre, s), observed = y, missing = skip);
            sample!(mixed ~ Mixture([0.2, 0.8], [Normal(centre, 1.0), Normal(centre, 3.0)]), observed = mean);
            sample!(late ~ Normal(0, 1), observed = s * mean - z);
            factor!(penalty = -0.5 * z);
        });
    }
    let model = summed(&y, &mean).unwrap();
    gradient_agrees(&model);
    let z = [0.4, -0.3];
    let values = model.values_at(&z).unwrap();
    let (p, s) = (values.get("p").unwrap()[0], values.get("s").unwrap()[0]);
    let row = |i: usize| {
        log_sum([0, 1].map(|state| {
            let k = state as f64;
            let centre = mean[i] + k;
            let seen = if y[i].is_nan() { 0.0 } else { normal(y[i], centre, s) };
            let mixed = log_sum([
                0.2_f64.ln() + normal(mean[i], centre, 1.0),
                0.8_f64.ln() + normal(mean[i], centre, 3.0),
            ]);
            bernoulli(state, p) + seen + mixed + normal(s * mean[i] - k, 0.0, 1.0) - 0.5 * k
        }))
    };
    let prior = (p * (1.0 - p)).ln() + HalfNormal(1.0).log_prob(s) + s.ln();
    let exact = prior + (0..3).map(row).sum::<f64>();
    let found = model.log_density(&z).unwrap();
    assert!((found - exact).abs() < 1e-12, "{found} {exact}");
    // What depends on states has a number for each of them.
    assert_eq!(values.get("centre").unwrap().len(), 6);
    // Conditioning leaves the sum as it is.
    let known = model.condition(&[("p", &[0.3])]).unwrap();
    gradient_agrees(&known);
    assert_eq!(known.sample_prior(1, 1).unwrap()[0].get("z").unwrap().len(), 3);
}

/// An unknown grade: any distribution of finitely many numbers is summed.
#[test]
fn ordered_categories_are_summed() {
    #[model]
    fn graded(y: f64) {
        sample!(ability ~ Normal(0, 1));
        sample!(grade ~ OrderedLogistic(ability, [-1.0, 0.5]));
        sample!(y ~ Normal(grade, 0.7), observed = y);
    }
    let model = graded(1.2).unwrap();
    gradient_agrees(&model);
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    for z in points(1) {
        let [low, high] = [-1.0, 0.5].map(|cut| logistic(cut - z[0]));
        let grades = [low, high - low, 1.0 - high];
        let each = grades.iter().enumerate().map(|(k, p)| p.ln() + normal(1.2, k as f64, 0.7));
        let exact = normal(z[0], 0.0, 1.0) + log_sum(each);
        let found = model.log_density(&z).unwrap();
        assert!((found - exact).abs() < 1e-12, "{found} {exact}");
    }
}

#[test]
fn what_cannot_be_summed_is_said() {
    #[model]
    fn poisson() {
        sample!(z ~ Poisson(2.0));
        sample!(y ~ Normal(z, 1), observed = 1.0);
    }
    assert!(error_of(poisson()).contains("discrete"), "{}", error_of(poisson()));
    #[model]
    fn depends() {
        sample!(z ~ Bernoulli(0.5));
        sample!(x ~ Normal(z, 1));
        sample!(y ~ Normal(x, 1), observed = 1.0);
    }
    assert!(error_of(depends()).contains("Mixture"));
    #[model]
    fn crossed(y: &[f64]) {
        plate!(people = 2, {
            sample!(z ~ Bernoulli(0.5));
        });
        plate!(items = 2, {
            sample!(w ~ Bernoulli(0.5));
        });
        plate!(people, {
            plate!(items, {
                sample!(y ~ Normal(z + w, 1), observed = y);
            });
        });
    }
    let error = error_of(crossed(&[0.0; 4]));
    assert!(error.contains("cross") && error.contains("`z`") && error.contains("`w`"), "{error}");
    #[model]
    fn elsewhere(y: &[f64]) {
        plate!(people = 2, {
            sample!(z ~ Bernoulli(0.5));
        });
        plate!(rows = y.len(), {
            sample!(y ~ Normal(z.at(&[0, 1, 1]), 1), observed = y);
        });
    }
    let error = error_of(elsewhere(&[0.0; 3]));
    assert!(error.contains("of = "), "{error}");
    #[model]
    fn large(n: u64) {
        sample!(z ~ Binomial(n, 0.5));
        sample!(y ~ Normal(z, 1), observed = 1.0);
    }
    assert!(error_of(large(1_000_000)).contains("10000 states"));
    assert!(large(50).is_ok());
    #[model]
    fn indexed() {
        plate!(groups = 2, {
            sample!(mean ~ Normal(0, 1));
        });
        sample!(z ~ Categorical([0.2, 0.3, 0.5]));
        sample!(y ~ Normal(mean.at(z), 1), observed = 1.0);
    }
    assert!(error_of(indexed()).contains("positions below 2"));
    #[model]
    fn no_index() {
        plate!(groups = 2, {
            sample!(mean ~ Normal(0, 1));
        });
        sample!(y ~ Normal(mean.at(mean), 1), observed = 1.0);
    }
    assert!(error_of(no_index()).contains("discrete unknown"));
    #[model]
    fn other_plate(y: &[f64]) {
        plate!(groups = 2, {
            sample!(p ~ Beta(1, 1));
        });
        plate!(rows = y.len(), {
            sample!(z ~ Bernoulli(p));
            sample!(y ~ Normal(z, 1), observed = y);
        });
    }
    let error = error_of(other_plate(&[0.0; 3]));
    assert!(error.contains("`groups`") && error.contains(".at(index)"), "{error}");
    #[model]
    fn product(y: &[f64]) {
        sample!(z ~ Bernoulli(0.5));
        plate!(rows = 2, {
            sample!(y ~ Normal(z.dot([1.0, 2.0, 3.0, 4.0]), 1), observed = y);
        });
    }
    assert!(error_of(product(&[0.0; 2])).contains("depend on no discrete unknown"));
    #[model]
    fn recursion(y: &[f64]) {
        sample!(z ~ Bernoulli(0.5));
        plate!(times = y.len(), {
            scan!(x = z, (u = y) => 0.5 * x + u);
            sample!(y ~ Normal(x, 1), observed = y);
        });
    }
    assert!(error_of(recursion(&[0.0; 2])).contains("the states of `z`"));
}
