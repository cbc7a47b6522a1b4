# Raw CSV in, a regression report out: `make report`. `make help` lists goals and variables.
#
# Two levels in one file. The outer make compiles what changed and calls `millrace make`, which locks the
# project, checks all of pipeline.toml and calls this file again, in the project folder: the map below.

ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error Millrace needs GNU make 4.3 or newer, this is $(MAKE_VERSION); on macOS: brew install make, then gmake)
endif
MAKEFLAGS += -rR --no-print-directory
.SUFFIXES:
.DEFAULT_GOAL := report

## PROJECT=DIR    the project folder; by default the folder make is called in
PROJECT ?= .
## FORMAT=csv     the format of the tables between the stages: csv, parquet or arrow
FORMAT ?= csv
## FEATURES=s3    what is compiled beside the rest: s3 for `s3://` sources
## BIN=DIR        ready-made programs, in place of compiling them
## RAW='FILES'    of `new`: raw files, patterns, folders; names with blanks in quotes
## TARGET=COLUMN  of `new`: the column to predict; without it the candidates are listed
## INGEST='KEYS'  of `new`: what the files need, as in INGEST='encoding = "windows-1252"'
## NEW=FILE       of `predict`: raw rows to score; without it the newest rows, whose target is not known yet
##                of `monitor`: new raw rows, names and patterns; names with blanks one at a time
## HISTORY='FILES' of `predict` and `monitor`: earlier raw rows, for lags and windows; no blanks in names
## VERSION=NAME   of `publish`: the name of the version, by default the next number
## OUT=FILE       of `predict`: where predictions go, by default reports/forecast.csv of the project
## ROWS=1000000   of `bench`: rows of the panel it makes

# Names reach the shell and the programs as they are: nothing in them is expanded or run.
override PROJECT := $(value PROJECT)
override FORMAT := $(strip $(value FORMAT))
export PROJECT FORMAT BIN
quoted = '$(subst ','\'',$(1))'
run = $(call quoted,$(BIN)/$(1))

ifndef MILLRACE_INNER #################################################### outer: compile, lock, call again

ifneq ($(words $(FORMAT)) $(filter csv parquet arrow,$(FORMAT)),1 $(FORMAT))
$(error FORMAT is csv, parquet or arrow, not `$(FORMAT)`)
endif
# Only here: in the map below it is the table of that name.
override FEATURES := $(strip $(value FEATURES))
ifneq ($(filter-out s3,$(FEATURES)),)
$(error FEATURES is empty or s3, not `$(FEATURES)`)
endif

MAKEFILE := $(shell cd "$$(dirname $(call quoted,$(strip $(MAKEFILE_LIST))))" && pwd)/Makefile
ROOT := $(patsubst %/Makefile,%,$(MAKEFILE))
absolute = $(if $(filter /%,$(firstword $(1))),,$(CURDIR)/)$(1)
BUILT := $(call absolute,$(or $(value CARGO_TARGET_DIR),$(ROOT)/target))
ifeq ($(origin BIN),command line)
override BIN := $(call absolute,$(value BIN))
CHANGED :=
else
override BIN := $(BUILT)/debug
STAMP := $(BIN)/.millrace-compiled
PROGRAMS := ingest clean feature-engineer train-model evaluate report predict monitor millrace new-project $(FEATURES:s3=ingest-s3)
# A source, or a folder of sources, newer than the last build; `first` where a program is not there yet.
CHANGED := $(shell cd $(call quoted,$(ROOT)); \
  if ls $(foreach p,$(PROGRAMS),$(call run,$p)) $(call quoted,$(STAMP)) >/dev/null 2>&1; \
  then find Cargo.toml Cargo.lock */Cargo.toml */src -newer $(call quoted,$(STAMP)) | head -n 1; else echo first; fi)
endif
# Cargo has its own workers; a jobserver of ours would only slow it down.
cargo = unset MAKEFLAGS MFLAGS MAKELEVEL; cargo $(1) --manifest-path $(call quoted,$(ROOT)/Cargo.toml) --workspace
# A workspace of its own: in ours it would have Polars built once more, with other features.
s3 = ( unset MAKEFLAGS MFLAGS MAKELEVEL; cargo build --locked --manifest-path $(call quoted,$(ROOT)/ingest-s3/Cargo.toml) \
  --target-dir $(call quoted,$(BUILT)) )
millrace = $(call run,millrace) $(1) --project="$$PROJECT" --format=$(FORMAT) --bin="$$BIN"

