# Two commands do everything on a fresh machine with Python 3.11 or newer, git and make:
#   make demo    grade a sample class end to end
#   make test    run all tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# An environment names the place where it was made: a checkout that was moved or copied makes its own.
PLACE := $(shell pwd -P | cksum | cut -d' ' -f1)
GRADING := $(VENV)/.grading-$(PLACE)
READY := $(VENV)/.ready-$(PLACE)
START := autograder/release/start.py
PINS := autograder/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export MAKECMDGOALS

.PHONY: setup demo test slow lint lock reference audit attacks fuzz likeness bench bench-nbgrader bench-page clean

setup: $(READY)

# What grading needs, and no more.
$(GRADING): pyproject.toml $(PINS) $(START)
	$(PYTHON) $(START) --venv $(VENV) $(PINS) '.[instructor]'
	@touch $@

# The rest: nbgrader, Dask, tests, linters.
$(READY): $(GRADING)
	$(PYTHON) $(START) --venv $(VENV) $(PINS) '.[dev,nbgrader,dask]'
	@touch $@

demo: $(GRADING)
	@rm -rf demo-out && mkdir -p demo-out
	@$(BIN)/python tests/tools/sample_class.py demo-out/class
	$(BIN)/autograder grade demo-out/class --assignment dirty-it --roster demo-out/class/roster.csv --out demo-out/graded --pictures
	$(BIN)/autograder report demo-out/graded
	@echo
	@echo "Look at demo-out/graded/grades.csv and, in a browser, at demo-out/graded/students/fatima_no_sqrt/feedback.html"
	@echo "(what a student gets) and demo-out/graded/report.html (what the class believes)"

# One thread a test process: two tests run at once already. Modules are compiled once, whatever the shell says.
test slow: export PYTHONDONTWRITEBYTECODE :=
test: export OPENBLAS_NUM_THREADS := 1
test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal

# The tests that `make test` leaves out.
slow: export OPENBLAS_NUM_THREADS := 1
slow: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow

# Renews the pins: the newest of everything that this Python takes.
lock:
	$(PYTHON) .ci/lock $(PINS)

# REFERENCE.md from the parser and the classes of the YAML files.
reference: $(READY)
	$(BIN)/python tests/tools/reference.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

audit: $(READY)
	$(BIN)/autograder audit

# Every attack of tests/attacks/submissions at each level; as root, also as an ordinary user.
attacks: $(READY)
	$(BIN)/python tests/attacks/attacks.py --users

fuzz: $(READY)
	FUZZ_FRAMES=$(or $(FRAMES),1000000) $(BIN)/python -m pytest tests/autograder/runner/test_fuzz.py

# How often `autograder alike` shows honest work, and finds a copy; INSTRUCTORS.md says what came of it.
likeness: $(READY)
	$(BIN)/python tests/tools/likeness_rates.py

bench-nbgrader: $(READY)
	$(BIN)/python tests/tools/nbgrader_bench.py 100

# How long a student waits in the page, beside the command line.
bench-page: $(READY)
	$(BIN)/python tests/tools/page_bench.py

# One thread for all contestants, as our own processes have.
bench: export OPENBLAS_NUM_THREADS := 1
bench: $(READY)
	$(BIN)/python tests/tools/bench.py
	$(BIN)/python tests/tools/bench.py --only 05 --growth --regrade 0 --survey 0 --profile 0  # about a dozen checks

clean:
	rm -rf $(VENV) demo-out build dist *.egg-info
