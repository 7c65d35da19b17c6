//! Operators on variables, and the answers to those that a variable cannot have.

use super::along::Along;
use super::argument::IntoArgument;
use super::var::Var;
use crate::graph::node::op::{Binary, Unary};
use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Div, DivAssign, Index, Mul, MulAssign, Neg, Sub, SubAssign};

impl Neg for Var<'_> {
    type Output = Self;

    fn neg(self) -> Self {
        self.map(Unary::Neg)
    }
}

impl<'t> Neg for &Var<'t> {
    type Output = Var<'t>;

    fn neg(self) -> Var<'t> {
        -*self
    }
}

macro_rules! operators {
    ($($trait:ident, $method:ident, $assign:ident, $assign_method:ident;)*) => {$(
        impl<'t, R: IntoArgument<'t>> $trait<R> for Var<'t> {
            type Output = Var<'t>;

            fn $method(self, right: R) -> Var<'t> {
                self.zip(Binary::$trait, right)
            }
        }

        impl<'t, R: IntoArgument<'t>> $trait<R> for &Var<'t> {
            type Output = Var<'t>;

            fn $method(self, right: R) -> Var<'t> {
                (*self).zip(Binary::$trait, right)
            }
        }

        impl<'t, R: IntoArgument<'t>> $assign<R> for Var<'t> {
            fn $assign_method(&mut self, right: R) {
                *self = self.zip(Binary::$trait, right);
            }
        }

        // A literal to the left becomes what it is only while one type of its kind stands here: `f64`, and `i32` for integers.
        operators!(left $trait, $method: [] f64; [] i32; [] &f64; [] &i32; [] Vec<f64>; [] &Vec<f64>; [] Vec<i32>; [] &Vec<i32>;
            [] &[f64]; [] &[f32]; [] &[u64]; [] &[u32]; [] &[u16]; [] &[u8]; [] &[i64]; [] &[i32]; [] &[i16]; [] &[i8];
            [] &[usize]; [] &[isize]; [] &[bool]; [] Along<'_, f64>; [const N: usize] [f64; N]; [const N: usize] &[f64; N]; [const N: usize] [i32; N];
            [const N: usize] &[i32; N];);
    )*};
    (left $trait:ident, $method:ident: $([$($parameters:tt)*] $left:ty;)*) => {$(
        impl<'t, $($parameters)*> $trait<Var<'t>> for $left {
            type Output = Var<'t>;

            fn $method(self, right: Var<'t>) -> Var<'t> {
                let left = right.tape.argument(self.into_argument());
                right.tape.var(right.tape.binary(Binary::$trait, left, right.node))
            }
        }

        impl<'t, $($parameters)*> $trait<&Var<'t>> for $left {
            type Output = Var<'t>;

            fn $method(self, right: &Var<'t>) -> Var<'t> {
                $trait::$method(self, *right)
            }
        }
    )*};
}

operators! {
    Add, add, AddAssign, add_assign;
    Sub, sub, SubAssign, sub_assign;
    Mul, mul, MulAssign, mul_assign;
    Div, div, DivAssign, div_assign;
}

/// What a variable could be compared with if it had a value: nothing. It is there for its message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a variable has no value while the model is recorded, so nothing can be compared with it",
    label = "no comparison with an unknown",
    note = "branch on data alone; bound an unknown by its prior (`HalfNormal`, `Uniform`, ...), fold it with `.abs()`, and weigh two \
            cases by `log_p.log_add_exp(log_q)` in `factor!`"
)]
pub trait ComparableWithVar {}

#[doc(hidden)]
impl<R: ComparableWithVar> PartialEq<R> for Var<'_> {
    fn eq(&self, _: &R) -> bool {
        unreachable!("nothing can be compared with a variable")
    }
}

#[doc(hidden)]
impl<R: ComparableWithVar> PartialOrd<R> for Var<'_> {
    fn partial_cmp(&self, _: &R) -> Option<Ordering> {
        unreachable!("nothing can be compared with a variable")
    }
}

/// What could stand in brackets behind a variable if elements were places in memory: nothing. It is there for its message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "elements of a variable are read with `.at(position)`, not with brackets",
    label = "write `.at(...)`: one position, or one per element of the open plate"
)]
pub trait InBrackets {}

#[doc(hidden)]
impl<I: InBrackets> Index<I> for Var<'_> {
    type Output = Self;

    fn index(&self, _: I) -> &Self {
        unreachable!("nothing stands in brackets behind a variable")
    }
}
