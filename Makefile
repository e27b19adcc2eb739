# Every target sets up .venv by itself, once, and again when what it installs changes.
# Only relative paths: a clone may live anywhere, in folders with spaces too.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash

# The interpreter that makes .venv: the first of these that is 3.11 or newer. `make PYTHON=... setup` decides.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
READY := .venv/.ready
DEV_READY := .venv/.ready-dev
INSTALLED_BY := requirements.txt constraints.txt pyproject.toml core/pyproject.toml $(wildcard plugins/*/pyproject.toml)

# Scripts and editable installs hold absolute paths: a clone that was moved needs a new environment.
MADE_IN := $(shell cat $(READY) 2>/dev/null)
ifneq ($(MADE_IN),)
ifneq ($(MADE_IN),$(CURDIR))
CLEAR := --clear
.PHONY: $(READY)
endif
endif

##@ Use

.PHONY: demo
demo: $(READY)  ## Train six small networks, then view them and a seventh while it trains (VIEWER=0: stop before)
	@$(PY) examples/digits.py
ifneq ($(VIEWER),0)
	@$(PY) examples/digits.py --live & exec $(PY) -m runicorn viewer
endif

##@ Develop

.PHONY: setup
setup: $(DEV_READY)  ## Make .venv with Runicorn, its plugins and the tools (the other targets do it too)

.PHONY: test
test: $(DEV_READY)  ## Run every test on all cores (ARGS="-k name": some of them; ARGS="-n0 -s": in this very process)
	@$(PY) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: check
check: $(DEV_READY)  ## Lint, check types, and test docs and architecture
	@$(PY) -m ruff check
	@$(PY) -m mypy
	@$(PY) plugins/viewer_http/tools/check_types.py
	@$(PY) -m pytest -q tests/architecture tests/docs

.PHONY: bench
bench: $(DEV_READY)  ## Measure against the floor and print the table (ARGS="--help": what else it can do)
	@$(PY) -m bench $(ARGS)

.PHONY: changelog
changelog: $(READY)  ## Print the changelog that the fragments in changelog.d/ make
	@$(PY) changelog.d/join.py

.PHONY: clean
clean:  ## Remove .venv and every cache
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help:  ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# uv is quick; where it cannot be had, pip does the same.
define install
	@{ $(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv \
		&& $(PY) -m uv pip install --quiet --python $(PY) --requirements $(1) --constraints constraints.txt; } \
	|| { echo "Installing with pip instead of uv ..."; \
		$(PY) -m pip install --quiet --disable-pip-version-check --requirement $(1) --constraint constraints.txt; }
endef

$(READY): $(INSTALLED_BY)
	@test -n "$(PYTHON)" || { echo "error: Runicorn needs Python 3.11 or newer; give one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv $(CLEAR) .venv || { echo "error: the venv module does not work here; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(call install,requirements.txt)
	@pwd -P > $@

$(DEV_READY): $(READY) requirements-dev.txt
	@echo "Installing what tests and checks need ..."
	$(call install,requirements-dev.txt)
	@touch $@
