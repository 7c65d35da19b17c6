//! The one public error: a kind to match on, a message to read.
//!
//! Every message says what was expected, what came and what to do. Numerical trouble *while sampling* (a
//! divergence, a NaN, a rejection) is not an error: it is a counted value in the result.

use std::fmt;

/// What kind of mistake an [`Error`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Two lengths or plates that should agree do not.
    Shape,
    /// An index points outside the plate it indexes.
    Index,
    /// A statement of a model is wrong: a duplicate site, a site outside a model, an unknown name.
    Site,
    /// A value lies outside what its distribution or parameter allows (NaN included).
    Value,
    /// An option of a sampler, trainer or runner is out of range.
    Options,
    /// A simulator failed or returned something of the wrong form.
    Simulation,
    /// Training could not start or produced no usable network.
    Training,
    /// A sampler could not start or had to stop.
    Sampling,
    /// A file could not be read or written.
    Io,
    /// A file or record was read but its content is not what it should be.
    Format,
}

/// Whatever can go wrong because of data, options or files.
///
/// # Examples
/// ```
/// use mynah::{Error, ErrorKind};
/// let error = Error::new(ErrorKind::Value, "expected a positive scale, got -1; pass a scale above 0");
/// assert_eq!(error.kind(), ErrorKind::Value);
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of a kind with a message that says what was expected, what came and what to do.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), source: None }))
    }

    /// The same error with the lower-level error that caused it.
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error with a sentence in front that says where it happened.
    pub fn context(mut self, place: impl fmt::Display) -> Self {
        self.0.message = format!("{place}: {}", self.0.message);
        self
    }

    /// What kind of mistake it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match &self.0.source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}

// `main() -> Result<(), Error>` prints Debug: show the message, not the boxes.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} error: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::new(ErrorKind::Io, "a file could not be read or written").with_source(error)
    }
}

/// What a caught panic said.
pub(crate) fn panic_message(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("(no message)")
}
