"""The house is in order: imports run downwards, exact code is free of NumPy, and importing derive is cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import derive

PACKAGE = Path(derive.__file__).parent
ROOT = Path(__file__).parent.parent  # the source, also where another copy of the package is installed and tested

# From the bottom to the top; a room may import from rooms before it and from itself.
ORDER = [
    "errors",
    "files",
    "names",
    "processes",
    "display",
    "vocabulary",
    "formula_limits",
    "formula_tokens",
    "formula_builder",
    "parsing",
    "claim",
    "numerics",
    "activations",
    "system",
    "difference",
    "kernels",
    "expectations",
    "codegen",
    "networks",
    "spectrum",
    "finite_width",
    "initialisation",
    "evidence",
    "sweeps",
    "testing",
    "report",
    "cli",
    "__main__",
]

# Imports that run upwards, each inside a function and for the reason given.
UPWARDS = {
    (
        "system",
        "difference",
    ): "RecurrenceSystem.asymptotics is a method of the data, the engine is looked up when called",
}

HEAVY = {"numpy", "scipy", "matplotlib", "numba", "xarray", "jax", "dask"}


def _modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "_proofs" not in p.parts)


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "relative imports hide which room is meant"
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def _rooms_used(path: Path) -> set[str]:
    names = [name for node in ast.walk(ast.parse(path.read_text())) for name in _imported(node)]
    return {parts[1] for parts in (n.split(".") for n in names) if parts[0] == "derive" and len(parts) > 1}


def _names_at_import(path: Path) -> set[str]:
    """The top-level packages a module imports while it is imported (not inside functions)."""
    found: set[str] = set()
    stack: list[ast.AST] = [ast.parse(path.read_text())]
    while stack:
        node = stack.pop()
        found |= {name.split(".")[0] for name in _imported(node)}
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            stack += ast.iter_child_nodes(node)
    return found


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_downwards(path):
    """Every import of another room, inside functions too, is of a room below."""
    room = _room(path)
    if room == "__init__":
        assert not _rooms_used(path), "derive/__init__.py loads its names lazily"
        return
    assert room in ORDER, f"give {room} its place in the order of the house"
    above = {
        used
        for used in _rooms_used(path) - {room}
        if ORDER.index(used) > ORDER.index(room) and (room, used) not in UPWARDS
    }
    assert not above, f"{path.relative_to(PACKAGE)} imports {sorted(above)}, which stand above {room}"


def test_upward_exceptions_are_lazy_and_still_needed():
    """An exception that is imported at module level, or that nobody uses any more, is an error."""
    for low, high in UPWARDS:
        paths = [p for p in _modules() if _room(p) == low]
        assert any(high in _rooms_used(p) for p in paths), f"{low} -> {high} is not needed any more"
        for p in paths:
            at_import = [
                name
                for node in ast.parse(p.read_text()).body
                for name in _imported(node)
                if name.startswith(f"derive.{high}")
            ]
            assert not at_import, f"{p} imports {high} at module level"


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_float64_files_import_numpy_at_module_level(path):
    """A file that imports NumPy or SciPy at module level is one of float64 code, and its docstring says so."""
    heavy = _names_at_import(path) & HEAVY
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    assert not heavy or "float64" in docstring, f"{path.relative_to(PACKAGE)} imports {sorted(heavy)} at module level"


def _loaded_by(code: str, libraries: set[str]) -> set[str]:
    """Which of the libraries are loaded after running ``code`` in a fresh interpreter."""
    script = f"import sys\n{code}\nprint(*(set(sys.modules) & set({sorted(libraries)})))"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(out.stdout.split())


def test_importing_derive_loads_no_library():
    """``import derive`` alone loads none of the libraries the package rests on."""
    assert _loaded_by("import derive", HEAVY | {"flint", "sympy", "mpmath"}) == set()


@pytest.mark.parametrize("room", sorted({_room(p) for p in _modules()} - {"__init__", "__main__", "codegen", "sweeps"}))
def test_importing_a_room_loads_no_floating_point_library(room):
    """Exact code never depends on NumPy: importing a room does not load it, whatever the room's files import."""
    assert _loaded_by(f"import derive.{room}", HEAVY) == set()


