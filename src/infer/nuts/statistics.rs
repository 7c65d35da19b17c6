//! What `nuts-rs` says of a draw, which comes as pairs of name and value, as typed numbers.
//!
//! A name that is not there, or of another type, is an error and not a zero: the next version of the sampler may have
//! renamed it, and a divergence nobody hears of is a wrong answer.

use crate::draws::DrawStatistics;
use nuts_rs::{Progress, Value};

/// The statistics of one draw by name.
pub(super) struct Statistics<'a>(pub(super) Vec<(&'a str, Option<Value>)>);

/// The affine map that is a diagonal mass matrix.
pub(super) struct Diagonal<'a> {
    pub(super) scale: &'a [f64],
    pub(super) location: &'a [f64],
}

/// The sampler has no statistic of this name and type.
pub(super) type Missing = String;

impl Statistics<'_> {
    pub(super) fn of_draw(&self, progress: &Progress) -> Result<DrawStatistics, Missing> {
        Ok(DrawStatistics {
            diverging: self.truth("diverging")?,
            depth: self.count("depth")? as u32,
            max_depth_reached: self.truth("maxdepth_reached")?,
            energy: self.number("energy")?,
            log_density: self.number("logp")?,
            step_size: progress.step_size,
            acceptance: self.number("mean_tree_accept")?,
            gradients: u32::try_from(progress.num_gradients).unwrap_or(u32::MAX),
        })
    }

    /// The gradient at the draw; the settings ask for it.
    pub(super) fn gradient(&self) -> Result<&[f64], Missing> {
        self.numbers("gradient")
    }

    /// The step size that the warm-up has come to.
    pub(super) fn adapted_step_size(&self) -> Result<f64, Missing> {
        self.number("step_size_bar")
    }

    /// The diagonal mass matrix where it has just changed.
    pub(super) fn diagonal(&self) -> Result<Option<Diagonal<'_>>, Missing> {
        match (self.optional("mass_matrix_inv")?, self.optional("transformation_mu")?) {
            (Some(Value::F64(scale)), Some(Value::F64(location))) => Ok(Some(Diagonal { scale, location })),
            (None, None) => Ok(None),
            _ => Err(missing("mass_matrix_inv")),
        }
    }

    /// Why a trajectory diverged, in the density's own words, or by how much its energy was off.
    pub(super) fn reason(&self) -> Result<String, Missing> {
        let message = self.find("divergence_message", |value| match value {
            Value::ScalarString(text) => Some(text.clone()),
            _ => None,
        })?;
        Ok(match self.optional("divergence_energy_error")? {
            None => message,
            Some(Value::ScalarF64(error)) if error.is_finite() => match *error < 1e9 {
                true => format!("the energy error was {error:.0} (limit 1000)"),
                false => format!("the energy error was {error:.1e} (limit 1000)"),
            },
            Some(_) => "the energy error was not a finite number: the density overflows there".to_string(),
        })
    }

    /// Whether the density was finite all along and the energy was not kept.
    pub(super) fn is_energy_error(&self) -> Result<bool, Missing> {
        Ok(self.optional("divergence_energy_error")?.is_some())
    }

    /// Where the step that diverged began, in unconstrained space.
    pub(super) fn divergence_start(&self) -> Result<&[f64], Missing> {
        self.numbers("divergence_start")
    }

    /// Where it ended.
    pub(super) fn divergence_end(&self) -> Result<&[f64], Missing> {
        self.numbers("divergence_end")
    }

    fn numbers(&self, name: &str) -> Result<&[f64], Missing> {
        self.find(name, |value| match value {
            Value::F64(numbers) => Some(numbers.as_slice()),
            _ => None,
        })
    }

    fn truth(&self, name: &str) -> Result<bool, Missing> {
        self.find(name, |value| match value {
            Value::ScalarBool(truth) => Some(*truth),
            _ => None,
        })
    }

    fn count(&self, name: &str) -> Result<u64, Missing> {
        self.find(name, |value| match value {
            Value::ScalarU64(count) => Some(*count),
            _ => None,
        })
    }

    fn number(&self, name: &str) -> Result<f64, Missing> {
        self.find(name, |value| match value {
            Value::ScalarF64(number) => Some(*number),
            _ => None,
        })
    }

    fn find<'s, T>(&'s self, name: &str, read: impl Fn(&'s Value) -> Option<T>) -> Result<T, Missing> {
        self.optional(name)?.and_then(read).ok_or_else(|| missing(name))
    }

    /// A statistic that is there by name, though perhaps not for this draw.
    fn optional(&self, name: &str) -> Result<Option<&Value>, Missing> {
        match self.0.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => Ok(value.as_ref()),
            None => Err(missing(name)),
        }
    }
}

fn missing(name: &str) -> Missing {
    format!(
        "expected the statistic `{name}` of nuts-rs, got none of that name and type: this version of it is not the one \
         that mynah was written for"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_there_is_an_error() {
        let statistics = Statistics(vec![("depth", Some(Value::ScalarF64(1.0))), ("logp", None)]);
        for message in [
            statistics.truth("diverging").unwrap_err(),
            statistics.count("depth").unwrap_err(),
            statistics.number("logp").unwrap_err(),
            statistics.reason().unwrap_err(),
        ] {
            assert!(message.contains("of nuts-rs, got none"), "{message}");
        }
    }
}
