# The few commands of the project, the same for people and for CI. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The first of these that runs; a version manager may have the name of one that it does not offer.
PYTHON ?= $(shell for version in 3.11 3.12 3.13 3.14; do \
  if python$$version -c "" 2>/dev/null; then command -v python$$version; exit; fi; done; command -v python3)
VENV := .venv
# The lists are whole, and name the files of each package by hash.
INSTALL := pip install --disable-pip-version-check --quiet --no-deps --require-hashes
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PYTHONPATH := src

REPORT_LIBRARIES := libpangoft2-1.0-0 libharfbuzz-subset0
TEST_PROGRAMS := chromium poppler-utils qpdf

.PHONY: help report example test soak audit lint types format lock benchmark clean environment

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

report: $(VENV)/.runtime ## Everything from a fresh checkout to HTML, PDF and Markdown
	transfer-report reproduce
	@printf 'To use dvc by hand: source %s/bin/activate\n' '$(VENV)'

example: report ## docs/example.pdf and the picture in README.md, from the report of this checkout
	cp results/report/report.pdf docs/example.pdf
	pdftoppm -png -singlefile -f 1 -l 1 -r 110 results/report/report.pdf docs/page

test: $(VENV)/.development ## The whole test suite
	# One thread for each worker: threads of several workers wait for each other most of the time.
	OMP_NUM_THREADS=1 pytest -n auto --durations=25

soak: $(VENV)/.development ## Long trials: killed runs, broken files; a quarter of an hour (docs/reliability.md)
	OMP_NUM_THREADS=1 timeout --signal=INT 30m pytest -m soak -s

audit: $(VENV)/.development ## Known vulnerabilities of the pinned packages; asks a public advisory service
	pip-audit --strict --disable-pip --no-deps --progress-spinner off --requirement requirements/development.txt \
	  || { echo "error: above stands either what was found, or that the advisory service did not answer"; exit 1; }

lint: $(VENV)/.development ## Style
	ruff check
	ruff format --check

types: $(VENV)/.development ## Static types
	mypy

format: $(VENV)/.development ## Put the code into its format
	ruff check --fix
	ruff format

benchmark: $(VENV)/.development ## Cost of the study and coverage of the intervals, into benchmarks/*.md; an hour, alone
	python -m benchmarks.speed
	python benchmarks/coverage.py

lock: $(VENV)/.development ## Write the pinned requirements, with hashes, from what is asked for
	tools/lock

clean: ## Remove what the pipeline made; DVC's cache and your data stay
	rm -rf results .cache dvc_plots .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

environment: $(VENV)/.runtime ## The Python environment alone

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
	  || { echo "error: Python 3.11 to 3.14 is needed; name it: make PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "error: no venv module; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.runtime: requirements/runtime.txt | $(VENV)/bin/python
	tools/install-cpu-torch $<
	$(INSTALL) --requirement $<
	# The public build of PyTorch for Linux needs NVIDIA's libraries, other builds do not.
	if pip show torch | grep -c '^Requires:.*nvidia' >/dev/null; then $(INSTALL) --requirement requirements/cuda.txt; fi
	# For the command `transfer-report` alone: whatever a stage runs is its own checkout's code (PYTHONPATH).
	pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	python -c 'import ctypes, weasyprint; ctypes.CDLL("libharfbuzz-subset.so.0")' >/dev/null 2>&1 \
	  || tools/install-system-packages $(REPORT_LIBRARIES)
	touch $@

$(VENV)/.development: requirements/development.txt $(VENV)/.runtime
	$(INSTALL) --requirement $<
	for program in chromium pdftoppm qpdf; do command -v $$program >/dev/null; done \
	  || tools/install-system-packages $(REPORT_LIBRARIES) $(TEST_PROGRAMS)
	touch $@
