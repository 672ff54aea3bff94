"""The C back end: generated C99 compiled by the system's compiler and called through ctypes; float64.

Libraries are kept in a folder by a hash of source, flags, compiler and processor, and renamed into place, so processes
can share it.  ctypes releases the interpreter, so threads over points run side by side.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from derive.codegen import store
from derive.codegen.backends.c_source import LANES, c_source
from derive.codegen.backends.numpy_backend import Result
from derive.codegen.backends.spread import spread
from derive.codegen.graph import Program
from derive.errors import UnsupportedError

__all__ = ["FLAGS", "CRunner", "compiler"]

FLAGS = ("-std=c99", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast")
_POINTERS = ctypes.POINTER(ctypes.c_void_p)


@functools.lru_cache(maxsize=1)
def compiler() -> str | None:
    """The C compiler: ``CC``, else the first of cc, gcc, clang; None if there is none."""
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        found = shutil.which(name) if name else None
        if found:
            return found
    return None


@functools.lru_cache(maxsize=1)
def _machine(command: str) -> str:
    """What a library compiled here depends on: the compiler's version and the processor's features."""
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=False).stdout
    features = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        features += "".join(sorted({x for x in lines if x.startswith(("flags", "Features", "model name"))}))
    except OSError:
        features += platform.processor()
    return version + features


def _library(source: str) -> Path:
    command = compiler()
    if command is None:
        raise UnsupportedError("there is no C compiler (set CC, or install gcc or clang); use backend='numpy'")
    path = store.folder("libraries") / f"{store.digest(source, ' '.join(FLAGS), _machine(command))}.so"
    if path.exists():
        return path
    if not store.put(path, lambda where: _compile(command, source, where)):
        path = Path(tempfile.mkdtemp(prefix="derive-")) / path.name
        _compile(command, source, path)
    return path


def _compile(command: str, source: str, target: Path) -> None:
    flags = [command, *FLAGS, "-shared", "-fPIC", "-x", "c", "-", "-o", str(target), "-lm"]
    done = subprocess.run(flags, input=source, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnsupportedError(f"the C compiler {command} failed: {done.stderr.strip()[:300]}; use backend='numpy'")


class CRunner:
    """Runs a program compiled from C; the same interface as the NumPy runner."""

    name = "c"

    def __init__(self, program: Program) -> None:
        self.program = program
        self.source = c_source(program)
        self.path = _library(self.source)
        self.function = ctypes.CDLL(str(self.path)).derive_run
        integer = ctypes.c_int64
        self.function.argtypes = [integer, integer, integer, _POINTERS, _POINTERS, _POINTERS, integer, _POINTERS]
        self.function.restype = None
        self.tables = [a for group in program.table_data() for a in group]
        self.addresses = _addresses(self.tables)

    def __reduce__(self) -> tuple[Any, ...]:
        return CRunner, (self.program,)  # another process loads the library itself

    def run(self, depth: int, inputs: Mapping[str, np.ndarray], layers: bool = False, threads: int = 1) -> Result:
        """Iterate all points; see :class:`~derive.codegen.backends.numpy_backend.NumpyRunner`."""
        p = self.program
        names = [*p.states, *p.factors, *p.shown]
        given = [np.ascontiguousarray(inputs[n], float) for n in (*p.states, *p.parameters)]
        size = len(given[0])
        out = np.empty((len(names), size))
        record = np.empty((len(names), depth + 1, size)) if layers else None
        if record is not None:
            record[:, 0] = np.nan
        arguments = (
            depth,
            _addresses(given),
            _addresses(out),
            None if record is None else _addresses(record),
            size,
            self.addresses,
        )
        spread(lambda first, last: self.function(first, last, *arguments), size, LANES, threads)
        return Result(
            dict(zip(names, out, strict=True)), None if record is None else dict(zip(names, record, strict=True))
        )


def _addresses(arrays: Sequence[np.ndarray] | np.ndarray) -> ctypes.Array:
    """Where the numbers of arrays, or of the entries of one array, begin."""
    if isinstance(arrays, np.ndarray):
        first, step = arrays.__array_interface__["data"][0], arrays.strides[0]
        found = range(first, first + step * len(arrays), step) if step else [first] * len(arrays)
    else:
        found = [a.__array_interface__["data"][0] for a in arrays]
    return (ctypes.c_void_p * max(len(arrays), 1))(*found)
