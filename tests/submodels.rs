//! Models that are parts of others, and functions that return distributions.

use mynah::model::Scope;
use mynah::prelude::*;

#[path = "support/models.rs"]
mod models;
use models::points;

/// Bit for bit: what is recorded is the same.
fn agree(left: &Model, right: &Model) {
    assert_eq!(left.dim(), right.dim());
    for z in points(left.dim()) {
        let (left, right) = (left.log_density(&z).unwrap(), right.log_density(&z).unwrap());
        assert_eq!(left.to_bits(), right.to_bits(), "{left} {right}");
    }
}

fn names(model: &Model) -> Vec<&str> {
    model.sites().iter().map(|site| site.name.as_str()).collect()
}

/// Effects of groups, of a spread that is learned.
#[model]
fn effects(groups: usize, scale: impl mynah::graph::IntoArgument) -> Var {
    sample!(spread ~ HalfNormal(scale));
    plate!(groups = groups, {
        sample!(effect ~ Normal(0, spread).noncentered());
    });
    effect
}

/// A line: what it predicts, and its slope.
#[model]
fn line(x: &[f64], scale: Var<'_>) -> (Var, Var) {
    sample!(slope ~ Normal(0, scale));
    if x.len() > 100 {
        return Ok((slope * x[0], slope));
    }
    (slope * x, slope)
}

#[model]
fn whole(group: &[usize], x: &[f64], y: &[f64]) {
    sample!(scale ~ Gamma(2, 1));
    submodel!(first = effects(3, 2));
    submodel!(second = effects(4, scale));
    plate!(rows = y.len(), {
        submodel!(line = line(x, scale));
        let (mean, slope) = line;
        deterministic!(twice = 2.0 * slope);
        sample!(y ~ Normal(first.at(group) + second.at(group) + mean, 1), observed = y);
    });
}

#[model]
fn flat(group: &[usize], x: &[f64], y: &[f64]) {
    sample!(scale ~ Gamma(2, 1));
    sample!(spread ~ HalfNormal(2), name = "a");
    plate!(first = 3, {
        sample!(first ~ Normal(0, spread).noncentered());
    });
    sample!(spread ~ HalfNormal(scale), name = "b");
    plate!(second = 4, {
        sample!(second ~ Normal(0, spread).noncentered());
    });
    plate!(rows = y.len(), {
        sample!(slope ~ Normal(0, scale));
        sample!(y ~ Normal(first.at(group) + second.at(group) + slope * x, 1), observed = y);
    });
}

#[test]
fn a_part_is_what_it_records_under_a_prefix() {
    let (group, x, y) = ([0, 2, 1, 2], [0.1, 0.7, -0.4, 1.0], [0.3, 0.2, -1.0, 0.9]);
    let model = whole(&group, &x, &y).unwrap();
    agree(&model, &flat(&group, &x, &y).unwrap());
    let expected = [
        "scale",
        "first.spread",
        "first.effect",
        "second.spread",
        "second.effect",
        "line.slope",
        "twice",
        "y",
    ];
    assert_eq!(names(&model), expected);
    // Recorded in a plate, it is a part of each element.
    assert_eq!(model.sites()[5].plates, ["rows"]);
}

#[test]
fn parts_stand_in_parts_and_in_loops() {
    #[model]
    fn inner(scale: f64) -> Var {
        sample!(x ~ Normal(0, scale));
        x
    }
    #[model]
    fn middle(depth: usize) -> Vec<Var> {
        let mut all = vec![];
        for k in 0..depth {
            submodel!(part = inner(1.0 + k as f64), name = format!("part{k}"));
            all.push(part);
        }
        all
    }
    #[model]
    fn nothing(x: Var) -> () {
        factor!(penalty = -x.powi(2));
    }
    #[model]
    fn outer() {
        submodel!(all = middle(2));
        submodel!(quiet = nothing(all[0]));
        sample!(sum ~ Normal(all[0] + all[1], 1), observed = 0.5);
    }
    let model = outer().unwrap();
    assert_eq!(names(&model), ["all.part0.x", "all.part1.x", "quiet.penalty", "sum"]);
}

#[test]
fn methods_and_builders_are_parts_too() {
    struct Prior {
        scale: f64,
    }
    impl Prior {
        #[model]
        fn draw(&self, shift: Var) -> Var {
            sample!(x ~ Normal(shift, self.scale));
            x
        }
    }
    #[model]
    fn of_methods(prior: &Prior) {
        sample!(shift ~ Normal(0, 1));
        submodel!(one = prior.draw(shift));
        submodel!(two = Prior::draw(prior, shift));
        let _ = (one, two);
    }
    let model = of_methods(&Prior { scale: 2.0 }).unwrap();
    assert_eq!(names(&model), ["shift", "one.x", "two.x"]);
}

#[test]
fn mistakes_in_parts_say_where() {
    #[model]
    fn wrong(scale: f64) -> Var {
        sample!(x ~ Normal(0, scale));
        x
    }
    #[model]
    fn holds() {
        submodel!(part = wrong(-1.0));
        let _ = part;
    }
    let error = holds().unwrap_err().to_string();
    assert!(error.contains("site `part.x`"), "{error}");
    #[model]
    fn twice() {
        for _ in 0..2 {
            submodel!(part = wrong(1.0));
            let _ = part;
        }
    }
    let error = twice().unwrap_err().to_string();
    assert!(error.contains("`part.x` is taken"), "{error}");
    #[model]
    fn fails(text: &str) -> f64 {
        text.parse::<f64>().map_err(|error| Error::new(ErrorKind::Value, error.to_string()))?
    }
    #[model]
    fn carries() {
        submodel!(number = fails("seven"));
        sample!(x ~ Normal(number, 1));
    }
    let error = carries().unwrap_err().to_string();
    assert!(error.contains("in submodel `number`") && error.contains("invalid float"), "{error}");
    let open = Model::record(|scope| {
        scope.submodel("part", |scope: &Scope| {
            scope.enter("rows", 3);
            Ok(())
        })
    });
    let error = open.unwrap_err().to_string();
    assert!(error.contains("submodel `part`") && error.contains("`rows`"), "{error}");
}

#[test]
fn functions_return_distributions() {
    /// Normal with a share of outliers.
    fn robust<'s>(mean: Var<'s>, share: Var<'s>) -> impl Distribution<'s> {
        Mixture([1.0 - share, share], [Normal(mean, 1.0), Normal(mean, 10.0)])
    }
    #[model]
    fn uses(y: &[f64]) {
        sample!(mean ~ Normal(0, 5));
        sample!(share ~ Beta(1, 9));
        plate!(rows = y.len(), {
            sample!(y ~ robust(mean, share), observed = y);
        });
    }
    #[model]
    fn direct(y: &[f64]) {
        sample!(mean ~ Normal(0, 5));
        sample!(share ~ Beta(1, 9));
        plate!(rows = y.len(), {
            sample!(y ~ Mixture([1.0 - share, share], [Normal(mean, 1.0), Normal(mean, 10.0)]), observed = y);
        });
    }
    let y = [0.1, 0.7, 9.0];
    agree(&uses(&y).unwrap(), &direct(&y).unwrap());
}
