# Needs Python 3.11 or later with venv, and make. `make help` lists the targets.
VENV ?= .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv --quiet --no-progress
INSTALL := $(UV) pip install --python $(BIN)/python --require-hashes
PYTHON ?=
export UV_PYTHON_DOWNLOADS = never

# Each stamp says that a step was done with the files as they are now.
TOOL := $(VENV)/.ladle-tool
RUN := $(VENV)/.ladle-run
DEV := $(VENV)/.ladle-dev
# Ladle's peers have an environment of their own: they ask for much that Ladle doesn't.
BENCH := $(VENV)-bench
PEERS := $(BENCH)/.ladle-peers
# Where no bytecode may be written, a clone would be compiled anew at each start, and the peers beside it never.
MEASURE := env -u PYTHONDONTWRITEBYTECODE $(BENCH)/bin/python

# A virtual environment neither moves to another folder nor outlives its Python: either way it is made anew.
HERE := $(CURDIR)/$(VENV)
ifneq ($(shell test -f $(TOOL) && test "$$(cat $(VENV)/.ladle-place 2>/dev/null)" = "$(HERE)" && $(BIN)/python -c '' 2>/dev/null && echo usable),usable)
$(TOOL): again
endif

.DEFAULT_GOAL := help
.PHONY: help setup demo serve stack test test-stacks coverage contract cluster-faults lighthouse check bench bench-collect bench-explore bench-quota bench-scale bench-streams bench-workers docs-pictures lock clean dev chromium again

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /  make \1	/'

setup: $(RUN) ## put Ladle and what it runs on into .venv
	@echo "Ladle is set up: $(BIN)/ladle --help"

demo: $(RUN) ## collect the characters of Star Wars from a replica on this machine, and show them
	@$(BIN)/ladle demo

serve: $(RUN) ## start the site and its worker on http://127.0.0.1:8000/
	@$(BIN)/ladle serve

stack: $(DEV) ## PostgreSQL, Valkey, S3, the site, two Celery workers and Flower, without Docker (WITH="--port 9000")
	@$(BIN)/python -m stack $(WITH)

test: $(DEV) chromium ## everything that is checked, with a browser where there is one
	@./check

test-stacks: $(DEV) ## the tests of the site in its other settings: PostgreSQL, and Celery, and S3 (WITH="-k runs" for some of them)
	@for stack in postgres celery s3; do echo "== $$stack"; $(BIN)/python -m pytest -q tests/server --stack $$stack $(WITH) || exit 1; done

coverage: $(DEV) chromium ## the lines that tests run, child processes and every case counted: an hour (WITH="tests/cli" for some)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --count-all \
		--cov --cov-config=tests/coverage.toml --cov-report=term-missing $(WITH)

contract: $(DEV) ## the whole API against its OpenAPI document, 20,000 cases as each kind of people (WITH="--cases 3000 --as reader")
	@$(BIN)/python -m tests.contract $(WITH)

cluster-faults: $(DEV) ## kill workers, stop PostgreSQL, Valkey and S3 in the middle of runs, and print what came of it: 15 minutes
	@for part in takeover outages quota; do echo "== $$part"; $(BIN)/python -m tests.cluster.$$part || exit 1; done

lighthouse: $(DEV) chromium ## Lighthouse's marks for four pages, as a phone and as a desktop (needs node; WITH=1 for one try each)
	@PYTHONPATH=src:. $(BIN)/python -m tests.browser.lighthouse $(WITH)

check: $(DEV) ## the same without looking for a browser to install
	@./check

bench: $(PEERS) ## Ladle beside its peers in all of this, in half an hour; writes docs/benchmarks.md (WITH="--only collect")
	@$(MEASURE) -m bench.published $(WITH)

bench-collect: $(PEERS) ## collecting, beside aiohttp, requests, dlt, Scrapy and petl (WITH="--quick" for a short one)
	@$(MEASURE) -m bench.collect $(WITH)

bench-explore: $(PEERS) ## looking into a table, beside Datasette, DuckDB, Polars, pandas, petl and sqlite, and servers under load
	@$(MEASURE) -m bench.explore $(WITH)

bench-quota: $(PEERS) ## keeping quotas, beside the limiters that people use
	@$(MEASURE) -m bench.quota $(WITH)

