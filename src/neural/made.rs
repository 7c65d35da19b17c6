//! Masks that make a network autoregressive (MADE: Germain, Gregor, Murray & Larochelle 2015, arXiv:1502.03509).
//!
//! The network reads `u_1 .. u_D` and a context, and writes a few raw numbers for each of the D dimensions; those for
//! dimension j may depend on `u_1 .. u_{j-1}` and on the context alone. Every unit has a degree: j for the input `u_j`, 0 for the
//! context, 0 to D - 1 in equal shares for hidden units, j - 1 for the outputs of dimension j. A connection
//! stands where the degree does not fall on the way. Hidden units of degree 0 see the context only, so that the first dimension
//! depends on it through the whole network.

use super::mlp::{Layer, MlpShape};

/// A 0 or 1 for every number in the vector of weights; `width` is the number D of dimensions, which the network reads before
/// its context.
pub(crate) fn mask(shape: &MlpShape, width: usize) -> Vec<f32> {
    let mut mask = vec![1.0; shape.weights_len()];
    for (index, layer) in shape.layers() {
        for i in 0..layer.inputs {
            for o in 0..layer.outputs {
                if degree(shape, width, index, i) > degree(shape, width, index + 1, o) {
                    mask[layer.weights_at + i * layer.outputs + o] = 0.0;
                }
            }
        }
    }
    mask
}

/// The degree of a unit; layer 0 are the inputs.
fn degree(shape: &MlpShape, width: usize, layer: usize, unit: usize) -> usize {
    match layer {
        0 if unit < width => unit + 1,
        0 => 0,
        layer if layer + 1 == shape.sizes.len() => unit * width / shape.outputs(),
        layer => unit * width / shape.sizes[layer],
    }
}

/// For each layer the first output that every input feeds ([`super::product::Stairs`]). Empty for the first layer, whose inputs are
/// not in the order of their degrees.
pub(crate) fn stairs(shape: &MlpShape, width: usize) -> Vec<Vec<usize>> {
    let first = |index: usize, layer: Layer, i: usize| {
        let from = degree(shape, width, index, i);
        (0..layer.outputs).position(|o| degree(shape, width, index + 1, o) >= from).unwrap_or(layer.outputs)
    };
    let of_layer = |(index, layer): (usize, Layer)| match index {
        0 => vec![],
        _ => (0..layer.inputs).map(|i| first(index, layer, i)).collect(),
    };
    shape.layers().map(of_layer).collect()
}

/// Takes the masked weights out, and makes up for the inputs that a unit has lost in the scale of those it keeps.
pub(crate) fn thin(shape: &MlpShape, mask: &[f32], weights: &mut [f32]) {
    for (_, layer) in shape.layers() {
        for o in 0..layer.outputs {
            let places = || (layer.weights_at..layer.bias_at).skip(o).step_by(layer.outputs);
            let kept: f32 = places().map(|i| mask[i]).sum();
            let scale = (layer.inputs as f32 / kept.max(1.0)).sqrt();
            places().for_each(|i| weights[i] *= mask[i] * scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::activation::Activation;
    use super::super::mlp::MlpRows;
    use super::*;

    // Changing an input changes exactly the outputs of later dimensions; the context changes all.
    #[test]
    fn outputs_depend_on_earlier_inputs_and_the_context_alone() {
        for width in [1, 2, 3, 5] {
            let shape = MlpShape::new(width + 2, &[20, 15], 2 * width, Activation::Tanh);
            let mask = mask(&shape, width);
            let value = |i: usize| ((i * 37 + 11) % 101) as f32 / 100.0 - 0.5;
            let mut weights: Vec<f32> = (0..mask.len()).map(value).collect();
            thin(&shape, &mask, &mut weights);
            let outputs = |inputs: &[f32]| {
                let mut rows = MlpRows::new(&shape, 1);
                rows.forward(&weights, inputs);
                rows.outputs().to_vec()
            };
            let inputs: Vec<f32> = (0..width + 2).map(|i| value(7 * i)).collect();
            let before = outputs(&inputs);
            for moved in 0..width + 2 {
                let mut inputs = inputs.clone();
                inputs[moved] += 0.5;
                for (o, (after, before)) in outputs(&inputs).iter().zip(&before).enumerate() {
                    let expected = moved >= width || o / 2 > moved;
                    assert_eq!(after != before, expected, "width {width}: input {moved}, output {o}");
                }
            }
        }
    }
}
