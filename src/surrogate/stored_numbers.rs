//! Reading the tensors of a likelihood's file, checked: type, length, finite numbers.

use super::frozen::FrozenMlp;
use crate::error::{Error, ErrorKind, Result};
use crate::neural::mlp::MlpShape;
use safetensors::tensor::{Dtype, SafeTensors};

/// Whether the sizes are those of a network whose weights can be counted.
pub(super) fn possible(shape: &MlpShape) -> bool {
    let layer = |pair: &[usize]| pair[0].checked_add(1)?.checked_mul(pair[1]);
    let count = shape.sizes.windows(2).try_fold(0_usize, |sum, pair| sum.checked_add(layer(pair)?));
    !shape.sizes.contains(&0) && count.is_some()
}

/// A network's weights, as many as its shape asks for, all finite.
pub(super) fn network(tensors: &SafeTensors<'_>, name: &str, shape: MlpShape) -> Result<FrozenMlp> {
    let weights = numbers(tensors, name, Dtype::F32, Some(shape.weights_len()), f32::from_le_bytes)?;
    match weights.iter().all(|w| w.is_finite()) {
        true => Ok(FrozenMlp::new(shape, weights)),
        false => Err(broken(&format!("finite weights in `{name}`"))),
    }
}

/// The numbers of a tensor of a type and, where it is known, a length.
pub(super) fn numbers<const BYTES: usize, T>(
    tensors: &SafeTensors<'_>,
    name: &str,
    dtype: Dtype,
    count: Option<usize>,
    number: fn([u8; BYTES]) -> T,
) -> Result<Vec<T>> {
    let tensor = tensors.tensor(name).map_err(|e| broken(&format!("a tensor `{name}`")).with_source(e))?;
    let got = tensor.data().len() / BYTES;
    if tensor.dtype() != dtype || count.is_some_and(|count| count != got) {
        return Err(broken(&format!(
            "a tensor `{name}` of {dtype:?} with {} numbers (this one is {:?} {:?})",
            count.map_or("any number of".into(), |count| count.to_string()),
            tensor.dtype(),
            tensor.shape()
        )));
    }
    let words = tensor.data().chunks_exact(BYTES);
    Ok(words.map(|word| number(word.try_into().expect("a chunk of BYTES bytes"))).collect())
}

/// The numbers, if all are finite.
pub(super) fn finite(values: Vec<f64>) -> Result<Vec<f64>> {
    match values.iter().all(|x| x.is_finite()) {
        true => Ok(values),
        false => Err(broken("finite scales")),
    }
}

/// The error of a file that is not what it should be.
pub(super) fn broken(expected: &str) -> Error {
    Error::new(
        ErrorKind::Format,
        format!(
            "expected {expected}; save the likelihood again with this version of the library, or train it again"
        ),
    )
}
