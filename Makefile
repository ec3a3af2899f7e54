# make help says what there is
PYTHON ?= python3
JOBS ?= $(shell nproc)
VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
.DEFAULT_GOAL := help
.PHONY: help dev stubs demo test parity bench ecosystem lint format wheel sanitize clean

help:
	@echo "make demo      build Ember into $(VENV) and train a network on handwritten digits"
	@echo "make test      build Ember into $(VENV) and run its tests          ARGS='-k softplus'"
	@echo "make parity    compare with PyTorch, where it can be installed"
	@echo "make bench     time Ember beside PyTorch, torch.compile, JAX       CASES=matmul QUICK=1 WRITE=1"
	@echo "make ecosystem run real packages on Ember and compare with PyTorch         PACKAGES='timm' WRITE=1"
	@echo "make dev       build into src/ember, only what has changed; then: PYTHONPATH=src python"
	@echo "make stubs     write down for type checkers what src/ember makes at run time; make dev does it too"
	@echo "make lint      ruff, mypy, clang-format; make format lets them put it right"
	@echo "make wheel     a wheel in dist/"
	@echo "make sanitize  the tests under the address and undefined-behaviour sanitizers"

# ---- the private environment: a build needs only Python with venv and a C++ compiler --------------------------------

BUILD_REQUIREMENTS := $(VENV)/build-requirements
$(VENV_PYTHON):
	$(PYTHON) -m venv $(VENV)
	$(VENV_PYTHON) -m pip install --quiet --upgrade pip

$(BUILD_REQUIREMENTS): $(VENV_PYTHON) pyproject.toml cmake/build_requirements.py
	$(VENV_PYTHON) cmake/build_requirements.py > $@.txt
	$(VENV_PYTHON) -m pip install --quiet -r $@.txt
	mv $@.txt $@

# One build folder serves demo, test and wheel, so that only what has changed is compiled again.
PIP_BUILD := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" CMAKE_BUILD_PARALLEL_LEVEL=$(JOBS) \
	$(VENV_PYTHON) -m pip wheel --quiet --no-deps --no-build-isolation -Cbuild-dir=build/wheel -w dist .

wheel: $(BUILD_REQUIREMENTS)
	@rm -rf dist
	@echo "Building Ember (a few minutes the first time) ..."
	$(PIP_BUILD)
	@ls -sh dist

INSTALL = $(VENV_PYTHON) -m pip install --quiet --force-reinstall --no-deps dist/ember-*.whl && \
	$(VENV_PYTHON) -m pip install --quiet "$$(echo dist/ember-*.whl)[$(1)]"

demo: wheel
	$(call INSTALL,examples)
	$(VENV_PYTHON) examples/digits.py

test: wheel
	$(call INSTALL,test)
	$(VENV_PYTHON) -m pytest --ignore=tests/parity $(ARGS)

# ---- beside PyTorch, which is never needed to run Ember ------------------------------------------------------------------

TORCH := torch==2.13.0
# TORCH_INDEX=<PyTorch's index of CPU builds> spares the gigabytes of the default build.
INSTALL_TORCH = $(VENV_PYTHON) -c "import torch" 2>/dev/null || \
	$(VENV_PYTHON) -m pip install --quiet $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) "$(TORCH)"
JAX := jax==0.10.2
INSTALL_JAX = $(VENV_PYTHON) -c "import jax" 2>/dev/null || $(VENV_PYTHON) -m pip install --quiet "$(JAX)"

parity: wheel
	$(call INSTALL,test)
	@$(INSTALL_TORCH) || { echo "make parity: skipped, $(TORCH) cannot be installed here"; exit 0; }; \
	$(VENV_PYTHON) -m pytest tests/parity $(ARGS)

bench: wheel
	$(call INSTALL,test)
	$(INSTALL_TORCH)
	@$(INSTALL_JAX) || echo "make bench: without $(JAX), which cannot be installed here"
	$(VENV_PYTHON) benchmarks/bench.py $(if $(CASES),--cases "$(CASES)") $(if $(QUICK),--quick) $(if $(WRITE),--write)

# Exits with 1 while a job does not pass; the table names its first gap.
ecosystem: wheel
	@$(INSTALL_TORCH) || echo "make ecosystem: not compared, $(TORCH) cannot be installed here"
	$(VENV_PYTHON) ecosystem/run.py --wheel dist/ember-*.whl $(if $(PACKAGES),--packages $(PACKAGES)) $(if $(WRITE),--write)

# ---- for working on Ember ---------------------------------------------------------------------------------------------

# The active Python builds where it has what a build needs; otherwise the private environment does.
HAS_BUILD_TOOLS := $(shell $(PYTHON) -c "import cmake, ninja, nanobind" 2>/dev/null && echo yes)
DEV_PYTHON := $(if $(HAS_BUILD_TOOLS),$(PYTHON),$(VENV_PYTHON))
DEV_CMAKE = ninja=$$($(DEV_PYTHON) -c "import ninja; print(ninja.BIN_DIR)")/ninja && \
	$(DEV_PYTHON) -m cmake -S . -B $(1) -G Ninja -DCMAKE_MAKE_PROGRAM=$$ninja \
	-DPython_EXECUTABLE=$$($(DEV_PYTHON) -c "import sys; print(sys.executable)") \
	-DEMBER_IN_PLACE=ON -DCMAKE_COMPILE_WARNING_AS_ERROR=ON $(2) --log-level=WARNING && \
	$(DEV_PYTHON) -m cmake --build $(1) --parallel $(JOBS)

dev: $(if $(HAS_BUILD_TOOLS),,$(BUILD_REQUIREMENTS))
	@$(call DEV_CMAKE,build/dev,)
	@$(MAKE) --no-print-directory stubs

stubs:
	@PYTHONPATH=src $(DEV_PYTHON) tools/write_stubs.py

$(VENV)/lint-requirements: $(VENV_PYTHON)
	$(VENV_PYTHON) -m pip install --quiet "clang-format>=19" "mypy>=1.10" "ruff>=0.9" "numpy>=1.24"
	@touch $@

lint: $(VENV)/lint-requirements
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy
	find csrc tests -name '*.h' -o -name '*.cpp' | xargs $(VENV)/bin/clang-format --dry-run --Werror

format: $(VENV)/lint-requirements
	$(VENV_PYTHON) -m ruff check --fix .
	$(VENV_PYTHON) -m ruff format .
	find csrc tests -name '*.h' -o -name '*.cpp' | xargs $(VENV)/bin/clang-format -i

# Leaks are not looked for: Python keeps what it has interned. Packaging promises speed, which sanitizers do not give.
sanitize: $(if $(HAS_BUILD_TOOLS),,$(BUILD_REQUIREMENTS))
	@$(call DEV_CMAKE,build/sanitize,-DEMBER_SANITIZE=address$(,)undefined)
	ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	LD_PRELOAD="$$(g++ -print-file-name=libasan.so) $$(g++ -print-file-name=libubsan.so)" \
	PYTHONPATH=src $(DEV_PYTHON) -m pytest -p no:faulthandler --ignore=tests/parity --ignore=tests/test_packaging.py $(ARGS)
	@rm -f src/ember/_C*.so

clean:
	rm -rf build dist src/ember/_C*.so src/ember/lib
, := ,
