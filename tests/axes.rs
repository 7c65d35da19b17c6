//! Plates as axes: labels, plates entered again, elements that belong to those of another plate.

use mynah::check;
use mynah::prelude::*;
use mynah::{ErrorKind, LogDensity};

fn same(a: &Model, b: &Model) {
    assert_eq!(a.dim(), b.dim());
    let (mut a, mut b) = (a.density(), b.density());
    for z in check::random_points(a.dim(), 10, 7) {
        let (mut da, mut db) = (vec![0.0; z.len()], vec![0.0; z.len()]);
        assert_eq!(
            a.log_density_and_gradient(&z, &mut da).unwrap(),
            b.log_density_and_gradient(&z, &mut db).unwrap()
        );
        assert_eq!(da, db);
    }
}

#[test]
fn labels_travel_to_draws_summaries_and_files() {
    #[model]
    fn bakeries(names: &[String], chips: &[u64]) {
        plate!(bakeries = names, {
            sample!(rate ~ Gamma(2, 0.2));
            plate!(cookies = 3, {
                sample!(count ~ Poisson(rate), observed = chips);
                deterministic!(twice = rate + [1.0, 2.0, 3.0]);
            });
        });
    }
    let names = ["Berlin".to_string(), "Paris, left bank".to_string()];
    let model = bakeries(&names, &[3, 4, 9, 8, 7, 7]).unwrap();
    let posterior = model.sample(&Nuts::default().draws(50).chains(2).seed(1)).unwrap();
    let labels = ["rate[Berlin]", "rate[Paris, left bank]", "twice[Berlin,0]", "twice[Berlin,1]"];
    assert_eq!(posterior.labels()[..4], labels);
    assert!(posterior.summary().to_string().contains("rate[Berlin]"));
    assert!(posterior.column("rate[Paris, left bank]").is_ok());
    let path = std::env::temp_dir().join(format!("mynah-labels-{}.json", std::process::id()));
    posterior.save(&path).unwrap();
    assert_eq!(Draws::load(&path).unwrap(), posterior);
    std::fs::remove_file(path).unwrap();
}

/// A plate entered again is the same axis; a new one of its name is another.
#[test]
fn a_plate_is_entered_again() {
    #[model]
    fn again(y: &[f64]) {
        plate!(subjects = y.len(), {
            sample!(a ~ Normal(0, 1));
        });
        sample!(scale ~ HalfNormal(1));
        plate!(subjects, {
            sample!(b ~ Normal(a, scale));
            sample!(y ~ Normal(a + b, 1), observed = y);
        });
    }
    #[model]
    fn once(y: &[f64]) {
        plate!(subjects = y.len(), {
            sample!(a ~ Normal(0, 1));
        });
        sample!(scale ~ HalfNormal(1));
        plate!(again = y.len(), {
            let a = a.at((0..y.len()).collect::<Vec<_>>());
            sample!(b ~ Normal(a, scale));
            sample!(y ~ Normal(a + b, 1), observed = y);
        });
    }
    let y = [0.3, -1.0, 0.4];
    same(&again(&y).unwrap(), &once(&y).unwrap());
}

/// Arrays over subjects and over sessions gather themselves among trials, through one plate and through two.
#[test]
fn elements_that_belong_to_those_of_another_plate() {
    const SUBJECT: [usize; 3] = [0, 1, 1];
    const SESSION: [usize; 5] = [2, 0, 1, 1, 0];
    #[model]
    fn ragged(x: &[f64], y: &[f64]) {
        plate!(subjects = 2, {
            sample!(drift ~ Normal(0, 1));
            sample!(noise ~ HalfNormal(1));
        });
        plate!(sessions = 3, of = subjects.by(&SUBJECT), {
            sample!(shift ~ Normal(drift, noise));
        });
        plate!(trials = y.len(), of = sessions.by(SESSION.to_vec()), {
            sample!(y ~ Normal(drift * x + shift.exp(), noise), observed = y);
            factor!(penalty = -drift.abs());
        });
    }
    #[model]
    fn by_hand(x: &[f64], y: &[f64]) {
        plate!(subjects = 2, {
            sample!(drift ~ Normal(0, 1));
            sample!(noise ~ HalfNormal(1));
        });
        plate!(sessions = 3, {
            sample!(shift ~ Normal(drift.at(&SUBJECT), noise.at(&SUBJECT)));
        });
        let subject = SESSION.map(|session| SUBJECT[session]);
        plate!(trials = y.len(), {
            let level = shift.exp().at(&SESSION);
            sample!(y ~ Normal(drift.at(&subject) * x + level, noise.at(&subject)), observed = y);
            factor!(penalty = -drift.abs().at(&subject));
        });
    }
    let (x, y) = ([0.5, 1.0, -1.0, 2.0, 0.1], [0.2, 0.9, 1.4, 3.0, -0.5]);
    same(&ragged(&x, &y).unwrap(), &by_hand(&x, &y).unwrap());
}

