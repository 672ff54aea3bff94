"""The page with all figures: nothing is left out, and every figure has its caption and its source."""

import importlib.util
import re
from pathlib import Path

import pytest

from derive.errors import InputError
from derive.evidence.bibliography import paper
from derive.report.coverage import FIVE
from derive.report.figures import FIGURES

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def gallery():
    pytest.importorskip("sphinx")
    spec = importlib.util.spec_from_file_location("figure_gallery", ROOT / "docs/_extensions/figure_gallery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_shows_every_figure_once(gallery):
    page = (ROOT / "docs" / "gallery.md").read_text()
    keys = re.findall(r"^```\{figure-gallery\} (\S+)$", page, re.MULTILINE)
    shown = [name for key in keys for name in gallery.group(key)]
    assert sorted(shown) == sorted(FIGURES)


def test_every_source_is_one_of_the_five_papers_by_its_short_name():
    shorts = tuple(f"{paper(key).short}, " for key in FIVE)
    assert all(entry.source.startswith(shorts) for entry in FIGURES.values() if entry.source)


def test_a_figure_shows_its_caption_its_source_and_its_command(gallery):
    html = gallery.figure_html("tanh_residual_exponents", FIGURES["tanh_residual_exponents"])
    assert "growth of gradients" in html and "Yang &amp; Schoenholz 2017, Fig. 2" in html
    assert (
        "derive figure tanh_residual_exponents" in html and 'src="_static/figures/tanh_residual_exponents.svg"' in html
    )


def test_a_paper_without_figures_is_refused(gallery):
    with pytest.raises(InputError, match="no figure corresponds to"):
        gallery.group("oeis")
