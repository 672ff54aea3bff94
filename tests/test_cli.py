"""The command line as its users meet it: results, exit statuses, and one line for every error."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import mpmath
import pytest
from interrupts import heeding

import derive.errors
from derive.cli import main

ROOT = Path(derive.errors.__file__).parent.parent
COMMAND = [sys.executable, "-m", "derive"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    cache = str(tmp_path_factory.mktemp("cache"))
    return os.environ | {"PYTHONPATH": str(ROOT), "DERIVE_CACHE": cache, "PYTHONWARNINGS": "error"}


@pytest.fixture
def derive_(environment, tmp_path):
    def run(*arguments):
        return subprocess.run([*COMMAND, *arguments], env=environment, cwd=tmp_path, capture_output=True, text=True)

    return run


def refused(result):
    """The one line of an error; exit status 2, no traceback, nothing on standard output."""
    assert result.returncode == 2 and result.stdout == "" and "Traceback" not in result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("derive: error: ")
    return line


# --- claims


def test_list_shows_every_claim(derive_):
    from derive.evidence.records import claims

    result = derive_("list")
    assert result.returncode == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == [r.id for r in claims()]
    rows = json.loads(derive_("list", "--json").stdout)
    assert {r["id"]: r["status"] for r in rows} == {r.id: r.status for r in claims()}


def test_show_says_what_was_shown(derive_):
    text = derive_("show", "variance_of_sine").stdout
    assert "V_sin(q) = 1/2 - exp(-2*q)/2" in text and "status: proved" in text and "quadrature" in text
    assert json.loads(derive_("--json", "show", "variance_of_sine").stdout)["status"] == "proved"


def test_check_examines_compares_and_reports_progress(derive_, environment, tmp_path):
    result = derive_("check", "variance_of_sine", "--jobs", "2")
    assert result.returncode == 0 and "[1/1] variance_of_sine: proved" in result.stderr
    head, row, *_ = result.stdout.splitlines()
    assert head.split() == ["claim", "status", "print", "digits", "time", "certificate"]
    assert row.split()[:3] == ["variance_of_sine", "proved", "30"] and row.split()[-1] == "same"
    again = derive_("check", "variance_of_sine")
    assert "(unchanged)" in again.stderr
    assert list(Path(environment["DERIVE_CACHE"]).rglob("variance_of_sine-*.json"))


def test_the_cache_folder_can_be_chosen_and_forgotten(derive_, tmp_path):
    result = derive_("check", "variance_of_sine", "--cache", str(tmp_path / "here"), "--quiet")
    assert result.returncode == 0 and result.stderr == "" and list((tmp_path / "here").rglob("*.json"))
    assert derive_("--cache", str(tmp_path / "there"), "check", "variance_of_sine", "--no-cache").returncode == 0
    assert not (tmp_path / "there").exists()


def test_check_prints_json_for_a_program(derive_):
    (found,) = json.loads(derive_("check", "variance_of_sine", "--json").stdout)
    assert found["status"] == "proved" and found["certificate"] == "same"


# --- tables, export, citations


def test_tables_come_in_every_format(derive_):
    assert "claims" in derive_("table").stdout.split()
    assert derive_("table", "claims", "--format", "latex").stdout.startswith(r"\begin{tabular}")
    assert "| claim |" in derive_("table", "claims", "--format", "markdown").stdout
    assert derive_("table", "claims", "--format", "html").stdout.startswith("<table>")
    assert json.loads(derive_("table", "claims", "--json").stdout)["name"] == "claims"


def test_errata_are_those_of_the_certificates(derive_):
    from derive.evidence.records import errata

    listed = [e["id"] for e in json.loads(derive_("errata", "--json").stdout)]
    assert sorted(listed) == sorted(r.id for r in errata())
    assert derive_("errata").returncode == 0


def test_export_writes_a_folder(derive_, tmp_path):
    result = derive_("export", "out", "--no-figures")
    assert result.returncode == 0 and "files written" in result.stderr
    assert (tmp_path / "out" / "tables" / "claims.tex").is_file()


@pytest.mark.slow
def test_export_says_when_there_is_no_pdflatex(environment, tmp_path):
    result = subprocess.run(
        [*COMMAND, "export", "out", "--pdf", "--no-figures"],
        env=environment | {"PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0 and "not compiled" in result.stderr and not (tmp_path / "out/document.pdf").exists()


def test_cite_prints_bibtex(derive_):
    assert derive_("cite", "hanin2018").stdout.startswith("@inproceedings{hanin2018,")


# --- values


def test_eval_gives_the_digits_asked_for(derive_):
    with mpmath.workdps(60):
        expected = mpmath.nstr(mpmath.sqrt(2) + mpmath.pi, 50)
    text = derive_("eval", "sqrt(2) + pi", "--digits", "50").stdout.strip()
    assert text == expected
    data = json.loads(derive_("eval", "sqrt(2) + pi", "--digits", "50", "--certified", "--json").stdout)
    assert data["certified"] and data["value"].startswith(expected[:48]) and "+/-" in data["value"]


def gaussian_mean(function, q):
    """E function(sqrt(q) z) by mpmath's quadrature of the definition."""
    scale = mpmath.sqrt(q)
    return mpmath.quad(lambda z: function(scale * z) * mpmath.npdf(z), mpmath.linspace(-20, 20, 41))


