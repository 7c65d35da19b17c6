//! Programs as trees.

pub(crate) use super::unknowns::{Factor, Prior, Recursion, Unknown, Vector};
use std::fmt;

/// A plate: every one that opens is another, whatever its name and length.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plate {
    pub(crate) id: usize,
    pub(crate) name: String,
    pub(crate) len: usize,
    pub(crate) kind: PlateKind,
}

/// How a plate came to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PlateKind {
    Length,
    Labels,
    /// Its elements belong to those of an earlier plate.
    Of(Box<Plate>, Vec<usize>),
    /// An axis of a vector or matrix.
    Own,
}

impl PlateKind {
    pub(crate) fn is_own(&self) -> bool {
        *self == PlateKind::Own
    }
}

/// A closed plate, the open one whose elements belong to its own, and which of them each one's is.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    pub(crate) from: usize,
    pub(crate) through: usize,
    pub(crate) index: Vec<usize>,
}

/// Which plate numbers run along: by its id, and whether it is said.
#[derive(Clone, Debug)]
pub(crate) enum Along {
    /// The open plate of this id, by `.along(name)`.
    Said(usize),
    /// The innermost plate, without a word.
    Innermost(usize),
}

impl Along {
    pub(crate) fn plate(&self) -> usize {
        match self {
            Along::Said(plate) | Along::Innermost(plate) => *plate,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Index {
    One(usize),
    Many(Vec<usize>, Along),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Function {
    Neg,
    Exp,
    Ln,
    Sqrt,
    Abs,
    Tanh,
    Sin,
    Cos,
    Ln1p,
    Logistic,
    Softplus,
    Powi(i32),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operator {
    Add,
    Sub,
    Mul,
    Div,
    LogAddExp,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fold {
    Sum,
    Mean,
    LogSumExp,
}

#[derive(Clone, Debug)]
pub(crate) enum Expr {
    Number(f64),
    /// One number per element of a plate.
    Data(Vec<f64>, Along),
    /// One number per element of these plates, all that are open.
    Table(Vec<f64>, Vec<Plate>),
    /// What a binding holds.
    Read(usize),
    Apply(Function, Box<Expr>),
    Combine(Operator, Box<Expr>, Box<Expr>),
    /// Elements of a binding along one plate of its, by its id.
    At(usize, usize, Index),
    /// Elements of a binding over two plates.
    At2(usize, Index, Index),
    /// Elements of a binding along one plate of its, by its id, at the states of a discrete unknown.
    AtStates(usize, usize, Box<Expr>),
    /// A binding folded over these plates of its.
    Sum {
        binding: usize,
        over: Vec<usize>,
        named: bool,
        fold: Fold,
    },
    /// What is over closed plates, gathered to the open ones whose elements belong to theirs.
    Local(Box<Expr>, Vec<Hop>),
    /// Data along a plate, with the elements of a binding over one plate in the gaps.
    Gaps {
        binding: usize,
        data: Vec<Option<f64>>,
        plate: usize,
    },
    /// In a recursion's step: a state before it, an input.
    State(usize),
    Input(usize),
    /// The log density of a value.
    Density(Box<Distribution>, Box<Expr>),
    /// The log of a mixture of two, by the logistic of the first, and the logs of both.
    LogMix(Box<[Expr; 3]>),
    /// Scalars along a plate.
    Stack(Vec<Expr>, usize),
    /// A matrix with a row per element of the open plates times a binding over one plate.
    Dot {
        matrix: Vec<f64>,
        binding: usize,
        open: Vec<Plate>,
    },
    /// A custom node of two scalars, one number per element of the open plates.
    Wave(Box<Expr>, Box<Expr>, Vec<Plate>),
}

#[derive(Clone, Debug)]
pub(crate) enum Distribution {
    Normal(Expr, Expr),
    NonCentered(Expr, Expr),
    LogNormal(Expr, Expr),
    StudentT(f64, Expr, Expr),
    Cauchy(Expr, Expr),
    HalfNormal(Expr),
    HalfCauchy(Expr),
    Exponential(Expr),
    Gamma(f64, Expr),
    Beta(f64, f64),
    Uniform(f64, f64),
    BernoulliLogit(Expr),
    PoissonLog(Expr),
    CategoricalLogits(Vec<Expr>),
    /// A learned density of three parameters.
    Learned([Expr; 3]),
    /// Of the logistic of the logit.
    Bernoulli(Expr),
    /// So many trials, each of the logistic of the logit.
    Binomial(usize, Expr),
    Categorical(Vec<f64>),
    /// Weights and components.
    Mixture(Vec<Expr>, Vec<Distribution>),
    /// Counts with extra zeros, by the logistic of the first; without zeros of their own if so.
    Zeros(Expr, Box<Distribution>, bool),
    /// An exponential distribution from 0.25 to 2.
    TruncatedExponential(Expr),
    /// An exponential distribution known up to 1.
    CensoredExponential(Expr),
}

#[derive(Clone, Debug)]
pub(crate) enum Statement {
    /// A plate that opens, for the first time or again.
    Plate(Plate, bool, Vec<Statement>),
    /// Binding, name, first coordinate of z.
    Latent {
        binding: usize,
        name: String,
        distribution: Distribution,
        first: usize,
    },
    Unknown(Unknown),
    Scan(Recursion),
    Observed {
        name: String,
        distribution: Distribution,
        data: Vec<f64>,
    },
    /// Data some of which are missing (NaN) and left out.
    Seen {
        name: String,
        distribution: Distribution,
        data: Vec<f64>,
    },
    /// Data some of which are missing (NaN) and unknowns, from this coordinate of z on.
    Imputed {
        binding: usize,
        name: String,
        distribution: Distribution,
        data: Vec<f64>,
        first: usize,
    },
    /// An expression in place of data.
    Expression {
        name: String,
        distribution: Distribution,
        value: Expr,
    },
    /// A part of the model, whose sites' names begin with its name and a dot.
    Part(String, Vec<Statement>),
    /// A discrete unknown of so many states.
    Discrete {
        binding: usize,
        name: String,
        distribution: Distribution,
        states: usize,
    },
    /// Normal vectors, one after another.
    ObservedVectors {
        name: String,
        loc: Vector,
        factor: Factor,
        size: usize,
        data: Vec<f64>,
    },
    Factor {
        name: String,
        value: Expr,
    },
    Deterministic {
        binding: usize,
        name: String,
        value: Expr,
    },
    Let {
        binding: usize,
        value: Expr,
    },
}

/// A program; `bindings[b]` lists the plates of binding b.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) statements: Vec<Statement>,
    pub(crate) bindings: Vec<Vec<Plate>>,
    pub(crate) dim: usize,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statements.iter().try_for_each(|statement| write_statement(f, statement, 0))
    }
}

fn write_statement(f: &mut fmt::Formatter<'_>, statement: &Statement, depth: usize) -> fmt::Result {
    let indent = "    ".repeat(depth);
    match statement {
        Statement::Plate(plate, again, body) => {
            let how = if *again { "again" } else { "new" };
            writeln!(
                f,
                "{indent}plate {} = {} (#{}, {how}, {:?})",
                plate.name, plate.len, plate.id, plate.kind
            )?;
            body.iter().try_for_each(|inner| write_statement(f, inner, depth + 1))
        }
        Statement::Part(name, body) => {
            writeln!(f, "{indent}part {name}")?;
            body.iter().try_for_each(|inner| write_statement(f, inner, depth + 1))
        }
        other => writeln!(f, "{indent}{other:?}"),
    }
}
