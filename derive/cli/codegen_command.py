"""``derive codegen``: a network's layer step as source text that stands on its own."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from derive.cli.output import emit, note, print_json
from derive.cli.value_commands import NETWORKS, network

__all__ = ["add_codegen", "write_code"]


def add_codegen(command: Any) -> ArgumentParser:
    """Register the command."""
    added = command("codegen", write_code, "a network as C text with a main and a Makefile, which needs nothing else")
    added.add_argument("folder", metavar="DIR")
    added.add_argument("--target", choices=("c",), default="c", help="the language (default: c)")
    added.add_argument("--network", default="full-residual", metavar="NAME", help=f"one of {', '.join(NETWORKS)}")
    added.add_argument("--activation", default="tanh", metavar="PHI", help="a name, or text such as 'x*erf(x)'")
    return added


def write_code(options: Namespace) -> int:
    """``derive codegen --target c DIR --network N --activation PHI``."""
    from derive.codegen.export import standalone
    from derive.files import require_writable, write_folder

    net = network(options.network, options.activation)
    folder = Path(options.folder)
    require_writable(folder)
    note(options, f"making the tables of {net}")
    texts = standalone(net.compile("numpy").compiled.program)
    write_folder(folder, texts)
    paths = [str(folder / name) for name in texts]
    if options.json:
        print_json({"files": paths})
    else:
        for path in paths:
            emit(path)
    return 0
