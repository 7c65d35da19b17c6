"""One posterior with stanli, from its program in `stan/`. `--help` lists the options."""

import time
from pathlib import Path

import fit
import stanli

given = fit.options()
program = Path(__file__).parent / "stan" / f"{given.folder.name}.stan"


def sample(model, warmup, draws, seed):
    begin = time.perf_counter()
    posterior = model.sample(
        chains=given.chains,
        warmup=warmup,
        samples=draws,
        seed=seed,
        delta=given.target_acceptance,
        parallel_chains=given.threads,
        refresh=0,
    )
    seconds = time.perf_counter() - begin
    return seconds, posterior.draws, int(sum(posterior.divergences))


fit.run(given, lambda: stanli.Model(stan_file=str(program), data=str(given.folder / "data.json")), sample)
