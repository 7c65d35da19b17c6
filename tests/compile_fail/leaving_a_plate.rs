use mynah::prelude::*;

#[model]
fn jumps(data: &[f64]) {
    'rows: for x in data {
        plate!(elements = 3, {
            if *x > 0.0 {
                continue;
            }
            match *x {
                0.0 => break 'rows,
                _ => {}
            }
            let Some(first) = data.first() else { return };
            for _ in 0..3 {
                continue;
            }
            plate!(inner = 2, {
                break;
            });
            sample!(y ~ Normal(*first, 1.0), observed = if *x > 1.0 { data } else { continue });
        });
    }
}

fn main() {}
