//! A learned likelihood as a distribution in a model, its parameters given by name.

use super::NeuralLikelihood;
use crate::dist::Density;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Argument, Learned, RowDensity};
use std::sync::Arc;

impl Learned for NeuralLikelihood {
    fn names(&self) -> &[String] {
        self.names()
    }

    fn width(&self) -> usize {
        self.outcome().width()
    }

    fn bind(&self, data: &[f64], row_of_datum: &[u32], rows: usize) -> Result<Arc<dyn RowDensity>> {
        self.bind(data, row_of_datum, rows)
    }
}

impl NeuralLikelihood {
    /// The distribution of data given parameters, by name and in any order: numbers, data along the open plate, or
    /// variables. In a model, `sample!` writes the pairs: `ddm.given(v: drift, a: 1.5, w, t0)`, where `w` alone is `w: w`.
    ///
    /// The network runs once per *distinct* row of parameters, however many data share it (a flow over several real columns reads the
    /// data too and runs once per datum). Data of several columns are observed as `&[[f64; WIDTH]]`. A wrong, missing or repeated
    /// name is reported when the model is built.
    pub fn given<'t, const P: usize>(&self, parameters: [(&str, Argument<'t>); P]) -> Density<'t> {
        let learned = Arc::new(self.clone());
        match in_order(self.names(), parameters) {
            Ok(arguments) => Density::learned(learned, arguments),
            Err(error) => Density::invalid(learned, error),
        }
    }
}

/// The arguments in the order of the names.
fn in_order<'t, const P: usize>(
    names: &[String],
    parameters: [(&str, Argument<'t>); P],
) -> Result<Vec<Argument<'t>>> {
    let expected = || names.join("`, `");
    let given = |name: &str| parameters.iter().filter(|(key, _)| *key == name).count();
    let wrong = |what: String| {
        let message =
            format!("expected the learned likelihood's parameters `{}` by name, got {what}", expected());
        Err(Error::new(ErrorKind::Site, message))
    };
    if let Some((name, _)) = parameters.iter().find(|(key, _)| !names.iter().any(|name| name == key)) {
        return wrong(format!("the unknown name `{name}`"));
    }
    if let Some(name) = names.iter().find(|name| given(name) > 1) {
        return wrong(format!("`{name}` twice"));
    }
    if let Some(name) = names.iter().find(|name| given(name) == 0) {
        return wrong(format!("no `{name}`; add `{name}: ...`"));
    }
    let argument =
        |name: &String| parameters.iter().find(|(key, _)| key == name).map(|(_, argument)| argument.clone());
    Ok(names.iter().filter_map(argument).collect())
}
