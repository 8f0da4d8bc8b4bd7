# Short names for the usual work. Everything real is in CMake and tools/.
FULL ?= 0
SERVE ?= 1
PREFIX ?= /usr/local
BUILD = build/release

.PHONY: help setup build web demo check bench stack stack-stop fmt lint coverage clean install dist deb

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: ## install and pin everything the build needs
	@tools/setup

build: setup ## the program build/release/bin/seine and libseine.so
	@test -f $(BUILD)/build.ninja || cmake --preset program
	@cmake --build --preset program

web: setup ## the page alone, in build/web
	@tools/build_web

demo: ## a lake of generated traffic in demo/, and the map of it on http://127.0.0.1:8000 (SERVE=0: without)
	@SERVE=$(SERVE) tools/demo

check: ## every test, also under sanitizers; FULL=1: at length, in every place, with ClickHouse and Spark, and under ThreadSanitizer
	@tools/setup $(if $(filter 1,$(FULL)),--full,--tests)
	@SEINE_FULL=$(FULL) tests/run

bench: build ## measure against DuckDB and write bench/RESULTS.md
	@cmake --build $(BUILD) --target bench_programs
	@bench/run

stack: ## PostgreSQL, Redis, Kafka and an S3 server on this machine, in .stack/; prints how to reach them (FRESH=1: over empty data)
	@tools/setup --stack
	@tools/stack start $(if $(filter 1,$(FRESH)),--fresh)

stack-stop: ## end them; their data stay
	@tools/stack stop

fmt: ## format the C files (twice: long macros settle in the second pass) and the page
	@for pass in 1 2; do \
	    git ls-files -z --cached --others --exclude-standard '*.c' '*.h' | xargs -0 clang-format -i; done
	@cd web && node_modules/.bin/biome check --write --log-level=warn .

lint: ## house rules, shell scripts, formatting
	@tools/lint

coverage: ## line coverage of the tests, in build/coverage
	@tools/setup --tests
	@cmake --preset coverage && cmake --build --preset coverage && ctest --test-dir build/coverage -j4
	@gcovr --root . --filter src/ --print-summary --html build/coverage/index.html build/coverage

dist: build ## build/dist/seine-*.tar.zst: runs anywhere without packages
	@tools/dist tar

deb: build ## the same as a Debian package
	@tools/dist deb

clean: ## remove what was built, keep what setup fetched
	@rm -rf build demo

install: build ## install to PREFIX (default /usr/local; DESTDIR is honoured)
	@cmake --install $(BUILD) --prefix $(PREFIX)
