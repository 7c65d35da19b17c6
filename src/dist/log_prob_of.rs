//! The log density of a value as a variable.

use super::combinator::{Given, Resolved};
use super::density::Density;
use super::joint_arguments::in_rows;
use super::observed::Observed;
use super::value::Value;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Argument, Shape, Tape, Var};

impl<'t> Density<'t> {
    /// See [`Distribution::log_prob_of`](super::Distribution::log_prob_of).
    pub(super) fn log_prob_of_value(self, value: Value<'t>) -> Var<'t> {
        let of_value = if let Value::Var(var) = &value { Some(var.tape) } else { None };
        let tape = of_value.or_else(|| self.tape()).expect(
            "log_prob_of needs a variable among the parameters or as the value; of plain numbers alone, `log_prob` of \
             `mynah::dist::Univariate` is the log density",
        );
        let recorded = self.resolve(tape).and_then(|density| density.of_value(tape, value));
        match recorded {
            Ok(var) => var,
            Err(error) => {
                tape.fail(error);
                tape.var(tape.poison())
            }
        }
    }

    /// The recording that an argument belongs to.
    fn tape(&self) -> Option<&'t Tape> {
        let own = self.arguments.iter().find_map(|argument| match argument {
            Argument::Var(var) => Some(var.tape),
            _ => None,
        });
        own.or_else(|| self.parts.iter().find_map(Density::tape))
    }
}

impl Resolved {
    fn of_value<'t>(&self, tape: &'t Tape, value: Value<'t>) -> Result<Var<'t>> {
        let (given, shape) = match value {
            Value::Var(var) => self.given_node(tape, tape.localised(tape.own(var)))?,
            Value::Along(numbers, plate) => {
                let node = tape.argument(Argument::DataAlong(numbers, plate));
                self.given_node(tape, node)?
            }
            Value::Data(data) => self.given_data(tape, data)?,
        };
        let shape = self.shape_with(tape, shape)?;
        Ok(tape.var(self.record(tape, &given, &shape)?.log_prob))
    }

    fn given_node(&self, tape: &Tape, node: u32) -> Result<(Given, Shape)> {
        match self.width() {
            1 => Ok((Given::Node(node), tape.shape(node))),
            width => Err(Error::new(
                ErrorKind::Shape,
                format!(
                    "expected data of {width} numbers per element for {}, got one number per element",
                    self.name()
                ),
            )),
        }
    }

    fn given_data(&self, tape: &Tape, mut data: Observed) -> Result<(Given, Shape)> {
        let width = self.width();
        in_rows(&mut data, width, tape.current_shape().len());
        data.check_rows(width)?;
        if let Some(at) = data.values.iter().position(|x| x.is_nan()) {
            let message =
                format!("expected numbers as data, got NaN at position {}; leave it out", at / width);
            return Err(Error::new(ErrorKind::Value, message));
        }
        let shape = match data.len() {
            1 => Shape::scalar(),
            len => tape.shape_of_data(len, None)?,
        };
        let given = match width {
            1 => Given::Node(tape.constant(data.values, shape.clone())),
            _ => Given::Rows(data.values.into(), width, shape.clone()),
        };
        Ok((given, shape))
    }
}
