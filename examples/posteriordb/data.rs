//! The data of a posterior, by name.

use serde_json::Value;
use std::error::Error;
use std::path::Path;

pub(crate) struct Data(Value);

impl Data {
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(serde_json::from_str(&text)?))
    }

    /// Numbers, row by row where they are a table.
    pub(crate) fn floats(&self, name: &str) -> Vec<f64> {
        flat(&self.0[name])
    }

    pub(crate) fn counts(&self, name: &str) -> Vec<u64> {
        self.floats(name).into_iter().map(|x| x as u64).collect()
    }

    /// Positions, which count from 1 in the file and from 0 here.
    pub(crate) fn index(&self, name: &str) -> Vec<usize> {
        self.floats(name).into_iter().map(|x| x as usize - 1).collect()
    }

    pub(crate) fn number(&self, name: &str) -> f64 {
        self.floats(name)[0]
    }
}

fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(members) => members.iter().flat_map(flat).collect(),
        number => number.as_f64().into_iter().collect(),
    }
}

/// Columns side by side, row by row.
pub(crate) fn rows(columns: &[&[f64]]) -> Vec<f64> {
    (0..columns[0].len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect()
}
