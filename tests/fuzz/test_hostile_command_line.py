"""``derive`` with random arguments: exit status 0, 1 or 2, one line for an error, and nothing else."""

from __future__ import annotations

import random

import pytest

from derive.cli import main

WORDS = [
    "", " ", "--json", "--quiet", "--digits", "--digits=0", "--digits=-1", "--digits=1e9", "--digits=99999999999", "5",
    "--certified", "--format", "latex", "xml", "--network", "full-residual", "feed-forward", "nonsense", "--activation",
    "tanh", "relu(", "__import__('os')", "--depth", "10", "-1", "nan", "1e999999999", "9**9**9", "--quantity", "p", "e",
    "sigma_w2=1", "sigma_v2=1", "sigma_w2=", "=", "sigma_w2=nan", "p0=1", "e0=2", "q==1", "V(tanh, 2)", "V(tanh)", "V(",
    "W(erf, 1, x)", "2*V(relu, 1e400)", "1/0", "sqrt(-1)", "x", "((((", "\u0665", "\x00", "\udcff", "a" * 3000, "--",
    "--output", "/", ".", "/dev/null/x.pdf", "x.gif", "--cache", "/proc/nowhere", "variance_of_sine", "no_such_claim",
    "--pdf=1", "--jobs", "--jobs=0", "--no-figures", "table1", "schoenholz2017", "%s%n", "\n",
]  # fmt: skip
COMMANDS = ["list", "show", "table", "errata", "cite", "eval", "at", "init", "figure", "codegen", "", "nonsense"]


def _run(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(words)
    except SystemExit as end:  # --help and --version
        status = end.code or 0
    out, err = capsys.readouterr()
    assert status in (0, 1, 2), words
    if status == 2:
        assert err.startswith("derive: error: ") or "\nderive: error: " in err, (words, err)
        assert len(err) < 4000, words
    if status == 0:
        assert out.strip().lower() not in ("nan", "zoo"), words


def _shuffled(draw: random.Random) -> list[str]:
    return [draw.choice(COMMANDS), *draw.choices(WORDS, k=draw.randint(0, 5))]


def _nearly(draw: random.Random) -> list[str]:
    """A right command with one word replaced, dropped or doubled."""
    right = draw.choice(
        [
            ["eval", "V(tanh, 2)", "--digits", "5"],
            [
                "at",
                "--network",
                "full-residual",
                "--activation",
                "tanh",
                "--quantity",
                "p",
                "--depth",
                "2",
                "p0=1",
                "sigma_v2=1",
                "sigma_w2=1",
                "sigma_a2=0",
                "sigma_b2=0",
                "--digits",
                "5",
            ],
            ["init", "--network", "full-residual", "--activation", "relu", "--depth", "10"],
            ["show", "variance_of_sine"],
            ["cite", "schoenholz2017"],
            ["table", "table1", "--format", "latex"],
        ]
    )
    place, words = draw.randrange(1, len(right)), list(right)
    words[place : place + 1] = draw.choice([[], [draw.choice(WORDS)], [words[place]] * 2])
    return words


@pytest.mark.parametrize("count", [150, pytest.param(20_000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])])
def test_random_words_give_a_result_or_one_line(count, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DERIVE_CACHE", str(tmp_path / "cache"))
    draw = random.Random(7)
    for i in range(count):
        _run(_nearly(draw) if i % 2 else _shuffled(draw), capsys)
