"""BibTeX of the papers that results come from."""

from __future__ import annotations

from derive.errors import InputError, UnknownNameError
from derive.evidence import bibliography
from derive.evidence.bibliography import PAPERS, Paper
from derive.evidence.records import Record

__all__ = ["bibtex", "cite"]


def bibtex(paper: Paper) -> str:
    """One BibTeX entry."""
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in paper.fields)
    return f"@{paper.kind}{{{paper.key},\n{body}}}\n"


def _key(what: str | Record) -> str:
    if isinstance(what, Record):
        return what.source[0]
    if not isinstance(what, str):
        raise InputError(f"{what!r} is neither a paper's key nor a claim's id; give text such as 'schoenholz2017'")
    known = {p.key for p in PAPERS}
    if what in known:
        return what
    from derive.evidence.records import record

    try:
        return record(what).source[0]
    except UnknownNameError:
        return bibliography.paper(what).key  # raises, with the list of papers


def cite(*what: str | Record) -> str:
    """BibTeX entries for papers (by key) and for the sources of claims (by id, or as records); for all when empty.

    >>> print(cite("schoenholz2017"))
    @inproceedings{schoenholz2017,
      author = {Schoenholz, Samuel S. and Gilmer, Justin and Ganguli, Surya and Sohl-Dickstein, Jascha},
      title = {Deep Information Propagation},
      booktitle = {5th International Conference on Learning Representations},
      year = {2017},
    }
    <BLANKLINE>

    Raises :class:`~derive.errors.UnknownNameError` for a name that is neither.
    """
    keys = {_key(w) for w in what} if what else {p.key for p in PAPERS}
    return "\n".join(bibtex(p) for p in PAPERS if p.key in keys)
