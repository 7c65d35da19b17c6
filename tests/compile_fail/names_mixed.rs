use mynah::prelude::*;

#[model]
fn mixed(ddm: &NeuralLikelihood, data: &[Response]) {
    plate!(trials = data.len(), {
        sample!(response ~ ddm.given(v: 1.0, 1.5), observed = data);
    });
}

fn main() {}
