# Practice. `make help` lists what there is; every target is one line of intent.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made-from-requirements

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check fix bench battery

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## make .venv with all that tests need, and name what is missing
	@$(BIN)/python -m tests.setup_check

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Practice needs Python 3.11 or newer; try: make run PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv is missing. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

run: $(STAMP) ## start a demo practice (or your own): web and worker together
	@$(BIN)/practice demo && exec $(BIN)/practice run

demo: $(STAMP) ## make the demo practice without starting it
	@$(BIN)/practice demo

test: $(STAMP) ## run all tests, on SQLite and on PostgreSQL
	@$(BIN)/python -m tests.setup_check
	$(BIN)/python -m pytest -n 3 $(ARGS)

check: $(STAMP) ## everything that CI checks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint practice/templates --lint --quiet
	$(MAKE) test ARGS="--cov --cov-report=term $(ARGS)"

fix: $(STAMP) ## let the formatters and fixers do their part
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## measure, beside a bare Flask app
	$(BIN)/python -m benchmarks $(ARGS)
	@for part in desk calendars feeds clients; do $(BIN)/python -m benchmarks.$$part || exit 1; done

battery: $(STAMP) ## the whole race and fault battery (some minutes)
	$(BIN)/python -m tests.battery $(ARGS)
