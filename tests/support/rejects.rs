//! Models that must not build.

use mynah::{ErrorKind, Model, Result};

/// The error of a model has this kind and its message has all of these parts.
#[track_caller]
pub(crate) fn rejects(model: Result<Model>, kind: ErrorKind, parts: &[&str]) {
    let error = model.expect_err("the model is wrong");
    let message = error.to_string();
    assert_eq!(error.kind(), kind, "{message}");
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}
