"""Killed processes, shared and read-only caches, no compiler: what stands on disk is whole, and the work goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import derive.errors

ROOT = Path(derive.errors.__file__).parent.parent
CHECK = [sys.executable, "-m", "derive", "check", "--jobs", "1", "--quiet", "variance_of_sine"]


def _environment(**changes: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("DERIVE_CACHE", "CC")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"} | changes


def _killed(script: str, *arguments: object, after: float) -> None:
    """Run a script until ``after`` seconds beyond its first line, then SIGKILL."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment()) as process:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(after)
        process.kill()
        process.wait()
    assert process.returncode != 0


FILE = """
import sys
from pathlib import Path
from derive.files import write_file
print("ready", flush=True)
while True:
    for letter in "ab":
        write_file(Path(sys.argv[1]), letter * 3_000_000)
"""


@pytest.mark.parametrize("after", [0.003, 0.02, 0.07, 0.11])
def test_a_killed_writer_leaves_the_old_file_or_the_new_one(tmp_path, after):
    """Figures, certificates and the cache are written this way."""
    target = tmp_path / "figure.pdf"
    target.write_text("a" * 3_000_000)
    _killed(FILE, target, after=after)
    text = target.read_text()
    assert len(text) == 3_000_000 and len(set(text)) == 1


FOLDER = """
import sys
from pathlib import Path
from derive.files import write_folder
files = {f"part{i}/file{i}.txt": "whole" * 20_000 for i in range(400)}
print("ready", flush=True)
write_folder(Path(sys.argv[1]), files)
while True: pass
"""


@pytest.mark.parametrize("after", [0.0, 0.01, 0.03, 0.06, 0.5])
def test_a_killed_export_leaves_no_folder_or_the_whole_one(tmp_path, after):
    """``derive export`` writes its folder this way; afterwards it can be written again."""
    from derive.files import write_folder

    target = tmp_path / "out"
    _killed(FOLDER, target, after=after)
    if target.exists():
        written = [p for p in target.rglob("*") if p.is_file()]
        assert len(written) == 400 and all(p.stat().st_size == 100_000 for p in written)
    write_folder(target, {"again.txt": "yes"})
    assert (target / "again.txt").read_text() == "yes"


STORE = """
import sys
from pathlib import Path
from derive.codegen import store
print("ready", flush=True)
for i in range(int(sys.argv[2])):
    store.put(Path(sys.argv[1]), lambda where: where.write_bytes(bytes([i % 7]) * 1_000_000))
"""


@pytest.mark.parametrize("after", [0.01, 0.05])
def test_a_killed_process_leaves_the_store_of_compiled_things_whole(tmp_path, after):
    target = tmp_path / "thing.bin"
    _killed(STORE, target, 10**6, after=after)
    data = target.read_bytes() if target.exists() else b"\0" * 1_000_000
    assert len(data) == 1_000_000 and len(set(data)) == 1


def test_two_processes_share_the_store(tmp_path):
    target = tmp_path / "thing.bin"
    command = [sys.executable, "-c", STORE, str(target), "200"]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, env=_environment()) for _ in range(2)]
    assert [process.wait(timeout=120) for process in running] == [0, 0]
    data = target.read_bytes()
    assert len(data) == 1_000_000 and len(set(data)) == 1 and [p.name for p in tmp_path.iterdir()] == ["thing.bin"]


@pytest.mark.slow
def test_two_processes_share_the_cache_of_claims(tmp_path):
    environment = _environment(DERIVE_CACHE=str(tmp_path))
    running = [
        subprocess.Popen(CHECK, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment) for _ in "ab"
    ]
    for process in running:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    (entry,) = tmp_path.rglob("variance_of_sine-*.json")
    assert json.loads(entry.read_text())["certificate"]["id"] == "variance_of_sine"
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", "\x00\x00", '{"dependencies": 3}', '{"seconds": "x"}'])
def test_a_damaged_entry_of_the_cache_is_made_again(tmp_path, damage):
    """What a crash of the machine (not of the process) may leave."""
    from derive.evidence.cache import Cache

    cache = Cache(tmp_path)
    path = cache._path("claim", tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text(damage)
    assert cache.get("claim", tmp_path) is None
    assert cache.seconds("claim", tmp_path) == 0.0


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"\x00" * 100, b"\x93NUMPY"])
def test_a_damaged_table_is_made_again(tmp_path, damage):
    from derive.codegen.approximation.table_set import load_tables

    path = tmp_path / "table.npz"
    path.write_bytes(damage)
    assert load_tables(path) is None


COMPILE = """
import derive as dv
run = dv.FullResidual("relu").compile("auto")(3, sigma_v2=1, sigma_w2=1, sigma_a2=0, sigma_b2=0, p0=[1.0, 2.0], e0=0.5)
print(*run["p"])
"""


@pytest.mark.parametrize("lack", ["home", "compiler", "both"])
def test_compiling_goes_on_without_a_home_or_a_compiler(tmp_path, lack):
    """p of a ReLU network grows by 3/2 in every layer: 27/8 and 27/4 after three."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    changes = {"XDG_CACHE_HOME": str(blocked if lack != "compiler" else tmp_path / "cache")}
    if lack != "home":
        changes["PATH"] = str(tmp_path)
    command = [sys.executable, "-c", COMPILE]
    run = subprocess.run(command, env=_environment(**changes), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert np.allclose([float(word) for word in run.stdout.split()], [27 / 8, 27 / 4], rtol=1e-15)


@pytest.mark.slow
def test_tables_are_exported_without_a_home(tmp_path):
    """The cache is an offer; a folder that was not chosen by anyone may be read-only."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    command = [sys.executable, "-m", "derive", "export", str(tmp_path / "out"), "--no-figures", "--jobs", "1"]
    run = subprocess.run(
        command,
        env=_environment(XDG_CACHE_HOME=str(blocked)),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert run.returncode in (0, 1) and "Traceback" not in run.stderr, run.stderr
    assert any((tmp_path / "out").iterdir())
