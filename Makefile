# Mầm: everything a newcomer needs. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= 1
PORT ?= 8000
.DEFAULT_GOAL := help

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/ready: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("Mầm needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

LOCALES := $(wildcard config/locale/*/LC_MESSAGES/django.po)
%.mo: %.po | .venv/ready
	@$(BIN)/pybabel --quiet compile -i $< -o $@

install: .venv/ready $(LOCALES:.po=.mo) ## make .venv, install what is pinned, compile the translations

demo: install ## load the demonstration (once), then serve it on port 8000; SERVE=0 only loads
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py demo
ifneq ($(SERVE),0)
	@$(MAKE) --no-print-directory run
endif

run: install ## serve the pages with a worker and beat on the configured database; Ctrl-C stops everything
	@$(BIN)/python manage.py migrate --verbosity 0
	@echo "Mầm is served at http://127.0.0.1:$(PORT) (Ctrl-C stops everything)."
	@PORT=$(PORT) $(BIN)/honcho start --no-prefix || echo "Stopped."

test: .venv/ready-dev install ## every test on SQLite; what touches a database again on PostgreSQL and Redis where they can be reached
	@$(BIN)/python -m tests.run

lint: .venv/ready-dev install ## ruff, types of floors 0 to 2, migrations complete
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy recipients messaging campaigns
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: .venv/ready-dev install ## the benchmarks; each prints ratios measured in one run
	@for file in tests/benchmarks/bench_*.py; do name=$$(basename $$file .py); echo "== $$name"; $(BIN)/python -m tests.benchmarks.$$name || exit 1; done

messages: .venv/ready-dev install ## collect the sentences of the pages into the translation file
	@$(BIN)/python config/locale/collect.py

papers: install ## write docs/library.md and docs/rehearsal.md anew from the message library
	@mkdir -p var && rm -f var/papers.sqlite3*
	@export DATABASE_URL=sqlite:///var/papers.sqlite3; for step in "migrate --verbosity 0" "load_reference" "library_docs"; do $(BIN)/python manage.py $$step || exit 1; done

clean-demo: ## delete the demonstration's data (var/)
	@read -p "Delete everything in var/, the embedded database included? [y/N] " answer && [ "$$answer" = y ] && rm -rf var

.PHONY: help install demo run test lint bench messages papers clean-demo