PIPELINE := report ingested refresh accept cleaned features model metrics check predict monitor review publish
ASKED := $(filter $(PIPELINE),$(or $(MAKECMDGOALS),report))
.PHONY: $(PIPELINE) new status reset build test bench clean help programs
.NOTPARALLEL:
# The inner make takes the variables from the environment, where they need no second quoting.
MAKEOVERRIDES :=
$(PIPELINE): pipeline ; @:
.PHONY: pipeline
pipeline: programs
	+@exec $(call millrace,make) -- $(MAKE) -f $(call quoted,$(MAKEFILE)) $(ASKED)

status: programs ## each stage fresh, or stale and why; the forecast too, where there is one
	@$(call millrace,status)
reset: programs ## remove what the stages wrote and nobody edited; raw data, logs and configuration stay
	@$(call millrace,reset)
clean:
	@echo 'The stage `clean` is run by `make cleaned`; `make reset` removes what the stages wrote.'

# Only what is given on the command line: an environment may hold such names for its own ends.
given = $(if $(filter command,$(firstword $(origin $(1)))),$(value $(1)))
export NEW_RAW := $(call given,RAW)
export NEW_TARGET := $(call given,TARGET)
export NEW_INGEST := $(call given,INGEST)
export PREDICT_NEW := $(call given,NEW)
export PREDICT_HISTORY := $(call given,HISTORY)
export PREDICT_OUT := $(call given,OUT)
export PREDICT_FROM := $(CURDIR)
export PUBLISH_VERSION := $(call given,VERSION)
export BENCH_ROWS := $(call given,ROWS)
unexport RAW TARGET INGEST NEW HISTORY OUT VERSION ROWS
new: programs ## a new project: make new PROJECT=DIR RAW='FILES' TARGET=COLUMN
	@exec $(call run,new-project) --project="$$PROJECT" --raw="$$NEW_RAW" --target="$$NEW_TARGET" --ingest="$$NEW_INGEST"

programs: $(if $(CHANGED),build)
	@test -x $(call run,millrace) || { echo "no program millrace in $$BIN: \`make build\` compiles it" >&2; exit 1; }
build: ## compile the programs (the other goals do so where a source changed)
	@command -v cargo >/dev/null || { echo 'Rust is missing (no cargo): install it from https://rustup.rs' >&2; exit 1; }
	@test -n '$(filter-out first,$(CHANGED))' || echo 'Compiling; the first time this takes some minutes (8 on 2 cores).'
	@mkdir -p "$$BIN" && now=$(call quoted,$(STAMP)).$$$$ && trap 'rm -f "$$now"' EXIT && touch "$$now" && \
	  ( $(call cargo,build) --bins --target-dir $(call quoted,$(BUILT)) ) && \
	  if test -n '$(FEATURES)' || test -e "$$BIN/ingest-s3"; then $(s3); fi && mv "$$now" $(call quoted,$(STAMP))
test: ## run all tests
	@$(s3) || { rm -f $(call quoted,$(BUILT)/debug/ingest-s3); echo 'WARNING: s3:// sources are not tested: ingest-s3 is not compiled' >&2; }
	$(call cargo,test) --no-fail-fast
bench: programs ## the same work here and in pandas, polars and DuckDB, side by side: time and memory
	@exec python3 -E -s $(call quoted,$(ROOT)/bench/stacks/run.py) --bin="$$BIN" --target=$(call quoted,$(BUILT)) $${BENCH_ROWS:+--rows="$$BENCH_ROWS"}
help: ## this list
	@echo 'make [-j] [GOAL] [VARIABLE=VALUE]'; awk -F ':.* ## ' '/^## / { print "  " substr($$0, 4) } \
	  /^[a-z]+:.* ## / { printf "  %-14s %s\n", $$1, $$2 }' $(call quoted,$(MAKEFILE))

else ################################################################# inner: the map, in data order

checkpoint = $(1) $(1).meta.json
RAW      := $(call checkpoint,data/interim/raw_ingested.$(FORMAT)) data/interim/raw_ingested.$(FORMAT).lines.csv
CLEAN    := $(call checkpoint,data/processed/clean.$(FORMAT))
FEATURES := $(call checkpoint,data/processed/features.$(FORMAT))
MODEL    := $(call checkpoint,models/model.pkl)
METRICS  := $(call checkpoint,reports/metrics.json)
# The draft belongs to the analyst: its manifest is what `report` makes, and an edit makes it run again.
REPORT   := reports/report.md.meta.json
DRAFT    := $(or $(wildcard reports/report.md),FORCE)
# Made whenever it is asked for, of rows that only the command line names: no stage needs it.
FORECAST := $(call checkpoint,reports/forecast.csv)

# Stages publish whole files or none, so a checkpoint is never deleted, whatever happens.
.PRECIOUS: $(RAW) $(CLEAN) $(FEATURES) $(MODEL) $(METRICS) $(REPORT) $(FORECAST)
.PHONY: report ingested refresh accept cleaned features model metrics check predict monitor review publish FORCE

