"""The gradient of `mv_normal_50x1000` of benches/joints.rs in XLA: a multivariate normal distribution of 50 dimensions with unknown location, scales and
correlations, 1 000 rows, all unknowns unconstrained, in double precision.

    pip install jax==0.10.2
    taskset -c 0 python benches/peers/mv_normal.py

prints the median of 300 calls of the compiled value and gradient, in milliseconds, with one thread and with all.
"""

import os
import statistics
import sys
import time

if "--one-thread" in sys.argv:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

ROWS, SIZE = 1000, 50
LOWER = np.tril_indices(SIZE, -1)
rng = np.random.default_rng(1)
DATA = jnp.asarray(rng.normal(size=(ROWS, SIZE)))


def cholesky_correlation(z):
    """The lower factor of a correlation matrix by its canonical partial correlations, and the logarithm of its Jacobian."""
    partial = jnp.zeros((SIZE, SIZE)).at[LOWER].set(jnp.tanh(z))
    rest = 1.0 - partial**2
    left = jnp.concatenate([jnp.ones((SIZE, 1)), jnp.sqrt(jnp.cumprod(rest, axis=1))[:, :-1]], axis=1)
    factor = (partial + jnp.eye(SIZE)) * left
    log_left = jnp.log(left)[LOWER].sum()
    return jnp.tril(factor), jnp.log1p(-jnp.tanh(z) ** 2).sum() + log_left


def log_density(z):
    loc, log_scale, free = z[:SIZE], z[SIZE : 2 * SIZE], z[2 * SIZE :]
    scale = jnp.exp(log_scale)
    factor, jacobian = cholesky_correlation(free)
    total = jacobian + log_scale.sum() - 0.5 * (loc**2).sum() - 0.5 * (scale**2).sum()
    power = SIZE - np.arange(2, SIZE + 1) + 2.0  # K - i + 2 eta - 2 with eta = 2
    total += (power * jnp.log(jnp.diagonal(factor)[1:])).sum()
    whole = factor * scale[:, None]
    white = jax.scipy.linalg.solve_triangular(whole, (DATA - loc).T, lower=True)
    return total - 0.5 * (white**2).sum() - ROWS * jnp.log(jnp.diagonal(whole)).sum()


gradient = jax.jit(jax.value_and_grad(log_density))
z = jnp.asarray(rng.normal(size=2 * SIZE + len(LOWER[0])) * 0.1)
gradient(z)[1].block_until_ready()
times = []
for _ in range(300):
    start = time.perf_counter()
    gradient(z)[1].block_until_ready()
    times.append(1e3 * (time.perf_counter() - start))
print(f"jax {jax.__version__}: {statistics.median(times):.3f} ms (least {min(times):.3f})")
