"""Commands that heed interrupts: a shell starts its background jobs deaf to them, and their children inherit that."""

import sys

_HEED = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


def heeding(*words):
    """The command ``python words``, by way of a process that forgets the inherited deafness."""
    return [sys.executable, "-c", _HEED, *map(str, words)]
