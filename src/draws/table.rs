//! The printed summary: aligned columns, as many digits as the width of the posterior deserves.

use super::{Summary, SummaryRow};
use std::fmt;

/// The last one only where it is known of some scalar.
const HEADER: [&str; 10] = ["", "mean", "sd", "5%", "50%", "95%", "ess_bulk", "ess_tail", "r_hat", "moved"];

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.rows.iter().filter_map(|row| row.moved_mcse).reduce(f64::max);
        let columns = HEADER.len() - usize::from(error.is_none());
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| cells(row).into_iter().take(columns).collect()).collect();
        let mut widths = HEADER[..columns].iter().map(|name| name.len()).collect::<Vec<_>>();
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        write_row(f, &HEADER.map(str::to_owned)[..columns], &widths)?;
        for row in &rows {
            writeln!(f)?;
            write_row(f, row, &widths)?;
        }
        let chains = if self.chains == 1 { "chain" } else { "chains" };
        write!(f, "\n{} draws from {} {chains}", self.total_draws, self.chains)?;
        if let Some(error) = error {
            write!(
                f,
                "\nmoved: how far the learned likelihood moved the mean, in posterior sds (Monte Carlo error up to {error:.2})"
            )?;
        }
        for warning in &self.warnings {
            write!(f, "\nwarning: {warning}")?;
        }
        for message in &self.messages {
            write!(f, "\nnote: {message}")?;
        }
        Ok(())
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, cells: &[String], widths: &[usize]) -> fmt::Result {
    write!(f, "{:<width$}", cells[0], width = widths[0])?;
    for (cell, width) in cells.iter().zip(widths).skip(1) {
        write!(f, "  {cell:>width$}")?;
    }
    Ok(())
}

fn cells(row: &SummaryRow) -> [String; 10] {
    let value = |x| value(x, row.sd);
    [
        row.name.clone(),
        value(row.mean),
        value(row.sd),
        value(row.q5),
        value(row.q50),
        value(row.q95),
        count(row.ess_bulk),
        count(row.ess_tail),
        ratio(row.r_hat),
        row.moved.map_or(String::new(), |moved| format!("{moved:+.2}")),
    ]
}

/// A value with three significant digits of the standard deviation: what lies below is noise.
fn value(x: f64, sd: f64) -> String {
    if !x.is_finite() || (x == 0.0 && (sd.is_nan() || sd <= 0.0)) {
        return x.to_string();
    }
    // Without a spread the value itself sets the scale.
    let scale = if sd > 0.0 && sd.is_finite() { sd } else { x.abs() };
    let decimals = 2 - scale.log10().floor() as i32;
    if decimals > 7 || x.abs() >= 1e9 {
        let digits = decimals + x.abs().max(scale).log10().floor() as i32;
        return format!("{x:.digits$e}", digits = digits.clamp(2, 16) as usize);
    }
    format!("{x:.decimals$}", decimals = decimals.max(0) as usize)
}

fn count(x: f64) -> String {
    format!("{x:.0}")
}

fn ratio(x: f64) -> String {
    if x < 100.0 { format!("{x:.3}") } else { format!("{x:.0}") }
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn digits_follow_the_spread() {
        let cases = [
            (1.234567, 0.123456, "1.235"),
            (123.4567, 1.3, "123.46"),
            (12345.67, 1000.0, "12346"),
            (0.0, 1.0, "0.00"),
            (-0.5, 20.0, "-0.5"),
            (1.5, 0.0, "1.50"),
            (0.0, 0.0, "0"),
            (f64::NAN, f64::NAN, "NaN"),
            (2.0, f64::NAN, "2.00"),
            (f64::INFINITY, f64::NAN, "inf"),
            (1.0e-8, 2.0e-9, "1.000e-8"),
            (3.21e12, 4.0e10, "3.2100e12"),
        ];
        for (x, sd, expected) in cases {
            assert_eq!(value(x, sd), expected, "{x} with sd {sd}");
        }
    }
}
