//! Where a surrogate has been trained, and so where it may be believed: the box of the training parameters, and where in it they were
//! ([`super::coverage`]).

use super::coverage::{Coverage, Gap};

/// The parameters a surrogate was trained on: the smallest box that holds them, and which parts of it they visited.
///
/// Of parameters that were drawn independently of each other the whole box is inside, corners included. Where two were always near to each
/// other, say, what lies far from that is outside. A parameter that only shifts the time (see [`crate::sbi::Nle::shift`]) has an infinite range: the surrogate is right
/// wherever it lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
    /// A parameter that is not restricted.
    pub(crate) free: Option<usize>,
    pub(crate) coverage: Coverage,
}

impl Region {
    /// That of a table with `width` columns, of which one may be free.
    pub(crate) fn of(table: &[f64], width: usize, free: Option<usize>) -> Self {
        let (mut low, mut high) = (vec![f64::INFINITY; width], vec![f64::NEG_INFINITY; width]);
        for row in table.chunks_exact(width) {
            for (p, value) in row.iter().enumerate() {
                low[p] = low[p].min(*value);
                high[p] = high[p].max(*value);
            }
        }
        let restricted = (0..width).filter(|p| Some(*p) != free).collect();
        Self { low, high, free, coverage: Coverage::of(table, width, restricted) }
    }

    /// The least and the greatest trained value of each parameter, in the order of the names.
    pub fn bounds(&self) -> Vec<(f64, f64)> {
        (0..self.low.len()).map(|p| self.bound(p)).collect()
    }

    /// Whether parameters, one for each name, lie where the training parameters did; NaN does not, and no other number of parameters does.
    pub fn contains(&self, theta: &[f64]) -> bool {
        theta.len() == self.low.len() && self.holds(|p| theta[p])
    }

    /// The same of parameters given by a function.
    pub(crate) fn holds(&self, theta: impl Fn(usize) -> f64) -> bool {
        let in_range = |p: usize| {
            let ((low, high), value) = (self.bound(p), theta(p));
            value >= low && value <= high
        };
        (0..self.low.len()).all(in_range) && self.coverage.gap(theta).is_none()
    }

    /// Why parameters lie where no simulation did, though each lies in its range; `None` if they do not.
    pub(crate) fn gap(&self, theta: impl Fn(usize) -> f64) -> Option<Gap> {
        let in_range = |p: usize| self.project(p, theta(p)).1 == 0.0;
        (0..self.low.len()).all(in_range).then(|| self.coverage.gap(&theta)).flatten()
    }

    /// The nearest value inside, and how far outside the given one lies, in widths of the box (0 inside, negative below).
    #[inline]
    pub(crate) fn project(&self, p: usize, value: f64) -> (f64, f64) {
        let (low, high) = self.bound(p);
        if value < low {
            (low, (value - low) / (self.high[p] - self.low[p]))
        } else if value > high {
            (high, (value - high) / (self.high[p] - self.low[p]))
        } else {
            (value, 0.0)
        }
    }

    /// The width of the box.
    pub(crate) fn width(&self, p: usize) -> f64 {
        self.high[p] - self.low[p]
    }

    fn bound(&self, p: usize) -> (f64, f64) {
        match self.free == Some(p) {
            true => (f64::NEG_INFINITY, f64::INFINITY),
            false => (self.low[p], self.high[p]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projection_goes_to_the_nearest_side() {
        let region = Region::of(&[1.0, 3.0, 2.0], 1, None);
        assert_eq!(region.project(0, 2.5), (2.5, 0.0));
        assert_eq!(region.project(0, 4.0), (3.0, 0.5));
        assert_eq!(region.project(0, 0.0), (1.0, -0.5));
        assert!(region.project(0, f64::NAN).0.is_nan());
    }

    #[test]
    fn the_box_holds_its_corners_and_nothing_beyond() {
        let region = Region::of(&[1.0, -2.0, 3.0, 5.0, 2.0, 0.0], 2, None);
        assert_eq!(region.bounds(), [(1.0, 3.0), (-2.0, 5.0)]);
        assert!(
            region.contains(&[1.0, 5.0])
                && !region.contains(&[0.9, 0.0])
                && !region.contains(&[2.0, f64::NAN])
        );
        let free = Region { free: Some(1), ..region.clone() };
        assert!(!region.contains(&[]) && !region.contains(&[2.0]) && !region.contains(&[2.0, 0.0, 0.0]));
        assert!(free.contains(&[2.0, 100.0]) && !free.contains(&[4.0, 100.0]));
    }
}
