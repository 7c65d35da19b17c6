//! The command line.

use crate::rank::Size;
use mynah::prelude::*;
use std::path::PathBuf;

pub(crate) struct Options {
    pub(crate) only: String,
    pub(crate) replications: usize,
    pub(crate) seed: u64,
    pub(crate) size: Size,
    pub(crate) json: Option<PathBuf>,
}

impl Options {
    pub(crate) fn parse() -> Result<Self, lexopt::Error> {
        use lexopt::prelude::*;
        let mut options =
            Self { only: String::new(), replications: 200, seed: 1, size: Size::Usual, json: None };
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("only") => options.only = arguments.value()?.string()?,
                Long("replications") => options.replications = arguments.value()?.parse()?,
                Long("seed") => options.seed = arguments.value()?.parse()?,
                Long("quick") => (options.size, options.replications) = (Size::Quick, 6),
                Long("large") => options.size = Size::Large,
                Long("json") => options.json = Some(arguments.value()?.into()),
                other => return Err(other.unexpected()),
            }
        }
        match options.replications {
            0 => Err("expected --replications of 1 or more, got 0".into()),
            _ => Ok(options),
        }
    }

    pub(crate) fn nuts(&self) -> Nuts {
        let warmup = if self.size == Size::Quick { 100 } else { 300 };
        Nuts::default().target_acceptance(0.9).warmup(warmup).progress(Progress::Hidden).score_check(None)
    }
}
