# make install: what the app needs. make run: the app. make test: everything that has to hold.
# make bench: every figure that needs nothing but this repository, on a machine that does nothing else, half an hour;
# the last section of benchmarks/RESULTS.md says how long each took. Those that take files of drawings or
# train for hours are not in it.
# All of them can be repeated: a step is done again only when what it depends on has changed.

PYTHON = python3
BIN = .venv/bin

.PHONY: install run test bench

install: .venv/has-app

run: install
	$(BIN)/python app.py --open

test: .venv/has-tests
	$(BIN)/python -m tests.browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest

bench: .venv/has-tests
	$(BIN)/python -m benchmarks

# The stamps are touched last, so that an interrupted installation is taken up again.
.venv/has-app: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed: make PYTHON=python3.12, say.")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/has-tests: requirements-dev.txt .venv/has-app
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
