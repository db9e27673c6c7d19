# Two commands to know: make run, make test. Nothing is needed but Python 3.11 or later (with venv) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run demo test lint format bench faults clean

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

# The environment is built from the hash-pinned lock; the stamp holds the lock's hash, so that an
# unchanged lock costs one comparison.
$(BIN)/.run-stamp: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(BIN)/.dev-stamp: requirements-dev.txt $(BIN)/.run-stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

## make run      build what is missing, start web, worker and scheduler, print the address (PORT, DATA_DIR)
run: $(BIN)/.run-stamp
	@exec $(BIN)/python -m brics_tracker.serve

## make demo     the same on a data folder of its own, with invented progress on the real catalogue
demo: $(BIN)/.run-stamp
	@DATA_DIR="$${DATA_DIR:-data-demo}" DEMO=on exec $(BIN)/python -m brics_tracker.serve

## make test     the whole suite on SQLite, then on PostgreSQL and Redis where they are reachable
test: $(BIN)/.dev-stamp
	@exec $(BIN)/python tests/run.py

## make lint     style, types, layers, templates, settings, migrations
lint: $(BIN)/.dev-stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --lint --quiet templates
	git ls-files -z 'templates/*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 --check
	$(CHECK_ENV) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(CHECK_ENV) $(BIN)/python manage.py makemigrations --check --dry-run

# A production-like environment, so that check --deploy judges what is meant to be deployed.
CHECK_ENV = SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz SITE_URL=https://tracker.example.org \
	DATA_DIR=$$(mktemp -d) DJANGO_SETTINGS_MODULE=brics_tracker.settings

## make format   rewrite Python and templates to the house style
format: $(BIN)/.dev-stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files -z 'templates/*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 || true
	$(BIN)/djlint --reformat --quiet templates || true

## make bench    pages and endpoints as ratios to raw floors measured in the same run
bench: $(BIN)/.dev-stamp
	@exec $(BIN)/python -m tests.bench

## make faults   the long fault series (a short seeded one is part of make test)
faults: $(BIN)/.dev-stamp
	@exec $(BIN)/python tests/run.py --faults

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache htmlcov .coverage
