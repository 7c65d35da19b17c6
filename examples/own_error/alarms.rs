//! Faults.
use crate::options::Options;
pub(crate) fn run(_: &Options) -> Result<(), Box<dyn std::error::Error>> {
    todo!()
}
