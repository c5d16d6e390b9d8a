# Everything runs from .venv, which is made from constraints.txt: exact versions, checked by hash.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo run test again lint check bench chaos constraints clean

help:  ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

.venv/ready: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Coursegate needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	@echo "Making .venv (about a minute, once) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r constraints.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: .venv/ready  ## the tour: a course from a real document, its quiz taken, every refusal on the way; exit 0 only if all held
	@$(BIN)/coursegate demo

run: .venv/ready  ## embedded stores, gateway and worker on http://127.0.0.1:8000 until Ctrl-C
	@$(BIN)/coursegate dev

test: .venv/ready  ## the whole test suite, against real Valkey and PostgreSQL
	@$(BIN)/pytest -n 3 --dist worksteal

again: .venv/ready  ## only the tests that failed last, one at a time
	@$(BIN)/pytest -n 0 -p no:randomly --last-failed --last-failed-no-failures none

lint: .venv/ready  ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test  ## what CI runs: lint and all tests

bench: .venv/ready  ## measure against bare handlers and peers; prints a table, writes build/bench.json
	@$(BIN)/python -m tests.bench --json build/bench.json
	@$(BIN)/python -m tests.bench.delivering --json build/bench-webhooks.json
	@$(BIN)/python -m tests.bench.player --json build/bench-player.json

chaos: .venv/ready  ## long runs with faults; CHAOS_SECONDS bounds each
	@CHAOS_SECONDS=$${CHAOS_SECONDS:-120} $(BIN)/pytest -m chaos -n 0 -p no:randomly $${CHAOS:-tests}

constraints: .venv/ready  ## write constraints.txt anew from pyproject.toml
	@$(PYTHON) -m venv build/pip-tools && build/pip-tools/bin/pip install --quiet pip-tools
	@build/pip-tools/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --all-build-deps --strip-extras \
		--extra embedded --extra dev --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header \
		--no-annotate -o constraints.txt pyproject.toml

clean:  ## remove what the other targets made
	rm -rf .venv build .coursegate .pytest_cache .mypy_cache .ruff_cache .hypothesis
