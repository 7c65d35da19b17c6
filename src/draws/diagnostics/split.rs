//! Chains made comparable: cut to the shortest, checked, split in halves.

/// Below this many draws per chain nothing is said about convergence: each half needs two draws for a variance.
const FEWEST_DRAWS: usize = 4;

/// The chains cut to the length of the shortest; `None` when there are too few draws or one of them is not finite.
pub(super) fn usable<'a>(chains: &[&'a [f64]]) -> Option<Vec<&'a [f64]>> {
    let draws = chains.iter().map(|chain| chain.len()).min()?;
    if draws < FEWEST_DRAWS {
        return None;
    }
    let cut: Vec<&[f64]> = chains.iter().map(|chain| &chain[..draws]).collect();
    cut.iter().all(|chain| chain.iter().all(|x| x.is_finite())).then_some(cut)
}

/// The first and the last half of every chain; of an odd number of draws the middle one belongs to neither.
pub(super) fn halves<'a>(chains: &[&'a [f64]]) -> Vec<&'a [f64]> {
    chains
        .iter()
        .flat_map(|chain| {
            let half = chain.len() / 2;
            [&chain[..half], &chain[chain.len() - half..]]
        })
        .collect()
}

/// Slices of owned chains.
pub(super) fn views(chains: &[Vec<f64>]) -> Vec<&[f64]> {
    chains.iter().map(Vec::as_slice).collect()
}
