"""The machine: its name, its speed at multiply-adds on one core and on several, and a clock."""

from __future__ import annotations

import ctypes
import math
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from derive.codegen.backends.c_backend import FLAGS, compiler

FMA = """
double fma_peak(long n) {
    double a[96]; int i; long k; double z = 0;
    for (i = 0; i < 96; i++) a[i] = i * 1e-3;
    for (k = 0; k < n; k++) for (i = 0; i < 96; i++) a[i] = a[i] * 0.999999 + 1e-9;
    for (i = 0; i < 96; i++) z += a[i];
    return z;
}
"""


def timed(f: Callable[[], object], repeats: int = 5, clock: Callable[[], float] = time.process_time) -> float:
    """The least time of a call in seconds; processor time, unless another clock is given."""
    best = math.inf
    for _ in range(repeats):
        start = clock()
        f()
        best = min(best, clock() - start)
    return best


@lru_cache(maxsize=1)
def fma_loop() -> Callable[[int], float] | None:
    """n times 96 multiply-adds, from C; it releases the interpreter."""
    if compiler() is None:
        return None
    path = Path(tempfile.mkdtemp()) / "fma.so"
    command = [compiler(), *FLAGS, "-shared", "-fPIC", "-x", "c", "-", "-o", str(path)]
    subprocess.run(command, input=FMA, text=True, check=True)
    run = ctypes.CDLL(str(path)).fma_peak
    run.argtypes, run.restype = [ctypes.c_long], ctypes.c_double
    return run


def fma_nanoseconds() -> float | None:
    """Time of one fused multiply-add of one lane, all lanes and pipes busy."""
    run, n = fma_loop(), 2_000_000
    return timed(lambda: run(n)) / n / 96 * 1e9 if run else None


def fma_speedup(threads: int) -> float:
    """How much more the machine does with so many threads, at this moment."""
    run, n = fma_loop(), 4_000_000
    one = timed(lambda: run(n), 3, time.perf_counter)
    with ThreadPoolExecutor(threads) as pool:
        return one * threads / timed(lambda: list(pool.map(run, [n] * threads)), 3, time.perf_counter)


def pin() -> set[int]:
    """Keep to one core; the cores there were."""
    if not hasattr(os, "sched_setaffinity"):
        return set(range(os.cpu_count() or 1))
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    return cores


def about() -> dict[str, object]:
    """Name and load."""
    return {
        "machine": f"{platform.machine()}, {_processor()}, {os.cpu_count()} cores",
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "fma_ns": fma_nanoseconds(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(x.split(":")[1].strip() for x in lines if x.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
