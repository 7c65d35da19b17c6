//! After the first gradient a replay allocates nothing.

use mynah::prelude::*;
use mynah::{LogDensity, model};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what each thread allocates.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[expect(unsafe_code, reason = "a counting allocator cannot be written without")]
// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[model]
fn everything(x: &[f64], group: &[usize], y: &[f64], counts: &[u64]) {
    sample!(mu ~ Normal(0.0, 1.0));
    sample!(sigma ~ HalfNormal(1.0));
    sample!(share ~ Beta(2.0, 2.0));
    plate!(groups = 3, {
        sample!(effect ~ Normal(mu, sigma).noncentered());
        sample!(rate ~ Gamma(2.0, sigma));
    });
    deterministic!(total = rate.sum());
    plate!(rows = y.len(), {
        sample!(y ~ Normal(effect.at(group) + share * x, sigma), observed = y);
        sample!(count ~ Poisson(rate.at(group)), observed = counts);
    });
    factor!(penalty = -total.ln());
}

#[model]
fn combined(y: &[f64], counts: &[u64], pairs: &[[f64; 2]]) {
    sample!(share ~ Beta(2.0, 2.0));
    sample!(sigma ~ HalfNormal(1.0).truncated(0.1, 4));
    sample!(center ~ MvNormal([0.0, 1.0], [1.0, 0.0, 0.0, 1.0]));
    plate!(levels = 3, {
        sample!(level ~ Normal(0.0, 1.0).ordered());
        sample!(weight ~ Gamma(2.0, 1.0));
    });
    plate!(rows = y.len(), {
        sample!(y ~ Mixture((share, 1.0 - share), (Normal(share, sigma), StudentT(4, 0.0, sigma))), observed = y);
        sample!(level_of_y ~ Mixture(weight, Normal(level, sigma)), observed = y);
        sample!(censored ~ Gamma(sigma, 1.0).censored(0.15, 0.35), observed = y);
        sample!(count ~ Hurdle(share, Poisson(sigma)), observed = counts);
        sample!(pair ~ Mixture((0.5, share), (MvNormal(center, [1.0, 0.0, 0.0, 1.0]), MvNormal([0.0, 0.0], [1.0, 0.0, 0.0, 1.0]))), observed = pairs);
        let each = Normal(sigma, 1.0).log_prob_of(y);
    });
    factor!(together = each.log_sum_exp() + share.log_mix(sigma, -sigma));
}

#[model]
fn arrays(subject: &[usize], y: &[f64]) {
    plate!(effects = 2, {
        sample!(mean ~ Normal(0, 1));
        sample!(spread ~ HalfNormal(1));
    });
    sample!(share ~ Dirichlet([1.0, 1.0, 2.0]));
    sample!(correlation ~ LkjCholesky(2, 2.0));
    sample!(top ~ Uniform(0, spread.at(0) + 1.0));
    plate!(subjects = 3, {
        sample!(effect ~ MvNormalCholesky(mean, correlation.scale_rows(spread)).noncentered());
        sample!(contrast ~ Normal(0, 1).sum_to_zero());
    });
    plate!(times = y.len(), of = subjects.by(subject), {
        scan!((level, slope) = (0.0, top), (e = y) => (level + slope * e, slope * 0.9));
        let covered = effect.at(0) + effect.at(1) * level + contrast;
        sample!(y ~ Normal(covered, share.at(0)), observed = y);
    });
    plate!(i = 2, {
        plate!(j = 2, {
            let covariance = top * [1.0, 0.3, 0.3, 1.0];
        });
    });
    sample!(pair ~ MvNormal(mean, covariance.add_diagonal(share.at(1))), observed = &[0.1, -0.2]);
}

#[model]
fn matrices(y: &[[f64; 3]], angle: &[f64]) {
    sample!(correlation ~ Lkj(3, 2.0));
    sample!(factor ~ WishartCholesky(5, [0.5, 0.0, 0.0, 0.1, 0.5, 0.0, 0.0, 0.2, 0.5]));
    sample!(other ~ InverseWishartCholesky(5, [0.5, 0.0, 0.0, 0.1, 0.5, 0.0, 0.0, 0.2, 0.5]));
    sample!(direction ~ SphericalUniform(3));
    sample!(mean ~ VonMises(0, 1));
    plate!(columns = 3, {
        sample!(walk ~ GaussianRandomWalk(0.5, 0, 1));
        sample!(free ~ GaussianRandomWalk(0.5, 0, 1).noncentered());
    });
    let standard = factor.solve_lower(walk);
    let mixed = other.matmul(factor.transpose()).quadratic_form(direction);
    factor!(parts = standard.matmul(direction) + correlation.log_determinant() + mixed);
    plate!(rows = y.len(), {
        sample!(y ~ MvNormal(free, correlation), observed = y);
        sample!(angle ~ VonMises(mean, 2), observed = angle);
    });
}

