//! Simulators and priors that fail, names that do not fit, slices and numbers of any length and size.

use super::*;
use mynah::simulate::FailedRun;

/// Three choices, of which a table of two has no place for the third; and times that are never told above 1.5.
#[test]
fn reasons_are_counted_and_go_with_the_pairs() {
    let race = ChoiceTimes(|theta: &[f64], stream: &mut Stream| {
        let rt = 0.3 + 2.0 * theta[0] * stream.random::<f64>();
        Response { rt: if rt > 1.5 { f64::NAN } else { rt }, choice: stream.random_range(0..3) }
    });
    let runs = [1, 2]
        .map(|threads| quiet().threads(threads).run(&unit_box(), &race, 3_000, Seed(2)).unwrap().simulations);
    assert_eq!(runs[0], runs[1]);
    let [third, late] = runs[0].failure_reasons() else { panic!("{:?}", runs[0].failure_reasons()) };
    assert_eq!(third.reason, "a response must have a choice that is 0 or 1");
    assert_eq!(late.reason, "the simulator returned NaN");
    assert_eq!(third.count + late.count, runs[0].failed);
    // A third of those in time; P(late) = E[max(0, 1 - 0.6 / p)] = 0.4 + 0.6 ln 0.6 = 0.0935: within 5 standard deviations.
    assert!(late.count.abs_diff(280) < 80 && third.count.abs_diff(907) < 125, "{late:?}, {third:?}");

    let run = quiet().run(&unit_box(), &race, 3_000, Seed(2)).unwrap();
    let warning = run.failure_warning().unwrap();
    for part in
        ["of 3000 simulations failed (", "choice that is 0 or 1 (", "returned NaN (", "The first is row"]
    {
        assert!(warning.contains(part), "no `{part}` in: {warning}");
    }
    assert!(run.to_string().contains(&format!("the simulator returned NaN ({})", late.count)), "{run}");

    // Appended, saved and taken apart, they are not forgotten.
    let mut both = runs[0].clone();
    both.append(&quiet().run(&unit_box(), &race, 3_000, Seed(3)).unwrap().simulations).unwrap();
    assert!(both.failed > runs[0].failed && both.failure_reasons()[0].count > third.count);
    let half: Vec<usize> = (0..runs[0].len() / 2).collect();
    let half = runs[0].subset(&half).unwrap();
    let shares = [half.provenance(), runs[0].provenance()].map(|provenance| provenance.failed_share());
    assert!((shares[0] - shares[1]).abs() < 0.001, "{shares:?}");
    assert!(quiet().run(&ddm_prior(), &Ddm::default(), 100, 1).unwrap().failure_warning().is_none());
}

#[test]
fn most_rows_failing_for_one_reason_is_an_error_that_holds_the_run() {
    let simulator = |theta: &[f64], _: &mut Stream| vec![if theta[0] < 0.6 { f64::NAN } else { theta[0] }];
    let error = run(&simulator, 1_000).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Simulation);
    let text = error.to_string();
    for part in ["at most 50.0 %", "the simulator returned NaN", "allow_failures(1.0)"] {
        assert!(text.contains(part), "no `{part}` in: {text}");
    }
    let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<FailedRun>());
    let kept = &source.unwrap().run.simulations;
    assert!(kept.len() > 300 && kept.len() + kept.failed == 1_000);
    let allowed = quiet().allow_failures(1.0).run(&unit_box(), &simulator, 1_000, Seed(1)).unwrap();
    assert_eq!(&allowed.simulations, kept);
    // Two reasons of two fifths each are not one of four fifths.
    let two = |theta: &[f64], _: &mut Stream| {
        vec![if theta[0] < 0.4 {
            f64::NAN
        } else if theta[0] < 0.8 {
            f64::INFINITY
        } else {
            1.0
        }]
    };
    assert!(run(&two, 1_000).unwrap().failed_share() > 0.7);
    for share in [f64::NAN, -0.1, 1.1] {
        let error = quiet().allow_failures(share).run(&unit_box(), &two, 10, 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Options);
    }
}

/// A prior that panics now and then.
struct Rare;

impl Prior for Rare {
    fn names(&self) -> Vec<String> {
        vec!["p".into()]
    }

    fn draw(&self, stream: &mut Stream, theta: &mut [f64]) {
        let p: f64 = stream.random();
        assert!(p > 0.05, "no {p} today");
        theta[0] = p;
    }
}

