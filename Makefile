# The whole project from a fresh clone: `make book` and `make test`. `make help` lists the rest.
# Written for GNU make 3.81 (the one macOS ships) and any POSIX shell.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
DATA ?= twin
SWEEP ?= sweeps/quick.yml
PORT ?= 8000
WORKERS ?= 2
ROUNDS ?= 3
SHARE ?= 1
PYTEST ?=

# A name on PATH may be a launcher for a Python that is not installed, so each candidate is run.
ifndef PYTHON
PYTHON := $(shell for name in python3.13 python3.12 python3.11 python3; do \
	if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo "$$name"; break; fi; done)
endif
UV := $(shell command -v uv 2>/dev/null)

# One thread in each of the parallel test processes: many threads in all of them make all of them slow. Files with
# slow tests are begun first, as tests/conftest.py orders them.
RUN_PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile \
	--no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help environment archive book test test-fast search campaign sweep bench multiverse envelope lint serve lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:[^#]*## /|/' | awk -F'|' '{printf "make %-12s %s\n", $$1, $$2}'

environment: $(STAMP) ## only make .venv from requirements.lock

archive: $(STAMP) ## the replication package with checksums and a README as data editors ask for
	$(BIN)/digital-clusters archive

book: $(STAMP) ## execute the notebooks and build _build/html (DATA=twin, DATA=public or DATA=folder:PATH of your own files)
	$(BIN)/digital-clusters build --data "$(DATA)"

test: $(STAMP) ## all tests (WORKERS=2 processes; PYTEST="-k gini" passes options on)
	$(RUN_PYTEST) $(PYTEST)

test-fast: $(STAMP) ## the quick tests, under three minutes together
	$(RUN_PYTEST) -m "not slow" $(PYTEST)

search: $(STAMP) ## tests of properties on new random examples (ROUNDS=3 times)
	for round in $$(seq $(ROUNDS)); do DIGITAL_CLUSTERS_SEARCH=1 $(RUN_PYTEST) -m hypothesis $(PYTEST) || exit 1; done

# One process: the counts of one session go to one record.
campaign: $(STAMP) ## faults made on purpose, counted in data/campaign.yml (SHARE=1: all of the long campaign)
	DIGITAL_CLUSTERS_CAMPAIGN=1 DIGITAL_CLUSTERS_LONG_CAMPAIGN=$(SHARE) OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
		$(BIN)/python -m pytest tests/faults $(PYTEST)

bench: $(STAMP) ## time every path beside its rivals, into data/results/benchmarks.json (20 to 30 minutes)
	$(BIN)/python benchmarks/run.py

multiverse: $(STAMP) ## estimate every study's multiverse on the twin, and verify it
	for file in $(filter-out %.envelope.yml,$(wildcard data/multiverse/*.yml)); do \
	  $(BIN)/digital-clusters sweep "$$file" --mode spec --workers $(WORKERS) && \
	  $(BIN)/digital-clusters verify "_build/sweeps/$$(basename "$$file" .yml).twin" || exit 1; \
	done

envelope: $(STAMP) ## learnt columns by learner, folds and draw, on the twin (SAMPLE=54: so many of them)
	$(BIN)/digital-clusters sweep data/multiverse/industrial_upgrading.envelope.yml --mode spec \
		--workers $(WORKERS) $(if $(SAMPLE),--sample $(SAMPLE))

sweep: $(STAMP) ## run a grid of parameters (SWEEP=sweeps/quick.yml)
	$(BIN)/digital-clusters sweep "$(SWEEP)"

lint: $(STAMP) ## check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

serve: $(STAMP) ## read the built book at 127.0.0.1 (PORT=8000)
	@test -f _build/html/index.html || { echo "There is no book in _build/html yet: run 'make book' first." >&2; exit 1; }
	@$(BIN)/python -c 'import socket, sys; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", int(sys.argv[1])))' $(PORT) 2>/dev/null || \
		{ echo "Port $(PORT) is taken or not allowed: choose another, such as 'make serve PORT=8001'." >&2; exit 1; }
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

# No address is written to the lock, so that it installs from any package registry.
lock: ## resolve pyproject.toml anew into requirements.lock (needs uv)
	@test -n "$(UV)" || { echo "make lock needs uv on PATH." >&2; exit 1; }
	"$(UV)" pip compile pyproject.toml --extra test --universal --fork-strategy fewest --python-version 3.11 \
		--no-header --generate-hashes --no-annotate --output-file requirements.lock --quiet

clean: ## delete what the build made; the environment and downloaded data stay
	rm -rf _build .pytest_cache .ruff_cache .hypothesis

# The stamp is written last: an environment whose installation was interrupted has none and is made again.
# setuptools comes from the lock, so building the package itself fetches nothing unpinned.
$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11 or does not run." >&2; exit 1; }
	@test -n "$(UV)" || "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make environments: its venv module is missing (Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON) and $(if $(UV),uv,pip): seconds with uv, one to three minutes with pip."
	@rm -rf $(VENV)
	@if test -n "$(UV)"; then \
		"$(UV)" venv --quiet --python "$(PYTHON)" $(VENV) && \
		"$(UV)" pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements.lock && \
		"$(UV)" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
		"$(PYTHON)" -m venv $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $(STAMP)
