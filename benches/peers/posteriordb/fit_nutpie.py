"""One posterior with nutpie, from its model in `pymc_models.py`. `--help` lists the options."""

import json
import time

import fit
import numpy as np
import nutpie
import pyarrow
from pymc_models import MODELS

given = fit.options()


def prepare():
    data = json.loads((given.folder / "data.json").read_text())
    model = MODELS[given.folder.name]({name: np.asarray(values) for name, values in data.items()})
    return nutpie.compile_pymc_model(model)


def sample(compiled, warmup, draws, seed):
    begin = time.perf_counter()
    trace = nutpie.sample(
        compiled,
        chains=given.chains,
        tune=warmup,
        draws=draws,
        seed=seed,
        target_accept=given.target_acceptance,
        cores=given.threads,
        progress_bar=False,
        # Arrow's tables as the sampler leaves them: turning them into data sets is no part of sampling.
        return_raw_trace=True,
    )
    seconds = time.perf_counter() - begin
    chains, statistics = trace.get_arrow_trace()
    divergent = [column(table, "diverging")[warmup:].sum() for table in statistics]
    return seconds, lambda name: parameter(chains, name)[:, warmup:], int(sum(divergent))


def column(table, name):
    """Draws by elements, or draws of a scalar."""
    values = pyarrow.array(table.column(name))
    flat = values.flatten() if hasattr(values, "flatten") else values
    return flat.to_numpy(zero_copy_only=False).reshape(table.num_rows, -1)


def parameter(chains, name):
    """The draws of `x` or `x[2]`, which counts from 1."""
    site, _, position = name.rstrip("]").partition("[")
    return np.stack([column(table, site)[:, int(position or 1) - 1] for table in chains])


fit.run(given, prepare, sample)
