"""What the command line accepts."""

from __future__ import annotations

import argparse
from importlib import metadata
from typing import Any, NoReturn

from derive.cli import evidence_commands as evidence
from derive.cli import value_commands as values
from derive.cli.codegen_command import add_codegen
from derive.cli.figure_command import show_figure
from derive.cli.init_command import recommend
from derive.errors import InputError
from derive.initialisation.choose import ARCHITECTURES

__all__ = ["parser"]


class _Parser(argparse.ArgumentParser):
    """Errors in the arguments take the same way as all others: one line, exit status 2."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; `{self.prog} --help` shows what is accepted")


def _version() -> str:
    try:
        return metadata.version("meanfield-derive")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _common(default: Any) -> _Parser:
    """The options that may stand before or after the command."""
    common = _Parser(add_help=False)
    common.add_argument("--json", action="store_true", default=default, help="print JSON for a program")
    common.add_argument("--quiet", action="store_true", default=default, help="no progress and no remarks")
    common.add_argument(
        "--cache", metavar="DIR", default=default, help="cache folder (else DERIVE_CACHE, else the user's cache folder)"
    )
    return common


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; each command sets ``run``, a function of the options."""
    top = _Parser(
        prog="derive",
        description="Derives, certifies and evaluates the laws of deep random networks.",
        parents=[_common(None)],
    )
    top.add_argument("--version", action="version", version=f"derive {_version()}")
    commands = top.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    common = _common(argparse.SUPPRESS)

    def command(name: str, run: Any, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary, parents=[common])
        added.set_defaults(run=run)
        return added

    _evidence(command)
    _values(command)
    add_codegen(command)
    return top


def _evidence(command: Any) -> None:
    command("list", evidence.list_claims, "every claim with its status")

    show = command("show", evidence.show_claim, "one claim: statement, source, status and what was shown")
    show.add_argument("id", metavar="ID")

    check = command("check", evidence.check_claims, "examine claims now: derive, check, control; status 1 if one fails")
    check.add_argument("ids", metavar="ID", nargs="*", help="claims (with what they use); all when none is given")
    check.add_argument("--jobs", type=int, metavar="N", help="processes at a time (default: one per processor)")
    check.add_argument("--no-cache", action="store_true", help="examine again even where nothing has changed")
    check.add_argument("--write", action="store_true", help="write the certificates beside the proofs")

    table = command("table", evidence.show_table, "one of the tables")
    table.add_argument("name", metavar="NAME", nargs="?", help="without a name: the names of all tables")
    table.add_argument("--format", choices=("text", "latex", "markdown", "html"), default="text")

    figure = command("figure", show_figure, "one of the figures as PDF, SVG or PNG; with --json the numbers it shows")
    figure.add_argument("name", metavar="NAME", nargs="?", help="without a name: the names of all figures")
    figure.add_argument("--output", "-o", metavar="FILE", help="where to write it (default NAME.pdf)")

    errata = command("errata", evidence.show_errata, "printed statements that do not hold as printed")
    errata.add_argument("--format", choices=("text", "latex", "markdown", "html"), default="text")

    export = command(
        "export", evidence.export_all, "write tables, figures, errata, certificates and BibTeX into a folder"
    )
    export.add_argument("folder", metavar="DIR")
    export.add_argument("--pdf", action="store_true", help="also compile the LaTeX document, if there is a pdflatex")
    export.add_argument("--no-figures", action="store_true", help="leave the figures out")
    export.add_argument("--jobs", type=int, metavar="N", help="processes at a time (default: one per processor)")

    cite = command("cite", evidence.show_citations, "BibTeX of papers, or of the sources of claims")
    cite.add_argument("what", metavar="KEY_OR_ID", nargs="*")


def _values(command: Any) -> None:
    evaluate = command("eval", values.evaluate_text, "the value of a formula, e.g. 'V(tanh, 2)' or 'W(tanh, 2, 1)'")
    evaluate.add_argument("expression", metavar="EXPR")
    _precision(evaluate)

    at = command("at", values.at_depth, "a quantity of a network at any depth, e.g. p of a tanh residual network")
    at.add_argument("--network", required=True, metavar="NAME", help=f"one of {', '.join(values.NETWORKS)}")
    at.add_argument("--activation", required=True, metavar="PHI", help="a name, or text such as 'x*erf(x)'")
    at.add_argument("--quantity", required=True, metavar="NAME", help="p, q, gamma, e, s, log_chi_ratio, ...")
    at.add_argument("--depth", required=True, metavar="N", help="number of layers, e.g. 1000 or 10**12")
    at.add_argument(
        "settings", metavar="NAME=VALUE", nargs="*", help="variances and start, e.g. sigma_w2=0.77 p0=1 e0=1/2"
    )
    _precision(at)

    init = command("init", recommend, "variances to initialise a network with, and what sets them in PyTorch and JAX")
    init.add_argument("--network", required=True, metavar="NAME", help=f"one of {', '.join(ARCHITECTURES)}")
    init.add_argument("--activation", required=True, metavar="PHI", help="a name, or text such as 'x*erf(x)'")
    init.add_argument("--depth", required=True, metavar="L", help="number of layers")
    init.add_argument(
        "settings",
        metavar="NAME=VALUE",
        nargs="*",
        help="other variances, or the aim: growth=100, keep_probability=0.9, c=1/8",
    )


def _precision(command: argparse.ArgumentParser) -> None:
    command.add_argument("--digits", type=int, default=30, metavar="N", help="right digits (default 30)")
    command.add_argument("--certified", action="store_true", help="a ball that provably contains the value")
