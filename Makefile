# Two commands: `make demo` sets up and renders the bundled song, `make test` sets up and runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-models lint benchmarks goldens clean

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

goldens: $(VENV)/dev
	$(BIN)/python tests/golden/regenerate.py

clean:
	rm -rf $(VENV) dist

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
