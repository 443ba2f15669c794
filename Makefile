# Each target sets up what it needs in .venv and is quick the second time.
# PYTHON=... picks the interpreter, CC=... the compiler, ARGS=... goes to pytest or the benchmarks.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
GENERATED := _loops.pxi _loops_rare.pxi _names.pxi
COMPILED := $(filter-out $(addprefix src/tensorsym/,$(GENERATED)), \
    $(shell find src -name '*.pyx' -o -name '*.px[di]' -o -name '*.h')) \
    $(wildcard tools/build_native.py tools/rows.py) \
    $(shell grep -l '= elementwise' src/tensorsym/language/*.py)

.PHONY: demo test bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/demo.stamp
	@$(BIN)/python examples/digits.py

test: $(VENV)/test.stamp $(VENV)/pycuda.stamp
	@$(BIN)/python -m pytest $(ARGS)

bench: $(VENV)/bench.stamp
	@$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf $(VENV) build dist demo-output src/*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src -name '*.so' -delete
	find . -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	@python=$$(tools/find-python.sh) && echo "Making $(VENV) with $$python" && "$$python" -m venv $(VENV)

# Editable: a change of a .py file needs no new install, a change of a compiled one does.
$(VENV)/package.stamp: pyproject.toml setup.py $(COMPILED) | $(BIN)/python
	@echo "Building tensorsym (once; some minutes without a compiler cache)"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/%.stamp: $(VENV)/package.stamp tools/extra.py
	@echo "Installing what 'make $*' needs"
	@$(BIN)/python tools/extra.py $* > $(VENV)/$*.requirements
	@$(PIP) install --requirement $(VENV)/$*.requirements
	@touch $@

# What the tests of cuda/ need; where it cannot be had they skip, and the next run asks again.
$(VENV)/pycuda.stamp: tools/build_pycuda.py | $(BIN)/python
	@if wheel=$$($(BIN)/python $<) && $(PIP) install "$$wheel"; then touch $@; \
	    else echo "The tests of tensorsym.cuda will skip"; fi
