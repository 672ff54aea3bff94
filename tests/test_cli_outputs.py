"""What the commands print, in this process: every claim can be shown, failures are seen in the exit status."""

from __future__ import annotations

import json

import pytest

import derive.cli
from derive.cli import main
from derive.evidence import records
from derive.evidence.records import Record, claims


def printed(capsys, *words):
    status = main(list(words))
    return status, *capsys.readouterr()


def test_every_claim_can_be_shown(capsys):
    """Title, place in the paper, status, each check and each printed statement of the certificate stand in the text."""
    for found in claims():
        status, out, _ = printed(capsys, "show", found.id)
        data = found.certificate
        assert status == 0 and out.startswith(f"{found.id}: {data['title']}")
        assert f"status: {found.status}\n" in out and data["source"]["place"] in out
        assert all(check["name"] in out for check in data["checks"])
        assert ("as printed: " in out) == ("printed" in data)
        if "error" in data:
            assert f"+ O({data['error']['order']})" in out


def test_the_list_as_json_is_the_list(capsys):
    _, text, _ = printed(capsys, "list")
    _, rows, _ = printed(capsys, "list", "--json")
    assert [line.split()[0] for line in text.splitlines()] == [row["id"] for row in json.loads(rows)]


@pytest.fixture
def checked(monkeypatch, tmp_path):
    """Let ``derive check`` find given certificates, without running a proof; certificates are kept in a folder here."""

    def plant(**changes):
        real = records.record("variance_of_sine")
        data = {**real.certificate, **changes}
        found = Record(*(data if f == "certificate" else getattr(real, f) for f in Record.__dataclass_fields__))

        def check_all(ids, *, progress, **_):
            progress(type("Done", (), {"certificate": data, "seconds": 1.25, "cached": False, "done": 1, "total": 1}))
            return [found]

        monkeypatch.setattr(records, "check_all", check_all)
        monkeypatch.setattr(records, "certificates_folder", lambda *_: tmp_path)
        return data

    return plant


def test_a_check_writes_the_certificate_that_the_next_one_finds_the_same(capsys, checked, tmp_path):
    data = checked()
    status, out, err = printed(capsys, "check")
    assert status == 1 and "same" not in out and "[1/1] variance_of_sine: proved" in err
    assert printed(capsys, "check", "--write")[0] == 0
    assert json.loads((tmp_path / "variance_of_sine.json").read_text()) == data
    status, out, _ = printed(capsys, "check")
    assert status == 0 and "1.2 s" in out and out.splitlines()[1].endswith("same")


def test_a_failed_claim_says_why_and_loses_its_certificate(capsys, checked, tmp_path):
    checked()
    printed(capsys, "check", "--write")
    checked(status="failed", faults=["the sum of the parts is not the whole"])
    status, out, _ = printed(capsys, "check", "--write")
    assert status == 1 and "variance_of_sine: the sum of the parts is not the whole" in out
    assert list(tmp_path.iterdir()) == []
    status, out, _ = printed(capsys, "check", "--json")
    assert status == 1 and json.loads(out)[0]["status"] == "failed"


def test_no_processes_are_refused(capsys):
    status, out, err = printed(capsys, "check", "--jobs", "0")
    assert status == 2 and out == "" and "--jobs 0 is not a number of processes" in err


def test_variances_are_the_same_as_text_and_as_json(capsys):
    words = ["init", "--network", "feed-forward", "--activation", "relu", "--depth", "50"]
    _, text, _ = printed(capsys, *words)
    _, data, _ = printed(capsys, *words, "--json")
    assert "sigma_w2 = 2\n" in text and "torch.nn.init.normal_" in text  # He et al.: 2/fan_in
    assert json.loads(data)["depth"] == 50 and "variance_scaling(2," in data


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt, 130), (BrokenPipeError, 141)])
def test_an_interrupt_and_a_reader_that_left_have_their_status(monkeypatch, capsys, error, status):
    def run(*_):
        raise error

    monkeypatch.setattr(records, "claims", run)
    monkeypatch.setattr(derive.cli, "_end_within", lambda seconds: None)
    monkeypatch.setattr(derive.cli.os, "dup2", lambda *_: None)
    monkeypatch.setattr(derive.cli.sys.stdout, "fileno", lambda: 1, raising=False)
    assert main(["list"]) == status
    assert "Traceback" not in capsys.readouterr().err
