"""The list of licences names every dependency, with what the installed packages declare."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "licences.md"
FAMILIES = {
    "BSD": r"\b0?BSD",
    "MIT": r"\bMIT\b",
    "Apache": r"\bApache",
    "MPL": r"\bMPL|Mozilla Public",
    "LGPL": r"\bLGPL|Lesser General",
    "GPL": r"(?<!L)(?<!A)\bGPL|(?<!Lesser )(?<!Affero )General Public",
    "AGPL": r"\bAGPL|Affero",
    "PSF": r"\bPSF|Python Software Foundation",
    "Zlib": r"\b[Zz]lib",
    "CC0": r"\bCC0",
}


def required():
    """{(extra or "", package)} as pyproject.toml has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {(extra, re.match(r"[\w.-]+", line)[0]) for extra, lines in groups.items() for line in lines}


def listed():
    """{(extra or "", package): licence} as the page has it."""
    rows = re.findall(r"^\| ([^|]*) \| \[?([\w.-]+)\]?[^|]* \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)
    return {
        ("" if extra == "always" else extra.strip("`"), name): text
        for extra, name, text in rows
        if name not in ("package", "---")
    }


def declared(name):
    """What a package says of its licence: the expression, or else its classifiers and the first line of the field."""
    about = metadata(name)
    expression = about.get("License-Expression")  # a missing field may be asked for with get alone
    if expression:
        return expression
    classifiers = [c for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    return "; ".join(c.rsplit(" :: ", 1)[1] for c in classifiers) or (about.get("License") or "").split("\n")[0]


def families(text):
    return {name for name, pattern in FAMILIES.items() if re.search(pattern, text)}


def test_the_page_lists_what_is_required_and_nothing_else():
    assert set(listed()) == required()


@pytest.mark.parametrize("extra, name", sorted(required()), ids=lambda part: part or "always")
def test_a_package_declares_the_licence_that_is_listed(extra, name):
    row = listed()[extra, name]
    assert families(row), f"no licence is recognised in {row!r}"
    try:
        said = declared(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed")
    assert families(said), f"{name} declares {said!r}; add its family to FAMILIES"
    assert families(said) <= families(row), f"{name} declares {said!r}, and the page says {row!r}"


@pytest.mark.parametrize(
    "text, found",
    [
        ("MIT AND LGPL-3.0-or-later", {"MIT", "LGPL"}),
        ("GNU General Public License v3 (GPLv3)", {"GPL"}),
        ("GNU Lesser General Public License", {"LGPL"}),
        ("GNU Affero General Public License", {"AGPL"}),
        ("BSD-3-Clause AND 0BSD AND Zlib AND CC0-1.0", {"BSD", "Zlib", "CC0"}),
        ("proprietary", set()),
    ],
)
def test_families_are_told_apart(text, found):
    assert families(text) == found


def test_nothing_that_is_always_needed_is_under_a_licence_that_binds_the_user():
    for (extra, name), text in listed().items():
        if not extra:
            assert not families(text) & {"GPL", "AGPL"}, name
