//! What a target says of its coordinates.

use super::{Nuts, Sampler, Target};
use crate::dist::{Exponential, HalfNormal, Mixture, Normal, Poisson};
use crate::draws::Draws;
use crate::model::Model;
use crate::{DensityError, Domain, LogDensity, Progress, Result, Seed, check};

/// Arrays, a mixture, a factor, and data that do not depend on anything.
fn model() -> Model {
    Model::record(|scope| {
        let mu = scope.site("mu").sample(Normal(0.0, 2.0));
        let tau = scope.site("tau").sample(HalfNormal(1.0));
        scope.enter("groups", 3);
        let theta = scope.site("theta").sample(Normal(mu, tau));
        scope.site("y").observe(Normal(theta, 1.0), [0.3, 1.9, -0.4]);
        scope.exit();
        scope.enter("counts", 2);
        scope.site("fixed").observe(Poisson(3.0), [2_u64, 4]);
        scope.site("mixed").observe(Mixture((0.3, 0.7), (Normal(mu, 1.0), Normal(0.0, tau))), [0.1, 2.0]);
        scope.exit();
        scope.site("pull").factor(-mu.powi(2) * 0.25);
        Ok(())
    })
    .unwrap()
}

fn points() -> Vec<Vec<f64>> {
    check::random_points(5, 20, 3)
}

#[test]
fn prior_and_likelihood_are_the_density_and_their_sum_is_tempered() {
    let model = model();
    let target = Target::of_model(&model);
    let (mut coordinates, mut density) = (target.coordinates(), target.density());
    let mut gradients = [[0.0; 5]; 4];
    for z in points() {
        let (prior, likelihood) = coordinates.parts(&z).unwrap().unwrap();
        let whole = density.log_density_and_gradient(&z, &mut gradients[3]).unwrap();
        // Sums of the same terms, of order 10 to 1000, in another order.
        assert!(
            (prior + likelihood - whole).abs() < 1e-12 * whole.abs().max(10.0),
            "{prior} {likelihood} {whole}"
        );
        for (power, gradient) in [0.0, 0.5, 1.0].into_iter().zip(&mut gradients) {
            let parts = coordinates.tempered(&z, power, gradient).unwrap().unwrap();
            assert!((parts.0 - prior).abs() < 1e-12 * prior.abs().max(10.0));
            assert!((parts.1 - likelihood).abs() < 1e-12 * likelihood.abs().max(10.0));
        }
        for k in 0..5 {
            let [none, half, all, density] = gradients.map(|gradient| gradient[k]);
            let size = none.abs().max(all.abs()).max(1.0);
            assert!((all - density).abs() < 1e-12 * size && (2.0 * half - none - all).abs() < 1e-12 * size);
        }
    }
}

/// The prior alone, recorded as a model of its own.
#[test]
fn the_prior_is_that_of_a_model_without_data() {
    let (model, prior) = (
        model(),
        Model::record(|scope| {
            let mu = scope.site("mu").sample(Normal(0.0, 2.0));
            let tau = scope.site("tau").sample(HalfNormal(1.0));
            scope.enter("groups", 3);
            let _ = scope.site("theta").sample(Normal(mu, tau));
            scope.exit();
            Ok(())
        })
        .unwrap(),
    );
    let (target, alone) = (Target::of_model(&model), Target::of_model(&prior));
    let (mut coordinates, mut density) = (target.coordinates(), alone.density());
    let (mut ours, mut theirs) = ([0.0; 5], [0.0; 5]);
    for z in points() {
        let (value, _) = coordinates.tempered(&z, 0.0, &mut ours).unwrap().unwrap();
        let expected = density.log_density_and_gradient(&z, &mut theirs).unwrap();
        assert!((value - expected).abs() < 1e-12 * expected.abs().max(10.0), "{value} for {expected}");
        assert!(ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-12 * b.abs().max(10.0)));
    }
}

#[test]
fn pointwise_terms_are_the_likelihood_without_factors() {
    let model = model();
    let target = Target::of_model(&model);
    let mut coordinates = target.coordinates();
    for z in points() {
        let terms = coordinates.pointwise(&z);
        let names: Vec<(&str, usize)> =
            terms.iter().map(|(name, terms)| (name.as_str(), terms.len())).collect();
        assert_eq!(names, [("y", 3), ("fixed", 2), ("mixed", 2)]);
        let (_, likelihood) = coordinates.parts(&z).unwrap().unwrap();
        let sum: f64 = terms.iter().flat_map(|(_, terms)| terms).sum();
        let factor = -0.25 * z[0] * z[0];
        assert!((sum + factor - likelihood).abs() < 1e-12 * likelihood.abs().max(10.0));
    }
}

/// A standard normal density.
#[derive(Clone)]
struct Standard;

impl LogDensity for Standard {
    fn dim(&self) -> usize {
        5
    }
    fn log_density(&mut self, z: &[f64]) -> Result<f64, DensityError> {
        Ok(-0.5 * z.iter().map(|z| z * z).sum::<f64>())
    }
    fn log_density_and_gradient(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, DensityError> {
        gradient.iter_mut().zip(z).for_each(|(g, z)| *g = -z);
        self.log_density(z)
    }
}

#[test]
fn a_density_by_hand_has_draws_and_no_prior() {
    let density = Standard;
    let target = Target::of_density(&density);
    assert_eq!((target.dim(), target.parameters()[0].labels()[4].as_str()), (5, "z[4]"));
    let mut coordinates = target.coordinates();
    let mut z = [f64::NAN; 5];
    coordinates.draw_prior(&mut Seed(1).stream(Domain::User, 0), &mut z);
    assert!(
        z.iter().all(|z| z.is_nan())
            && coordinates.parts(&z).is_none()
            && coordinates.pointwise(&z).is_empty()
    );
    assert!(coordinates.tempered(&z, 1.0, &mut [0.0; 5]).is_none());
    let mut row = vec![];
    assert_eq!(coordinates.draw(&[1.0, 2.0, 3.0, 4.0, 5.0], &mut row), None);
    assert_eq!(row, [1.0, 2.0, 3.0, 4.0, 5.0]);
}

/// A sampler behind a reference, in a box, or as a trait object: the same draws.
#[test]
fn any_form_of_a_sampler_will_do() {
    let model = Model::record(|scope| {
        let _ = scope.site("x").sample(Exponential(1.0));
        Ok(())
    })
    .unwrap();
    let nuts = Nuts::default().progress(Progress::Hidden).chains(1).warmup(100).draws(50).seed(9);
    let column = |draws: Result<Draws>| draws.unwrap().column("x").unwrap().concat();
    let expected = column(model.sample(&nuts));
    let boxed: Box<dyn Sampler> = Box::new(nuts.clone());
    assert_eq!(column(model.sample(&boxed)), expected);
    assert_eq!(column(model.sample(&&nuts)), expected);
    assert_eq!(column(model.sample(boxed.as_ref())), expected);
    let provenance = model.sample(&nuts).unwrap().provenance().unwrap().clone();
    assert_eq!((provenance.sampler.as_str(), provenance.seed), ("NUTS", Some(9)));
    assert_eq!(
        (provenance.options["metric"].as_str(), provenance.options["warmup"].as_str()),
        ("Diagonal", "100")
    );
}
