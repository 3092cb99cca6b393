# Everything starts here.  `make` alone prints what there is to type.
#
# Each target does what it needs first (packages, virtual environment, runtime,
# engine) and ends with one line `name: figure`.  Stamps in .make/ are named by the
# content that they stand for, so a second run is quick and a changed input is
# never missed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
JOBS ?= $(shell nproc)
N ?= 2000

BIN := .venv/bin
digest = $(shell { $(1); } 2>&1 | sha256sum | cut -c1-12)
PYTHON_STAMP := .make/python-$(call digest,$(PYTHON) -VV)
LOCK_STAMP := .make/lock-$(call digest,$(PYTHON) -VV; cat requirements.lock)
PROJECT_STAMP := .make/project-$(call digest,$(PYTHON) -VV; \
    cat requirements.lock pyproject.toml compiler/launch/dsucc.c)

# Python's own traceback on a fatal signal or a hang, in every process we start.
export PYTHONFAULTHANDLER := 1

##@ The main job
.PHONY: demo
demo: setup  ## live-update vsFTPd in the middle of a download and an upload
	$(BIN)/dsuharness run scenarios/vsftpd-one.yml
	@echo "demo: $$($(BIN)/python tools/outcome.py results/vsftpd-one/latest/result.json)"

##@ Showing that it is right
.PHONY: test
test: setup  ## all tests, with containers where an engine runs (K=name to choose)
	$(BIN)/pytest --numprocesses=$(JOBS) --dist=loadgroup $(if $(K),-k "$(K)") | tee .make/pytest.log
	@echo "test: $$(tail -n 1 .make/pytest.log | sed -e 's/^=* *//' -e 's/ *=*$$//')"

.PHONY: check
check: $(PROJECT_STAMP)  ## linters, types, formats, and gcc's analyzer over the runtime
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@git ls-files -z 'compiler/launch/*.c' 'runtime/*.c' 'runtime/*.h' | xargs -0 -r $(BIN)/clang-format --dry-run -Werror
	@$(MAKE) --no-print-directory --silent -C runtime -j$(JOBS) analyze
	@echo "check: 0 findings"

.PHONY: fuzz
fuzz: tools  ## N random programs (N=2000), updated to themselves at random points
	$(BIN)/python tests/fuzz/run.py --count $(N) --jobs $(JOBS)

.PHONY: faults
faults: tools  ## a fault at every step of an update, in dsuctl and in the program
	$(BIN)/python tests/faults/run.py

.PHONY: endure
endure: tools  ## 10,000 updates under load, not a reply lost
	$(BIN)/python tests/runtime/endure.py

.PHONY: model
model: packages $(PROJECT_STAMP)  ## all states of the update's protocol, with deaths at any step
	$(BIN)/python tests/model/run.py

.PHONY: postgresql
postgresql: tools  ## all of PostgreSQL: its own tests, and identity updates, in both modes
	$(BIN)/python tests/postgresql/run.py

##@ Showing what it costs
.PHONY: bench
bench: setup  ## all overhead scenarios; a table and results/bench/latest/result.json
	$(BIN)/python tools/bench.py

.PHONY: stops
stops: tools  ## how long it takes to stop 10 to 500 processes, 64 to 800 threads
	$(BIN)/python tests/runtime/stops.py

.PHONY: nightly
nightly:  ## everything above, one after the other, so that nothing disturbs the figures
	$(MAKE) check
	DSU_NIGHTLY=1 $(MAKE) test
	$(MAKE) fuzz
	$(MAKE) postgresql
	$(MAKE) endure
	$(MAKE) faults
	$(MAKE) model
	$(MAKE) bench
	$(MAKE) stops
	@echo "nightly: 9 of 9 stages passed"

##@ Parts
.PHONY: setup
setup: tools engine  ## all that demo and test need

.PHONY: tools
tools: $(PROJECT_STAMP) runtime  ## dsucc, dsupatch, dsuctl and dsuharness in .venv/bin

.PHONY: packages
packages:  ## the Debian packages of tools/apt-packages.txt that are missing (as root)
	@tools/install-packages

.PHONY: runtime
runtime: $(PROJECT_STAMP)  ## libdsu and dsuctl
	@$(MAKE) --no-print-directory --silent -C runtime
	@ln -sfn ../../runtime/build/dsuctl $(BIN)/dsuctl

# Without an engine the scenarios run on plain processes and the container tests
# are skipped; where DSU_REQUIRE_DOCKER=1 (CI) that is a failure.
.PHONY: engine
engine: $(PROJECT_STAMP)  ## a container engine, started here if none runs (as root)
	@$(BIN)/python -m dsuharness.engine || test -z "$${DSU_REQUIRE_DOCKER:-}"

$(PYTHON_STAMP): | packages
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "venv: Python 3.11 or later is needed, $(PYTHON) is $$($(PYTHON) -V)" >&2; exit 1; }
	@rm -rf .venv .make/lock-* .make/project-*
	$(PYTHON) -m venv .venv
	@mkdir -p .make && touch $@

$(LOCK_STAMP): $(PYTHON_STAMP) requirements.lock
	$(BIN)/pip install -qq --disable-pip-version-check --no-deps -r requirements.lock
	@touch $@

# Everything it needs is in the lock already, its build backend too.
$(PROJECT_STAMP): $(LOCK_STAMP)
	$(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@# pip's starter for dsucc would start Python for each file that make compiles.
	@$(MAKE) --no-print-directory --silent -C compiler/launch PYTHON=$(CURDIR)/$(BIN)/python
	@cp --remove-destination compiler/launch/build/dsucc $(BIN)/dsucc
	@touch $@

.PHONY: lock
lock: $(PYTHON_STAMP)  ## renew requirements.lock from pyproject.toml
	@$(BIN)/python tools/lock.py > .make/requirements.lock
	@mv .make/requirements.lock requirements.lock
	@echo "lock: $$(grep -c == requirements.lock) packages"

.PHONY: clean
clean:  ## remove what was built; measured results stay
	rm -rf .venv .make .mypy_cache .ruff_cache .pytest_cache .hypothesis runtime/build \
	    compiler/launch/build
	find . -name __pycache__ -prune -exec rm -rf {} +
	@echo "clean: done"

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## *" } \
	    /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nStart with: make demo\n'
