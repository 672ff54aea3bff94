"""A LaTeX document is compiled where there is a pdflatex; stand-ins for it show what happens when it fails."""

from __future__ import annotations

import os

import pytest

from derive.errors import OutputError
from derive.report.pdf import compile_pdf

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-ins are shell scripts")
SMALL = r"\documentclass{article}\begin{document}x\end{document}"


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Put a shell script in the place of pdflatex."""

    def put(script):
        program = tmp_path / "pdflatex"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return put


def test_the_document_is_compiled_twice_with_its_figures(stand_in, tmp_path):
    """Twice, since longtable settles its column widths in the second run."""
    stand_in(f'echo "$@" >> {tmp_path}/calls; cat figures/a.pdf > document.pdf')
    assert compile_pdf(SMALL, {"figures/a.pdf": b"%PDF-a"}) == b"%PDF-a"
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 2 and all("-no-shell-escape" in call for call in calls)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo '! Undefined control sequence.'; echo more; exit 1", "! Undefined control sequence"),
        ("echo last words; exit 1", "last words"),
        ("exit 1", "printed nothing"),
    ],
)
def test_a_document_that_does_not_compile_is_an_error_with_the_reason(stand_in, script, words):
    stand_in(script)
    with pytest.raises(OutputError, match=words):
        compile_pdf(SMALL)


def test_a_compiler_that_does_not_end_is_stopped(stand_in):
    stand_in("exec sleep 60")
    with pytest.raises(OutputError, match="did not end within 1 seconds"):
        compile_pdf(SMALL, seconds=1)
