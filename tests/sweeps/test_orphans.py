"""Nobody is left waiting when the process that started the work is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import derive

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")

CHECK = """
from derive.evidence.workers import in_processes
if __name__ == "__main__":
    from sweep_functions import sleeps
    for _ in in_processes(sleeps, ["a", "b"], (), 2):
        pass
"""

SWEEP = """
import sys
from derive.sweeps import sweep
from sweep_functions import naps
if __name__ == "__main__":
    sweep(naps, {"x": list(range(1000))}, sys.argv[1], chunk=1, workers=2, progress=False)
"""


def children(pid):
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def within(seconds, true):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.1)
    return true()


@pytest.mark.parametrize("script", [CHECK, SWEEP], ids=["claims", "sweep"])
def test_workers_end_with_a_driver_that_is_killed(tmp_path, script):
    """The workers, and the process of Python's that keeps track of them, are gone a moment after the driver."""
    (tmp_path / "driver.py").write_text(script)
    root = str(Path(derive.__file__).parent.parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([root, str(HERE)])}
    driver = subprocess.Popen([sys.executable, "driver.py", str(tmp_path / "out")], env=environment, cwd=tmp_path)
    try:
        assert within(60, lambda: len(children(driver.pid)) >= 3)
        workers = children(driver.pid)
    finally:
        driver.send_signal(signal.SIGKILL)
        driver.wait()
    try:
        assert within(60, lambda: not any(running(pid) for pid in workers))
    finally:
        for pid in filter(running, workers):
            os.kill(pid, signal.SIGKILL)
