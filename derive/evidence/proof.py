"""Proof files: where they are, and one of them loaded.

A proof is a Python module ``ID.py`` in the folder of proofs, imported by its path.  It defines ``CLAIM`` and any of
``derive()``, ``checks()``, ``printed_checks()`` and ``QUOTED``.  Files whose name starts with an underscore are helpers
that proofs may import relatively (``from ._setup import ...``).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import sympy as sp

from derive.claim import Claim
from derive.errors import InputError, UnknownNameError
from derive.evidence.check import Check
from derive.formula_tokens import shown

__all__ = ["Proof", "load_proof", "package_name", "proof_ids", "proofs_folder", "require_ids"]


@dataclass(frozen=True)
class Proof:
    """A loaded proof file.  ``quoted`` says why a statement is taken from its source without a derivation."""

    claim: Claim
    derive: Callable[[], sp.Basic] | None
    checks: Callable[[], Iterable[Check]] | None
    printed_checks: Callable[[], Iterable[Check]] | None
    quoted: str = ""


def proofs_folder() -> Path:
    """The folder of proofs: inside an installed package, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_proofs", package.parent / "proofs"):
        if folder.is_dir():
            return folder
    raise InputError(f"no proofs beside {package}; install the package from its wheel or use a full checkout")


def proof_ids(folder: Path | None = None) -> list[str]:
    """The ids of all claims that have a proof file, sorted."""
    where = folder or proofs_folder()
    if not where.is_dir():
        raise InputError(f"there is no folder of proofs at {where}")
    return sorted(p.stem for p in where.glob("*.py") if not p.stem.startswith("_"))


def require_ids(wanted: Iterable[str], folder: Path | None = None) -> list[str]:
    """The given ids, once each, in the given order; an unknown one raises with near matches."""
    known = proof_ids(folder)
    asked = list(wanted)
    for name in asked:
        if not isinstance(name, str):
            raise InputError(f"{name!r} is not the id of a claim; ids are text, such as {(known or ['variance'])[0]!r}")
    ids = list(dict.fromkeys(asked))
    for name in ids:
        if name not in known:
            near = get_close_matches(name, known, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`derive list` shows them all"
            raise UnknownNameError(f"no claim is called {shown(name)!r}; {hint}")
    return ids


def package_name(folder: Path) -> str:
    """The name under which the folder's modules are imported; made on first use, so that relative imports work."""
    name = "derive_proofs_" + hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    if name not in sys.modules:
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[name] = importlib.util.module_from_spec(spec)
    return name


@contextmanager
def _fresh(package: str) -> Iterator[None]:
    """Import the proofs of a folder as they stand now: edited files are read again, and no bytecode is left behind."""
    for name in [n for n in sys.modules if n.startswith(package + ".")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def load_proof(claim_id: str, folder: Path | None = None) -> Proof:
    """Load the proof file of a claim.

    Raises :class:`~derive.errors.UnknownNameError` for an unknown id and :class:`~derive.errors.InputError` for a file
    that declares no claim, or a claim of another name.  Errors of the file itself pass through.
    """
    where = (folder or proofs_folder()).resolve()
    (known,) = require_ids([claim_id], where)
    package = package_name(where)
    with _fresh(package):
        module = importlib.import_module(f"{package}.{known}")
    claim = getattr(module, "CLAIM", None)
    if not isinstance(claim, Claim):
        raise InputError(f"the proof file {known}.py declares no CLAIM")
    if claim.id != known:
        raise InputError(f"the proof file {known}.py declares the claim {claim.id}; the two names must be the same")
    return Proof(
        claim=claim,
        derive=getattr(module, "derive", None),
        checks=getattr(module, "checks", None),
        printed_checks=getattr(module, "printed_checks", None),
        quoted=getattr(module, "QUOTED", ""),
    )
