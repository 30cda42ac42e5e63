# What can be made here. Everything is installed into .venv, from lock files, the first time it is needed.

DEMO_ARGS =
SCALED_ARGS =
TEST_ARGS =
BENCH_ARGS =
LOCK_ARGS =
UV = uv
RUN = .venv/bin/python -m
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --annotation-style line --extra build pyproject.toml

# The Python that .venv is made with; empty: the newest one found from 3.11 on. `make demo PYTHON=/usr/bin/python3`.
PYTHON =
export PYTHON

.PHONY: help demo scaled test check bench lock clean
.DEFAULT_GOAL := help

help: ## list what can be made
	@awk -F ":.*## " '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

demo: ## play the stories on this machine and stay up until Ctrl-C (DEMO_ARGS="--exit-after-stories --speed 50")
	@sh scripts/install.sh requirements.lock
	@$(RUN) services demo $(DEMO_ARGS)

scaled: ## the same with a process a service, over Kafka and PostgreSQL (SCALED_ARGS=--exit-after-stories)
	@sh scripts/install.sh requirements-test.lock
	@$(RUN) services demo --bus kafka --postgres --data cordon-scaled $(SCALED_ARGS)

test: check ## install what tests need, check, and run every test (TEST_ARGS="tests/house -k readme")
	$(RUN) pytest --numprocesses auto --dist loadfile $(TEST_ARGS)

check: ## format, lint, types and import contracts: what has to be clean before a commit
	@sh scripts/install.sh requirements-test.lock
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	.venv/bin/lint-imports --no-logo

bench: ## figures of the journal as ratios beside a bare loop (BENCH_ARGS="--events 1000000")
	@sh scripts/install.sh requirements.lock
	@$(RUN) services bench journal $(BENCH_ARGS)

lock: ## write the lock files anew from pyproject.toml with uv (LOCK_ARGS="--upgrade-package fastapi")
	$(COMPILE) $(LOCK_ARGS) --output-file requirements.lock
	$(COMPILE) $(LOCK_ARGS) --extra test --constraints requirements.lock --output-file requirements-test.lock

clean: ## remove .venv and what tools left behind; data directories stay
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
