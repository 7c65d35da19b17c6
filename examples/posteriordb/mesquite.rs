//! Leaves of mesquite bushes by their sizes, all in logarithms; flat priors.

use crate::data::{Data, rows};
use mynah::prelude::*;

#[model]
fn leaves(x: &[f64], log_weight: &[f64]) {
    plate!(effects = 6, {
        sample!(beta ~ Flat());
    });
    sample!(sigma ~ FlatPositive());
    plate!(bushes = log_weight.len(), {
        sample!(weight ~ Normal(beta.dot(x), sigma), observed = log_weight);
    });
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    let log = |name: &str| data.floats(name).iter().map(|x| x.ln()).collect::<Vec<f64>>();
    let (d1, d2, canopy) = (log("diam1"), log("diam2"), log("canopy_height"));
    let sum = |k: usize| d1[k] + d2[k];
    let each = |of: &dyn Fn(usize) -> f64| (0..d1.len()).map(of).collect::<Vec<f64>>();
    let (volume, area, shape) = (each(&|k| sum(k) + canopy[k]), each(&sum), each(&|k| d1[k] - d2[k]));
    let x = rows(&[&each(&|_| 1.0), &volume, &area, &shape, &log("total_height"), &data.floats("group")]);
    leaves(&x, &log("weight"))
}
