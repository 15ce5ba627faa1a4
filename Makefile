# `make demo` and `make test` do all the set-up on a machine that has Python 3.11 and make.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# What is imported is compiled then.
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile
# One thread a worker: two workers with two threads each only wait for one another.
WORKERS ?= 2
PYTEST := OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 \
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

# On JAX the suite is mostly compilation: half of it without the costly passes.
XLA_FAST_COMPILE := --xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true \
	--xla_cpu_use_fusion_emitters=false

.PHONY: help demo test test-all lint hooks clean

help:
	@echo "make demo      install, train on the bundled energy series, show what came out in out/demo"
	@echo "make test      the tests, on the TensorFlow backend"
	@echo "make test-all  the tests, on TensorFlow, JAX and torch"
	@echo "make lint      style and types"
	@echo "make hooks     have git look at style and types before each commit"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python pyproject.toml
	$(PIP) --editable '.[viz,test]'
	touch $@

# Named to the release: of torch's builds this is one that brings no CUDA from a CPU index.
$(VENV)/.installed-all: $(VENV)/.installed
	$(PIP) torch==2.13.0
	$(PIP) --editable '.[viz,test,jax,torch,export-jax]'
	touch $@

# The oldest pandas that tables are read from, beside the newest.
$(VENV)/.pandas-2.2: $(VENV)/.installed-all
	$(PIP) --no-deps --target $(VENV)/pandas-2.2 'pandas==2.2.*' pytz
	touch $@

demo: $(VENV)/.installed
	$(BIN)/python examples/energy.py out/demo

test: $(VENV)/.installed
	KERAS_BACKEND=tensorflow $(PYTEST)

test-all: $(VENV)/.installed-all $(VENV)/.pandas-2.2
	KERAS_BACKEND=tensorflow $(PYTEST)
	XLA_FLAGS="$(XLA_FAST_COMPILE)" KERAS_BACKEND=jax $(PYTEST)
	KERAS_BACKEND=torch $(PYTEST)
	PYTHONPATH=$(VENV)/pandas-2.2 KERAS_BACKEND=torch $(PYTEST) \
		tests/data/tables tests/data/test_from_frame.py tests/data/test_sequence_table.py

lint: $(VENV)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

hooks: $(VENV)/.installed
	$(PIP) --editable '.[dev]'
	$(BIN)/pre-commit install

clean:
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache
