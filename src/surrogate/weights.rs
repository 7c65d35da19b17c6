//! A learned likelihood in one file: safetensors, with everything that belongs to the weights inside.
//!
//! | tensor | type and shape | content |
//! |---|---|---|
//! | `classes`, `flow` | f32, one vector each | the weights of the networks there are |
//! | `inputs` | f64, features x 4 | the scale of each feature: median, spread, where it bends below and above |
//! | `region` | f64, parameters x 2 | least and greatest trained value |
//! | `coverage` | f64, one vector | where in that box the training parameters were dense |
//! | `visited` | u8, one vector | the same by pairs of parameters: 1 for each cell that was visited, else 0 |
//! | `seen` | f64, 2 per column + classes | least and greatest simulated number; 1 for each class simulated, else 0 |
//! | `columns` | f64, columns x 4 | the scale of each of several real columns |
//! | `wide` | f32, one vector | the weights of their masked autoregressive flow |
//! | `scale` | f64, 6 | the scale of the flow's data, half-width and curvature of its spline |
//! | `losses` | f64, epochs x 2 | training and validation loss |
//!
//! Of an ensemble, the members beside the first have weights and losses of their own, under the same names followed by `.1`, `.2`, ...
//!
//! The header's entry `mynah` is a JSON object ([`Header`]), read back in [`super::weights_read`]. Real numbers stand in the tensors, because decimal text need not
//! bring back the same bits. The entry `checksum` is a hash over the whole file ([`crate::file`]). Loading checks the format,
//! every shape, every number and the checksum before anything is used.

use super::frozen::Parts;
use super::likelihood::NeuralLikelihood;
use super::stored_numbers::broken;
use super::weights_header::{CHECKSUM, ENTRY, Header};
use super::weights_read::read;
use crate::error::Result;
use crate::file;
use safetensors::tensor::{Dtype, TensorView, serialize};
use std::collections::HashMap;
use std::path::Path;

impl NeuralLikelihood {
    /// Writes the likelihood to a safetensors file, with its names, scales, training region and report. A file already there is
    /// replaced once the new one is complete.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be written; a file already there is then as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let header =
            serde_json::to_string(&Header::of(self)).map_err(|e| broken("a header").with_source(e))?;
        let tensors = self.tensors();
        let views = tensors.iter().map(|tensor| {
            let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes);
            view.map(|view| (tensor.name.as_str(), view))
        });
        let views = views.collect::<Result<Vec<_>, _>>().map_err(|e| broken("tensors").with_source(e))?;
        let entry =
            HashMap::from([(ENTRY.to_owned(), header), (CHECKSUM.to_owned(), file::BLANK.to_owned())]);
        let mut bytes = serialize(views, Some(entry)).map_err(|e| broken("a file").with_source(e))?;
        file::seal(&mut bytes);
        file::write(path.as_ref(), |file| file.write_all(&bytes))
    }

    /// Reads a likelihood that [`NeuralLikelihood::save`] wrote; its log densities are the same, bit for bit.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the file cannot be read; [`ErrorKind::Format`](crate::ErrorKind::Format) when it is something else, was written by a later
    /// format, its parts do not fit together, or it is damaged.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| file::unreadable(path, e))?;
        read(&bytes).map_err(|error| error.context(path.display()))
    }

    fn tensors(&self) -> Vec<Stored> {
        let Parts { inputs, region, seen, flow, wide, .. } = &*self.parts;
        let scales = inputs.features.iter().map(|feature| feature.scale.numbers());
        let box_ = region.low.iter().zip(&region.high).map(|(low, high)| [*low, *high]);
        let mut tensors = vec![
            Stored::table("inputs", scales),
            Stored::table("region", box_),
            Stored::numbers("coverage", &region.coverage.numbers()),
            Stored::bytes("visited", region.coverage.cells()),
            Stored::numbers("seen", &seen.numbers()),
        ];
        if let Some(flow) = flow {
            let [center, spread, low, high] = flow.data.scale.numbers();
            let numbers = [center, spread, low, high, flow.spline.bound, flow.spline.curvature];
            tensors.push(Stored::numbers("scale", &numbers));
        }
        if let Some(wide) = wide {
            tensors.push(Stored::table("columns", wide.data.iter().map(|data| data.scale.numbers())));
        }
        tensors.extend(member_tensors(&self.parts, ""));
        for (index, parts) in self.others.iter().enumerate() {
            tensors.extend(member_tensors(parts, &format!(".{}", index + 1)));
        }
        tensors
    }
}

/// What each member has of its own.
fn member_tensors(parts: &Parts, suffix: &str) -> Vec<Stored> {
    let Parts { classes, flow, wide, report, .. } = parts;
    let losses = report.training_loss.iter().zip(&report.validation_loss).map(|(a, b)| [*a, *b]);
    let weights = [
        ("classes", classes.as_ref().map(|network| &network.weights)),
        ("flow", flow.as_ref().map(|flow| &flow.network.weights)),
        ("wide", wide.as_ref().map(|wide| &wide.weights)),
    ];
    let mut tensors = vec![Stored::table(&format!("losses{suffix}"), losses)];
    let weights = weights.into_iter().filter_map(|(name, weights)| weights.map(|weights| (name, weights)));
    tensors.extend(weights.map(|(name, weights)| Stored::weights(&format!("{name}{suffix}"), weights)));
    tensors
}

/// A tensor to be written.
struct Stored {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Stored {
    fn weights(name: &str, values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self { name: name.into(), dtype: Dtype::F32, shape: vec![values.len()], bytes }
    }

    fn bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), dtype: Dtype::U8, shape: vec![bytes.len()], bytes }
    }

    fn numbers(name: &str, values: &[f64]) -> Self {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self { name: name.into(), dtype: Dtype::F64, shape: vec![values.len()], bytes }
    }

    fn table<const WIDTH: usize>(name: &str, rows: impl Iterator<Item = [f64; WIDTH]>) -> Self {
        let values: Vec<f64> = rows.flatten().collect();
        Self { shape: vec![values.len() / WIDTH, WIDTH], ..Self::numbers(name, &values) }
    }
}

#[cfg(test)]
#[path = "weights_fuzz.rs"]
mod fuzz;
