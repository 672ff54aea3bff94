"""Every Python example in the documentation, the README and the docstrings runs and prints what it says."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import derive

PACKAGE = Path(derive.__file__).parent
ROOT = Path(__file__).parent.parent
PAGES = sorted(p for p in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")] if p.is_file())
MODULES = sorted(m.name for m in pkgutil.walk_packages([str(PACKAGE)], "derive.") if "._proofs" not in m.name)
OPTIONS = doctest.NORMALIZE_WHITESPACE


def failures(test, runner):
    text: list[str] = []
    runner.run(test, out=text.append)
    return "".join(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_the_examples_of_a_page_run(page):
    # a fence ends an example, though doctest would take it for expected output
    text = "\n".join("" if line.lstrip().startswith("```") else line for line in page.read_text().splitlines())
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert failures(test, doctest.DocTestRunner(verbose=False, optionflags=OPTIONS)) == ""


@pytest.mark.parametrize("name", [m for m in MODULES if not m.endswith("__main__")])
def test_the_examples_of_a_module_run(name):
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(verbose=False, optionflags=OPTIONS)
    found = [failures(t, runner) for t in doctest.DocTestFinder(exclude_empty=True).find(module) if t.examples]
    assert "".join(found) == ""


def test_there_are_examples_to_run():
    assert PAGES and len(MODULES) > 20


@pytest.mark.parametrize("name", derive.__all__)
def test_every_public_name_has_a_docstring(name):
    assert (getattr(derive, name).__doc__ or "").strip()


def test_every_page_is_reachable():
    """Every page stands in the navigation, once."""
    lines = (ROOT / "docs" / "index.md").read_text().splitlines()
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"}
    assert sorted(line for line in lines if line in pages) == sorted(pages)


def test_every_public_name_is_on_the_reference_page():
    page = (ROOT / "docs" / "api.md").read_text()
    documented = {line.split(":: ")[1] for line in page.splitlines() if line.startswith(".. auto")}
    assert documented == set(derive.__all__)