bench-scale: $(PEERS) ## 1,000,000 and 10,000,000 rows in 100,000 pages each: time, memory, files
	@$(MEASURE) -m bench.scale $(WITH)

bench-workers: $(PEERS) ## one run by one, two and more Celery workers: with latency, on cores apart, on the same cores
	@$(MEASURE) -m bench.workers $(WITH)

bench-streams: $(PEERS) ## rows beside 1,000 streams and 200 waiting POSTs, and the first page after a start (WITH="--first")
	@$(MEASURE) -m bench.streams $(WITH)

docs-pictures: $(DEV) chromium ## take the tutorial's pictures anew, into docs/images
	@PYTHONPATH=src:. $(BIN)/python -m tests.docs.pictures docs/images

lock: $(TOOL) ## write requirements/*.txt and bench/requirements.txt anew from the *.in beside them and pyproject.toml
	@cd requirements && lock() { ../$(UV) pip compile --universal --generate-hashes --python-version 3.11 --upgrade \
		--no-header --no-emit-index-url --no-emit-find-links "$$@"; } && \
	lock ../pyproject.toml --all-extras tool.in dev.in -o dev.txt >/dev/null && \
	lock ../pyproject.toml --extra server -c dev.txt -o run.txt >/dev/null && \
	lock ../pyproject.toml --extra scale --extra s3 stack.in -c dev.txt -o stack.txt >/dev/null && \
	lock tool.in -c dev.txt -o tool.txt >/dev/null && \
	lock ../pyproject.toml --extra server tool.in ../bench/requirements.in -c dev.txt -o ../bench/requirements.txt >/dev/null
	@echo "Written: requirements/dev.txt, run.txt, stack.txt, tool.txt, bench/requirements.txt"

clean: ## remove everything that can be made again
	@rm -rf $(VENV) $(BENCH) build dist htmlcov .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis docs/_build
	@find src tests bench docs -name __pycache__ -type d -prune -exec rm -rf {} +

# What to say when a download fails; the tool's own words stand above it.
OFFLINE = { echo "" >&2; \
	echo "The set-up could not finish: see the lines above. Most often this machine is offline or behind a proxy." >&2; \
	echo "pip and uv take their usual settings (HTTPS_PROXY, PIP_INDEX_URL and UV_DEFAULT_INDEX for a mirror)." >&2; \
	echo "Then the same command goes on where it stopped." >&2; exit 1; }

$(TOOL): requirements/tool.txt
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found=$$python && break; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Ladle needs Python 3.11 or later with venv, and found none (looked for python3, python3.14 to python3.11)." >&2; \
		echo "Debian or Ubuntu: apt-get install python3 python3-venv. macOS: brew install python. Elsewhere: PYTHON=/path/to/python3 make setup" >&2; \
		exit 1; \
	fi; \
	echo "Setting up in $(VENV) with $$($$found --version 2>&1) ..."; \
	$$found -m venv --clear $(VENV) || exit 1; \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --retries 2 --require-hashes -r requirements/tool.txt || $(OFFLINE); \
	echo "$(HERE)" >$(VENV)/.ladle-place; touch $@

$(RUN): $(TOOL) requirements/run.txt pyproject.toml
	@echo "Installing what Ladle runs on ..."
	@$(INSTALL) -r requirements/run.txt || $(OFFLINE)
	@$(UV) pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUN) requirements/dev.txt
	@echo "Installing what tries it ..."
	@$(INSTALL) -r requirements/dev.txt || $(OFFLINE)
	@touch $@

$(PEERS): $(TOOL) bench/requirements.txt pyproject.toml
	@echo "Installing Ladle and its peers in $(BENCH) ..."
	@$(UV) venv --clear --python $(BIN)/python $(BENCH)
	@$(UV) pip install --python $(BENCH)/bin/python --require-hashes -r bench/requirements.txt || $(OFFLINE)
	@$(UV) pip install --python $(BENCH)/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

dev: $(DEV)

# Browser tests drive the machine's own Chromium. Only a Debian-like machine, and only root, can be helped to one from here.
chromium:
	@if ! $(BIN)/python tests/chromium.py >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests ..."; \
		log=$$(mktemp); \
		{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >"$$log" 2>&1 \
			|| { tail -n 3 "$$log"; echo "Chromium could not be installed: the browser tests will not run."; }; \
		rm -f "$$log"; \
	fi
