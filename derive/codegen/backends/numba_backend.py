"""The numba back end: one compiled kernel reads programs as numbers, for machines without a C compiler; float64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from derive.codegen.backends.bytecode import Bytecode
from derive.codegen.backends.numba_kernel import AVAILABLE, LANES, iterate
from derive.codegen.backends.numpy_backend import Result
from derive.codegen.backends.spread import spread
from derive.codegen.graph import Program
from derive.errors import UnsupportedError

__all__ = ["NumbaRunner"]


class NumbaRunner:
    """Runs a program by :mod:`derive.codegen.backends.numba_kernel`; the same interface as the NumPy runner.

    Nothing is compiled for a program: the kernel is, once, when it first runs on a machine.
    """

    name = "numba"

    def __init__(self, program: Program) -> None:
        if not AVAILABLE:
            raise UnsupportedError("numba is not installed (pip install 'meanfield-derive[fast]'); use backend='numpy'")
        self.program = program
        code = Bytecode(program)
        states = tuple(program.states)
        rows = (
            code.input_rows((*states, *program.parameters)),
            int(code.input_rows((program.index,))[0]) if program.index else -1,
            code.result_rows(program.states),
            np.array([n in program.sums for n in states], bool),
            code.result_rows(program.factors),
            code.result_rows(program.shown),
        )
        self.fixed = (code.instructions, code.constants, code.structure, rows)

    def __reduce__(self) -> tuple[Any, ...]:
        return NumbaRunner, (self.program,)

    def run(self, depth: int, inputs: Mapping[str, np.ndarray], layers: bool = False, threads: int = 1) -> Result:
        """Iterate all points; see :class:`~derive.codegen.backends.numpy_backend.NumpyRunner`."""
        p = self.program
        names = [*p.states, *p.factors, *p.shown]
        given = np.stack([np.asarray(inputs[n], float) for n in (*p.states, *p.parameters)])
        size = given.shape[1]
        out = np.full((len(names), size), np.nan)
        record = np.empty((len(names), depth + 1, size) if layers else (len(names), 0, 0))
        record[:, :1] = np.nan
        spread(lambda a, b: iterate(a, b, depth, given, out, record, *self.fixed), size, LANES, threads)
        found = dict(zip(names, record, strict=True)) if layers else None
        return Result(dict(zip(names, out, strict=True)), found)
