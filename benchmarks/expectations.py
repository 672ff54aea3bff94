"""Gaussian expectations against mpmath and python-flint, side by side in one run.

V tanh, E tanh(sqrt(q) z)^2, at q = 1 and 100: to 50 digits against ``mpmath.quad`` over the real line and against
``acb.integral``, to 500 digits against one sample of each.  Our caches are emptied before every call ("cold"), and the
number of right digits is counted against a value with 30 digits more.

    python benchmarks/expectations.py [--long] [record.json]

prints the comparison and, given a path, writes the record with the name of the machine.  One sample of mpmath.quad
at 500 digits takes some ten minutes; it is made with ``--long`` only.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flint
import mpmath
import sympy as sp
from flint import acb, arb
from mpmath import mp

from derive.activations import activation
from derive.expectations import balls, values
from derive.expectations.one_variable import integrand, poles
from derive.expectations.one_variable.exprational import _recognise


def empty_caches() -> None:
    """Forget everything our evaluation keeps between calls, SymPy's cache included."""
    for cached in (
        _recognise,
        poles.ladders,
        poles.ray_bound,
        poles.decay_bound,
        poles._clear_ray,
        poles._starts,
        integrand._of_expression,
        integrand.squared,
    ):
        cached.cache_clear()
    sp.core.cache.clear_cache()


TANH = activation("tanh")


def ours(q: int, digits: int) -> Any:
    """V tanh by the package."""
    return values.variance_value(TANH, q, digits)


def by_mpmath(q: int, digits: int) -> Any:
    """V tanh by mpmath's tanh-sinh quadrature over the real line."""
    with mp.workdps(digits):
        line = [-mpmath.inf, mpmath.inf]
        total = mpmath.quad(lambda x: mpmath.tanh(x) ** 2 * mpmath.exp(-x * x / (2 * q)), line)
        return total / mpmath.sqrt(2 * mpmath.pi * q)


def by_flint(q: int, digits: int) -> Any:
    """V tanh by acb.integral on 0 <= x <= L, with e^(-L^2/2q) below the last digit."""
    bits = int(digits * 3.33) + 8
    with flint.ctx.workprec(bits):
        length = (arb(2 * q) * (digits + 2) * arb(10).log()).sqrt()

        def integrand_(x: Any, analytic: bool) -> Any:
            t = x.tanh()
            return t * t * (-x * x / (2 * q)).exp()

        total = acb.integral(integrand_, 0, length).real * 2 / (2 * arb.pi() * q).sqrt()
        return values.arb_to_mpf(total)


def seconds(call: Callable[[], Any], repeat: int, before: Callable[[], None] | None = None) -> tuple[float, Any]:
    """Median time of ``repeat`` calls, and the last result."""
    times = []
    for _ in range(repeat):
        if before is not None:
            before()
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    return statistics.median(times), result


def right_digits(value: Any, truth: Any, most: int) -> int:
    """Right significant digits, at most ``most``."""
    with mp.workdps(most + 30):
        error = abs(value / truth - 1)
        return most if error == 0 else min(most, int(mpmath.floor(-mpmath.log10(error))))


def compare(q: int, digits: int, repeat: int, peers: tuple[str, ...] = ("mpmath", "flint")) -> dict[str, Any]:
    """One comparison; ``repeat`` samples of each peer."""
    with flint.ctx.workprec(int((digits + 30) * 3.4)):
        truth = values.arb_to_mpf(balls.variance_ball(TANH, q, int((digits + 30) * 3.33)))
    row: dict[str, Any] = {"quantity": "V tanh", "q": q, "digits": digits}
    row["ours_cold_s"], value = seconds(lambda: ours(q, digits), max(repeat, 9), empty_caches)
    row["ours_warm_s"], _ = seconds(lambda: ours(q, digits), max(repeat, 9))
    row["ours_digits"] = right_digits(value, truth, digits)
    for name in peers:
        peer = {"mpmath": by_mpmath, "flint": by_flint}[name]
        row[f"{name}_s"], value = seconds(lambda peer=peer: peer(q, digits), repeat)
        row[f"{name}_digits"] = right_digits(value, truth, digits)
        row[f"{name}_ratio"] = row[f"{name}_s"] / row["ours_cold_s"]
    return row


def machine() -> dict[str, str]:
    """The machine and the versions that count."""
    processor = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = lines[0].split(":", 1)[1].strip() if lines else processor
    return {
        "processor": processor or platform.machine(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sympy": sp.__version__,
        "mpmath": f"{mpmath.__version__} ({mpmath.libmp.BACKEND})",
        "python-flint": flint.__version__,
    }


def show(r: dict[str, Any]) -> None:
    """Print one comparison."""
    print(f"V tanh at q = {r['q']} to {r['digits']} digits")
    print(f"  this package   {r['ours_cold_s'] * 1e3:10.2f} ms cold, {r['ours_warm_s'] * 1e3:.2f} ms warm, ", end="")
    print(f"{r['ours_digits']} digits right")
    for name, title in (("mpmath", "mpmath.quad"), ("flint", "acb.integral")):
        if f"{name}_s" in r:
            print(f"  {title:<14} {r[f'{name}_s'] * 1e3:10.2f} ms, {r[f'{name}_ratio']:.1f} times ours, ", end="")
            print(f"{r[f'{name}_digits']} digits right")


def main(path: str | None = None, long: bool = False) -> list[dict[str, Any]]:
    """Run, print, and write the record to ``path``; ``long`` adds the one sample of mpmath.quad at 500 digits."""
    ours(1, 20)  # imports
    plan = [(1, 50, 15, ("mpmath", "flint")), (100, 50, 15, ("mpmath", "flint"))]
    plan += [(1, 500, 1, ("mpmath", "flint") if long else ("flint",)), (100, 500, 1, ("flint",))]
    rows = []
    for q, digits, repeat, peers in plan:
        rows.append(compare(q, digits, repeat, peers))
        show(rows[-1])
    if path:
        Path(path).write_text(json.dumps({"machine": machine(), "results": rows}, indent=2) + "\n")
    return rows


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--long"]
    main(arguments[0] if arguments else None, long="--long" in sys.argv)
