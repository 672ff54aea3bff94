"""Printing: results to standard output, remarks to standard error."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from typing import Any

__all__ = ["emit", "note", "print_json"]


def emit(line: str) -> None:
    """One line of the result."""
    sys.stdout.write(line.rstrip() + "\n")


def note(options: Namespace, line: str) -> None:
    """A remark (progress, what was written where), unless ``--quiet``."""
    if not options.quiet:
        print(line, file=sys.stderr, flush=True)


def print_json(data: Any) -> None:
    """The result for a program: sorted keys, exact numbers as text."""
    sys.stdout.write(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n")
