# Two commands: `make demo` sets up and renders the bundled song, `make test` sets up and runs the tests.
ifeq ($(OS),Windows_NT)
  PYTHON ?= python
  BIN := .venv/Scripts
else
  PYTHON ?= python3
  BIN := .venv/bin
endif
VENV := .venv
LOWEST := .venv-lowest
LOWEST_BIN := $(subst $(VENV),$(LOWEST),$(BIN))
EXTRAS ?=
WORKERS ?= auto
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile
RUNNABLE := not slow and not gpu and not network
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
IS_RIGHT = $(shell command -v $(PYTHON) >/dev/null && $(PYTHON) -c "import sys; print(int(sys.version_info >= (3, 11)))")
CHECK_PYTHON = $(if $(filter 1,$(IS_RIGHT)),,$(error avwalk needs Python 3.11 or newer, and "$(PYTHON)" is $(or $(shell command -v $(PYTHON) >/dev/null && $(PYTHON) --version 2>&1),not there). Name one: make $(MAKECMDGOALS) PYTHON=python3.12))

.PHONY: demo install lint test test-models test-full test-cluster docs lowest build benchmarks goldens clean

demo: $(VENV)/core
	$(BIN)/avwalk demo --force

# The command `avwalk` for every shell, in an environment of its own: make install EXTRAS=[models] adds torch.
install:
	@if command -v uv >/dev/null; then \
	  echo "Installing avwalk$(EXTRAS) with uv: about a minute"; \
	  uv tool install --quiet --force --python "$(PYTHON)" --constraints constraints.txt ".$(EXTRAS)" && uv tool update-shell; \
	elif command -v pipx >/dev/null; then \
	  echo "Installing avwalk$(EXTRAS) with pipx: about a minute"; \
	  pipx install --quiet --force --python "$(PYTHON)" --pip-args="--constraint $(CURDIR)/constraints.txt" ".$(EXTRAS)" && pipx ensurepath; \
	else \
	  echo "avwalk is put on the path by uv (https://docs.astral.sh/uv) or pipx (https://pipx.pypa.io): install one and run make install again."; \
	  echo "Without them: make demo, then activate its environment in each shell: source $(BIN)/activate"; \
	  exit 1; \
	fi

lint: $(VENV)/dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m codespell_lib

test: lint
	$(PYTEST)

# The tests that need torch; no weights are fetched. On Linux PyPI's torch brings gigabytes of CUDA:
# PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make test-models takes the small one.
test-models: $(VENV)/models
	$(PYTEST) -m "models and not full and $(RUNNABLE)"

# What takes longest: the wheel, the notebooks, renders that are killed, the documentation with every link in it. Those
# that need torch run where `make test-models` has run.
test-full: $(VENV)/docs
	$(PYTEST) -m "full and $(RUNNABLE)"

# Films drawn by a Ray cluster of two nodes, and through an object store: two minutes, with nothing else at the ports of Ray.
test-cluster: $(VENV)/cluster
	$(BIN)/python -m pytest -m "full or not full" tests/rendering/test_cluster.py tests/runners/test_ray_cluster.py

# The documentation, into site/: a warning or a dead link is an error.
docs: $(VENV)/docs
	$(BIN)/python -m mkdocs build --strict

# The tests with the lowest versions that pyproject.toml allows, in an environment of their own. Torch and what comes
# with it is not among them: its lowest versions are gigabytes.
lowest:
	$(CHECK_PYTHON)
	@echo "Installing the lowest versions into $(LOWEST): about two minutes, 200 MB to fetch, 1 GB on disk"
	@$(PYTHON) -m venv --clear $(LOWEST)
	@$(LOWEST_BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(LOWEST_BIN)/python -m uv pip compile --quiet --resolution lowest-direct --extra classic --extra film pyproject.toml --output-file $(LOWEST)/lowest.txt
	@$(LOWEST_BIN)/python -m uv pip install --quiet --constraints $(LOWEST)/lowest.txt --editable ".[dev,film]"
	$(LOWEST_BIN)/python -m pytest -n $(WORKERS) --dist loadfile

build: $(VENV)/dev
	rm -rf dist
	$(BIN)/python -m build

benchmarks: $(VENV)/dev
	$(BIN)/python -m tests.benchmarks

goldens: $(VENV)/dev
	$(BIN)/python tests/golden/regenerate.py

clean:
	rm -rf $(VENV) $(LOWEST) dist site

# A Python that is too old is refused before there is a folder; one that cannot make an environment leaves none.
$(VENV)/pyvenv.cfg:
	$(CHECK_PYTHON)
	@echo "Making the environment $(VENV) with $(PYTHON): a few seconds"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
	@$(PIP) --upgrade pip

# Byte code is written when a module is first used: for all of them it would be another 130 MB.
$(VENV)/core: $(VENV)/pyvenv.cfg pyproject.toml constraints.txt
	@echo "Installing avwalk and its libraries: about a minute, 200 MB to fetch, 700 MB on disk"
	@$(PIP) --no-compile --constraint constraints.txt --editable .
	@touch $@

$(VENV)/dev: $(VENV)/core
	@echo "Installing what the tests need: about a minute, 100 MB to fetch, 300 MB on disk"
	@$(PIP) --no-compile --constraint constraints.txt --editable ".[dev]"
	@touch $@

$(VENV)/docs: $(VENV)/dev
	@echo "Installing what builds the documentation: half a minute, 20 MB to fetch, 60 MB on disk"
	@$(PIP) --no-compile --constraint constraints.txt --editable ".[dev,docs]"
	@touch $@

$(VENV)/cluster: $(VENV)/dev
	@echo "Installing Ray and a server of object stores: a minute, 150 MB to fetch, 600 MB on disk"
	@$(PIP) --no-compile --constraint constraints.txt --editable ".[dev,cluster-test]"
	@touch $@

$(VENV)/models: $(VENV)/dev
	@echo "Installing torch and what models need: minutes, 300 MB to fetch, 1 GB on disk; gigabytes with CUDA"
	@$(PIP) --no-compile --constraint constraints.txt --editable ".[dev,models]"
	@touch $@
