//! A mixture of three normal distributions with means in order.

use crate::draw::{category, dirichlet, log_normal, log_normal_density, log_sum, normal, ordered};
use crate::rank::{Replication, Size};
use mynah::prelude::*;

#[model]
fn three_normals(y: &[f64]) {
    plate!(components = 3, {
        sample!(mean ~ Normal([-3, 0, 3], 1).ordered());
        sample!(sd ~ LogNormal(-0.5, 0.3));
    });
    sample!(share ~ Dirichlet([4, 3, 2]));
    let weights = [0, 1, 2].map(|k| share.at(k));
    let components = [0, 1, 2].map(|k| Normal(mean.at(k), sd.at(k)));
    plate!(points = y.len(), {
        sample!(y ~ Mixture(weights, components), observed = y);
        let each = Mixture(weights, components).log_prob_of(y);
    });
    deterministic!(fit = each.sum());
}

pub(crate) fn replicate(stream: &mut Stream, size: Size) -> mynah::Result<Replication> {
    let mean = ordered(stream, [-3.0, 0.0, 3.0], 1.0);
    let sd = [0; 3].map(|_| log_normal(stream, -0.5, 0.3));
    let share = dirichlet(stream, [4.0, 3.0, 2.0]);
    let draw = |_| {
        let k = category(stream, &share);
        normal(stream, mean[k], sd[k])
    };
    let y: Vec<f64> = (0..size.of(30, 150, 1000)).map(draw).collect();
    let component = |y: f64, k: usize| share[k].ln() + log_normal_density(y, mean[k], sd[k]);
    let fit = y.iter().map(|y| log_sum([0, 1, 2].map(|k| component(*y, k)))).sum();
    Ok(Replication::of(three_normals(&y)?)
        .array("mean", &mean)
        .array("sd", &sd)
        .array("share", &share)
        .scalar("fit", fit))
}
