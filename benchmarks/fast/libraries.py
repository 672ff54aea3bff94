"""neural-tangents and dks, run in an environment of their own, with the versions that work together.

    python3.11 -m venv peers
    peers/bin/pip install neural-tangents==0.6.5 jax==0.4.30 jaxlib==0.4.30 "numpy<2" "scipy<1.13" dks==0.1.2
    PEERS=peers/bin/python python benchmarks/fast_path.py

Called as a script with values of q it prints, as JSON, {library: [{q, ns, values (V, E phi'^2, W at c = 9/10)}]}.
Whatever is not installed is left out.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
import warnings

C = 0.9
LONGEST = 60  # seconds for one point
SIDE = 16  # pairs of inputs in a batch, squared


def neural_tangents(q: float, nodes: int) -> tuple[float, tuple[float, float, float]]:
    """(ns, values) of a layer of NNGP and NTK by Gauss-Hermite sums, in a batch of pairs."""
    import jax
    from neural_tangents import stax

    jax.config.update("jax_enable_x64", True)
    _, _, kernel = stax.serial(stax.Dense(1), stax.ElementwiseNumerical(jax.numpy.tanh, nodes))
    kernel = jax.jit(kernel, static_argnames="get")
    length = math.sqrt(2 * q)
    one = jax.numpy.full((SIDE, 2), length) * jax.numpy.array([1.0, 0.0])
    two = jax.numpy.full((SIDE, 2), length) * jax.numpy.array([C, math.sqrt(1 - C * C)])

    def call(a: object, b: object) -> object:
        return jax.block_until_ready(kernel(a, b, get=("nngp", "ntk")))

    same, pair = call(one, one), call(one, two)
    best = math.inf
    for _ in range(5):
        start = time.process_time()
        call(one, two)
        best = min(best, time.process_time() - start)
    values = float(same.nngp[0, 0]), float(same.ntk[0, 0]) / q, float(pair.nngp[0, 0])
    return best / SIDE**2 * 1e9, values


def dks(q: float, _: int) -> tuple[float, tuple[float, float, float]]:
    """(ns, values) from the functions with which dks makes its local maps."""
    import autograd.numpy as anp
    from autograd import elementwise_grad
    from dks.base import activation_transform as maps

    phi = lambda x: anp.tanh(math.sqrt(q) * x)  # noqa: E731
    slope = elementwise_grad(anp.tanh)
    maps._precompute_or_load_roots(maps._QUADRATURE_ORDER)
    start = time.process_time()
    v = maps._estimate_gaussian_mean(lambda x: phi(x) ** 2)
    s = maps._estimate_gaussian_mean(lambda x: slope(math.sqrt(q) * x) ** 2)
    w = maps._calc_c_map(phi, c=C, q_output=1.0)
    return (time.process_time() - start) * 1e9, (float(v), float(s), float(w))


PEERS = {
    "neural-tangents, 25 nodes": (neural_tangents, 25),
    "neural-tangents, 64 nodes": (neural_tangents, 64),
    "dks": (dks, 0),
}


def _too_long(*_: object) -> None:
    raise TimeoutError


def main() -> None:
    warnings.simplefilter("ignore")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    signal.signal(signal.SIGALRM, _too_long)
    found: dict[str, list[dict]] = {}
    for name, (peer, nodes) in PEERS.items():
        for q in map(float, sys.argv[1:]):
            signal.alarm(LONGEST)
            try:
                ns, values = peer(q, nodes)
            except (ImportError, TimeoutError) as error:
                print(f"{name} at q = {q:g}: {type(error).__name__} {error}", file=sys.stderr)
                break
            finally:
                signal.alarm(0)
            found.setdefault(name, []).append({"q": q, "ns": ns, "values": values})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