/// Vectors of each subject come along.
#[test]
fn vectors_of_a_parent_are_gathered() {
    #[model]
    fn effects(subject: &[usize], x: &[f64], y: &[f64]) {
        plate!(subjects = 3, {
            sample!(effect ~ MvNormalCholesky(0.0, [1.0, 0.0, 0.5, 0.8]));
        });
        plate!(trials = y.len(), of = subjects.by(subject), {
            sample!(y ~ Normal(effect.at(0) + effect.at(1) * x, 1), observed = y);
        });
    }
    #[model]
    fn by_hand(subject: &[usize], x: &[f64], y: &[f64]) {
        plate!(subjects = 3, {
            sample!(effect ~ MvNormalCholesky(0.0, [1.0, 0.0, 0.5, 0.8]));
        });
        plate!(trials = y.len(), {
            sample!(y ~ Normal(effect.at2(subject, 0) + effect.at2(subject, 1) * x, 1), observed = y);
        });
    }
    let (subject, x, y) = ([0, 2, 2, 1], [0.5, 1.0, -1.0, 2.0], [0.2, 0.9, 1.4, 3.0]);
    same(&effects(&subject, &x, &y).unwrap(), &by_hand(&subject, &x, &y).unwrap());
}

/// Functions of several numbers and scales of matrices gather what belongs to a parent too.
#[test]
fn mixtures_and_matrices_of_a_parent_are_gathered() {
    #[model]
    fn of_parent(subject: &[usize], y: &[f64]) {
        plate!(subjects = 2, {
            sample!(share ~ Beta(2, 2));
        });
        sample!(factor ~ LkjCholesky(2, 2.0));
        plate!(trials = y.len(), of = subjects.by(subject), {
            factor!(mixed = share.logistic().log_mix(y, share));
            sample!(pair ~ MvNormalCholesky(0.0, factor.scale_rows(share)));
        });
    }
    #[model]
    fn by_hand(subject: &[usize], y: &[f64]) {
        plate!(subjects = 2, {
            sample!(share ~ Beta(2, 2));
        });
        sample!(factor ~ LkjCholesky(2, 2.0));
        plate!(trials = y.len(), {
            factor!(mixed = share.logistic().at(subject).log_mix(y, share.at(subject)));
            sample!(pair ~ MvNormalCholesky(0.0, factor.scale_rows(share.at(subject))));
        });
    }
    let (subject, y) = ([0, 1, 1], [0.2, 0.9, 1.4]);
    same(&of_parent(&subject, &y).unwrap(), &by_hand(&subject, &y).unwrap());
}

#[test]
fn mistakes_are_said() {
    let said = |record: &dyn Fn(&mynah::model::Scope), kind: ErrorKind, words: &[&str]| {
        let model = Model::record(|scope| {
            scope.enter("subjects", 2);
            scope.site("a").sample(Normal(0, 1));
            scope.exit();
            record(scope);
            Ok(())
        });
        let error = model.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        words.iter().for_each(|word| assert!(error.to_string().contains(word), "{error}"));
    };
    said(
        &|scope| scope.enter_again("subject"),
        ErrorKind::Shape,
        &["earlier plate, got `subject`", "`subjects`"],
    );
    said(
        &|scope| {
            scope.enter("trials", 3);
            scope.enter_again("subjects");
        },
        ErrorKind::Shape,
        &["outside of the plates that came after it"],
    );
    said(
        &|scope| scope.enter_of("trials", 3, "subjects", &[0, 1]),
        ErrorKind::Shape,
        &["one position in plate `subjects`", "3", "got 2"],
    );
    said(
        &|scope| scope.enter_of("trials", 3, "subjects", &[0, 2, 1]),
        ErrorKind::Index,
        &["below 2", "got 2 for element 1"],
    );
    said(
        &|scope| {
            scope.enter_again("subjects");
            scope.enter_of("trials", 2, "subjects", &[0, 1]);
        },
        ErrorKind::Shape,
        &["`subjects` to be closed before plate `trials` opens"],
    );
    said(
        &|scope| scope.enter("cities", ["Rome", "Rome"]),
        ErrorKind::Site,
        &["labels that differ", "`Rome`"],
    );
}
