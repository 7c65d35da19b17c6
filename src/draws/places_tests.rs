use super::super::{ChainDraws, Divergence, DrawStatistics, Parameter, SamplerReport, Warning};
use super::*;
use crate::seed::{Domain, Seed};
use rand::RngExt;
use rand_distr::StandardNormal;

/// Four chains of 500 independent draws of `mu`, `tau` and `x[0]`, `x[1]`; the two `x` go together, and what diverges or is stopped is
/// decided by the row.
fn draws(change: impl Fn(&[f64; 4], &mut DrawStatistics)) -> Draws {
    let chain = |c: u64| {
        let mut stream = Seed(7).stream(Domain::User, c);
        let mut chain = ChainDraws::default();
        for _ in 0..500 {
            let mut normal = || stream.sample::<f64, _>(StandardNormal);
            let (mu, tau, x) = (normal(), normal().exp(), normal());
            let row = [mu, tau, x.exp(), -x + 0.1 * normal()];
            let mut statistics = DrawStatistics { energy: normal(), depth: 3, ..Default::default() };
            change(&row, &mut statistics);
            chain.push(&row, statistics);
        }
        chain
    };
    let parameters = vec![Parameter::new("mu", []), Parameter::new("tau", []), Parameter::new("x", [2])];
    Draws::new(parameters, (0..4).map(chain).collect()).unwrap()
}

fn text(draws: &Draws) -> String {
    let warnings = draws.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    warnings[0].to_string()
}

#[test]
fn divergences_in_one_place_name_it_with_its_remedy() {
    let low = draws(|row, statistics| statistics.diverging = row[1] < 0.2);
    let place = of_divergences(&low).unwrap();
    assert!(place.name == "tau" && place.quantile < 0.05, "{place:?}");
    let words = text(&low);
    assert!(
        words.contains("Most lie where tau is low (on average at its 2% quantile): if tau is the scale"),
        "{words}"
    );
    assert!(words.contains("`noncentered()`"), "{words}");

    let high = draws(|row, statistics| statistics.diverging = row[0] > 2.0);
    let words = text(&high);
    assert!(words.contains("Most lie where mu is high") && !words.contains("noncentered"), "{words}");
}

#[test]
fn divergences_all_over_name_no_place_and_point_to_their_reasons() {
    // The last digits of a draw say nothing of where it lies.
    let anywhere = draws(|row, statistics| statistics.diverging = (row[0] * 1e6) as i64 % 50 == 0);
    assert_eq!(of_divergences(&anywhere), None);
    let words = text(&anywhere);
    assert!(
        words.ends_with("Raise the target acceptance (0.95 or 0.99).") && !words.contains("noncentered"),
        "{words}"
    );
    let messages = vec!["3 of 3 divergences: NaN at site `y`.".to_owned()];
    let divergences = vec![Divergence::default()];
    let explained = anywhere.with_report(SamplerReport { messages, divergences, ..Default::default() });
    assert!(text(&explained).contains("Their reasons are noted below."), "{}", text(&explained));
    assert!(explained.summary().to_string().contains("note: 3 of 3 divergences"));
}

#[test]
fn deep_trees_name_the_scalars_that_go_together() {
    let deep = draws(|row, statistics| statistics.max_depth_reached = row[0] > 1.5);
    let Warning::DepthSaturated { correlated: Some(pair), .. } = &deep.warnings()[0] else {
        panic!("{deep:?}")
    };
    assert_eq!((pair.first.as_str(), pair.second.as_str()), ("x[0]", "x[1]"));
    // Of ranks, so that the exponential of the one changes nothing: -1 / sqrt(1.01), a little less for ranks.
    assert!((pair.correlation + 0.99).abs() < 0.01, "{pair:?}");
    assert!(text(&deep).contains("(rank correlation -0.99): try `Metric::LowRank`"), "{}", text(&deep));
}

#[test]
fn ranks_of_ties_are_shared() {
    let found = ranks(&[3.0, 1.0, 3.0, 7.0]);
    let root = 4.5_f64.sqrt();
    let expected = [0.0, -1.5 / root, 0.0, 1.5 / root];
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{found:?}");
    assert_eq!(ranks(&[2.0; 3]), [0.0; 3]);
}
