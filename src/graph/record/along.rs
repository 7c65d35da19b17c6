//! Plain numbers along one of several open plates.

/// Plain numbers along one of several open plates.
///
/// An array of numbers inside nested plates runs along the innermost one, or along all of them. Where it belongs to a plate
/// around that, say so with `x.along("outer")`; where two open plates have its length, it must be said.
///
/// # Examples
/// ```
/// use mynah::prelude::*;
///
/// #[model]
/// fn league(form: &[f64], margins: &[f64]) {
///     plate!(teams = 3, {
///         sample!(skill ~ Normal(0.0, 1.0));
///     });
///     plate!(home = 3, {
///         plate!(away = 3, {
///             let difference = skill.at([0, 1, 2].along("home")) - skill.at([0, 1, 2].along("away"));
///             sample!(margin ~ Normal(difference + form.along("home"), 1.0), observed = margins);
///         });
///     });
/// }
/// assert_eq!(league(&[0.1, 0.0, -0.2], &[0.5; 9])?.dim(), 3);
/// # Ok::<(), mynah::Error>(())
/// ```
pub trait AlongPlate<T> {
    /// These numbers, one per element of the open plate of this name.
    fn along<'d>(&'d self, plate: &'d str) -> Along<'d, T>;
}

/// Numbers with the plate that they run along; made by [`AlongPlate::along`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Along<'d, T> {
    pub(in crate::graph) numbers: &'d [T],
    pub(in crate::graph) plate: &'d str,
}

impl<'d, T> Along<'d, T> {
    /// The numbers and the name of the plate.
    pub(crate) fn parts(self) -> (&'d [T], &'d str) {
        (self.numbers, self.plate)
    }
}

impl<T> AlongPlate<T> for [T] {
    fn along<'d>(&'d self, plate: &'d str) -> Along<'d, T> {
        Along { numbers: self, plate }
    }
}
