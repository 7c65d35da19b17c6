//! What a model's variables are while it is recorded: handles with arithmetic, without readable values.

use super::operand::NodeId;
use super::tape::Tape;
use crate::error::{Error, ErrorKind};
use crate::graph::node::op::Unary;

/// A number or an array over one or more plates, on the tape of the model being recorded.
///
/// It supports `+ - * /` (and `+=` and the like) with other variables, numbers and data (slices, arrays, `Vec`s) of any type, and
/// the functions below, element by element. To the *left* of an operator stand integer literals and single numbers of type
/// `f64` or `i32`; others go to the right of it or are converted first (`n as f64 * mu`).
/// It has no value while the model is recorded: control flow cannot depend on it.
#[derive(Clone, Copy)]
pub struct Var<'t> {
    pub(crate) tape: &'t Tape,
    pub(crate) node: NodeId,
}

impl Tape {
    pub(crate) fn var(&self, node: NodeId) -> Var<'_> {
        Var { tape: self, node }
    }
}

impl<'t> Var<'t> {
    pub(in crate::graph) fn map(self, op: Unary) -> Self {
        self.tape.var(self.tape.unary(op, self.node))
    }

    pub(in crate::graph) fn reject(self, message: String) -> Self {
        self.fail(Error::new(ErrorKind::Shape, message))
    }

    pub(in crate::graph) fn fail(self, error: Error) -> Self {
        self.tape.fail(error);
        self.tape.var(self.tape.poison())
    }
}

impl std::fmt::Debug for Var<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Var over {}", self.tape.shape_in_words(&self.tape.shape(self.node)))
    }
}
