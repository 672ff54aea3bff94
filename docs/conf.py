"""Sphinx configuration: MyST pages, the furo theme, and docstrings of the public names."""

import sys
from pathlib import Path

import derive

sys.path.append(str(Path(__file__).parent / "_extensions"))

project = "derive"
author = "The derive developers"
copyright = "2026, the derive developers"  # Sphinx's own name
version = release = derive.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # so that formulas show without a network
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "derived_table",  # ours: a table of the package, made when the pages are built
    "figure_gallery",  # ours: draws the figures of the gallery
]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_extensions"]
templates_path = []
html_static_path = ["_static"]
html_css_files = ["gallery.css"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
napoleon_google_docstring = False
nitpicky = False

html_theme = "furo"
html_title = "derive"
html_show_copyright = False
pygments_style = "tango"
pygments_dark_style = "monokai"
