"""The notebooks of the documentation run in a kernel of their own and show what is stored in them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="needs the extra test")
pytest.importorskip("nbclient", reason="needs the extra test")
pytest.importorskip("ipykernel", reason="needs the extra test")

FOLDER = Path(__file__).parent.parent / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def execute(path, home):
    """Run docs/notebooks/execute.py on one notebook; Jupyter writes its own files below ``home`` only."""
    folders = {
        name: str(home / name)
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR")
    }
    code = [sys.executable, str(FOLDER / "execute.py"), str(path)]
    env = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"} | folders
    return subprocess.run(code, capture_output=True, text=True, env=env, cwd=FOLDER.parent.parent)


def test_there_are_two_notebooks():
    assert len(NOTEBOOKS) >= 2


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_and_shows_what_is_stored(path, tmp_path):
    ran = execute(path, tmp_path)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_stored_with_results_and_without_traces_of_a_machine(path):
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    outputs = [output for cell in book.cells for output in cell.get("outputs", ())]
    kinds = {kind for output in outputs for kind in output.get("data", ())}
    assert {"text/latex", "text/html"} <= kinds
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert " at 0x" not in path.read_text() and str(Path.home()) + "/" not in path.read_text()


def test_the_notebooks_show_a_picture_and_a_table_of_layers():
    book = nbformat.read(FOLDER / "network_at_any_depth.ipynb", as_version=4)
    data = [output.get("data", {}) for cell in book.cells for output in cell.get("outputs", ())]
    assert any("image/png" in d for d in data)
    assert any("<th>gamma</th>" in d.get("text/html", "") for d in data)


@pytest.mark.parametrize("source, complaint", [("1 + 1", "something else"), ("1/0", "ZeroDivisionError")])
def test_a_notebook_that_shows_something_else_is_noticed(source, complaint, tmp_path):
    output = nbformat.v4.new_output("execute_result", data={"text/plain": "3"}, execution_count=1)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, outputs=[output], id="only")])
    nbformat.write(book, tmp_path / "wrong.ipynb")
    ran = execute(tmp_path / "wrong.ipynb", tmp_path)
    assert ran.returncode != 0
    assert complaint in ran.stderr


def test_every_notebook_is_linked_from_the_documentation():
    page = (FOLDER.parent / "notebooks.md").read_text()
    assert all(f"notebooks/{path.name}" in page for path in NOTEBOOKS)
