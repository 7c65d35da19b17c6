//! Pupils of schools of districts, as many as there happen to be.

use crate::draw::{half_normal, log_normal_density, normal, uniform};
use crate::rank::{Replication, Size};
use mynah::prelude::*;

#[model]
fn scores(district: &[usize], school: &[usize], y: &[f64]) {
    sample!(mean ~ Normal(0, 1));
    sample!(between_districts ~ HalfNormal(1));
    sample!(between_schools ~ HalfNormal(1));
    sample!(between_pupils ~ HalfNormal(1));
    plate!(districts = 8, {
        sample!(level ~ Normal(mean, between_districts).noncentered());
    });
    plate!(schools = district.len(), of = districts.by(district), {
        sample!(score ~ Normal(level, between_schools).noncentered());
    });
    plate!(pupils = y.len(), of = schools.by(school), {
        sample!(y ~ Normal(score, between_pupils), observed = y);
        let each = Normal(score, between_pupils).log_prob_of(y);
    });
    deterministic!(fit = each.sum());
}

/// So many children of each parent: between 1 and `most`.
fn children(stream: &mut Stream, parents: usize, most: usize) -> Vec<usize> {
    let mut count = || 1 + (most as f64 * uniform(stream)) as usize;
    (0..parents).flat_map(|parent| std::iter::repeat_n(parent, count())).collect()
}

pub(crate) fn replicate(stream: &mut Stream, size: Size) -> mynah::Result<Replication> {
    let mean = normal(stream, 0.0, 1.0);
    let [between_districts, between_schools, between_pupils] = [0; 3].map(|_| half_normal(stream, 1.0));
    let district = children(stream, 8, size.of(2, 5, 10));
    let school = children(stream, district.len(), size.of(3, 12, 40));
    let level: Vec<f64> = (0..8).map(|_| normal(stream, mean, between_districts)).collect();
    let score: Vec<f64> = district.iter().map(|k| normal(stream, level[*k], between_schools)).collect();
    let y: Vec<f64> = school.iter().map(|k| normal(stream, score[*k], between_pupils)).collect();
    let each = |(y, k): (&f64, &usize)| log_normal_density(*y, score[*k], between_pupils);
    Ok(Replication::of(scores(&district, &school, &y)?)
        .scalar("mean", mean)
        .scalar("between_districts", between_districts)
        .scalar("between_schools", between_schools)
        .scalar("between_pupils", between_pupils)
        .scalar("level[0]", level[0])
        .scalar("score[0]", score[0])
        .scalar("score[7]", score[7])
        .scalar("fit", y.iter().zip(&school).map(each).sum()))
}
