# Two commands do everything: `make demo` shows the main job on a generated benign case, `make test` passes the tests.
# Both set up what they need in .venv on first use; the versions are locked with their digests.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo

.PHONY: demo test check bench bench-peers bench-pictures setup setup-test lock clean

demo: setup ## generate a benign case, run the whole job on it, write the report
	@$(BIN)/vigie demo --dir $(DEMO)

test: check ## lint, types, architecture, tests
	$(BIN)/pytest -q -n 2 --dist loadfile

check: setup-test ## what reads the code without running it
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-test ## measure vigie beside its peers (half an hour), and write docs/benchmarks.md
	$(BIN)/python -m bench

bench-peers: setup-test ## put what bench compares with into .peers; what cannot be had is named and left out
	@for peer in "--group bench" vpdq==0.2.5; do \
	  $(PIP) --upgrade --no-deps --target .peers $$peer || echo "absent: $$peer"; done
	@compgen -G '.peers/vpdq*.so' >/dev/null || echo "vpdq is built here: sudo apt install g++ cmake libav{codec,device,filter,format,util}-dev libsw{scale,resample}-dev"

PICTURES := ukui-wallpapers lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 stellarium-data sway-backgrounds \
  kgeography-data plasma-workspace-wallpapers mate-backgrounds gnome-backgrounds opencv-doc gcompris-qt-data

bench-pictures: ## unpack Debian packages of benign pictures into .pictures (650 MB), without installing them
	@mkdir -p .pictures
	@cd .pictures && for package in $(PICTURES); do \
	  apt-get download -q $$package && dpkg -x $${package}_*.deb $$package && rm $${package}_*.deb || echo "absent: $$package"; done

setup: $(VENV)/ready
setup-test: $(VENV)/ready-test

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
	  { echo "vigie needs Python 3.11: sudo apt install python3.11 python3.11-venv (or: make PYTHON=/path/to/python3.11)"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing: sudo apt install python3.11-venv"; exit 2; }
	@echo "Setting up $(VENV) (once; some 900 MB)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@$(BIN)/python -c 'from vigie.numeric import native; native.NATIVE or print("Slower search:", native.using())'
	@command -v bwrap >/dev/null || unshare -Ur true 2>/dev/null || \
	  echo "Weaker isolation: this kernel refuses namespaces to ordinary users; sudo apt install bubblewrap mends it (see: vigie status)"
	@touch $@

$(VENV)/ready-test: $(VENV)/ready requirements-test.lock
	@command -v g++ >/dev/null || { echo "The tests compile the reference hash: sudo apt install g++ python3.11-dev"; exit 2; }
	@echo "Setting up the tests (once)"
	@$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

lock: setup-test ## resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 --upgrade pyproject.toml --group build -o requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 --upgrade pyproject.toml --group build --group dev -c requirements.lock -o requirements-test.lock

clean:
	rm -rf $(VENV) $(DEMO)
