"""Plain text made safe for LaTeX, Markdown and HTML."""

from __future__ import annotations

import html as _html
import re

__all__ = ["html_text", "latex_text", "markdown_text"]

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_\allowbreak{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\(<\)",
    ">": r"\(>\)",
    "|": r"\(|\)",
    '"': "''",
    "→": r"\(\to\)",
    "≤": r"\(\le\)",
    "≥": r"\(\ge\)",
    "∞": r"\(\infty\)",
    "×": r"\(\times\)",
    "±": r"\(\pm\)",
}
_GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho"
_LATEX |= {chr(0x3B1 + i): rf"\(\{name}\)" for i, name in enumerate(_GREEK.split()) if name != "omicron"}
_LATE = [r"\sigma", r"\tau", r"\upsilon", r"\varphi", r"\chi", r"\psi", r"\omega"]
_LATEX |= {letter: rf"\({name}\)" for letter, name in zip("στυφχψω", _LATE, strict=True)}


def latex_text(text: str) -> str:
    r"""Text with every character that LaTeX would interpret replaced.

    >>> latex_text("50% of p_0")
    '50\\% of p\\_\\allowbreak{}0'
    """
    return "".join(_LATEX.get(c, c) for c in text)


def markdown_text(text: str) -> str:
    r"""Text in one line for a cell of a Markdown table.

    >>> markdown_text("a_b | c*d")
    'a\\_b \\| c\\*d'
    """
    return re.sub(r"([\\`*_|<>\[\]$])", r"\\\1", " ".join(text.split()))


def html_text(text: str) -> str:
    """Text with HTML's own characters escaped."""
    return _html.escape(text, quote=True)
