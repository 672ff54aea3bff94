"""The command line: ``derive list | show | check | table | figure | errata | export | eval | at | init | cite``.

This room parses arguments, calls the library and prints.  Every error that the package raises on purpose becomes one
line on standard error and exit status 2; a failed claim is exit status 1; an interrupt is 130.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence

from derive.errors import DeriveError

__all__ = ["main"]

_INTERRUPTED = 130
_BROKEN_PIPE = 141
_LONGEST = 2000  # characters of an error


def _end_within(seconds: float) -> None:
    """Let the pool of processes close in order, but do not wait for it for ever."""
    watchdog = threading.Timer(seconds, os._exit, (_INTERRUPTED,))
    watchdog.daemon = True
    watchdog.start()


def _one_line(message: str) -> str:
    """A message on one line; of one that repeats a long argument the beginning and the end."""
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} ... {line[-_LONGEST // 2 :]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        from derive.cli.arguments import parser

        options = parser().parse_args(arguments)
        status = options.run(options)
        sys.stdout.flush()
        return status
    except DeriveError as error:
        print(f"derive: error: {_one_line(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("derive: interrupted; nothing was left half-written", file=sys.stderr, flush=True)
        _end_within(seconds=5)
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`derive list | head -1`): nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
