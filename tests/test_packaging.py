"""What is published: the wheel and the source archive hold what they need, and work outside the checkout."""

import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

import derive

ROOT = Path(__file__).parent.parent
PROJECT = ROOT / "pyproject.toml"
pytestmark = [
    pytest.mark.skipif(find_spec("hatchling") is None, reason="needs hatchling, in the extra test"),
    pytest.mark.skipif(not PROJECT.is_file(), reason="needs the checkout"),
]


def build(root, folder):
    """The wheel and the source archive of the project below ``root``, made in a process of their own."""
    for target in ("wheel", "sdist"):
        command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
        made = subprocess.run(command, cwd=root, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
    (wheel,), (archive,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, archive


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def names(distributions):
    with zipfile.ZipFile(distributions[0]) as wheel:
        return set(wheel.namelist())


@pytest.fixture(scope="module")
def metadata(distributions):
    with zipfile.ZipFile(distributions[0]) as wheel:
        (name,) = (n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
        return Parser().parsestr(wheel.read(name).decode())


def files_below(folder, *patterns):
    found = {p.relative_to(folder).as_posix() for pattern in patterns for p in folder.rglob(pattern) if p.is_file()}
    return {name for name in found if "__pycache__" not in name and not Path(name).name.startswith(".")}


def test_the_wheel_holds_the_package_and_nothing_else(names):
    code = {f"derive/{name}" for name in files_below(ROOT / "derive", "*")}
    proofs = {f"derive/_proofs/{name}" for name in files_below(ROOT / "proofs", "*")}
    about = {name for name in names if ".dist-info/" in name}
    assert names - about == code | proofs
    assert "derive/py.typed" in code


def test_the_records_that_figures_draw_are_in_the_wheel(names):
    held = {Path(n).stem for n in names if n.startswith("derive/report/measured/")}
    assert {"fast_path", "phase_diagrams"} <= held


def test_every_proof_comes_with_its_certificate(names):
    proofs = {Path(n).stem for n in names if n.startswith("derive/_proofs/") and n.count("/") == 2}
    claims = {name for name in proofs if not name.startswith("_")}
    certificates = {Path(n).stem for n in names if n.startswith("derive/_proofs/certificates/")}
    assert claims and claims == certificates


def test_the_wheel_tells_its_types_licence_and_command(names, distributions):
    assert "derive/py.typed" in names
    with zipfile.ZipFile(distributions[0]) as wheel:
        (entry,) = (n for n in names if n.endswith("entry_points.txt"))
        assert "derive = derive.cli:main" in wheel.read(entry).decode()
    assert any(n.endswith("licenses/LICENSE") for n in names)


def test_the_source_archive_can_be_tested_and_documented(distributions):
    with tarfile.open(distributions[1]) as archive:
        held = {name.split("/", 1)[1] for name in archive.getnames()}
    folders = ("derive", "proofs", "tests", "docs", "benchmarks")
    needed = {f"{f}/{n}" for f in folders for n in files_below(ROOT / f, "*.py", "*.json", "*.toml", "*.md", "*.ipynb")}
    needed = {n for n in needed if not n.startswith("docs/_build/")}
    assert needed <= held
    assert {"pyproject.toml", "Makefile", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", ".ci/run"} <= held


def test_the_metadata_is_that_of_the_package(metadata):
    project = tomllib.loads(PROJECT.read_text())["project"]
    assert metadata["Name"] == project["name"] == "meanfield-derive"
    assert metadata["Version"] == project["version"] == derive.__version__
    assert f"version: {derive.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Provides-Extra")) == set(project["optional-dependencies"])
    assert metadata.get_payload().strip() == (ROOT / "README.md").read_text().strip()


def test_classifiers_name_the_versions_that_are_supported(metadata):
    known = metadata.get_all("Classifier")
    minors = {c.rsplit(".", 1)[1] for c in known if c.startswith("Programming Language :: Python :: 3.")}
    assert minors == {"11", "12", "13"}
    assert "Typing :: Typed" in known


@pytest.mark.skipif(find_spec("twine") is None, reason="twine is not installed")
def test_twine_accepts_both(distributions):
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, distributions)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


# --- installed, outside the checkout


@pytest.fixture(scope="module")
def installed(distributions, tmp_path_factory):
    """A fresh environment with the wheel that was built from the source archive, no extras; a function to run in it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with tarfile.open(distributions[1]) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    wheel, _ = build(source, folder / "dist")
    home = folder / "home"
    home.mkdir()
    hidden = ("PYTHON", "DERIVE_", "VIRTUAL_ENV", "XDG_")
    env = {k: v for k, v in os.environ.items() if not k.startswith(hidden)} | {"HOME": str(home)}
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True, env=env)
    commands = folder / "env" / "bin"

    def run(program, *arguments):
        return subprocess.run([str(commands / program), *arguments], capture_output=True, text=True, env=env, cwd=home)

    def install(what):
        made = run("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", what)
        assert made.returncode == 0, made.stderr

    install(str(wheel))
    run.install, run.wheel, run.home = install, wheel, home
    return run


def answer(ran):
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr and "Warning" not in ran.stderr
    return ran.stdout


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_wheel_works_outside_the_checkout(installed):
    where = answer(installed("python", "-W", "error", "-c", "import derive; print(derive.__file__)")).strip()
    assert str(ROOT) not in where and "site-packages" in where
    rows = json.loads(answer(installed("derive", "list", "--json")))
    assert {r["id"] for r in rows} == {p.stem for p in (ROOT / "proofs").glob("[!_]*.py")}
    assert "not run" not in {r["status"] for r in rows}
    assert "variance_of_sine" in answer(installed("derive", "check", "--no-cache", "variance_of_sine"))
    code = "import derive as dv; print(dv.V('erf', 2).evalf(30)); print(dv.V('erf', 2).ball(20))"
    assert "0.590334470601733096701604304899" in answer(installed("python", "-W", "error", "-c", code))
    assert "@inproceedings{yang2017," in answer(installed("derive", "cite", "tanh_frn_length_growth"))
    assert "1.48" in answer(installed("derive", "eval", "pi**2/6 - 16/100"))
    assert "tanh_expansions" in answer(installed("derive", "figure"))


COMMANDS = [  # and what the answer holds
    (["show", "variance_of_sine"], "status: proved"),
    (["table", "table1"], "Vphi(q)"),
    (["errata"], "printed"),
    (["at", "--network", "full-residual", "--activation", "relu", "--quantity", "p", "--depth", "3", "sigma_w2=1",
      "sigma_v2=1", "sigma_a2=0", "sigma_b2=0", "p0=1"], "3.375"),  # (1 + 1/2)^3
    (["init", "--network", "feed-forward", "--activation", "relu", "--depth", "50"], "sigma_w2 = 2"),
    (["codegen", "--network", "full-residual", "--activation", "relu", "code"], "network.c"),
    (["check", "tanh_frn_cosine_limit_unique"], "proved"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_command_of_the_wheel_answers(installed):
    for words, held in COMMANDS:
        assert held in answer(installed("derive", *words)), words
    told = installed("derive", "export", "out", "--no-figures")
    assert "Traceback" not in told.stderr and told.returncode == 0, told.stderr
    written = {p.relative_to(installed.home / "out").as_posix() for p in (installed.home / "out").rglob("*")}
    assert {"document.tex", "index.html", "references.bib", "tables/errata.html"} <= written
    assert f"certificates/{COMMANDS[-1][0][1]}.json" in written and (installed.home / "code" / "Makefile").is_file()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_figure_without_matplotlib_is_refused_and_with_it_drawn(installed):
    refused = installed("derive", "figure", "tanh_expansions", "-o", "variance.pdf")
    assert refused.returncode != 0
    assert "matplotlib" in refused.stderr and "Traceback" not in refused.stderr
    assert not (installed.home / "variance.pdf").exists()
    installed.install(f"{installed.wheel}[plot]")
    for figure in ("tanh_expansions", "fast_path_speed"):  # computed, and drawn from a stored record
        answer(installed("derive", "figure", figure, "-o", f"{figure}.pdf"))
        assert (installed.home / f"{figure}.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_types_of_the_installed_package_are_seen(installed):
    if find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    use = installed.home / "use.py"
    use.write_text("import derive.evidence.records as r\n\nx: int = r.claims()[0].title\n")
    python = json.loads(answer(installed("python", "-c", "import json, sys; print(json.dumps(sys.executable))")))
    command = [sys.executable, "-m", "mypy", "--python-executable", python, "--ignore-missing-imports", "use.py"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=installed.home)
    assert 'expression has type "str", variable has type "int"' in told.stdout, told.stdout + told.stderr


def test_the_version_is_that_which_is_installed():
    assert version("meanfield-derive") == derive.__version__