/// The number of allocations of 100 gradients after the first.
fn allocations(mut density: impl LogDensity) -> usize {
    let z = vec![0.1; density.dim()];
    let mut gradient = vec![0.0; density.dim()];
    density.log_density_and_gradient(&z, &mut gradient).unwrap();
    let before = ALLOCATIONS.get();
    for _ in 0..100 {
        density.log_density_and_gradient(&z, &mut gradient).unwrap();
    }
    ALLOCATIONS.get() - before
}

// A gradient runs on the thread that asks for it.
#[test]
fn gradients_allocate_nothing() {
    let model =
        everything(&[0.5, 1.0, -1.0, 2.0], &[0, 1, 2, 1], &[0.1, 0.2, 0.3, 0.4], &[1, 0, 3, 2]).unwrap();
    assert_eq!(allocations(model.density()), 0);
    let model = arrays(&[0, 1, 2, 1], &[0.1, 0.2, 0.3, 0.4]).unwrap();
    assert_eq!(allocations(model.density()), 0);
    let model = matrices(&[[0.1, 0.2, 0.3], [0.5, -0.2, 0.0]], &[3.0, -3.0]).unwrap();
    assert_eq!(allocations(model.density()), 0);
    let model = combined(&[0.1, 0.2, 0.3, 0.4], &[1, 0, 3, 2], &[[0.1, 0.2]; 4]).unwrap();
    assert_eq!(allocations(model.density()), 0);
}

#[cfg(feature = "neural")]
#[test]
fn gradients_of_learned_densities_allocate_nothing() {
    for model in [learned(1, None), learned(2, None), learned(1, Some(0.1)), learned(2, Some(0.1)), columns()]
    {
        assert_eq!(allocations(model.density()), 0);
    }
}

/// A model with a learned likelihood of two real columns, an ensemble.
#[cfg(feature = "neural")]
fn columns() -> Model {
    let prior = mynah::simulate::BoxPrior::new([("m", -2.0, 2.0)]).unwrap();
    let simulator = |theta: &[f64], stream: &mut Stream| {
        let first = theta[0] + Normal(0.0, 1.0).sample(stream);
        vec![first, first + Normal(0.0, 0.5).sample(stream)]
    };
    let pairs = Simulations::draw(&prior, &simulator, 500, Seed(1)).unwrap();
    let pair = Nle::default().ensemble(2).max_epochs(1).progress(Progress::Hidden).fit(&pairs).unwrap();
    Model::record(|scope| {
        let m = scope.site("m").sample(Normal(0.0, 1.0));
        scope.enter("rows", 3);
        scope.site("x").observe(pair.given([("m", m.into())]), vec![[0.1, 0.2], [0.3, -0.1], [1.0, 1.5]]);
        scope.exit();
        Ok(())
    })
    .unwrap()
}

/// A model with a learned likelihood of times and choices, of one or more members, perhaps with lapses.
#[cfg(feature = "neural")]
fn learned(members: usize, lapse: Option<f64>) -> Model {
    let sides = [("v", -2.0, 2.0), ("a", 0.8, 2.5), ("w", 0.3, 0.7), ("t0", 0.0, 0.4)];
    let prior = mynah::simulate::BoxPrior::new(sides).unwrap();
    let pairs = Simulations::draw(&prior, &Ddm::default(), 500, Seed(1)).unwrap();
    let nle = Nle::default().shift("t0").ensemble(members).max_epochs(1).progress(Progress::Hidden);
    let ddm = nle.fit(&pairs).unwrap();
    let trial = |i: u8| Response { rt: 0.5 + 0.1 * f64::from(i), choice: i % 2 };
    let trials: Vec<Response> = (0..6).map(trial).collect();
    Model::record(|scope| {
        scope.enter("subjects", 2);
        let v = scope.site("v").sample(Normal(0.0, 1.0));
        scope.exit();
        scope.enter("trials", 6);
        let given = [
            ("v", v.at(&[0, 0, 0, 1, 1, 1]).into()),
            ("a", 1.5.into()),
            ("w", 0.5.into()),
            ("t0", 0.2.into()),
        ];
        let density = ddm.given(given);
        match lapse {
            None => scope.site("response").observe(density, &trials),
            Some(lapse) => {
                scope.site("response").observe(density.lapse(lapse, UniformResponse(0.0, 5.0)), &trials);
            }
        }
        scope.exit();
        Ok(())
    })
    .unwrap()
}
