# Every verb sets up what it needs first. Only git, make and Python 3.11-3.13 are
# assumed; uv is used where it is present, because it is faster than pip.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	if $$p -c 'import sys; exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null; then echo $$p; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
SIZES ?= 10000 100000

.PHONY: help setup demo serve test faults check ontology constants encoder bench conformance screenshots lock clean

help: ## list the verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t14

setup: $(VENV)/.installed ui/assets/.built ## make .venv, install the lock, build the browser bundles

$(VENV)/.installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Lucerna needs Python 3.11, 3.12 or 3.13; install one, or name it: make PYTHON=/path/to/python3.12 setup" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up 1/2: Python packages into $(VENV), about 3.5 GB, some minutes"
	@if command -v uv >/dev/null; then \
		uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock; \
		uv pip install --quiet --python $(BIN)/python --no-deps --editable .; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $@

ui/assets/.built: $(VENV)/.installed package.json package-lock.json $(wildcard ui/bundles/*)
	@echo "setting up 2/2: browser bundles"
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-update-notifier --loglevel=error --no-audit --no-fund --ignore-scripts >/dev/null
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build
	@touch $@

demo: setup ## run the whole walk on the simulated sample, then serve it
	@$(BIN)/lucerna demo "$(DEMO)" || test $$? -eq 130

serve: setup ## serve the knowledge base of the demo
	@$(BIN)/lucerna serve --kb "$(DEMO)/kb" || test $$? -eq 130

test: setup chromium virtuoso ## unit, integration, browser and acceptance tests
	@$(BIN)/python -m pytest

faults: setup ## kill loads and backups 20 times each, and look what is left
	@LUCERNA_FAULT_ROUNDS=20 $(BIN)/python -m pytest tests/integration/test_integration_store_faults.py

check: setup ## format, lint, types, import directions
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m ontology.reason --check

.PHONY: chromium
chromium: # the browser of the tests: Debian's, installed where we may
	@command -v chromium >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq >/dev/null && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
		else \
			echo "no chromium: the browser tests will be skipped" >&2; \
		fi; }

.PHONY: virtuoso
virtuoso: # a second SPARQL server of the tests: Debian's program alone, no service
	@command -v virtuoso-t >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq >/dev/null && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
				--no-install-recommends virtuoso-opensource-7-bin >/dev/null; \
		else \
			echo "no virtuoso-t: the tests with Virtuoso will be skipped" >&2; \
		fi; }

ontology: setup ## check consistency with HermiT, write the inferred hierarchy
	@$(BIN)/python -m ontology.reason

constants: setup ## print the constants of the change methods, from the real pairs
	@$(BIN)/python tests/benchmarks/change_constants.py

encoder: setup ## train the change encoder, without labels, and print its constant
	@$(BIN)/python tests/benchmarks/change_encoder.py

bench: setup ## write docs/performance.md: how fast the base is (SIZES="10000 100000")
	@$(BIN)/python tests/benchmarks/geosparql_speed.py docs/performance.md $(SIZES)

conformance: setup ## write docs/conformance.md from the GeoSPARQL benchmark
	@$(BIN)/python tests/benchmarks/geosparql_conformance.py docs/conformance.md

screenshots: setup chromium ## take the pictures of docs/pages.md from the demo
	@$(BIN)/python tests/pictures/take_pictures.py "$(DEMO)" docs/pictures

lock: $(VENV)/.installed ## resolve the dependencies anew (needs uv)
	@uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--quiet --output-file requirements.lock

clean: ## remove what setup and demo made
	@rm -rf $(VENV) node_modules demo ui/assets/*.js ui/assets/*.css ui/assets/.built
