//! Draws as a user meets them: names, views, files, the printed table, and each warning from a case made to deserve it.

use mynah::draws::{
    ChainDraws, DrawStatistics, Draws, Moved, Parameter, Provenance, SamplerReport, Statistic, Warning,
    diagnostics as d,
};
use mynah::{Domain, ErrorKind, Seed};
use rand::RngExt;
use rand_distr::StandardNormal;

/// A diagnostic of chains.
type Diagnostic = fn(&[&[f64]]) -> f64;

/// Independent standard normals: `chains` x `draws`.
fn normals(seed: u64, chains: usize, draws: usize) -> Vec<Vec<f64>> {
    let stream = |c| Seed(seed).stream(Domain::User, c);
    (0..chains as u64)
        .map(|c| {
            let mut rng = stream(c);
            (0..draws).map(|_| rng.sample(StandardNormal)).collect()
        })
        .collect()
}

fn views(chains: &[Vec<f64>]) -> Vec<&[f64]> {
    chains.iter().map(Vec::as_slice).collect()
}

/// Draws of one scalar `mu`, with good statistics.
fn scalar(chains: &[Vec<f64>]) -> Draws {
    with_statistics(chains, |_, _, _| {})
}

/// The same, with statistics changed by (chain, draw, statistics).
fn with_statistics(chains: &[Vec<f64>], change: impl Fn(usize, usize, &mut DrawStatistics)) -> Draws {
    // Independent energies have an E-BFMI near 2.
    let energies = normals(99, chains.len(), chains.iter().map(Vec::len).max().unwrap());
    let chain = |(c, values): (usize, &Vec<f64>)| {
        let mut chain = ChainDraws::with_capacity(values.len(), 1);
        for (i, value) in values.iter().enumerate() {
            let mut statistics = DrawStatistics { energy: energies[c][i], depth: 3, ..Default::default() };
            change(c, i, &mut statistics);
            chain.push(&[*value], statistics);
        }
        chain
    };
    let chains = chains.iter().enumerate().map(chain).collect();
    Draws::new(vec![Parameter::new("mu", [])], chains).unwrap()
}

/// A scalar, an array and a nested array; every value says where it stands: chain, draw, column.
fn named() -> Draws {
    let parameters = vec![Parameter::new("mu", []), Parameter::new("rate", [2]), Parameter::new("x", [2, 3])];
    let value = |c: usize, i: usize, k: usize| (100 * c + 10 * i + k) as f64;
    let chain = |c, draws: usize| ChainDraws {
        values: (0..draws).flat_map(|i| (0..9).map(move |k| value(c, i, k))).collect(),
        statistics: vec![],
    };
    Draws::new(parameters, vec![chain(0, 3), chain(1, 2)]).unwrap()
}

#[test]
fn columns_stand_where_their_labels_say() {
    let draws = named();
    assert_eq!((draws.chains(), draws.draws(), draws.total_draws()), (2, 2, 5));
    assert_eq!(draws.labels()[1..5], ["rate[0]", "rate[1]", "x[0,0]", "x[0,1]"]);
    assert_eq!(draws.labels()[8], "x[1,2]");
    assert_eq!(draws.column("x[1,0]").unwrap(), [&[6.0, 16.0, 26.0][..], &[106.0, 116.0]]);
    let rate = draws.get("rate").unwrap();
    assert_eq!((rate.shape(), rate.width()), (&[2][..], 2));
    assert_eq!(rate.chain(1), [[101.0, 111.0], [102.0, 112.0]]);
    assert_eq!(rate.column(1)[0], [2.0, 12.0, 22.0]);
    let all: Vec<Vec<f64>> = rate.iter().collect();
    assert_eq!(all, [[1.0, 2.0], [11.0, 12.0], [21.0, 22.0], [101.0, 102.0], [111.0, 112.0]]);
    // All five draws count: (1 + 11 + 21 + 101 + 111) / 5; exact but for the last bit.
    assert!((rate.mean()[0] - 49.0).abs() < 1e-12);
    assert_eq!(rate.quantile(0.5).unwrap(), [21.0, 22.0]);
    assert_eq!(rate.quantile(1.5).unwrap_err().kind(), ErrorKind::Value);
}

