//! A logistic regression whose intercept and two slopes differ between groups and go together.

use crate::draw::{beta, half_normal, normal, normals, uniform};
use crate::rank::{Replication, Size};
use mynah::prelude::*;

#[model]
fn random_slopes(group: &[usize], x1: &[f64], x2: &[f64], y: &[u64]) {
    plate!(effects = 3, {
        sample!(mean ~ Normal(0, 1));
        sample!(spread ~ HalfNormal(1));
    });
    sample!(correlation ~ LkjCholesky(3, 2));
    plate!(groups = 20, {
        sample!(effect ~ MvNormalCholesky(mean, correlation.scale_rows(spread)).noncentered());
    });
    plate!(rows = y.len(), of = groups.by(group), {
        let logit = effect.at(0) + effect.at(1) * x1 + effect.at(2) * x2;
        sample!(y ~ BernoulliLogit(logit), observed = y);
        let each = BernoulliLogit(logit).log_prob_of(y);
    });
    deterministic!(fit = each.sum());
}

/// The factor of a correlation matrix of three rows by its partial correlations, which are beta numbers on (-1, 1)
/// (Lewandowski, Kurowicka & Joe 2009, doi:10.1016/j.jmva.2009.04.008): the vine, where the library's own draws are rows.
fn correlation(stream: &mut Stream, eta: f64) -> [[f64; 3]; 3] {
    let mut partial = |shape: f64| 2.0 * beta(stream, shape, shape) - 1.0;
    let (a, b, c) = (partial(eta + 0.5), partial(eta + 0.5), partial(eta));
    let rest = (1.0 - b * b).sqrt();
    [[1.0, 0.0, 0.0], [a, (1.0 - a * a).sqrt(), 0.0], [b, c * rest, rest * (1.0 - c * c).sqrt()]]
}

pub(crate) fn replicate(stream: &mut Stream, size: Size) -> mynah::Result<Replication> {
    let rows = size.of(60, 300, 1000);
    let mean = [0; 3].map(|_| normal(stream, 0.0, 1.0));
    let spread = [0; 3].map(|_| half_normal(stream, 1.0));
    let factor = correlation(stream, 2.0);
    let mut effects = vec![];
    for _ in 0..20 {
        let z = normals(stream, 3);
        let along = |k: usize| (0..3).map(|j| factor[k][j] * z[j]).sum::<f64>();
        effects.push([0, 1, 2].map(|k| mean[k] + spread[k] * along(k)));
    }
    let group: Vec<usize> = (0..rows).map(|row| row % 20).collect();
    let (x1, x2) = (normals(stream, rows), normals(stream, rows));
    let (mut y, mut fit) = (vec![], 0.0);
    for row in 0..rows {
        let effect = effects[group[row]];
        let p = 1.0 / (1.0 + (-effect[0] - effect[1] * x1[row] - effect[2] * x2[row]).exp());
        let success = uniform(stream) < p;
        fit += if success { p.ln() } else { (1.0 - p).ln() };
        y.push(u64::from(success));
    }
    Ok(Replication::of(random_slopes(&group, &x1, &x2, &y)?)
        .array("mean", &mean)
        .array("spread", &spread)
        .scalar("correlation[1,0]", factor[1][0])
        .scalar("correlation[2,0]", factor[2][0])
        .scalar("correlation[2,1]", factor[2][1])
        .scalar("effect[0,0]", effects[0][0])
        .scalar("effect[7,1]", effects[7][1])
        .scalar("effect[19,2]", effects[19][2])
        .scalar("fit", fit))
}
