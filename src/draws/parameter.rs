//! A named parameter array, and the labels of its scalars.

use serde::{Deserialize, Serialize};

/// A named parameter and its shape: `[]` for a scalar, one length per plate, the outermost first.
///
/// # Examples
/// ```
/// use mynah::draws::Parameter;
/// assert_eq!(Parameter::new("mu", []).labels(), ["mu"]);
/// assert_eq!(Parameter::new("x", [1, 2]).labels(), ["x[0,0]", "x[0,1]"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The name of the site.
    pub name: String,
    /// The lengths of the plates, the outermost first; empty for a scalar.
    pub shape: Vec<usize>,
    /// The labels along each plate; empty along one without labels, and as a whole where none has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coordinates: Vec<Vec<String>>,
}

impl Parameter {
    /// A parameter of a name and a shape.
    pub fn new(name: impl Into<String>, shape: impl Into<Vec<usize>>) -> Self {
        Self { name: name.into(), shape: shape.into(), coordinates: vec![] }
    }

    /// The same with labels along its plates, none along a plate without.
    pub fn with_coordinates(mut self, coordinates: Vec<Vec<String>>) -> Self {
        self.coordinates = if coordinates.iter().all(Vec::is_empty) { vec![] } else { coordinates };
        self
    }

    /// The number of scalars: the product of the shape, 1 for a scalar; `usize::MAX` where that is more than can be counted.
    pub fn width(&self) -> usize {
        // A plate of no element leaves none, however long the others are.
        if self.shape.contains(&0) {
            0
        } else {
            self.shape.iter().fold(1, |width, n| width.saturating_mul(*n))
        }
    }

    /// The label of every scalar, row-major and counted from 0: `mu`; `rate[0]`, `rate[1]`; `x[0,0]`, `x[0,1]`; by the
    /// labels of its plates where they have some: `rate[Berlin]`.
    ///
    /// # Panics
    /// When there are more than fit in memory; [`super::Draws::new`] refuses such a parameter before it asks for them.
    pub fn labels(&self) -> Vec<String> {
        (0..self.width()).map(|element| self.label(element)).collect()
    }

    fn label(&self, element: usize) -> String {
        if self.shape.is_empty() {
            return self.name.clone();
        }
        let mut rest = element;
        let mut index: Vec<String> = vec![];
        for (axis, length) in self.shape.iter().enumerate().rev() {
            let at = rest % length;
            let label = self.coordinates.get(axis).and_then(|labels| labels.get(at));
            index.push(label.cloned().unwrap_or_else(|| at.to_string()));
            rest /= length;
        }
        index.reverse();
        format!("{}[{}]", self.name, index.join(","))
    }
}
