"""Functions for the sweeps under test; workers import them by name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np


def product(x, y, shift=0.0, log=None, pause=0.0):
    """x*y + shift; leaves one file per call in ``log``."""
    time.sleep(pause)
    if log is not None:
        Path(log, f"{os.getpid()}-{time.monotonic_ns()}").write_text(f"{x[0]} {y[0]} {len(x)}")
    return {"z": x * y + shift}


def dies_once(x, log):
    """Kills its own process the first time it meets x = 5."""
    mark = Path(log, "died")
    if 5.0 in x and not mark.exists():
        mark.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return {"z": x**2}


def always_dies(x):
    os.kill(os.getpid(), signal.SIGKILL)


def fails_at_three(x):
    if 3.0 in x:
        raise ValueError("three is refused")
    return {"z": x}


def wrong_shape(x):
    return {"z": np.zeros(len(x) + 1)}


def naps(x):
    time.sleep(0.2)
    return {"z": x}


def sleeps(name):
    time.sleep(300)
    return name
