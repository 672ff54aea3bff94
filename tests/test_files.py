"""Files are written whole or not at all, and what killed processes leave behind is tidied up."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import derive
from derive import files
from derive.errors import InputError, OutputError

ROOT = Path(derive.__file__).parent.parent
posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and limits of POSIX")


def hidden(folder):
    return [p.name for p in folder.iterdir() if p.name.startswith(".")]


def run(script, *arguments):
    """Run a script in a process of its own; its exit status and what it said."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    return done.returncode, done.stderr


# --- processes killed half-way; each kills itself, so that nothing depends on time

DIES_IN_A_FILE = """
import os, signal, sys
from pathlib import Path
from derive.files import in_place
with in_place(Path(sys.argv[1])) as part:
    part.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""

DIES_IN_A_FOLDER = """
import os, signal, sys
from pathlib import Path
from derive.files import write_folder
class Files(dict):
    def items(self):
        yield "sub/one.txt", "whole"
        os.kill(os.getpid(), signal.SIGKILL)
write_folder(Path(sys.argv[1]), Files())
"""

DIES_IN_THE_STORE = """
import os, signal, sys
from pathlib import Path
from derive.codegen import store
def write(where):
    where.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
store.put(Path(sys.argv[1]), write)
"""


@posix
@pytest.mark.parametrize("script", [DIES_IN_A_FILE, DIES_IN_A_FOLDER, DIES_IN_THE_STORE])
@pytest.mark.parametrize("writer", ["file", "folder", "store"])
def test_the_next_writer_removes_what_a_killed_one_left(tmp_path, script, writer):
    """All writers share one form of unfinished names, so that each tidies up after each."""
    from derive.codegen import store

    target = tmp_path / "result"
    status, _ = run(script, target)
    assert status == -signal.SIGKILL and not target.exists() and len(hidden(tmp_path)) == 1
    if writer == "file":
        files.write_file(target, "new")
    elif writer == "folder":
        files.write_folder(target, {"new.txt": "new"})
    else:
        assert store.put(target, lambda where: where.write_text("new"))
    assert [p.name for p in tmp_path.iterdir()] == ["result"]


DIES_IN_A_CHUNK = """
import os, signal, sys
import numpy as np
from derive.sweeps import sweep
from concurrent.futures import ThreadPoolExecutor
savez = np.savez
def dies(file, **arrays):
    if arrays["z"][0] == 9:
        file.write(b"half")
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    savez(file, **arrays)
np.savez = dies
def square(x):
    return {"z": x**2}
square.__module__, square.__qualname__ = "somewhere", "square"
sweep(square, {"x": [1, 2, 3, 4]}, sys.argv[1], chunk=1, executor=ThreadPoolExecutor(1), progress=False)
"""


@posix
def test_a_sweep_killed_while_it_writes_a_chunk_goes_on_without_leftovers(tmp_path):
    """The two chunks before it are kept, the half chunk is removed, and the result is that of squares."""
    from concurrent.futures import ThreadPoolExecutor

    from derive.sweeps import sweep

    status, _ = run(DIES_IN_A_CHUNK, tmp_path)
    assert status == -signal.SIGKILL and len(hidden(tmp_path)) == 1
    assert len(list(tmp_path.glob("chunk*.npz"))) == 2
    asked = []

    def square(x):
        asked.extend(x)
        return {"z": x**2}

    square.__module__, square.__qualname__ = "somewhere", "square"
    with ThreadPoolExecutor(1) as pool:
        found = sweep(square, {"x": [1, 2, 3, 4]}, tmp_path, chunk=1, executor=pool, progress=False)
    np.testing.assert_array_equal(found["z"], [1, 4, 9, 16])
    assert asked == [3, 4] and hidden(tmp_path) == []


def test_what_others_are_still_writing_stays(tmp_path):
    """A living process here, and a process of another machine, whose number says nothing here."""
    living, foreign = f".a.{files._machine()}.{os.getpid()}.01234567.part", ".a.fedcba98.1.01234567.part.npz"
    other = [".a.part", ".part", ".hidden", f".a.{files._machine()}.1x.01234567.part", "a.part"]
    for name in [living, foreign, *other]:
        (tmp_path / name).touch()
    assert files.remove_leftovers(tmp_path) == []
    old = 8 * 24 * 3600
    for name in [foreign, *other]:
        os.utime(tmp_path / name, (1.0, (tmp_path / name).stat().st_mtime - old))
    assert files.remove_leftovers(tmp_path) == [foreign]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([living, *other])


def test_an_unfinished_name_is_recognised_whatever_it_is_made_from(tmp_path):
    """The pattern that finds leftovers and the function that names them agree, for odd names too."""
    for name in ("out", "x.json", "libz.so", ".hidden", "a b", "a.1.2.part", "n" * 250, "ends.with dot.", "x.tar.gz"):
        assert files._LEFTOVER.fullmatch(files._beside(tmp_path / name).name), name


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path):
    files.write_file(tmp_path / ("n" * 250), "text")
    assert (tmp_path / ("n" * 250)).read_text() == "text"


def test_tidying_up_where_nothing_can_be_read_disturbs_nobody(tmp_path):
    assert files.remove_leftovers(tmp_path / "nowhere") == []


# --- a full disk

LIMITED = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
from derive.errors import OutputError
"""

