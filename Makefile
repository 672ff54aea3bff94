# Everything here works after a fresh clone with nothing but make and Python 3.11 or later.
# Each target makes its own virtual environment in .venv first.  Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= out

.DEFAULT_GOAL := help
.PHONY: help reproduce test test-slow lint types docs bench clean

help:
	@echo "make reproduce   run every proof, write tables, errata and certificates into $(OUT)/"
	@echo "make test        the test suite"
	@echo "make test-slow   the tests that take minutes"
	@echo "make lint        ruff"
	@echo "make types       mypy"
	@echo "make docs        build the documentation into docs/_build/html"
	@echo "make bench       run the benchmarks"
	@echo "make clean       remove everything made here, the environment too"

# --- environment: one stamp per set of extras

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "derive needs Python 3.11 or later, and there is no '$(PYTHON)'; set PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "derive needs Python 3.11 or later; $(PYTHON) is `$(PYTHON) -V 2>&1`. Set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

define install
	@echo "installing derive with [$(1)] into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(1)]'
	@touch $@
endef

$(VENV)/.plot: pyproject.toml | $(BIN)/python
	$(call install,plot)

$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(call install,test$(comma)plot$(comma)docs$(comma)grid$(comma)fast$(comma)jax$(comma)distributed)

comma := ,

# --- targets

reproduce: $(VENV)/.plot
	@$(BIN)/derive check; status=$$?; \
	$(BIN)/derive export $(OUT) --pdf && exit $$status

test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

test-slow: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --dist worksteal -m slow --timeout 3600

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

docs: $(VENV)/.test
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(VENV)/.plot
	@set -e; for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

clean:
	rm -rf $(VENV) $(OUT) docs/_build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
