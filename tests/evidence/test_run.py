"""Many claims at once: processes, progress, and a cache that forgets when something changed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from interrupts import heeding
from planted import DERIVE, DIGITS

import derive.errors
from derive.evidence.cache import Cache
from derive.evidence.records import check_all

INTERRUPTED = """
import sys
from pathlib import Path
from derive.evidence.records import check_all
if __name__ == "__main__":
    print("ready", flush=True)
    check_all(proofs=Path(sys.argv[1]), cache=sys.argv[2], jobs=2)
"""
SUICIDE = "import os\ndef checks():\n    os._exit(3)\n"


def test_processes_and_the_own_process_find_the_same(plant):
    plant("one", DERIVE, DIGITS)
    folder = plant("two", DERIVE, DIGITS, rhs="x")
    alone = check_all(proofs=folder, use_cache=False)
    together = check_all(proofs=folder, use_cache=False, jobs=2)
    assert [(r.id, r.certificate) for r in alone] == [(r.id, r.certificate) for r in together]


def test_a_process_that_dies_fails_its_claim_and_no_other(plant):
    plant("good", DERIVE, DIGITS)
    folder = plant("deadly", SUICIDE)
    status = {r.id: r for r in check_all(proofs=folder, use_cache=False, jobs=2)}
    assert status["good"].status == "proved"
    assert status["deadly"].status == "failed" and "died" in status["deadly"].certificate["faults"][0]


def test_progress_is_told_claim_by_claim(plant):
    plant("one", DERIVE, DIGITS)
    folder = plant("two", DERIVE, DIGITS, more='uses=("one",)')
    told = []
    check_all(["two"], proofs=folder, use_cache=False, progress=told.append)
    assert [(f.certificate["id"], f.done, f.total, f.cached) for f in told] == [
        ("two", 1, 1, False),
        ("one", 2, 2, False),
    ]


@pytest.fixture
def cached(plant, tmp_path):
    """Run the planted claims with a cache; returns which came from it."""

    def run(folder):
        told = []
        check_all(proofs=folder, cache=tmp_path / "cache", progress=told.append, jobs=1)
        return {f.certificate["id"]: f.cached for f in told}

    return run


def test_an_unchanged_claim_is_taken_from_the_cache(plant, cached):
    folder = plant("planted", DERIVE, DIGITS)
    assert cached(folder) == {"planted": False}
    assert cached(folder) == {"planted": True}


def test_an_edited_proof_is_examined_again(plant, cached):
    folder = plant("planted", DERIVE, DIGITS)
    cached(folder)
    plant("planted", DERIVE, DIGITS, "# edited\n")
    assert cached(folder) == {"planted": False}


def test_an_edited_helper_is_noticed(plant, cached):
    folder = plant("planted", DERIVE, DIGITS, "from . import _help\n")
    (folder / "_help.py").write_text("a = 1\n")
    cached(folder)
    assert cached(folder) == {"planted": True}
    (folder / "_help.py").write_text("a = 2\n")
    assert cached(folder) == {"planted": False}


def test_another_version_of_a_library_is_noticed(plant, cached, monkeypatch):
    folder = plant("planted", DERIVE, DIGITS)
    cached(folder)
    from derive.evidence import cache

    monkeypatch.setattr(cache.platform, "python_version", lambda: "3.99")
    assert cached(folder) == {"planted": False}


def test_a_long_lived_interpreter_reads_the_cache_but_does_not_write_it(plant, tmp_path, cached):
    folder = plant("planted", DERIVE, DIGITS)
    told = []
    check_all(proofs=folder, cache=tmp_path / "cache", progress=told.append)
    assert not (tmp_path / "cache").exists()
    cached(folder)
    check_all(proofs=folder, cache=tmp_path / "cache", progress=told.append)
    assert [f.cached for f in told] == [False, True]


def test_a_file_edited_while_the_claim_runs_spoils_the_entry(plant, cached):
    edit = "from pathlib import Path\nPath(__file__).write_text(Path(__file__).read_text() + '# more\\n')\n"
    folder = plant("planted", DERIVE, DIGITS, edit)
    assert cached(folder) == cached(folder) == {"planted": False}


def test_a_failure_is_looked_at_again(plant, cached):
    folder = plant("planted", DERIVE, DIGITS, rhs="x")
    assert cached(folder) == cached(folder) == {"planted": False}


def test_a_damaged_cache_is_ignored(plant, cached, tmp_path):
    folder = plant("planted", DERIVE, DIGITS)
    cached(folder)
    for path in (tmp_path / "cache").rglob("*.json"):
        path.write_text("{")
    assert cached(folder) == {"planted": False}


def test_no_folder_is_a_cache_that_forgets(tmp_path):
    nowhere = Cache(None)
    nowhere.put("a", tmp_path, {"certificate": {}})
    assert nowhere.get("a", tmp_path) is None and not list(tmp_path.iterdir())


def test_an_interrupt_ends_every_process_and_leaves_no_half_written_file(plant, tmp_path):
    folder = plant("slow", "import time\ndef checks():\n    time.sleep(600)\n    return []\n")
    script = tmp_path / "run.py"
    script.write_text(INTERRUPTED)
    command = heeding(script, folder, tmp_path / "cache")
    environment = os.environ | {"PYTHONPATH": str(Path(derive.errors.__file__).parent.parent)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as run:
        try:
            assert run.stdout.readline() == "ready\n"
            workers = _wait_for_children(run.pid)
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=60)
        finally:
            run.kill()
    assert run.returncode != 0 and workers
    for _ in range(100):
        if not any(_alive(pid) for pid in workers):
            break
        time.sleep(0.1)
    assert not any(_alive(pid) for pid in workers)
    assert not list((tmp_path / "cache").rglob("*"))


def _wait_for_children(pid):
    """The process ids of the workers, once they have started; only Linux tells them."""
    path = f"/proc/{pid}/task/{pid}/children"
    if not os.path.exists(path):
        pytest.skip("needs /proc")
    for _ in range(300):
        with open(path) as file:
            children = [int(c) for c in file.read().split()]
        if len(children) >= 2:  # the resource tracker and a worker
            time.sleep(1)
            return children
        time.sleep(0.1)
    raise AssertionError("no worker started")


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_home_that_cannot_be_written_costs_the_cache_only(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    environment = {**os.environ, "XDG_CACHE_HOME": str(blocked)}
    environment.pop("DERIVE_CACHE", None)
    command = [sys.executable, "-m", "derive", "check", "--jobs", "1", "variance_of_sine"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stderr.count("results are not kept") == 1
    chosen = subprocess.run(
        [*command[:3], "--cache", str(blocked), *command[3:]], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert chosen.returncode == 2
    assert "cannot write to" in chosen.stderr
