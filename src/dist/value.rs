//! What a log density may be asked of: a variable, or data.

use super::observed::{IntoObserved, Observed};
use crate::graph::{Along, Var};

/// A value in a model: a variable, or data.
#[derive(Clone)]
pub enum Value<'t> {
    /// One number per element of its plates.
    Var(Var<'t>),
    /// Data: one element, or one per element of the open plates.
    Data(Observed),
    /// Numbers along the open plate of a name; see [`AlongPlate::along`](crate::graph::AlongPlate::along).
    Along(Vec<f64>, String),
}

/// Whatever becomes a [`Value`]: a variable, or what can be observed ([`IntoObserved`]), numbers `x.along("plate")` among it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be observed",
    label = "expected data such as `&[f64]`, `Vec<u64>`, `&[bool]`, `&[Response]`, rows of columns `&[[f64; 2]]`, `&[Vec<f64>]`, or a variable"
)]
pub trait IntoValue<'t> {
    /// The value.
    fn into_value(self) -> Value<'t>;
}

#[diagnostic::do_not_recommend]
impl<'t, T: IntoObserved> IntoValue<'t> for T {
    fn into_value(self) -> Value<'t> {
        Value::Data(self.into_observed())
    }
}

impl<'t> IntoValue<'t> for Var<'t> {
    fn into_value(self) -> Value<'t> {
        Value::Var(self)
    }
}

impl<'t> IntoValue<'t> for &Var<'t> {
    fn into_value(self) -> Value<'t> {
        Value::Var(*self)
    }
}

macro_rules! value_along {
    ($($number:ty)*) => {$(
        impl<'t> IntoValue<'t> for Along<'_, $number> {
            fn into_value(self) -> Value<'t> {
                let (numbers, plate) = self.parts();
                Value::Along(numbers.iter().map(|x| *x as f64).collect(), plate.to_string())
            }
        }
    )*};
}

value_along!(f64 f32 u64 u32 u16 u8 i64 i32 i16 i8 usize);
