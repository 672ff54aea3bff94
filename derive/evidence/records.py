"""The claims as a user sees them: what the stored certificates say, and how to make them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from derive.claim import Claim
from derive.evidence.cache import Cache
from derive.evidence.certificate import read_certificate
from derive.evidence.proof import load_proof, proof_ids, proofs_folder, require_ids
from derive.evidence.run import Progress, run_claims
from derive.files import cache_folder

__all__ = ["Record", "Records", "certificates_folder", "check", "check_all", "claims", "errata", "record"]


@dataclass(frozen=True)
class Record:
    """One claim and what was shown for it.  Everything is read from the certificate.

    ``status`` is ``"not run"`` where there is no certificate yet.  ``digits`` is the largest number of digits on which
    two routes agreed at all points of a check, ``None`` where no check counts digits.
    """

    id: str
    status: str
    certificate: Mapping[str, Any]
    proofs: Path

    @property
    def title(self) -> str:
        """The claim in a few words."""
        return self.certificate.get("title", self.id)

    @property
    def statement(self) -> str:
        """The statement in Python notation."""
        return self.certificate.get("statement", "")

    @property
    def source(self) -> tuple[str, str]:
        """The key of the paper and the place in it."""
        where = self.certificate.get("source", {})
        return where.get("paper", ""), where.get("place", "")

    @property
    def digits(self) -> int | None:
        """Digits reached, rounded down."""
        return self.certificate.get("digits")

    @property
    def printed_status(self) -> str:
        """``confirmed``, ``conditional``, ``refuted``, or ``""`` where the claim carries no printed form."""
        return self.certificate.get("printed", {}).get("status", "")

    @property
    def passed(self) -> bool:
        """Whether the claim stands: nothing failed, and it was run (or is openly quoted or open)."""
        return self.status not in ("failed", "not run")

    @property
    def claim(self) -> Claim:
        """The claim itself with its SymPy statement, loaded from its proof file."""
        return load_proof(self.id, self.proofs).claim

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.certificate.get('latex', '')}$"


class Records(tuple[Record, ...]):
    """Records that show themselves as a table in Jupyter; otherwise a tuple."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        head = "<tr><th>claim</th><th>status</th><th>print</th><th>source</th><th>title</th></tr>"
        rows = ("".join(f"<td>{escape(text)}</td>" for text in _columns(r)) for r in self)
        return f"<table>{head}{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _columns(record: Record) -> tuple[str, ...]:
    source = ", ".join(filter(None, record.source))
    return record.id, record.status, record.printed_status, source, record.title


def certificates_folder(proofs: Path | None = None) -> Path:
    """Where the certificates lie that belong to a folder of proofs."""
    return (proofs or proofs_folder()) / "certificates"


def _stored(claim_id: str, folder: Path) -> Record:
    path = certificates_folder(folder) / f"{claim_id}.json"
    if not path.is_file():
        return Record(claim_id, "not run", {"id": claim_id}, folder)
    data = read_certificate(path)
    return Record(claim_id, data["status"], data, folder)


def claims(proofs: Path | None = None) -> Records:
    """Every claim of the package with what its certificate says, sorted by id.

    Nothing is run: the certificates are those that come with the package.

    >>> [r.status for r in claims() if r.id == "variance_of_sine"]
    ['proved']
    """
    folder = proofs or proofs_folder()
    return Records(_stored(name, folder) for name in proof_ids(folder))


def record(claim_id: str, proofs: Path | None = None) -> Record:
    """One claim with what its certificate says; an unknown id raises with near matches."""
    folder = proofs or proofs_folder()
    (known,) = require_ids([claim_id], folder)
    return _stored(known, folder)


def errata(proofs: Path | None = None) -> Records:
    """The claims whose printed form is refuted, or holds only under a condition that is not printed."""
    return Records(r for r in claims(proofs) if r.printed_status in ("refuted", "conditional"))


def check_all(
    ids: Iterable[str] | None = None,
    *,
    proofs: Path | None = None,
    cache: str | Path | None = None,
    use_cache: bool = True,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> tuple[Record, ...]:
    """Examine claims now (all of them, or the given ones and what they use) and return what was found.

    With ``jobs`` each claim runs in a process of its own, so many at a time; a script that asks for that needs the
    usual ``if __name__ == "__main__":``.  Such results are kept in the cache folder (``cache``, else the environment
    variable ``DERIVE_CACHE``, else the user's cache folder) and used again while no source file they depend on has
    changed.
    """
    folder = proofs or proofs_folder()
    kept = Cache(cache_folder(cache) if use_cache else None, required=cache is not None)
    found = run_claims(ids, proofs=folder, cache=kept, jobs=jobs, progress=progress)
    return tuple(Record(name, data["status"], data, folder) for name, data in found.items())


def check(
    claim_id: str, *, proofs: Path | None = None, cache: str | Path | None = None, use_cache: bool = True
) -> Record:
    """Examine one claim now (and what it uses) and return what was found.

    >>> check("variance_of_sine", use_cache=False).status
    'proved'
    """
    found = check_all([claim_id], proofs=proofs, cache=cache, use_cache=use_cache)
    return next(r for r in found if r.id == claim_id)
