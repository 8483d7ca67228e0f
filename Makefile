# make demo | make test: each makes its own .venv and needs nothing before it but python3, gcc and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# WHY: half of the time would go into compiling what nothing here imports; what is imported is compiled once, then.
INSTALL := $(PIP) install --no-compile
XDIST ?= 2
FUZZ_ARGS ?=
BENCH_ARGS ?=

# WHY: the tests start hundreds of processes, and none of them should compile what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

.PHONY: help
help: ## say what can be made
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: demo
demo: $(VENV)/.base-stamp ## check the norm, simulate a day, replay it, explain one decision
	$(BIN)/callpolicy demo

.PHONY: test
test: $(VENV)/.dev-stamp postgres ## every check and every test, as CI runs them
	@# WHY beside: the types need one core for a while, and every process of the tests needs what is compiled here.
	@$(BIN)/python -m pytest -q -m "not fuzz" --collect-only >/dev/null 2>&1 & \
		$(MAKE) --no-print-directory lint; linted=$$?; wait; exit $$linted
	$(BIN)/python -m pytest -q -n $(XDIST) --dist worksteal -m "not fuzz" --cov --cov-report=term

.PHONY: postgres
postgres: # PostgreSQL for the tests that start a server; installed where it is missing and may be
	bash scripts/postgres.sh

.PHONY: lint
lint: $(VENV)/.dev-stamp ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml

.PHONY: format
format: $(VENV)/.dev-stamp ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: fuzz
fuzz: $(VENV)/.dev-stamp postgres ## the long random search: more examples, new ones every time
	$(BIN)/python -m pytest -q -n $(XDIST) --hypothesis-profile=fuzz $(if $(FUZZ_ARGS),$(FUZZ_ARGS),-m fuzz)

.PHONY: soak
soak: $(VENV)/.dev-stamp postgres ## kill -9 at 200 random points for each store, under both durabilities
	CALLPOLICY_KILLS=200 $(BIN)/python -m pytest -q -p no:cacheprovider tests/stores/test_processes.py

.PHONY: bench
bench: $(VENV)/.bench-stamp ## the benchmarks, side by side with other engines; then stores, lists, the simulator and mutation
	$(BIN)/python -m benchmarks $(BENCH_ARGS)
	$(BIN)/python -m benchmarks.stores
	$(BIN)/python -m benchmarks.lists
	$(BIN)/python -m benchmarks.simulator
	$(BIN)/python -m benchmarks.mutation

.PHONY: clean
clean: ## remove what make made
	rm -rf $(VENV) build dist out htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(BIN)/python: | scripts/venv.sh
	PYTHON="$(PYTHON)" bash scripts/venv.sh $(VENV)

$(VENV)/.base-stamp: pyproject.toml | $(BIN)/python
	$(INSTALL) -e '.[store]'
	@touch $@

$(VENV)/.dev-stamp: pyproject.toml | $(BIN)/python
	$(INSTALL) -e '.[dev]'
	@touch $@

$(VENV)/.bench-stamp: pyproject.toml | $(BIN)/python
	$(INSTALL) -e '.[bench,prove,store]'
	@touch $@