#[test]
fn unknown_names_list_the_known_ones_nearest_first() {
    let error = named().get("rat").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Site);
    assert_eq!(
        error.to_string(),
        "expected the name of a parameter, got `rat`; use one of `rate`, `mu`, `x`"
    );
    let error = named().column("x[1,5]").unwrap_err().to_string();
    assert!(error.starts_with("expected the name of a scalar, got `x[1,5]`; use one of `x[1,0]`"), "{error}");
    assert!(error.ends_with("... (1 more)"), "{error}");
}

#[test]
fn wrong_draws_are_refused() {
    let mu = || Parameter::new("mu", []);
    let chain = |values: Vec<f64>, count| ChainDraws {
        values,
        statistics: vec![Statistic::new("depth", vec![1.0; count])],
    };
    let cases = [
        (vec![mu(), mu()], vec![chain(vec![], 0)], ErrorKind::Site, "`mu` twice"),
        (vec![Parameter::new("", [])], vec![chain(vec![], 0)], ErrorKind::Site, "an empty one"),
        (
            vec![Parameter::new("x", [2]), Parameter::new("x[0]", [])],
            vec![chain(vec![0.0; 3], 0)],
            ErrorKind::Site,
            "got `x[0]` both",
        ),
        (
            vec![mu(), Parameter::new("x", [1 << 40, 1 << 40])],
            vec![chain(vec![0.0; 4], 0)],
            ErrorKind::Shape,
            "got `x` of shape",
        ),
        (vec![Parameter::new("x", [usize::MAX])], vec![chain(vec![], 0)], ErrorKind::Shape, "fit the draws"),
        (vec![mu()], vec![], ErrorKind::Shape, "at least one chain"),
        (vec![Parameter::new("x", [0])], vec![chain(vec![], 0)], ErrorKind::Shape, "at least one scalar"),
        (
            vec![mu(), Parameter::new("x", [2])],
            vec![chain(vec![0.0; 4], 0)],
            ErrorKind::Shape,
            "rows of 3 columns",
        ),
        (
            vec![mu()],
            vec![chain(vec![0.0; 4], 3)],
            ErrorKind::Shape,
            "chain 0: expected statistics for all 4",
        ),
    ];
    for (parameters, chains, kind, text) in cases {
        let error = Draws::new(parameters, chains).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(text), "{error}");
    }
}