FULL = {
    "file": 'from derive.files import write_file\nwrite_file(Path(sys.argv[1], "result"), "x" * 20_000)',
    "folder": "from derive.files import write_folder\n"
    'write_folder(Path(sys.argv[1], "result"), {"small": "x", "big": "x" * 20_000})',
    "sweep": "from derive.sweeps import sweep\nimport numpy as np\n"
    "from concurrent.futures import ThreadPoolExecutor\n"
    'sweep(lambda x: {"z": x}, {"x": np.arange(4000.0)}, Path(sys.argv[1]), executor=ThreadPoolExecutor(1))',
}


@posix
@pytest.mark.parametrize("what", sorted(FULL))
def test_a_disk_that_is_full_is_named_and_leaves_nothing_half_written(tmp_path, what):
    """The system refuses to write more than 10 kB to a file, as it refuses on a full disk."""
    status, said = run(LIMITED + FULL[what], tmp_path)
    assert status == 1 and "OutputError: cannot write to" in said and "too large" in said
    assert [p.name for p in tmp_path.iterdir()] == (["sweep.json"] if what == "sweep" else [])


@posix
def test_a_full_disk_keeps_the_old_file(tmp_path):
    (tmp_path / "result").write_text("old")
    status, _ = run(LIMITED + FULL["file"], tmp_path)
    assert status == 1 and (tmp_path / "result").read_text() == "old"


@posix
def test_a_store_on_a_full_disk_says_no_and_stays_empty(tmp_path):
    put = "fits = store.put(Path(sys.argv[1], 'a'), lambda where: where.write_text('x' * 20_000))"
    script = f"{LIMITED}from derive.codegen import store\n{put}\nsys.exit(7 if fits is False else 0)"
    status, said = run(script, tmp_path)
    assert status == 7, said
    assert list(tmp_path.iterdir()) == []


def test_a_cache_on_a_full_disk_is_gone_without(tmp_path, monkeypatch, capsys):
    """Nobody chose the folder, so the work goes on; it is said once."""
    from derive.evidence.cache import Cache

    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    for claim in ("a", "b"):
        Cache(tmp_path / "cache").put(claim, tmp_path, {"dependencies": {"x": "y"}})
    assert capsys.readouterr().err.count("cannot be written") == 1
    with pytest.raises(OutputError, match="No space left"):
        Cache(tmp_path / "cache", required=True).put("a", tmp_path, {"dependencies": {"x": "y"}})
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


# --- names that cannot be written


@pytest.mark.parametrize("name", ["/", "a\x00b", "/dev/null/x", "/proc/nowhere/x"])
def test_a_name_that_cannot_be_written_is_refused(name):
    for write in (
        lambda p: files.write_file(p, "x"),
        lambda p: files.write_folder(p, {"x": "y"}),
        files.require_writable,
    ):
        with pytest.raises(OutputError, match="cannot write to"):
            write(Path(name))


def test_a_file_that_cannot_be_removed_is_named(tmp_path):
    with pytest.raises(OutputError, match="cannot write to"):
        files.remove_file(tmp_path)


# --- where results are kept


def test_the_cache_folder_is_the_chosen_one_else_the_variable_else_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("DERIVE_CACHE", str(tmp_path / "variable"))
    assert files.cache_folder(tmp_path / "chosen") == tmp_path / "chosen"
    assert files.cache_folder() == tmp_path / "variable"
    monkeypatch.delenv("DERIVE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert files.cache_folder() == tmp_path / "derive"


def test_a_user_without_a_home_has_no_cache(monkeypatch):
    """A container that runs as a user without an entry and without HOME: ``Path.home`` raises RuntimeError."""

    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("DERIVE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(OutputError):
        files.write_file(files.cache_folder() / "claims" / "a.json", "{}")


def test_a_home_that_does_not_exist_is_an_input_error():
    with pytest.raises(InputError, match="no_such_user"):
        files.cache_folder("~no_such_user/cache")
