use mynah::prelude::*;

#[model]
fn left_out(ddm: &NeuralLikelihood, data: &[Response]) {
    sample!(v ~ Normal(0.0, 2.0));
    plate!(trials = data.len(), {
        sample!(response ~ ddm.given(v, 1.5), observed = data);
    });
}

fn main() {}
