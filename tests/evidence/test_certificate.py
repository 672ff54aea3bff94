"""Certificates: the same bytes from every run, and nothing in them that belongs to the machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from planted import DERIVE, DIGITS

import derive.errors
from derive.errors import InputError, OutputError
from derive.evidence.certificate import as_json, read_certificate, settle, write_certificate
from derive.evidence.compare import certificate_state
from derive.evidence.proof import proofs_folder
from derive.evidence.records import check, claims
from derive.files import write_file, write_folder

MORE = """
def printed_checks():
    def integers(s, p):
        return sp.expand(s.rhs.subs(p) - (p[x] + 1)**2) == 0
    yield holds("integers", integers, [{x: 1}, {x: 2}], method="integers")
"""
PRINTED = 'printed=Printed("the square", sp.Eq(f(x), x**2 + 1))'

CODE = """
import sys
from pathlib import Path
from derive.evidence.records import check
from derive.evidence.certificate import as_json
sys.stdout.write(as_json(check(sys.argv[1], proofs=Path(sys.argv[2]), use_cache=False).certificate))
"""


def fresh(claim_id, folder, **environment):
    return subprocess.run(
        [sys.executable, "-c", CODE, claim_id, str(folder)],
        env=os.environ | {"PYTHONPATH": str(Path(derive.errors.__file__).parent.parent)} | environment,
        capture_output=True,
        check=True,
    ).stdout


ENVIRONMENTS = [
    {"PYTHONHASHSEED": "1"},
    {"PYTHONHASHSEED": "4242", "LC_ALL": "C"},
    {"SYMPY_GROUND_TYPES": "python", "MPMATH_NOGMPY": "1"},
    {"SYMPY_USE_CACHE": "no"},
]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda e: next(iter(e.items()))[0] + next(iter(e.items()))[1])
def test_a_certificate_has_the_same_bytes_in_every_process(plant, environment):
    folder = plant("planted", DERIVE, DIGITS, MORE, more=PRINTED)
    here = as_json(check("planted", proofs=folder, use_cache=False).certificate).encode()
    assert fresh("planted", folder, **environment) == here


@pytest.mark.parametrize("environment", ENVIRONMENTS[:3], ids=["seed", "locale", "python-numbers"])
def test_the_certificate_of_a_claim_in_balls_regenerates_byte_for_byte(environment):
    folder = proofs_folder()
    stored = (folder / "certificates" / "variance_of_sine.json").read_bytes()
    assert fresh("variance_of_sine", folder, **environment) == stored


def test_a_certificate_names_no_machine_and_no_time(plant):
    folder = plant("planted", DERIVE, DIGITS)
    data = check("planted", proofs=folder, use_cache=False).certificate
    text = as_json(data)
    assert str(folder) not in text and "seconds" not in text and "environment" not in text
    assert list(json.loads(text)) == sorted(data)


def test_stored_certificates_are_those_of_existing_claims():
    names = {p.stem for p in (proofs_folder() / "certificates").glob("*.json")}
    assert names <= {r.id for r in claims()}


def test_every_stored_certificate_says_what_its_proof_file_declares():
    from derive.evidence.notation import formula_text

    for r in claims():
        if r.status != "not run":
            assert r.statement == formula_text(r.claim.statement), r.id
            assert r.status != "failed", r.id


def test_a_damaged_certificate_is_refused_with_its_name(tmp_path):
    for content in ("{", "[]", '{"format": 99}'):
        (tmp_path / "c.json").write_text(content)
        with pytest.raises(InputError, match=r"c\.json"):
            read_certificate(tmp_path / "c.json")


def test_a_fresh_certificate_is_held_against_the_stored_bytes(tmp_path):
    data = {"id": "a", "status": "proved", "format": 1}
    assert certificate_state(tmp_path, data) == "missing"
    write_certificate(tmp_path, data)
    assert certificate_state(tmp_path, data) == "same"
    assert certificate_state(tmp_path, data | {"status": "checked"}) == "differs"


def test_a_failed_claim_has_no_certificate(tmp_path):
    data = {"id": "a", "status": "proved", "format": 1}
    assert write_certificate(tmp_path, data).is_file()
    write_certificate(tmp_path, data | {"status": "failed"})
    assert not list(tmp_path.iterdir())


def test_the_weakest_link_decides():
    found = {
        "a": {"status": "proved", "uses": ["b"]},
        "b": {"status": "proved", "uses": ["c"]},
        "c": {"status": "quoted", "uses": []},
    }
    assert {k: v["status"] for k, v in settle(found).items()} == {"a": "quoted", "b": "quoted", "c": "quoted"}
    assert found["a"]["status"] == "proved"


# --- files


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "deep" / "file.txt"
    write_file(path, "one")
    write_file(path, "two")
    assert path.read_text() == "two" and [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(OutputError, match="file"):
        write_folder(blocked, {"a.txt": "a"})
    with pytest.raises(OutputError):
        write_folder(blocked / "below", {"a.txt": "a"})
    with pytest.raises(OutputError):
        write_file(blocked / "a.txt", "a")
    assert [p.name for p in tmp_path.iterdir()] == ["file"] and blocked.read_text() == "in the way"


def test_a_failure_half_way_leaves_the_old_files(tmp_path):
    folder = tmp_path / "out"
    write_folder(folder, {"a.txt": "old"})
    with pytest.raises(OutputError):
        write_folder(folder, {"a.txt": "new", "x" * 300: "a name that is too long"})
    assert (folder / "a.txt").read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["out"]


def test_other_files_of_the_folder_stay(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    assert write_folder(folder, {"sub/a.txt": b"a"}) == [folder / "sub/a.txt"]
    assert (folder / "mine.txt").read_text() == "mine" and (folder / "sub" / "a.txt").read_bytes() == b"a"
