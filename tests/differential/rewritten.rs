//! Random unknowns of a model made known or sampled in other coordinates, beside the program read that way.

use super::compare::compare;
use super::evaluate::{Outcome, UnknownSite};
use super::evaluate_latent::{Known, Rewriting};
use super::program::Program;
use mynah::{Model, Result, Stream};
use rand::RngExt;

/// What makes unknowns known: the call, whether their densities count, whether they stay among what draws hold.
type Know = (fn(&Model, &[(&str, &[f64])]) -> Result<Model>, bool, bool);

const KNOW: [Know; 3] =
    [(Model::condition, true, false), (Model::substitute, true, true), (Model::intervene, false, true)];

/// The rewritings to be made, of one model after the other.
#[derive(Clone)]
enum Step {
    /// Which way, and the unknowns: all at once or one after another.
    Know(usize, Vec<String>, bool),
    /// Whether location + scale z.
    Form(bool, Vec<String>),
}

/// Some of the unknowns, each with a probability of a third.
fn some<'o>(unknowns: impl Iterator<Item = &'o UnknownSite>, stream: &mut Stream) -> Vec<String> {
    unknowns.filter(|_| stream.random_range(0..3) == 0).map(|site| site.name.clone()).collect()
}

fn steps(outcome: &Outcome, stream: &mut Stream) -> Vec<Step> {
    let known = some(outcome.unknowns.iter(), stream);
    let left = || outcome.unknowns.iter().filter(|site| !known.contains(&site.name));
    let moved = some(left().filter(|site| site.noncentered), stream);
    let centred = some(left().filter(|site| site.centered && !moved.contains(&site.name)), stream);
    let mut steps = vec![
        Step::Know(stream.random_range(0..3), known.clone(), stream.random()),
        Step::Form(true, moved),
        Step::Form(false, centred),
    ];
    steps.rotate_left(stream.random_range(0..3));
    steps
}

/// Makes a model of which something is known, or in other coordinates, and notes what is expected of it.
fn taken(step: &Step, model: &Model, whole: &Model, z: &[f64], expected: &mut Rewriting) -> Result<Model> {
    match step {
        Step::Form(noncentered, names) => {
            let sites: Vec<&str> = names.iter().map(String::as_str).collect();
            expected.noncentered.extend(names.iter().map(|name| (name.clone(), *noncentered)));
            if *noncentered { model.noncentered(&sites) } else { model.centered(&sites) }
        }
        Step::Know(way, names, at_once) => {
            let (know, counts, kept) = KNOW[*way];
            let values = whole.values_at(z)?;
            for name in names {
                let numbers = values.get(name)?.to_vec();
                expected.known.insert(name.clone(), Known { numbers, counts, kept });
            }
            let given: Vec<(&str, &[f64])> =
                names.iter().map(|name| Ok((name.as_str(), values.get(name)?))).collect::<Result<_>>()?;
            match at_once {
                true => know(model, &given),
                false => given.iter().try_fold(model.clone(), |model, one| know(&model, &[*one])),
            }
        }
    }
}

/// Whether there was anything to rewrite, and it was tame.
///
/// # Errors
/// Where both sides differ.
pub(crate) fn compare_rewritten(
    model: &Model,
    program: &Program,
    z: &[f64],
    outcome: &Outcome,
    stream: &mut Stream,
) -> std::result::Result<bool, String> {
    let (mut rewritten, mut expected) = (model.clone(), Rewriting::default());
    for step in steps(outcome, stream) {
        rewritten = taken(&step, &rewritten, model, z, &mut expected)
            .map_err(|error| format!("{expected:?}: it is not rewritten: {error}"))?;
    }
    if expected.known.is_empty() && expected.noncentered.is_empty() {
        return Ok(false);
    }
    let found = compare(&rewritten, program, z, &expected).map_err(|why| format!("{expected:?}: {why}"))?;
    Ok(found.is_some())
}
