//! What several test programs share.

use std::path::PathBuf;

/// The folder of reference data that may not be committed, if `MYNAH_REFERENCE_DATA` names it; says so if it does not.
pub(crate) fn reference_data(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("MYNAH_REFERENCE_DATA").map(PathBuf::from).filter(|folder| folder.is_dir());
    if folder.is_none() {
        println!("{test} did not run: set MYNAH_REFERENCE_DATA to the folder of reference data");
    }
    folder
}
