# Two commands: `make demo` sets up and renders the bundled song, `make test` sets up and runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-models lint docs benchmarks goldens clean

demo: $(VENV)/core
	$(BIN)/avwalk demo --force

test: $(VENV)/dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest

# The tests that need torch; no weights are fetched. On Linux PyPI's torch brings gigabytes of CUDA:
# PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make test-models takes the small one.
test-models: $(VENV)/models
	$(BIN)/python -m pytest -m "models and not slow and not gpu and not network"

benchmarks: $(VENV)/dev
	$(BIN)/python -m tests.benchmarks

# The documentation, into site/: a warning or a dead link is an error.
docs: $(VENV)/docs
	$(BIN)/python -m mkdocs build --strict

goldens: $(VENV)/dev
	$(BIN)/python tests/golden/regenerate.py

clean:
	rm -rf $(VENV) dist site

$(VENV)/core: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/dev: $(VENV)/core
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

$(VENV)/models: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,models]'
	touch $@

$(VENV)/docs: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,docs]'
	touch $@