# The folder of the programs may have any name; in a list of files these four characters need escaping.
override BIN := $(value BIN)
empty :=
escaped := $(subst $(empty) ,\ ,$(subst :,\:,$(subst ;,\;,$(subst |,\|,$(BIN)))))

# Each stage needs its program and its part of pipeline.toml, and runs where `millrace` found a hash that disagrees.
stage = $(escaped)/$(1) .millrace/$(1).json $(if $(filter $(1),$(MILLRACE_STALE)),FORCE)

ingested: $(RAW) ## raw data, checked and combined
$(RAW) &: $(call stage,ingest) .millrace/sources.list .millrace/format $(wildcard ingest.lock sources.lock)
	$(call run,ingest) -o $(firstword $(RAW))

refresh: ## ask the servers of remote sources for changes (sources.lock); other goals download nothing twice
	$(call run,ingest) --refresh --fetch-only

accept: ## take what is found now as what every later run must find (ingest.lock, clean.lock)
	$(call run,ingest) --accept -o $(firstword $(RAW))
	$(call run,clean) --accept -i $(firstword $(RAW)) -o $(firstword $(CLEAN))

cleaned: $(CLEAN) ## typed, without duplicates, split, filled
$(CLEAN) &: $(RAW) $(call stage,clean) $(wildcard schema.json) $(wildcard clean.lock)
	$(call run,clean) -i $(firstword $(RAW)) -o $(firstword $(CLEAN))

features: $(FEATURES) ## ratios, rolling statistics, lags, target
$(FEATURES) &: $(CLEAN) $(call stage,feature-engineer)
	$(call run,feature-engineer) -i $(firstword $(CLEAN)) -o $(firstword $(FEATURES))

model: $(MODEL) ## the fitted regression
$(MODEL) &: $(FEATURES) $(call stage,train-model)
	$(call run,train-model) -i $(firstword $(FEATURES)) -o $(firstword $(MODEL))

metrics: $(METRICS) ## errors, drift, calibration
$(METRICS) &: $(FEATURES) $(MODEL) $(call stage,evaluate)
	$(call run,evaluate) -i $(firstword $(FEATURES)) -i $(firstword $(MODEL)) -o $(firstword $(METRICS))

report: $(REPORT) ## all of it (default): the draft reports/report.md
# Where both are asked for, the forecast comes first: the report shows it.
AWAITED := $(if $(filter predict,$(MAKECMDGOALS)),$(lastword $(FORECAST)))
$(REPORT): $(METRICS) $(MODEL) $(call stage,report) $(DRAFT) $(or $(AWAITED),$(wildcard $(lastword $(FORECAST))))
	$(write_report)
$(AWAITED): predict ;
write_report = $(call run,report) -i $(firstword $(METRICS)) -i $(firstword $(MODEL)) -o reports/report.md

review: $(REPORT) ## vouch for the report: every placeholder filled, nothing stale, no conflict
	$(write_report) --review

publish: $(REPORT) ## publish it: an immutable folder reports/published/VERSION and a row of reports/history.csv
	$(write_report) --publish$(if $(PUBLISH_VERSION),="$$PUBLISH_VERSION")

# Files are named as they stand to the folder make was called in.
predict: $(MODEL) ## predictions for the rows of NEW=FILE, else the forecast of the newest rows
	@project=$$PWD; cd "$$PREDICT_FROM" && set -- --project "$$project" && \
	  if test -n "$$PREDICT_NEW"; then set -- "$$@" -i "$$PREDICT_NEW"; \
	  else set -- "$$@" -i "$$project"/$(firstword $(FEATURES)).pending.csv; fi && \
	  for file in $$PREDICT_HISTORY; do set -- "$$@" --history "$$file"; done && \
	  set -- "$$@" -o "$${PREDICT_OUT:-$$project/$(firstword $(FORECAST))}" && exec $(call run,predict) "$$@"

monitor: $(MODEL) ## drift and error of the rows of NEW='FILES', in reports/monitor.json; runs beside evaluate and report
	@test -n "$$PREDICT_NEW" || { echo "no rows to monitor: make monitor NEW='data/new/*.csv'" >&2; exit 2; }
	@project=$$PWD; cd "$$PREDICT_FROM" && set -- --project "$$project" && \
	  if test -e "$$PREDICT_NEW"; then set -- "$$@" -i "$$PREDICT_NEW"; \
	  else for file in $$PREDICT_NEW; do set -- "$$@" -i "$$file"; done; fi && \
	  for file in $$PREDICT_HISTORY; do set -- "$$@" --history "$$file"; done && exec $(call run,monitor) --lenient "$$@"

ingested cleaned features model metrics report:
	@echo '$@: up to date'
check: $(METRICS) ## fail if a gate of [gates] that must be kept is broken
	@$(call run,millrace) check

endif