#[test]
fn a_prior_that_panics_costs_the_row_alone() {
    let run = quiet().run(&Rare, &|theta: &[f64], _: &mut Stream| theta.to_vec(), 100, Seed(1)).unwrap();
    let [reason] = run.simulations.failure_reasons() else { panic!("numbers tell reasons apart: {run}") };
    assert_eq!(reason.reason, "the prior panicked: no _ today");
    assert!(reason.count > 0 && run.simulations.len() + reason.count == 100);
}

#[test]
fn names_of_closures_are_checked_and_reordered() {
    let prior = BoxPrior::new([("t0", 10.0, 11.0), ("v", 1.0, 2.0), ("a", 3.0, 4.0)]).unwrap();
    let closure = |theta: &[f64], _: &mut Stream| theta.to_vec();
    let unnamed = quiet().run(&prior, &closure, 50, 1).unwrap();
    assert!(unnamed.to_string().contains("without names, was given t0, v, a, in this order"), "{unnamed}");
    let named = quiet().run(&prior, &closure.names(["v", "a", "t0"]), 50, 1).unwrap();
    assert!(!named.order_assumed && !named.to_string().contains("in this order"));
    for (theta, x) in named.simulations.rows() {
        assert_eq!([x[0], x[1], x[2]], [theta[1], theta[2], theta[0]]);
    }
    let count = Counts(|theta: &[f64], _: &mut Stream| theta[0] as u64).names(["t0", "a", "v"]);
    assert_eq!(
        (count.outcome(), quiet().run(&prior, &count, 5, 1).unwrap().simulations.data[0]),
        (Some(Outcome::Count), 10.0)
    );
    let response = ChoiceTimes(|theta: &[f64], _: &mut Stream| Response { rt: theta[0], choice: 1 });
    let error = quiet().run(&prior, &response.names(["v", "alpha", "t0"]), 5, 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Site);
    assert!(error.to_string().contains("(missing: alpha; unknown: a)"), "{error}");
    for names in [vec![], vec!["v", "v", "a"], vec!["v", "a"]] {
        assert_eq!(quiet().run(&prior, &closure.names(names), 5, 1).unwrap_err().kind(), ErrorKind::Site);
    }
}

/// Slices of a wrong length: no panic, and nothing that looks like an answer.
#[test]
fn short_and_long_slices() {
    let mut stream = Seed(1).stream(mynah::Domain::User, 0);
    let (mut short, mut long) = ([0.0; 2], [0.0; 6]);
    ddm_prior().draw(&mut stream, &mut short);
    ddm_prior().draw(&mut stream, &mut long);
    assert!(short[1] > 0.5 && long[3] <= 0.5 && long[4].is_nan() && long[5].is_nan());
    ddm_prior().draw(&mut stream, &mut []);
    for theta in
        [&[][..], &[1.0; 3], &[1.0; 5], &[f64::NAN; 4], &[f64::INFINITY; 4], &[1e308; 4], &[-1e308; 4]]
    {
        let mut data = vec![];
        Ddm::default().simulate(theta, &mut stream, &mut data);
        assert!(data.len() == 2 && !data[0].is_finite(), "{theta:?}: {data:?}");
    }
}

#[test]
fn huge_numbers_are_refused_in_time() {
    let fine = |theta: &[f64], _: &mut Stream| theta.to_vec();
    let wide = Pair(|_| vec![0.0, 0.0]);
    for simulator in [&fine as &dyn Simulator, &wide, &Ddm::default()] {
        let prior: &dyn Prior =
            if simulator.outcome() == Some(Outcome::TimeAndChoice) { &ddm_prior() } else { &unit_box() };
        for count in [usize::MAX, usize::MAX / 8, 1 << 50] {
            let error = quiet().run(prior, simulator, count, Seed(1)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Options);
            assert!(error.to_string().contains("fit in memory"), "{error}");
        }
    }
    let error = quiet().threads(usize::MAX).run(&unit_box(), &fine, 10, Seed(1)).unwrap_err();
    assert!(error.kind() == ErrorKind::Options && error.to_string().contains("up to 1024"), "{error}");
    struct Empty(usize);
    impl Simulator for Empty {
        fn parameter_names(&self) -> Option<Vec<String>> {
            None
        }
        fn outcome(&self) -> Option<Outcome> {
            Some(Outcome::Real { width: self.0 })
        }
        fn simulate(&self, _: &[f64], _: &mut Stream, _: &mut Vec<f64>) {}
    }
    assert_eq!(run(&Empty(0), 10).unwrap_err().kind(), ErrorKind::Simulation);
    assert_eq!(run(&Empty(usize::MAX), 10).unwrap_err().kind(), ErrorKind::Options);
}
