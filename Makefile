# Everything runs in `.venv`, made from uv.lock by the uv that the lock itself names, which lives in `.uv`.
PYTHON ?= python3
UV := .uv/bin/uv
UV_VERSION := $(shell sed -n '/^name = "uv"$$/{n;s/^version = "\(.*\)"$$/\1/p;}' uv.lock)
RUN := $(UV) run --frozen --no-sync
ENV ?= prod

export PULUMI_ERROR_OUTPUT_STRING := true

.DEFAULT_GOAL := help
.PHONY: help setup plan test check format golden bench live clean

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 \t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: .venv/.ready ## Make the locked environment

plan: setup ## Print what ENV (default prod) will be, what it costs and what policy says
	@$(RUN) fleet plan $(ENV)

test: setup ## Run every test that needs Python only
	@$(RUN) pytest -n 2 --dist worksteal -q --ignore tests/live $(T)

check: setup ## Formatting, lint and types, at zero findings
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) pyright

format: setup ## Format, and mend what can be mended by itself
	@$(RUN) ruff format .
	@$(RUN) ruff check --fix .

golden: setup ## Rewrite golden files, JSON Schemas and the README's plan with what the code makes now
	@$(RUN) python -m stacks.settings.json_schema
	@$(RUN) pytest -q --update-golden tests/golden tests/pure tests/component tests/cli

bench: setup ## Measure `fleet plan` against the floor of the SDK alone
	@$(RUN) python tests/bench/plan.py

live: setup ## Run what needs the Pulumi CLI, where it is on PATH
	@$(RUN) pytest -q -rs tests/live

clean: ## Remove what setup made
	rm -rf .venv .uv

$(UV): uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=python3.12, say"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python lacks its venv module: apt install python3-venv"; exit 1; }
	@echo "uv $(UV_VERSION) into .uv"
	@$(PYTHON) -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $(UV)

.venv/.ready: $(UV) uv.lock pyproject.toml
	@UV_PYTHON=$$(command -v $(PYTHON)) $(UV) sync --frozen --compile-bytecode
	@touch .venv/.ready
