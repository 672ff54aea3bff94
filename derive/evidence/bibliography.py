"""The papers whose statements are judged here: what a citation needs, as data."""

from __future__ import annotations

from dataclasses import dataclass

from derive.names import known_name

__all__ = ["OWN", "PAPERS", "Paper", "paper"]

#: The key of statements that stand in no paper but in this package.
OWN = "derive"


@dataclass(frozen=True)
class Paper:
    """One source: BibTeX key and kind, and its fields as a tuple of pairs."""

    key: str
    kind: str
    short: str
    fields: tuple[tuple[str, str], ...]


PAPERS = (
    Paper(
        "yang2017",
        "inproceedings",
        "Yang & Schoenholz 2017",
        (
            ("author", "Yang, Greg and Schoenholz, Samuel S."),
            ("title", "Mean Field Residual Networks: On the Edge of Chaos"),
            ("booktitle", "Advances in Neural Information Processing Systems 30"),
            ("year", "2017"),
        ),
    ),
    Paper(
        "tarnowski2019",
        "inproceedings",
        "Tarnowski et al. 2019",
        (
            (
                "author",
                r"Tarnowski, Wojciech and Warcho{\l}, Piotr and Jastrz{\k{e}}bski, Stanis{\l}aw and Tabor, Jacek "
                "and Nowak, Maciej A.",
            ),
            (
                "title",
                "Dynamical Isometry is Achieved in Residual Networks in a Universal Way for any Activation Function",
            ),
            (
                "booktitle",
                "Proceedings of the 22nd International Conference on Artificial Intelligence and Statistics",
            ),
            ("year", "2019"),
        ),
    ),
    Paper(
        "pabari",
        "techreport",
        "Pabari & Zhou",
        (
            ("author", "Pabari, Raj and Zhou, Iris"),
            ("title", "A Mean-Field Theory of Training Deep Neural Networks"),
            ("institution", "Stanford University"),
            ("note", "undated; its newest reference is of 2024"),
        ),
    ),
    Paper(
        "hanin2018",
        "inproceedings",
        "Hanin & Rolnick 2018",
        (
            ("author", "Hanin, Boris and Rolnick, David"),
            ("title", "How to Start Training: The Effect of Initialization and Architecture"),
            ("booktitle", "Advances in Neural Information Processing Systems 31"),
            ("year", "2018"),
        ),
    ),
    Paper(
        "schoenholz2017",
        "inproceedings",
        "Schoenholz et al. 2017",
        (
            ("author", "Schoenholz, Samuel S. and Gilmer, Justin and Ganguli, Surya and Sohl-Dickstein, Jascha"),
            ("title", "Deep Information Propagation"),
            ("booktitle", "5th International Conference on Learning Representations"),
            ("year", "2017"),
        ),
    ),
    Paper(
        "debruijn1958",
        "book",
        "de Bruijn 1958",
        (
            ("author", "de Bruijn, Nicolaas Govert"),
            ("title", "Asymptotic Methods in Analysis"),
            ("publisher", "North-Holland"),
            ("address", "Amsterdam"),
            ("year", "1958"),
        ),
    ),
    Paper(
        "ahosloane1973",
        "article",
        "Aho & Sloane 1973",
        (
            ("author", "Aho, Alfred V. and Sloane, Neil J. A."),
            ("title", "Some Doubly Exponential Sequences"),
            ("journal", "The Fibonacci Quarterly"),
            ("volume", "11"),
            ("year", "1973"),
        ),
    ),
    Paper(
        "finch2003",
        "book",
        "Finch 2003",
        (
            ("author", "Finch, Steven R."),
            ("title", "Mathematical Constants"),
            ("publisher", "Cambridge University Press"),
            ("year", "2003"),
        ),
    ),
    Paper(
        "mavecha2013",
        "article",
        "Mavecha & Laohakosol 2013",
        (
            ("author", "Mavecha, Sukrawan and Laohakosol, Vichian"),
            ("title", "Asymptotic Expansions of Iterates of Some Classical Functions"),
            ("journal", "Applied Mathematics E-Notes"),
            ("volume", "13"),
            ("pages", "77--91"),
            ("year", "2013"),
        ),
    ),
    Paper(
        "finch2024",
        "misc",
        "Finch 2024",
        (
            ("author", "Finch, Steven R."),
            ("title", "Exercises in Iterational Asymptotics"),
            ("note", "arXiv:2411.16062"),
            ("year", "2024"),
        ),
    ),
    Paper(
        "finch2025",
        "misc",
        "Finch 2025",
        (
            ("author", "Finch, Steven R."),
            ("title", "Generalized Logistic Maps and Convergence"),
            ("note", "arXiv:2409.15175"),
            ("year", "2025"),
        ),
    ),
    Paper(
        "oeis",
        "misc",
        "OEIS",
        (
            ("author", "{OEIS Foundation Inc.}"),
            ("title", "The On-Line Encyclopedia of Integer Sequences"),
            ("note", "published electronically at https://oeis.org"),
        ),
    ),
    Paper(
        OWN,
        "software",
        "this package",
        (
            ("author", "{The derive developers}"),
            ("title", "derive: the laws of deep random networks, derived, certified and evaluated"),
            ("note", "Python package meanfield-derive"),
        ),
    ),
)


def paper(key: str) -> Paper:
    """The paper with a given key; an unknown key raises :class:`~derive.errors.UnknownNameError`.

    >>> paper("hanin2018").short
    'Hanin & Rolnick 2018'
    """
    papers = {p.key: p for p in PAPERS}
    return papers[known_name(key, papers, "paper")]
