//! Two rates of success, and their difference.

use crate::data::Data;
use mynah::prelude::*;

#[model]
fn rates(n1: u64, k1: u64, n2: u64, k2: u64) {
    sample!(theta1 ~ Beta(1, 1));
    sample!(theta2 ~ Beta(1, 1));
    sample!(k1 ~ Binomial(n1, theta1), observed = k1);
    sample!(k2 ~ Binomial(n2, theta2), observed = k2);
    deterministic!(delta = theta1 - theta2);
}

pub(crate) fn model(data: &Data) -> mynah::Result<Model> {
    let number = |name: &str| data.number(name) as u64;
    rates(number("n1"), number("k1"), number("n2"), number("k2"))
}
