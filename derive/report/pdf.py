"""A LaTeX document compiled by pdflatex, where there is one."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from derive.errors import OutputError

__all__ = ["compile_pdf"]


def compile_pdf(source: str, files: Mapping[str, bytes] | None = None, seconds: int = 120) -> bytes | None:
    """The PDF of a LaTeX document, or ``None`` where there is no pdflatex.  ``files`` are what it includes, by path.

    A document that does not compile raises :class:`~derive.errors.OutputError` with the first error of the log.
    """
    program = shutil.which("pdflatex")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "document.tex").write_text(source, encoding="utf-8")
        for name, content in (files or {}).items():
            place = Path(folder, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        command = [program, "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "document.tex"]
        for _ in range(2):  # longtable settles its column widths in the second run
            try:
                run = subprocess.run(command, cwd=folder, capture_output=True, timeout=seconds, check=False)
            except subprocess.TimeoutExpired as late:
                raise OutputError(f"{program} did not end within {seconds} seconds") from late
            if run.returncode:
                raise OutputError(f"the LaTeX document does not compile: {_first_error(run.stdout)}")
        return Path(folder, "document.pdf").read_bytes()


def _first_error(log: bytes) -> str:
    lines = log.decode(errors="replace").splitlines()
    errors = [line for line in lines if line.startswith("!")]
    return errors[0] if errors else (lines[-1] if lines else "pdflatex printed nothing")