@pytest.mark.parametrize("name", derive.__all__)
def test_public_name_resolves(name):
    """Every name of ``derive.__all__`` can be had, and is listed by dir()."""
    assert getattr(derive, name) is not None
    assert name in dir(derive)


def test_star_import_gives_the_public_names():
    """``from derive import *`` binds exactly the public names."""
    space: dict[str, object] = {}
    exec("from derive import *", space)  # the statement under test, not text from outside
    assert set(space) - {"__builtins__"} == set(derive.__all__)


def test_unknown_attribute_is_an_attribute_error_with_a_hint():
    """A misspelt name says what was meant, and hasattr works."""
    with pytest.raises(AttributeError, match="did you mean 'activation'"):
        derive.activatoin  # noqa: B018
    assert not hasattr(derive, "nothing_of_this_kind")


def test_version_is_that_of_the_distribution():
    """The version is stated twice, and both are the same."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert derive.__version__ == project["version"]


# --- text never becomes code


def _proofs() -> list[Path]:
    return sorted((ROOT / "proofs").rglob("*.py"))


def _last_name(node: ast.AST) -> str:
    """``f`` of ``f`` and of ``anything.f``."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_builtin(node: ast.AST) -> bool:
    """A bare name, or one of the module builtins: ``series.eval`` is a method of its own."""
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _last_name(node.value) == "builtins")


def _is_shorthand(node: ast.AST, tree: ast.AST) -> bool:
    """Is it SymPy's ``S``, the short form of sympify?"""
    if isinstance(node, ast.Attribute):
        return node.attr == "S" and _last_name(node.value) in ("sp", "sympy")
    imports = (n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("sympy"))
    return _last_name(node) == "S" and any(alias.name == "S" for n in imports for alias in n.names)


def _strict(call: ast.Call) -> bool:
    return any(k.arg == "strict" and isinstance(k.value, ast.Constant) and k.value.value is True for k in call.keywords)


def _readers_of_text(source: str) -> list[str]:
    """What in a file would turn text into code or formulas, with its line."""
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    allowed = {id(call.func) for call in calls if _last_name(call.func) == "sympify" and _strict(call)}
    found = [(c.lineno, "S(...)") for c in calls if _is_shorthand(c.func, tree)]
    for node in ast.walk(tree):
        name = _last_name(node)
        if name in ("sympify", "parse_expr") and id(node) not in allowed:
            found.append((node.lineno, name))
        if name in ("eval", "exec", "compile", "__import__") and _is_builtin(node):
            found.append((node.lineno, name))
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            found += [(node.lineno, n) for n in names if n.split(".")[0] in ("pickle", "marshal", "shelve", "dill")]
            renamed = {"sympify", "S", "parse_expr", "eval", "exec"}
            found += [(node.lineno, f"{a.name} as {a.asname}") for a in node.names if a.asname and a.name in renamed]
    return [f"line {line}: {what}" for line, what in sorted(found)]


@pytest.mark.parametrize("paths", [_modules, _proofs], ids=["package", "proofs"])
def test_text_becomes_a_formula_through_the_parser_alone(paths):
    """No eval, exec, parse_expr, S(...) and pickle, and sympify refuses text: it is called with strict=True."""
    assert {p.name: found for p in paths() if (found := _readers_of_text(p.read_text()))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "sp.sympify(x)", "sympify(x, strict=False)", "map(sp.sympify, xs)", "sp.sympify(x, strict=strict)",
        "from sympy import sympify as read", "parse_expr(x)", "sp.parsing.sympy_parser.parse_expr('x')", "sp.S('x')",
        "from sympy import S\nS(x)", "from sympy import S as Z", "eval('1')", "exec(x)", "builtins.eval(x)", "f = eval",
        "import pickle", "from pickle import loads", "__import__('os')", "compile('1', '', 'eval')",
    ],
)  # fmt: skip
def test_what_reads_text_is_found(source):
    assert _readers_of_text(source)


@pytest.mark.parametrize(
    "source", ["sp.sympify(x, strict=True)", "poly.eval(2)", "S = SYMBOLS\nS(x)", "sp.S.Half", "net.compile('numpy')"]
)
def test_what_does_not_read_text_is_not_found(source):
    assert _readers_of_text(source) == []
