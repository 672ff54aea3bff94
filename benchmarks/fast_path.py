"""One layer of a tanh network: generated code against quadrature, side by side in one run on one core.

    python benchmarks/fast_path.py [--quick] [--phases] [record.json]

For the decades of q from 1e-2 to 1e4: nanoseconds for V, E phi'^2, W and V - W at one point, and their right digits,
counted against proven values.  Then whole networks: nanoseconds per layer and point, beside the time that the machine
needs for as many fused multiply-adds.  Then phase diagrams of 1000 x 1000 points, with the errors of their quantities
at random points against fixed points of 20 digits (``--phases``: these alone).  Given a path, the record is written
there with the machine's name.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import derive as dv
from derive.codegen.c_backend import FLAGS, compiler
from derive.codegen.compiled import runner_for
from derive.codegen.evaluate import expectations_program
from derive.expectations.values import covariance_value, expectation_value, gap_value, variance_value

TANH = dv.activation("tanh")
DECADES = [10.0**k for k in range(-2, 5)]
DISTANCE = Fraction(1, 10)  # 1 - c of the points compared

FMA = """
double fma_peak(long n) {
    double a[96]; int i; long k; double z = 0;
    for (i = 0; i < 96; i++) a[i] = i * 1e-3;
    for (k = 0; k < n; k++) for (i = 0; i < 96; i++) a[i] = a[i] * 0.999999 + 1e-9;
    for (i = 0; i < 96; i++) z += a[i];
    return z;
}
"""


def timed(f: Callable[[], object], repeats: int = 5) -> float:
    """The least processor time of a call, in seconds."""
    best = math.inf
    for _ in range(repeats):
        start = time.process_time()
        f()
        best = min(best, time.process_time() - start)
    return best


def fma_nanoseconds() -> float | None:
    """Time of one fused multiply-add of one lane, all lanes and pipes busy."""
    if compiler() is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fma.so"
        command = [compiler(), *FLAGS, "-shared", "-fPIC", "-x", "c", "-", "-o", str(path)]
        subprocess.run(command, input=FMA, text=True, check=True)
        run = ctypes.CDLL(str(path)).fma_peak
        run.argtypes, run.restype = [ctypes.c_long], ctypes.c_double
        n = 2_000_000
        return timed(lambda: run(n)) / n / 96 * 1e9


# --- peers: each gives (V, S, W) at one point


def gauss_hermite(n: int) -> Callable[[float, float], tuple[float, float, float]]:
    """Tensor Gauss-Hermite with n nodes an axis, in NumPy."""
    x, w = np.polynomial.hermite_e.hermegauss(n)
    w = w / math.sqrt(2 * math.pi)

    def values(q: float, c: float) -> tuple[float, float, float]:
        r = math.sqrt(q)
        t = np.tanh(r * x)
        other = np.tanh(r * (c * x[:, None] + math.sqrt(1 - c * c) * x[None, :]))
        return w @ t**2, w @ (1 - t**2) ** 2, (w * t) @ (other @ w)

    return values


def trapezoid(q: float, c: float) -> tuple[float, float, float]:
    """The trapezoidal rule over 8.5 deviations with a step that tanh needs, in NumPy."""
    r = math.sqrt(q)
    n = math.ceil(8.5 / min(0.5, 0.27 / r))
    x = np.linspace(-8.5, 8.5, 2 * n + 1)
    w = np.exp(-0.5 * x * x) * (x[1] - x[0]) / math.sqrt(2 * math.pi)
    t = np.tanh(r * x)
    inner = np.array([np.tanh(r * (c * a + math.sqrt(1 - c * c) * x)) @ w for a in x])
    return w @ t**2, w @ (1 - t**2) ** 2, (w * t) @ inner


def scipy_quadrature(q: float, c: float) -> tuple[float, float, float]:
    """scipy.integrate.quad and dblquad at tolerances of 1e-11."""
    from scipy.integrate import dblquad, quad

    r, norm = math.sqrt(q), 1 / math.sqrt(2 * math.pi)
    g = lambda x: norm * math.exp(-0.5 * x * x)  # noqa: E731
    tight = {"epsabs": 1e-12, "epsrel": 1e-11}
    v = quad(lambda x: math.tanh(r * x) ** 2 * g(x), -8.5, 8.5, limit=500, **tight)[0]
    s = quad(lambda x: (1 - math.tanh(r * x) ** 2) ** 2 * g(x), -8.5, 8.5, limit=500, **tight)[0]
    o = math.sqrt(1 - c * c)
    w = dblquad(
        lambda y, x: math.tanh(r * x) * math.tanh(r * (c * x + o * y)) * g(x) * g(y), -8.5, 8.5, -8.5, 8.5, **tight
    )[0]
    return v, s, w


def digits(got: float, exact: float) -> float:
    """Right digits of a number, 16 at most."""
    error = abs(got - exact) / abs(exact)
    return 16.0 if error < 1e-16 else round(min(16.0, -math.log10(error)), 1)


def accuracy(values: tuple[float, ...], q: float) -> dict[str, float]:
    """Right digits of V, S, W and V - W."""
    V, S, W = values[:3]
    gap = values[3] if len(values) > 3 else V - W
    exact = Fraction(q)
    return {
        "V": digits(V, float(variance_value(TANH, exact, 20))),
        "S": digits(S, float(expectation_value(TANH.diff(1).expr ** 2, exact, 20))),
        "W": digits(W, float(covariance_value(TANH, exact, one_minus_c=DISTANCE, digits=20))),
        "V - W": digits(gap, float(gap_value(TANH, exact, DISTANCE, 20))),
    }


def by_decades(quick: bool) -> list[dict]:
    """Rows of the comparison."""
    rows = []
    runners = {b: runner_for(expectations_program(TANH), b) for b in (("c", "numpy") if compiler() else ("numpy",))}
    for q in DECADES:
        row: dict = {"q": q}
        for name, runner in runners.items():
            n = 8192
            many = {"q": np.full(n, q), "v": np.full(n, q * 0.1), "lam": np.full(n, q) - q * 0.1}
            many |= dict.fromkeys(runner.program.states, np.zeros(n))
            got = runner.run(1, many).final
            steps = 50
            seconds = timed(lambda r=runner, m=many, k=steps: r.run(k, m), 3)
            values = tuple(float(got[k][0]) for k in ("V", "S", "C", "D"))
            row[f"derive, {name}"] = {"ns": seconds / n / steps * 1e9, "digits": accuracy(values, q)}
        peers = {"Gauss-Hermite, 64 nodes": gauss_hermite(64), "Gauss-Hermite, 200 nodes": gauss_hermite(200)}
        if q <= (1 if quick else 1e3):
            peers["trapezoid"] = trapezoid
        if not quick and q <= 1:
            peers["scipy"] = scipy_quadrature
        for name, peer in peers.items():
            values = peer(q, 0.9)
            seconds = timed(lambda p=peer, q=q: p(q, 0.9), 1 if name in ("trapezoid", "scipy") else 3)
            row[name] = {"ns": seconds * 1e9, "digits": accuracy(values, q)}
        rows.append(row)
    return rows


def operations(program: object) -> int:
    """Multiplications and additions of a layer step, a fused pair counted once in polynomials."""
    total = 0
    for node, used in zip(program.graph.nodes, program.needed(), strict=True):
        if not used or node.op in ("const", "input"):
            continue
        if node.op == "table":
            group, name = node.value
            total += len(program.graph.groups[group].tiles.patterns[name])
        else:
            total += {"rsqrt": 8, "div": 4, "sqrt": 8}.get(node.op, 1)
    return total


def networks(quick: bool, fma: float | None) -> list[dict]:
    """Whole networks with every point different: ns per layer and point."""
    rows = []
    rng = np.random.default_rng(1)
    cases = [
        ("FullResidual", "tanh", "c"),
        ("FullResidual", "tanh", "numpy"),
        ("FullResidual", "gelu", "c"),
        ("FullResidual", "alpha_relu(alpha=79/100)", "c"),
        ("FullResidual", "relu", "c"),
        ("FeedForward", "tanh", "c"),
        ("FeedForward", "erf", "c"),
    ]
    for network, phi, backend in cases:
        if backend == "c" and compiler() is None:
            continue
        points, depth = (4096, 400) if quick or backend == "numpy" else (10_000, 1000)
        activation = dv.activation("alpha_relu", alpha=Fraction(79, 100)) if phi.startswith("alpha") else phi
        kind = getattr(dv, network)
        start = time.perf_counter()
        f = kind(activation).compile(backend)
        first = time.perf_counter() - start
        start = time.perf_counter()
        kind(activation).compile(backend)
        again = time.perf_counter() - start
        small = 0.01 if phi == "relu" else 1  # so that lengths do not overflow
        if network == "FullResidual":
            inputs = {f"sigma_{k}2": rng.uniform(0.3, 1, points) * small for k in "vwab"}
            inputs |= {"p0": 10 ** rng.uniform(-2, 1, points), "e0": rng.uniform(0, 1, points)}
        else:
            inputs = {"sigma_w2": rng.uniform(0.5, 3, points), "sigma_b2": rng.uniform(0, 0.5, points)}
            inputs |= {"q0": rng.uniform(0.1, 3, points), "c0": rng.uniform(0, 1, points)}
        ns = timed(lambda f=f, d=depth, i=inputs: f(d, **i), 3) / points / depth * 1e9
        row = {"network": network, "activation": phi, "backend": backend, "points": points, "depth": depth, "ns": ns}
        row |= {"operations": operations(f.compiled.program), "compile_s": first, "compile_again_s": again}
        if fma:
            row["over_fma_time"] = ns / (row["operations"] * fma)
        rows.append(row)
    return rows


def phase_diagrams(quick: bool) -> list[dict]:
    """Seconds for a phase diagram on one core, and the largest relative errors at random points.

    The error of q* is also given times 1 - chi_q, by which rounding of the equation is enlarged.
    """
    side, sample = (200, 4) if quick else (1000, 24)
    w, b = np.linspace(0.5, 4, side), np.linspace(0.001, 0.3, side)
    rows = []
    for phi, keep in (("tanh", 1), ("tanh", "9/10"), ("erf", 1)):
        net = dv.FeedForward(phi, keep)
        backend = "c" if compiler() else "numpy"
        start = time.perf_counter()
        net.phase_diagram(w[:2], b[:2], backend=backend)
        first = time.perf_counter() - start
        seconds = timed(lambda n=net, k=backend: n.phase_diagram(w, b, backend=k), 4)
        got = net.phase_diagram(w, b, backend=backend)
        worst: dict[str, float] = {}
        for i, j in np.random.default_rng(5).integers(0, side, (sample, 2)):
            point = net.fixed_points(sigma_w2=float(w[i]), sigma_b2=float(b[j]), digits=20)[-1]
            for name in ("q", "c", "one_minus_c", "chi_1", "chi_q", "chi_c", "xi_q", "xi_c"):
                exact = float(getattr(point, name))
                error = abs(got[name][i, j] - exact) / (abs(exact) or 1.0)
                worst[name] = max(worst.get(name, 0.0), error)
                if name == "q":
                    scaled = error * abs(1 - float(point.chi_q))
                    worst["q, conditioned"] = max(worst.get("q, conditioned", 0.0), scaled)
        rows.append(
            {"activation": phi, "keep": str(keep), "backend": backend, "points": side * side, "seconds": seconds}
            | {"first_s": first, "without_number": int((got.status != 0).sum()), "errors": worst}
        )
    return rows


def main() -> None:
    quick, phases = "--quick" in sys.argv, "--phases" in sys.argv
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    fma = fma_nanoseconds()
    record = {
        "machine": f"{platform.machine()}, {_processor()}",
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "fma_ns": fma,
        "decades": [] if phases else by_decades(quick),
        "networks": [] if phases else networks(quick, fma),
        "phase_diagrams": phase_diagrams(quick),
    }
    print(f"{record['machine']}; load {record['load']}; one multiply-add of one lane: {fma} ns")
    for row in record["decades"]:
        print(f"q = {row['q']:g}")
        for name, cell in row.items():
            if name != "q":
                worst = "  ".join(f"{k} {v}" for k, v in cell["digits"].items())
                print(f"    {name:28}{cell['ns']:16,.1f} ns   digits {worst}")
    for row in record["networks"]:
        print({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
    for row in record["phase_diagrams"]:
        errors = "  ".join(f"{k} {v:.1e}" for k, v in row["errors"].items())
        print(f"{row['activation']}, keep {row['keep']}: {row['points']} points in {row['seconds']:.2f} s   {errors}")
    for path in (a for a in sys.argv[1:] if a.endswith(".json")):
        Path(path).write_text(json.dumps(record, indent=1) + "\n")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(x.split(":")[1].strip() for x in lines if x.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


if __name__ == "__main__":
    main()
