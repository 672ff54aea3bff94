"""Sweeps: labelled results, resuming, and what is left when workers or the driver are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest

import derive as dv
from derive.errors import InputError
from derive.sweeps import sweep

sys.path.insert(0, str(Path(__file__).parent))
import sweep_functions as functions

X, Y = np.arange(6.0), np.arange(1.0, 5.0)


@pytest.fixture(autouse=True)
def importable_by_workers(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]))


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_the_result_is_labelled_by_the_axes(tmp_path, threads):
    found = sweep(functions.product, {"x": X, "y": Y}, tmp_path, executor=threads, chunk=5, progress=False, shift=1.0)
    np.testing.assert_array_equal(found["z"], X[:, None] * Y + 1)
    assert list(found) == ["z"] and list(found.axes) == ["x", "y"]


def test_xarray_and_netcdf(tmp_path, threads):
    xarray = pytest.importorskip("xarray")
    found = sweep(functions.product, {"x": X, "y": Y}, tmp_path / "s", executor=threads, progress=False)
    assert float(found.to_xarray().z.sel(x=3.0, y=2.0)) == 6
    found.to_netcdf(tmp_path / "z.nc")
    with xarray.open_dataset(tmp_path / "z.nc", engine="scipy") as read:
        np.testing.assert_array_equal(read.z.values, found["z"])


def test_a_second_run_computes_nothing(tmp_path, threads, capsys):
    log = tmp_path / "log"
    log.mkdir()
    for _ in range(2):
        sweep(functions.product, {"x": X, "y": Y}, tmp_path / "s", executor=threads, chunk=7, log=str(log))
    assert len(list(log.iterdir())) == 4  # 24 points in chunks of 7
    assert "4 of 4 chunks are there already" in capsys.readouterr().err


def test_a_killed_worker_costs_its_chunk_only(tmp_path):
    """One process of the pool is killed from inside; the pool is made again and the result is whole."""
    found = sweep(functions.dies_once, {"x": np.arange(9.0)}, tmp_path / "s", workers=1, chunk=2, log=str(tmp_path))
    assert (tmp_path / "died").exists()
    np.testing.assert_array_equal(found["z"], np.arange(9.0) ** 2)


def test_workers_that_always_die_end_the_sweep(tmp_path):
    with pytest.raises(BrokenProcessPool):
        sweep(functions.always_dies, {"x": [1.0]}, tmp_path, workers=1, progress=False)


def test_a_killed_driver_loses_no_finished_chunk(tmp_path):
    """The driver is killed with SIGKILL half-way; what it had finished is not computed again."""
    log, folder = tmp_path / "log", tmp_path / "s"
    log.mkdir()
    arguments = f"dict(x=[float(i) for i in range(20)], y=[2.0]), {str(folder)!r}, chunk=1, log={str(log)!r}"
    code = (
        "from concurrent.futures import ThreadPoolExecutor\nimport sweep_functions as f\n"
        "from derive.sweeps import sweep\n"
        f"sweep(f.product, {arguments}, executor=ThreadPoolExecutor(1), progress=False, pause=0.05)\n"
    )
    root = str(Path(dv.__file__).parent.parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([root, str(Path(__file__).parent)])}
    driver = subprocess.Popen([sys.executable, "-c", code], env=environment)
    limit = time.monotonic() + 60
    while len(list(folder.glob("chunk*.npz"))) < 5 and time.monotonic() < limit:
        time.sleep(0.01)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    kept, calls = len(list(folder.glob("chunk*.npz"))), len(list(log.iterdir()))
    assert 5 <= kept < 20
    axes = {"x": np.arange(20.0), "y": [2.0]}
    with ThreadPoolExecutor(1) as pool:
        found = sweep(functions.product, axes, folder, executor=pool, chunk=1, progress=False, log=str(log), pause=0.05)
    np.testing.assert_array_equal(found["z"][:, 0], 2 * np.arange(20.0))
    assert len(list(log.iterdir())) - calls == 20 - kept


def test_a_failing_chunk_is_named_and_the_others_are_kept(tmp_path, threads):
    with pytest.raises(ValueError, match="three is refused") as caught:
        sweep(functions.fails_at_three, {"x": X}, tmp_path, executor=threads, chunk=1, progress=False)
    assert "chunk 3 of 6" in caught.value.__notes__[0]
    assert len(list(tmp_path.glob("chunk*.npz"))) == 5


def test_another_sweep_in_the_folder_is_refused(tmp_path, threads):
    sweep(functions.product, {"x": X, "y": Y}, tmp_path, executor=threads, progress=False)
    for axes, extra in (
        ({"x": X, "y": Y + 1}, {}),
        ({"x": X, "y": Y}, {"version": "2"}),
        ({"x": X, "y": Y}, {"shift": 2}),
    ):
        with pytest.raises(InputError, match="holds another sweep"):
            sweep(functions.product, axes, tmp_path, executor=threads, progress=False, **extra)


def test_bad_arguments_are_refused(tmp_path, threads):
    run = {"executor": threads, "progress": False}
    with pytest.raises(InputError, match="at least one axis"):
        sweep(functions.product, {}, tmp_path, **run)
    with pytest.raises(InputError, match="axis x must hold real numbers"):
        sweep(functions.product, {"x": ["a"]}, tmp_path, **run)
    with pytest.raises(InputError, match="axis and a fixed"):
        sweep(functions.product, {"x": X}, tmp_path, x=1, **run)
    with pytest.raises(InputError, match="chunk = 0"):
        sweep(functions.product, {"x": X}, tmp_path, chunk=0, **run)
    with pytest.raises(InputError, match="of shape"):
        sweep(functions.wrong_shape, {"x": X}, tmp_path / "w", **run)


def test_a_dask_executor_works_unchanged(tmp_path):
    distributed = pytest.importorskip("distributed", reason="the extra `distributed` is not installed")
    cluster = distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        found = sweep(functions.product, {"x": X, "y": Y}, tmp_path, executor=client.get_executor(), chunk=5)
    np.testing.assert_array_equal(found["z"], X[:, None] * Y)


def test_a_compiled_network_in_processes(tmp_path):
    """A compiled network is sent to a worker and gives there what it gives here."""
    f = dv.FullResidual("relu").compile()
    fixed = {"depth": 30, "sigma_v2": 0.1, "sigma_a2": 0.0, "sigma_b2": 0.0, "p0": 1.0}
    axes = {"sigma_w2": np.linspace(0.1, 1, 4), "e0": [0.0, 0.5]}
    found = sweep(f, axes, tmp_path, workers=1, chunk=5, progress=False, **fixed)
    here = f(sigma_w2=axes["sigma_w2"][:, None], e0=np.array(axes["e0"]), **fixed)
    np.testing.assert_array_equal(found["gamma"], here["gamma"])
    assert found["status"].dtype.kind == "i" and not found["status"].any()
