//! The names of parameters: whether they can be used, in which order a simulator reads them, and how messages write them.

use crate::error::{Error, ErrorKind, Result};

/// At least one name, none empty, none twice.
pub(super) fn check_names(names: &[String]) -> Result<()> {
    if names.is_empty() {
        let message = "expected at least one parameter, got none; give each parameter a name";
        return Err(Error::new(ErrorKind::Site, message));
    }
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() {
            let message = format!("expected a name for parameter {i}, got an empty one; name it");
            return Err(Error::new(ErrorKind::Site, message));
        }
        if names[..i].contains(name) {
            let message =
                format!("expected different parameter names, got '{name}' twice; rename one of them");
            return Err(Error::new(ErrorKind::Site, message));
        }
    }
    Ok(())
}

/// For each declared parameter, its place among the prior's names; both must be the same set.
pub(crate) fn match_names(names: &[String], declared: &[String]) -> Result<Vec<usize>> {
    check_names(declared).map_err(|error| error.context("the simulator's parameter names"))?;
    let absent = |of: &[String], from: &[String]| {
        of.iter().filter(|name| !from.contains(name)).cloned().collect::<Vec<_>>().join(", ")
    };
    let (missing, unknown) = (absent(declared, names), absent(names, declared));
    if !missing.is_empty() || !unknown.is_empty() {
        let or_none = |list: String| if list.is_empty() { "none".into() } else { list };
        let message = format!(
            "expected a prior over the simulator's parameters {}, got one over {} (missing: {}; unknown: {}); \
             rename, add or remove parameters of the prior",
            declared.join(", "),
            names.join(", "),
            or_none(missing),
            or_none(unknown)
        );
        return Err(Error::new(ErrorKind::Site, message));
    }
    // The sets agree and neither has a name twice, so every position is found.
    Ok(declared.iter().filter_map(|name| names.iter().position(|other| other == name)).collect())
}

/// `v = 1.5, a = 2`, for messages.
pub(super) fn describe(names: &[String], theta: &[f64]) -> String {
    let pairs: Vec<String> =
        names.iter().zip(theta).map(|(name, value)| format!("{name} = {value}")).collect();
    pairs.join(", ")
}
