//! What warm-up found, as numbers from which a chain goes on.

use super::affine::Affine;

/// A step size, and the map to the coordinates in which it is one.
#[derive(Clone, Debug)]
pub(super) struct Adapted {
    pub(super) step_size: f64,
    pub(super) map: Affine,
}

impl Adapted {
    /// The step size, the number of directions, location, scale, directions, stretches.
    pub(super) fn numbers(&self) -> Vec<f64> {
        let Affine { location, scale, directions, stretches, .. } = &self.map;
        let mut numbers = vec![self.step_size, stretches.len() as f64];
        [location, scale, directions, stretches].into_iter().for_each(|part| numbers.extend_from_slice(part));
        numbers
    }

    /// What these numbers say, if they can be that of a chain in so many dimensions.
    pub(super) fn of_numbers(numbers: &[f64], dim: usize) -> Option<Self> {
        let [step_size, count, rest @ ..] = numbers else { return None };
        let fits = |count: &usize| {
            Some(rest.len()) == count.checked_mul(dim + 1).and_then(|n| n.checked_add(2 * dim))
        };
        let count = Some(*count as usize).filter(fits)?;
        let (location, rest) = rest.split_at(dim);
        let (scale, rest) = rest.split_at(dim);
        let (directions, stretches) = rest.split_at(count * dim);
        let positive = |x: &f64| *x > 0.0 && x.is_finite();
        let usable = positive(step_size) && scale.iter().chain(stretches).all(positive);
        let finite = location.iter().chain(directions).all(|x| x.is_finite());
        (usable && finite).then(|| Self {
            step_size: *step_size,
            map: Affine::new(location.to_vec(), scale.to_vec(), directions.to_vec(), stretches.to_vec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_back() {
        let map = Affine::new(vec![1.0, -2.0], vec![0.5, 3.0], vec![0.6, 0.8], vec![4.0]);
        let numbers = Adapted { step_size: 0.25, map }.numbers();
        let back = Adapted::of_numbers(&numbers, 2).unwrap();
        assert_eq!((back.numbers(), back.step_size), (numbers.clone(), 0.25));
        assert!(Adapted::of_numbers(&numbers, 3).is_none() && Adapted::of_numbers(&[], 0).is_none());
        assert!((0..numbers.len()).all(|end| Adapted::of_numbers(&numbers[..end], 2).is_none()));
        for k in [0, 4, 5, 8] {
            let mut bad = numbers.clone();
            bad[k] = -bad[k];
            assert!(Adapted::of_numbers(&bad, 2).is_none(), "{k}");
        }
        let mut bad = numbers;
        bad[1] = 1e300;
        assert!(Adapted::of_numbers(&bad, 2).is_none());
    }
}
