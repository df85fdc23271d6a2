# `make` lists what can be made. `make book` and `make test` set up what they need in .venv.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PYTHONDONTWRITEBYTECODE := # empty: else each of some hundred processes compiles all that it imports

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
READY := .venv/.ready
RUN := .venv/bin/python -m
CHAPTERS = $(basename $(notdir $(wildcard chapters/*.md)))

.PHONY: experiment help book pdf test chapter notebooks lab claims fit check bench data serve lint assets clean

help: ## list what can be made
	@sed -nE 's/^([a-z]+):.*## /\1\t/p' Makefile | expand -t 12

book: $(READY) ## execute every chapter and build the site into _build/html
	@$(RUN) book build

pdf: $(READY) ## print the built site as one PDF into it, with the system's Chromium
	@$(RUN) book pdf

test: $(READY) ## build the book if it changed, then test everything, the built site included
	@$(RUN) book test

chapter: $(READY) ## NAME=law: execute one chapter to a notebook
	@test -f "chapters/$(NAME).md" || { echo "no chapter '$(NAME)'; there are: $(CHAPTERS)"; false; }
	@$(RUN) book notebooks
	@mkdir -p _build/notebooks
	@start=$$SECONDS; .venv/bin/jupyter execute --timeout=900 --output=../notebooks/{notebook_name}.ipynb "_build/lab/$(NAME).ipynb"; \
		echo "chapter $(NAME): executed to _build/notebooks/$(NAME).ipynb in $$((SECONDS - start)) s"

notebooks: $(READY) ## write all chapters as notebooks, not executed; one that was edited stays
	@$(RUN) book notebooks

lab: notebooks ## NAME=law: open the chapters in JupyterLab, each a notebook paired with its source
	@.venv/bin/python -c "import jupyterlab" 2>/dev/null || { echo "installing JupyterLab (once)"; \
		.venv/bin/python -m pip install --disable-pip-version-check --quiet -r requirements-lab.txt -c constraints.txt; }
	@.venv/bin/jupyter lab --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
		--ServerApp.root_dir="$$PWD" --LabApp.default_url="/lab/tree/_build/lab/$(or $(NAME),how_fast).ipynb"

check: $(READY) ## FILE=my.csv: say what a file of yours holds, or what is wrong with it
	@.venv/bin/algoprogress check "$(FILE)"

fit: $(READY) ## ADD=my.csv: the doubling time with its interval, without and with evaluations of yours
	@.venv/bin/algoprogress fit $(if $(ADD),--add "$(ADD)")

claims: $(READY) ## print the papers' claims beside ours
	@$(RUN) book claims

experiment: $(READY) ## GRID=full: train the book's own runs where the last call stopped, and compare them
	@.venv/bin/python -c "import tokenizers, torch" 2>/dev/null || { echo "installing PyTorch (once)"; \
		.venv/bin/python -m pip install --disable-pip-version-check --quiet -r requirements-training.txt -c constraints.txt; }
	@mkdir -p _build/experiment; cd _build/experiment; run="../../$(RUN) training" grid="$(or $(GRID),small)"; \
		$$run grid --grid "$$grid" --runs "$$grid.csv"; \
		$$run best --runs "$$grid.csv" --to best.csv; \
		for pair in lstm:transformer_2017 transformer_2017:transformer_today lstm:transformer_today; do \
			../../.venv/bin/algoprogress frontier best.csv --reference "$${pair%:*}" --new "$${pair#*:}" --figure "$${pair/:/-}.svg"; \
		done

bench: $(READY) ## measure the estimator beside its peers: to the screen and to _build/bench.json
	@cd tests && ../$(RUN) bench.measure

data: $(READY) ## SOURCE=folder: rebuild the tables made of one source, or of a folder of all; says which claims move
	@.venv/bin/python tools/build_data.py "$(SOURCE)"

serve: ## show the built site on http://127.0.0.1:8000 (or PORT=...)
	@$(PYTHON) -m http.server "$(PORT)" --bind 127.0.0.1 --directory _build/html

lint: $(READY) ## check the style of the code, who imports whom, and the spelling
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet lib tests
	@.venv/bin/lint-imports
	@.venv/bin/codespell

assets: $(READY) ## TAG=v0.3.0: the files of a release into _build/assets, from the built site
	@version="$$(sed -n 's/^version: //p' CITATION.cff)"; test "$(or $(TAG),v$$version)" = "v$$version" || { echo "this is version $$version, not $(TAG)"; false; }
	@test -f _build/html/algoprogress.pdf || { echo "the book is not printed: make book pdf"; false; }
	@rm -rf _build/assets && mkdir -p _build/assets
	@.venv/bin/python -m pip wheel --disable-pip-version-check --quiet --no-deps --no-build-isolation --wheel-dir _build/assets .
	@cd _build/html && cp algoprogress.pdf data.zip notebooks.zip results.json ../assets
	@cp .zenodo.json CITATION.cff _build/assets

clean: ## remove everything that was built; .venv stays
	@rm -rf _build

# One step, in one shell: a virtual environment with every pin, and the library linked into it. A dot is a package.
$(READY): requirements.txt constraints.txt pyproject.toml
	@start=$$SECONDS; \
	trap 'echo "set up: FAILED, the lines above say why"' ERR; \
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=...")'; \
	echo "setting up .venv (once; a minute or two)"; \
	test -x .venv/bin/python || "$(PYTHON)" -m venv .venv; \
	.venv/bin/python -m pip install --disable-pip-version-check --no-compile -r requirements.txt -c constraints.txt 2>.venv/pip.log \
		| awk '/^Collecting/ { printf "."; fflush() } END { print "" }' \
		|| { tail -n 20 .venv/pip.log; false; }; \
	touch $@; \
	printf '%-32s%7.1f s\n' "set up" "$$((SECONDS - start))"
