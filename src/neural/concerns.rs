//! What speaks against a trained network, read off its losses after each epoch.
//!
//! *Cut off.* A schedule that lowers the learning rate to nothing ends every curve flat, so that its last epochs tell nothing. What
//! tells is how far the held-out loss fell in the second half of a run that used up its epochs and ended at its best. Drift-diffusion
//! trials, Poisson counts and normal numbers, 1 000 to 100 000 simulations: runs of as many steps as the defaults take
//! fall by less than 0.01 nats there; runs of 8 to 175 steps by 0.05 to 0.6, and end 0.02 nats or more above what longer ones
//! reach (but for one, of the easiest task).
//!
//! *Learned by heart.* After its best epoch the held-out loss rises while that in training goes on falling. Both losses are
//! of the same rows in all epochs, so that their changes are known far better than they are. The weights of the best
//! epoch are kept; but where the rise is large, they were on their way there. The same runs rise by at most 0.006 nats from
//! 10 000 simulations or more, and by up to 0.1 from 1 000.

use super::training_report::TrainingReport;

/// A change of a loss that is worth saying, in nats per simulation: three times what sound runs show.
const WORTH_SAYING: f64 = 0.02;

/// A sentence for each reason to doubt a run of at most so many epochs.
pub(super) fn concerns(report: &TrainingReport, max_epochs: usize) -> Vec<String> {
    [stopped(report, max_epochs), cut_off(report, max_epochs), by_heart(report)]
        .into_iter()
        .flatten()
        .collect()
}

fn stopped(report: &TrainingReport, max_epochs: usize) -> Option<String> {
    report.stopped.then(|| {
        format!(
            "its training was stopped after {} of {max_epochs} epochs: its density may be far from the one to be learned; train \
             to the end before relying on it",
            report.epochs
        )
    })
}

fn cut_off(report: &TrainingReport, max_epochs: usize) -> Option<String> {
    let TrainingReport { epochs, best_epoch, steps, .. } = *report;
    let losses = &report.validation_loss;
    let last = *losses.last().filter(|_| epochs == max_epochs && best_epoch == epochs)?;
    // Within a single epoch, what its batches lost on the way.
    let before = if epochs > 1 { losses[epochs / 2 - 1] } else { *report.training_loss.first()? };
    let fall = before - last;
    let share = if epochs > 1 { "in the second half" } else { "in the course" };
    (fall > WORTH_SAYING).then(|| {
        format!(
            "its loss was still falling when training ended (by {fall:.3} nats per simulation {share} of {epochs} epochs, {steps} \
             steps): its density is not yet the one to be learned; raise `max_epochs`, or leave it unset"
        )
    })
}

fn by_heart(report: &TrainingReport) -> Option<String> {
    let best = report.best_epoch.checked_sub(1)?;
    let change = |losses: &[f64]| Some(losses.last()? - losses.get(best)?);
    let (held_out, training) = (change(&report.validation_loss)?, change(&report.training_loss)?);
    (held_out > WORTH_SAYING && training < 0.0).then(|| {
        format!(
            "its loss on held-out simulations rose by {held_out:.3} nats after epoch {} of {}, whose weights were kept, while that in \
             training went on falling: the network learns its simulations by heart; simulate more, or take a smaller network or \
             more `weight_decay`",
            report.best_epoch, report.epochs
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report with these losses in training and held out.
    fn report(training: &[f64], held_out: &[f64]) -> TrainingReport {
        let best = held_out.iter().copied().fold(f64::INFINITY, f64::min);
        TrainingReport {
            epochs: held_out.len(),
            best_epoch: held_out.iter().position(|loss| *loss == best).map_or(0, |epoch| epoch + 1),
            steps: 70,
            skipped: 0,
            training_loss: training.to_vec(),
            validation_loss: held_out.to_vec(),
            stopped: false,
            seconds: 0.0,
            messages: vec![],
        }
    }

    #[test]
    fn each_concern_is_raised_by_its_curve_and_no_other() {
        let falling = report(&[0.8, 0.38], &[0.6, 0.42]);
        let cases: [(&TrainingReport, usize, Option<&str>); 8] = [
            (&falling, 2, Some("still falling when training ended (by 0.180 nats")),
            // Ended by patience, or with more epochs allowed: it was not cut off.
            (&falling, 9, None),
            (&report(&[0.8], &[0.6]), 1, Some("in the course of 1 epochs")),
            (&report(&[0.61], &[0.6]), 1, None),
            (&report(&[0.8, 0.5, 0.41, 0.4], &[0.6, 0.43, 0.42, 0.42]), 4, None),
            (
                &report(&[0.8, 0.5, 0.3, 0.2], &[0.6, 0.5, 0.52, 0.55]),
                4,
                Some("rose by 0.050 nats after epoch 2 of 4"),
            ),
            // A held-out loss that rises with that in training: a rate too high, not a table learned by heart.
            (&report(&[0.8, 0.5, 0.6, 0.7], &[0.6, 0.5, 0.6, 0.7]), 4, None),
            (
                &TrainingReport { stopped: true, ..report(&[0.5], &[0.5]) },
                90,
                Some("stopped after 1 of 90 epochs"),
            ),
        ];
        for (k, (report, max_epochs, expected)) in cases.into_iter().enumerate() {
            let messages = concerns(report, max_epochs);
            assert_eq!(messages.len(), usize::from(expected.is_some()), "{k}: {messages:?}");
            assert!(expected.is_none_or(|expected| messages[0].contains(expected)), "{k}: {messages:?}");
        }
        // A run without a finished epoch has nothing to tell but that.
        assert_eq!(concerns(&TrainingReport { stopped: true, ..report(&[], &[]) }, 9).len(), 1);
        assert!(concerns(&report(&[f64::NAN], &[f64::NAN]), 1).is_empty());
    }
}