def test_eval_of_an_expectation_agrees_with_quadrature(derive_):
    with mpmath.workdps(45):
        expected = gaussian_mean(lambda u: mpmath.tanh(u) ** 2, mpmath.mpf(2))
        found = mpmath.mpf(derive_("eval", "V(tanh, 2)", "--digits", "40").stdout)
        assert abs(found / expected - 1) < mpmath.mpf(10) ** -39
        middle, radius = derive_("eval", "V(tanh, 2)", "--certified").stdout.split("+/-")
        assert abs(mpmath.mpf(middle) - expected) <= mpmath.mpf(radius) < mpmath.mpf(10) ** -29


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("E(x**4, 3)", 27),
        ("2*V(x, 3) + 1", 7),
        ("W(x, 2, 1/2)", 0.5),
        ("V(x, V(x, 3)) - 1", 2),
        ("E(x, x**3, 2, 5, 1)", 15),
    ],
)
def test_eval_of_moments_of_polynomials_is_exact(derive_, text, value):
    # Isserlis: E u^4 = 3 q^2, E u^2 = q, E u1 u2 = lam, E u1 u2^3 = 3 lam q2
    assert float(derive_("eval", text).stdout) == value


def test_at_gives_one_layer_by_hand(derive_):
    settings = ["sigma_v2=1.13", "sigma_w2=0.77", "sigma_a2=0.43", "sigma_b2=0.31", "p0=1"]
    wanted = ["at", "--network", "full-residual", "--activation", "tanh", "--quantity", "p", "--depth", "1"]
    with mpmath.workdps(40):
        q = mpmath.mpf(108) / 100  # 0.77 p0 + 0.31
        mean = gaussian_mean(lambda u: mpmath.tanh(u) ** 2, q)
        expected = mpmath.mpf(113) / 100 * mean + mpmath.mpf(43) / 100 + 1
        assert abs(mpmath.mpf(derive_(*wanted, *settings).stdout) / expected - 1) < mpmath.mpf(10) ** -29
    data = json.loads(derive_(*wanted, *settings, "--json").stdout)
    assert data["settings"]["sigma_w2"] == "77/100" and data["depth"] == 1


