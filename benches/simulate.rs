//! `simulate/ddm`: 100 000 rows of prior and exact drift-diffusion model, on one thread and on two.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mynah::simulate::{BoxPrior, Ddm, SimulationOptions};
use mynah::{Progress, Seed};

fn simulate_ddm(criterion: &mut Criterion) {
    let sides = [("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)];
    let prior = BoxPrior::new(sides).expect("valid bounds");
    let mut group = criterion.benchmark_group("simulate");
    group.throughput(Throughput::Elements(100_000)).sample_size(20);
    for (id, threads) in [("ddm", 1), ("ddm_2_threads", 2)] {
        let options = SimulationOptions::default().progress(Progress::Hidden).threads(threads);
        group.bench_function(id, |bencher| {
            bencher.iter(|| {
                options.run(&prior, &Ddm::default(), 100_000, Seed(1)).expect("a run that succeeds")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, simulate_ddm);
criterion_main!(benches);
