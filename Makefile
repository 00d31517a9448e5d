# The front door. Every target installs what it needs, so each works on a fresh Debian 12 machine.
.DEFAULT_GOAL := build
.PHONY: demo build test bench lint format docs clean help setup cluster
MAKEFLAGS += --no-print-directory

step := .ci/step
logs := build/log
twin := build/release/twin

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup:
	@.ci/setup

# Tests of what cannot be installed are left out with a message.
cluster: setup
	@.ci/setup cluster || echo 'Install   failed: no MPI and no Slurm here; their tests are left out'

build: setup  ## build/release/twin, the library, the examples, the tests
	@$(step) Configure $(logs)/configure.txt cmake --preset release
	@$(step) Build $(logs)/build.txt cmake --build --preset release

demo: setup  ## the main job: a million what-if runs, then a published problem of a million designs
	@$(step) Configure $(logs)/configure.txt cmake --preset release
	@$(step) Build $(logs)/build.txt cmake --build --preset release --target twin
	@mkdir -p build/demo
	@$(twin) sweep scenarios/million.toml --top 5 --output build/demo/million.csv
	@$(twin) sweep scenarios/tpmax50.toml --top 5 --output build/demo/tpmax50.csv
	@$(twin) sweep scenarios/tpmax128.toml --top 5

test: cluster build  ## every test of the release build
	@ctest --preset release

bench:  ## the benchmarks, beside their peers
	@.ci/setup bench
	@$(step) Configure $(logs)/bench-configure.txt cmake --preset bench
	@$(step) Build $(logs)/bench-build.txt cmake --build --preset bench
	@cmake --build --preset bench --target bench

lint: build  ## format, clang-tidy, layers, headers; BASE=commit looks only at what changed since
	@.ci/setup lint
	@.ci/lint $(BASE)

format:  ## rewrites the sources in the house's format
	@.ci/setup lint
	@find libtwin tests examples benchmarks -name '*.cpp' -o -name '*.hpp' | xargs clang-format-14 -i

docs: build  ## rewrites the generated pages of docs/reference, then checks all links
	@$(step) Pages $(logs)/docs.txt cmake --build --preset release --target docs
	@/usr/bin/python3 tests/support/check_links.py .

clean:  ## removes everything built
	@rm -rf build