# --- errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "variance_of_sin"], "did you mean variance_of_sine"),
        (["check", "../../etc/passwd"], "no claim is called"),
        (["check", "__import__('os')"], "no claim is called"),
        (["table", "claimz"], "did you mean claims"),
        (["cite", "nobody"], "no paper and no claim is called"),
        (["eval", "__import__('os').system('true')"], "__import__"),
        (["eval", "V(__import__('os'), 2)"], "__import__"),
        (["eval", "V(tanh, __import__('os'))"], "__import__"),
        (["eval", "(" * 100_000], "characters"),
        (["eval", "V(" * 2000], "not closed"),
        (["eval", "V(tanh, " * 1000 + "1" + ")" * 1000], "nested more than"),
        (["eval", "V(tanh)"], "takes 2"),
        (["eval", "expectation0 + V(tanh, 2)"], "expectation"),
        (["eval", "1 +"], "not a formula"),
        (["eval", "x + 1"], "x"),
        (["eval", "2", "--digits", "0"], "--digits 0"),
        (["eval", "2", "--digits", "many"], "many"),
        (["check", "--jobs", "0"], "--jobs 0"),
        (["at", "--network", "full", "--activation", "tanh", "--quantity", "p", "--depth", "9"], "full-residual"),
        (["at", "--network", "full-residual", "--activation", "tanh", "--quantity", "p", "--depth", "-1"], "-1"),
        (
            ["at", "--network", "full-residual", "--activation", "tanh", "--quantity", "p", "--depth", "9", "p0"],
            "NAME=VALUE",
        ),
        (["frobnicate"], "frobnicate"),
        ([], "COMMAND"),
    ],
)
def test_bad_input_is_one_line_and_status_two(capsys, arguments, words):
    status = main(arguments)
    out, err = capsys.readouterr()
    assert words in refused(subprocess.CompletedProcess(arguments, status, out, err))


@pytest.mark.parametrize(
    "arguments", [["show", "nothing"], ["eval", "__import__('os')"], ["eval", "V(tanh, -1)"], ["at", "--depth", "1"]]
)
def test_the_process_itself_ends_with_status_two(derive_, arguments):
    refused(derive_(*arguments))


def test_a_folder_that_cannot_be_written_is_one_line_and_leaves_nothing(derive_, tmp_path):
    (tmp_path / "blocked").write_text("in the way")
    assert "cannot write to blocked" in refused(derive_("export", "blocked"))
    assert [p.name for p in tmp_path.iterdir()] == ["blocked"]


def test_a_cache_folder_that_cannot_be_written_is_one_line(derive_, tmp_path):
    (tmp_path / "blocked").write_text("in the way")
    result = derive_("check", "variance_of_sine", "--cache", "blocked", "--quiet")
    assert "cannot write to blocked" in refused(result)


def test_a_reader_that_goes_away_is_no_error(environment, tmp_path):
    with subprocess.Popen(
        [*COMMAND, "list"], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) in (0, 141)


def _wait_for_workers(pid):
    """Until workers have been started (only Linux tells), however busy the machine is."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for _ in range(600 if children.exists() else 30):
        if children.exists() and len(children.read_text().split()) >= 2:  # one of them keeps track of resources
            break
        time.sleep(0.1)
    time.sleep(0.5)


def test_an_interrupt_is_status_130_and_one_line(environment, tmp_path):
    """Interrupted while workers run: no traceback, nothing written."""
    command = heeding("-m", "derive", "check", "--no-cache", "--jobs", "2")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, cwd=tmp_path, **pipes) as process:
        try:
            _wait_for_workers(process.pid)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130 and out == "" and "Traceback" not in err
    assert any(line.startswith("derive: interrupted") for line in err.splitlines()) and not list(tmp_path.iterdir())


def test_help_and_version_are_printed(derive_):
    assert "COMMAND" in derive_("--help").stdout and derive_("--version").stdout.startswith("derive ")


@pytest.mark.parametrize(
    ("written", "words", "unsaid"),
    [
        (["figures/a.pdf", "figures/a.svg"], ["not compiled: there is no pdflatex"], "no figures"),
        (["document.pdf", "figures/a.pdf", "figures/a.svg"], ["document.tex compiled"], "no figures"),
        (["document.tex"], ["no figures: they need matplotlib", "not compiled"], "document.tex compiled"),
    ],
)
def test_an_export_says_what_is_missing(monkeypatch, capsys, tmp_path, written, words, unsaid):
    """The figures are PDF files too: the document counts as compiled only where it is itself among the files."""
    import derive.report

    monkeypatch.setattr(derive.report, "export", lambda folder, **_: [tmp_path / name for name in written])
    assert main(["export", str(tmp_path), "--pdf"]) == 0
    said = capsys.readouterr().err
    assert all(w in said for w in words) and unsaid not in said


def test_a_misspelt_claim_is_recognised_by_cite(capsys):
    assert main(["cite", "variance_of_sin"]) == 2
    assert "did you mean variance_of_sine?" in capsys.readouterr().err
