"""The back ends that work here, and a folder of its own for tables and libraries, so that building them is tested."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from derive.codegen.backends.c_backend import compiler

MISSING = {
    "c": None if compiler() else "no C compiler on this machine",
    "numba": None if find_spec("numba") else "numba is not installed (the extra fast)",
    "numpy": None,
    "jax": None if find_spec("jax") else "JAX is not installed (the extra jax)",
}


def _named(names):
    return [pytest.param(n, marks=pytest.mark.skipif(bool(MISSING[n]), reason=MISSING[n] or "")) for n in names]


@pytest.fixture(params=_named(MISSING))
def backend(request):
    """Each back end in turn."""
    return request.param


@pytest.fixture(params=_named(n for n in MISSING if n != "jax"))
def quick_backend(request):
    """Each back end that does not compile every program for seconds."""
    return request.param


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DERIVE_CACHE", str(tmp_path_factory.getbasetemp() / "codegen"))
        yield
