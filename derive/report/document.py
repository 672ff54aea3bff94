"""Whole documents made of tables and figures: a LaTeX file that compiles by itself, and an HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.report.escape import html_text, latex_text
from derive.report.table import Table

__all__ = ["html_page", "latex_document"]

_PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[a4paper,landscape,margin=15mm]{geometry}
\usepackage{amsmath,amssymb,array,booktabs,graphicx,longtable}
\setlength{\parindent}{0pt}
\setlength{\LTleft}{0pt}
\renewcommand{\arraystretch}{1.25}
\allowdisplaybreaks
"""

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; width: 100%; margin: 2rem 0; font-size: .9rem; }
caption { text-align: left; font-weight: 600; font-size: 1.15rem; padding: .5rem 0; }
th { text-align: left; border-top: 2px solid; border-bottom: 1px solid; padding: .4rem .6rem; }
td { vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #ddd; }
tbody tr:last-child td { border-bottom: 2px solid; }
.wide { overflow-x: auto; }
.wide table:has(th:nth-child(4)) { min-width: 56rem; }
figure { margin: 2rem 0; }
img { max-width: 100%; background: white; }
code { font: .85em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #e6e6e6; } td { border-color: #333; } }
"""


def latex_document(tables: Sequence[Table], title: str, figures: Mapping[str, str] | None = None) -> str:
    """A standalone article, landscape, one longtable per table, then the figures; compiles with pdflatex.

    ``figures`` maps the path of a PDF, relative to the document, to its caption.
    """
    body = [rf"\section*{{{latex_text(t.title)}}}" + "\n" + t.to_latex(long=True) for t in tables]
    body += [_latex_figure(path, caption) for path, caption in (figures or {}).items()]
    head = [_PREAMBLE, r"\begin{document}", r"\small", rf"{{\Large\bfseries {latex_text(title)}\par}}"]
    return "\n".join([*head, *body, r"\end{document}", ""])


def _latex_figure(path: str, caption: str) -> str:
    picture = rf"\includegraphics[width=\linewidth,height=0.8\textheight,keepaspectratio]{{{path}}}"
    return rf"\begin{{center}}{picture}\par\smallskip {latex_text(caption)}\end{{center}}"


def html_page(tables: Sequence[Table], title: str, figures: Mapping[str, str] | None = None) -> str:
    """A page without scripts and fonts, light and dark; ``figures`` maps paths of SVG files to captions."""
    body = "\n".join(f'<div class="wide">\n{t.to_html()}</div>' for t in tables)
    body += "".join(_html_figure(path, caption) for path, caption in (figures or {}).items())
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{html_text(title)}</h1>\n{body}</body>\n</html>\n"
    )


def _html_figure(path: str, caption: str) -> str:
    text = html_text(caption)
    return f'<figure><img src="{html_text(path)}" alt="{text}"><figcaption>{text}</figcaption></figure>\n'
