# Each target installs what it needs: Python 3.11+ and make are enough on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
LAKE_STAMP := $(VENV)/.installed-lake
SPARK_STAMP := $(VENV)/.installed-spark
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate
# Compiled by all cores at once: pip does it on one, in 20 s. A template that is no Python is left.
COMPILE := -$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

.PHONY: demo test lake-test trial build lint bench dev docs lock clean

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 ou plus est requis (PYTHON=python3.11 make ...)" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	$(COMPILE)
	touch $(STAMP)

# What only tests and linters need.
$(DEV_STAMP): requirements-dev.lock $(STAMP)
	$(PIP) --require-hashes -r requirements-dev.lock
	$(COMPILE)
	touch $(DEV_STAMP)

# What only a shared lake needs, and its tests: extensions of DuckDB, object storage on loopback.
$(LAKE_STAMP): requirements-lake-test.lock $(DEV_STAMP)
	$(PIP) --require-hashes -r requirements-lake-test.lock
	touch $(LAKE_STAMP)

# What only units counted on a cluster need.
$(SPARK_STAMP): requirements-spark.lock $(DEV_STAMP)
	$(PIP) --no-build-isolation --require-hashes -r requirements-spark.lock
	touch $(SPARK_STAMP)

demo: $(STAMP)  ## the main job on the bundled sample
	$(BIN)/qpv build --sample

test: $(DEV_STAMP)  ## the whole test suite
	$(BIN)/python -m pytest -n 2 --no-loadscope-reorder \
		tests/unit tests/golden tests/integration tests/orchestration

lake-test: $(LAKE_STAMP) $(SPARK_STAMP)  ## the shared lake and the cluster on real servers (PostgreSQL and Java of the system, SeaweedFS, Spark), on loopback
	$(BIN)/python -m pytest tests/lake

trial: $(DEV_STAMP)  ## hostile files and servers, kills, commands that meet; ARGS="serveurs --only gzip" for a part
	$(BIN)/python -m tests.trial $(ARGS)

build: $(STAMP)  ## the main job from the official URLs
	$(BIN)/qpv build

lint: $(DEV_STAMP)  ## style, types, SQL, import rule, file rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/tests
	$(BIN)/sqlfluff lint --disable-progress-bar --templater placeholder warehouse/release/queries
	$(BIN)/python -m tests.lint_files

bench: $(DEV_STAMP)  ## figures of the README and docs, measured here
	$(BIN)/python tests/bench/bench_build.py
	$(BIN)/python -m tests.bench.bench_micro
	$(BIN)/python -m tests.bench.bench_secrecy
	$(BIN)/python -m tests.bench.bench_secrecy_national

dev: $(STAMP)  ## Dagster UI on 127.0.0.1
	mkdir -p data/dagster
	cp orchestration/dagster.yaml data/dagster/
	DAGSTER_DISABLE_TELEMETRY=1 DAGSTER_HOME=$(CURDIR)/data/dagster $(BIN)/dagster dev -h 127.0.0.1 -w workspace.yaml

docs: $(DEV_STAMP)  ## docs/dictionnaire.md, from the dictionary; docs/modules.md; the rules in docs/plausibilite.md
	$(BIN)/python -m orchestration.dictionary_docs
	$(BIN)/python -m quality.plausibility.page
	$(BIN)/python -m tests.module_map

lock: $(VENV)/bin/python  ## the locks from pyproject.toml, with hashes and no host
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(LOCK) --extra dev pyproject.toml -o requirements-dev.lock
	$(LOCK) --constraint requirements-dev.lock --extra build pyproject.toml -o requirements.lock
	$(LOCK) --constraint requirements-dev.lock --extra mcp pyproject.toml -o requirements-mcp.lock
	$(LOCK) --constraint requirements-dev.lock --extra lake pyproject.toml -o requirements-lake.lock
	$(LOCK) --constraint requirements-dev.lock --extra build --extra spark pyproject.toml -o requirements-spark.lock
	$(LOCK) --constraint requirements-dev.lock --extra lake --extra lake-test pyproject.toml -o requirements-lake-test.lock

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

clean:  ## what a build made and can make again
	rm -rf data/build data/landing dbt_project/target dbt_project/logs