#[test]
fn files_keep_everything() {
    let mut chains = normals(3, 2, 5);
    chains[0][1] = f64::INFINITY;
    let mut moved = Moved::default();
    (moved.shift, moved.mcse) = (vec![0.31, f64::INFINITY], vec![0.02, f64::NEG_INFINITY]);
    (moved.simulations, moved.messages) = (7, vec!["a word".into()]);
    let report = SamplerReport {
        moved: Some(moved),
        sampler: "NUTS".into(),
        seconds: 1.5,
        requested_draws: 9,
        unlike: vec!["site `x`".into()],
        stopped_early: true,
        outside_training_region: Some(0.25),
        divergences: vec![],
        messages: vec!["slow".into()],
    };
    let draws = with_statistics(&chains, |_, i, s| {
        if i == 2 {
            s.energy = f64::NEG_INFINITY;
        }
    })
    .with_report(report)
    .with_log_weights(vec![vec![0.0, -1.5, 2.0, f64::NEG_INFINITY, 700.25], vec![1.0; 5]])
    .unwrap();
    let options = [("target_acceptance".to_string(), "0.8".to_string())];
    let draws = draws.with_provenance(Provenance::new("NUTS", options, Some(u64::MAX)));
    let path = std::env::temp_dir().join(format!("mynah-draws-{}.json", std::process::id()));
    draws.save(&path).unwrap();
    let loaded = Draws::load(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    for (content, says) in [
        ("{\"format\": 2}".to_owned(), "got something else"),
        (
            text.replacen("\"version\":3", "\"version\":2", 1),
            "got 2; read it with the release of mynah that wrote it",
        ),
        (text.replacen("\"mu\"", "\"nu\"", 1), "checksum does not match"),
        (text[..text.len() - 1].to_owned(), "a damaged file; write it again"),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = Draws::load(&path).unwrap_err();
        assert!(error.kind() == ErrorKind::Format && error.to_string().contains(says), "{error}");
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(Draws::load(&path).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(loaded.report(), draws.report());
    assert_eq!(loaded.provenance(), draws.provenance());
    assert_eq!((loaded.log_weights(0), loaded.log_weights(1)), (draws.log_weights(0), draws.log_weights(1)));
    assert_eq!(draws.save_cmdstan(&path).unwrap_err().kind(), ErrorKind::Value);
    assert_eq!(loaded.labels(), draws.labels());
    for (c, (a, b)) in draws.column("mu").unwrap().iter().zip(loaded.column("mu").unwrap()).enumerate() {
        assert_eq!(*a, b);
        assert_eq!(draws.statistics(c), loaded.statistics(c));
    }
}

// Over 200 sets of four independent chains of 400 draws: at most 1 in 50 is flagged above 1.01, and every single one
// with one chain shifted by half a standard deviation or widened to twice the scale.
#[test]
fn r_hat_flags_what_differs_and_spares_what_does_not() {
    let mut flagged = 0;
    for seed in 0..200 {
        let mut chains = normals(seed, 4, 400);
        flagged += usize::from(d::r_hat(&views(&chains)) > 1.01);
        chains[2].iter_mut().for_each(|x| *x += 0.5);
        assert!(d::r_hat(&views(&chains)) > 1.01, "seed {seed}: shifted");
        chains[2].iter_mut().for_each(|x| *x = 2.0 * (*x - 0.5));
        assert!(d::r_hat(&views(&chains)) > 1.01, "seed {seed}: widened");
    }
    assert!(flagged <= 4, "{flagged} of 200 good sets flagged");
}

#[test]
fn bad_draws_give_nan_and_no_panic() {
    let functions: [Diagnostic; 12] = [
        d::r_hat,
        d::r_hat_bulk,
        d::r_hat_folded,
        d::r_hat_split,
        d::ess_bulk,
        d::ess_tail,
        d::ess_mean,
        d::ess_sd,
        d::mcse_mean,
        d::mcse_sd,
        |c| d::ess_quantile(c, 0.5),
        |c| d::mcse_quantile(c, 0.5),
    ];
    for bad in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut chains = normals(5, 4, 50);
        chains[3][7] = bad;
        assert!(functions.iter().all(|f| f(&views(&chains)).is_nan()), "{bad}");
        let summary = scalar(&chains).summary();
        assert!(summary.rows[0].r_hat.is_nan() && matches!(summary.warnings[0], Warning::NotFinite(_)));
    }
    for draws in 0..4 {
        assert!(functions.iter().all(|f| f(&views(&normals(5, 2, draws))).is_nan()), "{draws} draws");
        let _ = scalar(&normals(5, 2, draws.max(1))).summary().to_string();
    }
    assert!(functions.iter().all(|f| f(&[]).is_nan()));
    assert!(d::e_bfmi(&[1.0; 50]).is_nan() && d::e_bfmi(&[]).is_nan());
    assert!(d::ess_quantile(&views(&normals(5, 2, 50)), 1.5).is_nan());
    // Four draws are the fewest with an answer.
    assert!(d::r_hat(&views(&normals(5, 2, 4))).is_finite() && d::ess_bulk(&views(&normals(5, 2, 4))) > 0.0);
}

// Ranks do not see location and scale; sums of differences lose no digit to an offset, nor overflow at 1e300.
#[test]
fn offset_and_scale_change_nothing() {
    let chains = normals(8, 4, 500);
    // Binary fractions of 20 bits, so that the shift by 2^27 is exact.
    let exact: Vec<Vec<f64>> =
        chains.iter().map(|c| c.iter().map(|x| (x * 1048576.0).round() / 1048576.0).collect()).collect();
    let map = |f: &dyn Fn(f64) -> f64| {
        exact.iter().map(|c| c.iter().map(|x| f(*x)).collect()).collect::<Vec<Vec<f64>>>()
    };
    for f in [d::ess_mean, d::ess_bulk, d::ess_tail, d::r_hat, d::r_hat_split] {
        let reference = f(&views(&exact));
        for other in [map(&|x| x + 134217728.0), map(&|x| x * 2f64.powi(-500))] {
            // The mean of the shifted draws rounds at 2^27 x 2^-53 = 1.5e-8 of their spread.
            assert!((f(&views(&other)) / reference - 1.0).abs() < 1e-6);
        }
    }
    let huge = map(&|x| x * 2f64.powi(1000));
    assert!((d::ess_mean(&views(&huge)) / d::ess_mean(&views(&exact)) - 1.0).abs() < 1e-12);
}

/// The texts of the warnings.
fn texts(draws: &Draws) -> Vec<String> {
    draws.warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn each_warning_from_a_case_that_deserves_it() {
    let good = normals(21, 4, 500);
    assert_eq!(texts(&scalar(&good)), [""; 0]);
    let only = |draws: Draws, expected: &[&str]| {
        let texts = texts(&draws);
        assert_eq!(texts.len(), expected.len(), "{texts:?}");
        for (text, start) in texts.iter().zip(expected) {
            assert!(text.starts_with(start), "{text}");
        }
    };
    let report = |change: fn(&mut SamplerReport)| {
        let mut report = SamplerReport::default();
        change(&mut report);
        scalar(&good).with_report(report)
    };
    only(
        with_statistics(&good, |_, i, s| s.diverging = i < 3),
        &[
            "12 of 2000 draws diverged. The sampler could not follow the posterior there and means may be biased. Raise the target",
        ],
    );
    only(
        with_statistics(&good, |c, i, s| {
            (s.depth, s.max_depth_reached) = if c == 1 && i == 9 { (10, true) } else { (3, false) }
        }),
        &["1 of 2000 draws were stopped at the greatest tree depth, 10."],
    );
    only(
        with_statistics(&good, |c, i, s| {
            if c == 2 {
                s.energy = (i as f64 / 50.0).sin()
            }
        }),
        &["E-BFMI is below 0.3 in chain 2 (lowest: 0.00)."],
    );
    only(
        report(|r| r.outside_training_region = Some(0.125)),
        &["in 12.5% of the draws a surrogate was asked"],
    );
    only(report(|r| r.outside_training_region = Some(0.001)), &[]);
    only(report(|r| r.outside_training_region = Some(f64::NAN)), &["in NaN% of the draws"]);
    only(
        report(|r| (r.stopped_early, r.requested_draws) = (true, 900)),
        &["the run was stopped early, with 500 of 900 draws"],
    );
    only(scalar(&good[..3]), &["there are only 3 chains."]);
    only(scalar(&good[..1]), &["there is only 1 chain."]);
    // Chains this short may miss R-hat's limit as well, which is no part of the promise.
    let short = texts(&scalar(&normals(21, 4, 60)));
    for kind in ["bulk", "tail"] {
        let start =
            format!("1 of 1 scalar has a {kind} effective sample size below 100 per chain (worst: mu ");
        assert!(short.iter().any(|text| text.starts_with(&start)), "{short:?}");
    }
    only(scalar(&normals(21, 4, 2)), &["the shortest chain has 2 draws."]);
    only(
        scalar(&vec![vec![1.5; 500]; 4]),
        &["in some chain 1 of 1 scalar has the same value at every draw (mu 1.500)."],
    );
    let mut shifted = good.clone();
    shifted[0].iter_mut().for_each(|x| *x += 3.0);
    let first = &texts(&scalar(&shifted))[0];
    assert!(first.starts_with("1 of 1 scalar has R-hat above 1.01 (worst: mu 1."), "{first}");
}

#[test]
fn the_worst_are_named() {
    let base = normals(4, 4, 500);
    // Column k is shifted in chain 0 by k: the last is the worst.
    let rows = |c: usize| {
        base[c].iter().flat_map(move |x| (0..5).map(move |k| x + if c == 0 { k as f64 } else { 0.0 }))
    };
    let chain = |c| ChainDraws { values: rows(c).collect(), statistics: vec![] };
    let draws = Draws::new(vec![Parameter::new("b", [5])], (0..4).map(chain).collect()).unwrap();
    let warnings = draws.warnings();
    let Warning::ChainsDisagree(suspects) = &warnings[0] else { panic!("{warnings:?}") };
    let names: Vec<&str> = suspects.worst.iter().map(|s| s.name.as_str()).collect();
    assert_eq!((names, suspects.count, suspects.of), (vec!["b[4]", "b[3]", "b[2]"], 4, 5));
}

#[test]
fn the_table_is_aligned() {
    let base = normals(21, 4, 500);
    let rows = |c: usize| base[c].iter().flat_map(|x| [*x, 1e4 + 250.0 * x]);
    let chain = |c| ChainDraws { values: rows(c).collect(), statistics: vec![] };
    let parameters = vec![Parameter::new("mu", []), Parameter::new("spread", [1])];
    let report = SamplerReport { messages: vec!["adapted in 300 draws".into()], ..Default::default() };
    let draws = Draws::new(parameters, (0..3).map(chain).collect()).unwrap().with_report(report);
    let text = draws.summary().to_string();
    println!("{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>().join(" "),
        "mean sd 5% 50% 95% ess_bulk ess_tail r_hat"
    );
    assert!(lines[..3].iter().all(|line| line.len() == lines[0].len()), "{text}");
    assert!(lines[1].starts_with("mu   ") && lines[2].starts_with("spread[0]  "), "{text}");
    assert_eq!(lines[3], "1500 draws from 3 chains");
    assert!(lines[4].starts_with("warning: there are only 3 chains."), "{text}");
    assert_eq!(lines[5], "note: adapted in 300 draws");
    // Whole numbers where the spread is in the hundreds, two decimals where it is near one.
    let cells: Vec<&str> = lines[2].split_whitespace().collect();
    assert!(!cells[1].contains('.') && lines[1].split_whitespace().nth(2).unwrap().len() == 5, "{text}");
    let json = serde_json::to_value(draws.summary()).unwrap();
    for field in ["name", "mean", "sd", "q5", "q50", "q95", "mcse_mean", "ess_bulk", "ess_tail", "r_hat"] {
        assert!(!json["rows"][0][field].is_null(), "{field}");
    }
}

// Independent draws, and random walks, which ask for every lag: 0.35 s and 2.5 s on two cores. The limit is
// far above, for loaded machines; it catches a return to work lag by lag.
#[test]
fn large_runs_are_summarised_in_seconds() {
    for slow in [false, true] {
        let base = normals(6, 4, 10_000);
        let chain = |c: usize| {
            let mut level = 0.0;
            let values = base[c].iter().flat_map(|x| {
                level = if slow { level + x } else { *x };
                (0..100).map(move |k| level * (1.0 + f64::from(k)))
            });
            ChainDraws { values: values.collect(), statistics: vec![] }
        };
        let draws = Draws::new(vec![Parameter::new("b", [100])], (0..4).map(chain).collect()).unwrap();
        let start = std::time::Instant::now();
        let summary = draws.summary();
        let seconds = start.elapsed().as_secs_f64();
        println!("slow {slow}: {seconds:.2} s, r_hat {:.3}", summary.rows[0].r_hat);
        assert_eq!(summary.rows.len(), 100);
        assert!(seconds < 20.0, "{seconds} s");
    }
}
