"""The exported C text builds with its own Makefile and gives the numbers of the library."""

from __future__ import annotations

import json
import shutil
import subprocess

import numpy as np
import pytest

import derive as dv
from derive.cli import main
from derive.codegen.backends.c_backend import compiler


@pytest.mark.skipif(compiler() is None or shutil.which("make") is None, reason="no C compiler or no make")
def test_exported_code_stands_on_its_own(tmp_path, capsys):
    """derive codegen, make, one point through the program: the same bits as through ctypes."""
    folder = tmp_path / "net"
    assert main(["codegen", str(folder), "--network", "reduced-residual", "--activation", "tanh", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["files"]) == 4
    subprocess.run(["make", "-s"], cwd=folder, check=True, env={"PATH": "/usr/bin:/bin", "CC": compiler()})
    compiled = dv.ReducedResidual("tanh").compile("c").compiled
    start = {"p": 1.5, "gamma": 0.5, "s": 1.0, "sigma_b2": 0.1, "sigma_w2": 0.9}
    assert [*compiled.program.states, *compiled.program.parameters][:3] == ["p", "gamma", "s"]
    line = " ".join(str(start[n]) for n in [*compiled.program.states, *compiled.program.parameters])
    done = subprocess.run([folder / "network", "40"], input=line, capture_output=True, text=True, check=True)
    got = [float(x) for x in done.stdout.split()]
    np.testing.assert_allclose(got, [float(v) for v in compiled(40, **start).values()], rtol=1e-15)


def test_unknown_networks_are_named(capsys, tmp_path):
    assert main(["codegen", str(tmp_path), "--network", "perceptron"]) == 2
    assert "no network is called 'perceptron'" in capsys.readouterr().err
