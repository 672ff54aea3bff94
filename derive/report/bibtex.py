"""BibTeX of the papers that results come from."""

from __future__ import annotations

from difflib import get_close_matches

from derive.errors import InputError, UnknownNameError
from derive.evidence.bibliography import PAPERS, Paper
from derive.evidence.records import Record
from derive.names import brief

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
    papers = [p.key for p in PAPERS]
    if what in papers:
        return what
    from derive.evidence.proof import proof_ids
    from derive.evidence.records import record

    claims = proof_ids()
    if what in claims:
        return record(what).source[0]
    near = get_close_matches(what[:200], [*papers, *claims], 1)
    hint = f"did you mean {near[0]}?" if near else f"papers are {', '.join(papers)}; `derive list` shows the claims"
    raise UnknownNameError(f"no paper and no claim is called {brief(what)}; {hint}")


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
