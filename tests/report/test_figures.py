"""Figures: drawn by name, the same numbers every time, written in three forms."""

import json
import os
import subprocess
import sys
from importlib import import_module

import pytest

from derive.errors import InputError, UnknownNameError
from derive.evidence.cache import Cache
from derive.report import figure, figure_names
from derive.report.figure_run import figure_files
from derive.report.figures import FIGURES

CHEAP = "tanh_expansions"


@pytest.mark.parametrize("name", figure_names())
def test_every_entry_names_a_function_and_says_what_it_shows(name):
    entry = FIGURES[name]
    assert callable(getattr(import_module(entry.module), entry.function))
    assert entry.caption.endswith(".")


def test_the_numbers_are_those_of_the_law():
    import sympy as sp

    import derive as dv

    (values, _errors) = figure(CHEAP).data["panels"]
    (curve,) = (c for c in values["curves"] if "tanh(q)" in c["label"])
    k = next(i for i, q in enumerate(curve["x"]) if abs(q - 1) < 0.05)
    exact = dv.V("tanh", sp.Float(curve["x"][k], 20)).evalf(15)
    assert curve["y"][k] == pytest.approx(float(exact), rel=1e-7)  # x is rounded to nine digits


@pytest.mark.parametrize(("form", "magic"), [("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_forms(form, magic):
    made = figure(CHEAP)
    assert made.to_bytes(form).startswith(magic)
    assert made.to_bytes(form) == made.to_bytes(form)
    assert not any(word in made.to_bytes(form) for word in (b"CreationDate", b"<dc:date", b"Software"))
    assert made._repr_png_().startswith(b"\x89PNG")


def test_an_unknown_form_or_name_is_refused():
    with pytest.raises(InputError, match="pdf, svg, png"):
        figure(CHEAP).to_bytes("gif")
    with pytest.raises(UnknownNameError, match=f"did you mean {CHEAP}"):
        figure("tanh_expansion")


def test_workers_draw_and_the_cache_answers_the_second_time(tmp_path):
    cache, seen = Cache(tmp_path, "figures"), []
    first = figure_files([CHEAP], cache=cache, progress=seen.append)
    again = figure_files([CHEAP], cache=cache, progress=seen.append)
    assert [(m.name, m.cached, m.fault) for m in seen] == [(CHEAP, False, ""), (CHEAP, True, "")]
    assert first == again
    assert set(first[CHEAP]) == {"pdf", "svg", "json"}
    assert json.loads(first[CHEAP]["json"])["name"] == CHEAP


def _derive(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "derive", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "DERIVE_CACHE": str(folder / "cache")},
        check=False,
    )


def test_on_the_command_line(tmp_path):
    assert CHEAP in _derive(tmp_path, "figure").stdout
    made = _derive(tmp_path, "figure", CHEAP, "--output", "f.svg")
    assert (made.returncode, made.stdout) == (0, "")
    assert (tmp_path / "f.svg").read_text().startswith("<?xml")
    refused = _derive(tmp_path, "figure", CHEAP, "--output", "f.gif")
    assert refused.returncode == 2
    assert "forms are pdf, svg, png" in refused.stderr
    assert not (tmp_path / "f.gif").exists()
