# Kith's commands. Compiled dependencies live outside the checkout, so that a fresh clone is fast.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/kith/target
# DuckDB's shared library; `make setup` puts it there.
export DUCKDB_LIB_DIR ?= $(HOME)/.cache/kith/duckdb/1.5.6

# What tests start by themselves, on ports of their own.
SERVERS = KITH_REFEREE="$$(scripts/referee.sh)" KITH_POSTGRES_BIN="$$(scripts/postgres.sh)" KITH_S3_PYTHON="$$(scripts/s3.sh)" \
	KITH_JSON_SCHEMA_SUITE="$$(scripts/json_schema_suite.sh)" KITH_PGBOUNCER="$$(scripts/pgbouncer.sh)"
# The suite that both engines must pass; the first run is on the embedded one.
CONFORMANCE = identity:: audiences:: track:: admin:: committer:: lake::
# What needs of PostgreSQL no more than a URL, and so runs on a server of somebody's own: the same, jobs, several nodes.
BY_URL = $(CONFORMANCE) jobs:: nodes::comparing:: nodes::overtaking:: nodes::taking_turns:: nodes::locked_rows:: nodes::lives:: \
	nodes::limits:: nodes::retrying:: nodes::accounts:: nodes::agreeing:: nodes::audiences:: nodes::sources:: nodes::undoing:: \
	nodes::removing:: nodes::rebuilding:: nodes::seldom:: nodes::moving::

.DEFAULT_GOAL := help
.PHONY: help setup run build bundle packages test postgres citus by-url check strangers crash siege fuzz bench clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

setup: ## find or install what building needs
	@scripts/setup.sh
	@scripts/duckdb.sh $(DUCKDB_LIB_DIR)
	@$(MAKE) --no-print-directory sdk/dist/kith.js console/dist/index.html.gz lists/dist/crawlers.txt

# The browser script, which is compiled into the binary.
sdk/dist/kith.js: sdk/package-lock.json $(wildcard sdk/src/*.ts sdk/src/parts/*.ts) $(wildcard sdk/scripts/*)
	cd sdk && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

# Lists that others keep, which are compiled into the binary.
lists/dist/crawlers.txt: lists/package-lock.json lists/scripts/build.mjs
	cd lists && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

# Said before anything else: somebody new waits in front of it.
.PHONY: announce
announce:
	@test -x $(CARGO_TARGET_DIR)/release/kith || printf '%s\n' \
		"Kith is built first: eight to ten minutes on two cores, once." \
		"Debian packages that are missing are installed (apt-get); 'make setup' does only that." ""

# The console, which is compiled into release builds; debug builds read the folder.
CONSOLE = $(shell find console/src console/public console/scripts -type f -not -name kith.d.ts) console/index.html console/vite.config.ts \
	tests/admin/snapshots/integration__admin__openapi__openapi.snap
console/dist/index.html.gz: console/package-lock.json $(CONSOLE)
	cd console && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

run: announce build ## build in release and serve on http://127.0.0.1:8686, data in ./data
	@exec $(CARGO_TARGET_DIR)/release/kith serve

build: announce setup ## build in release, and say where
	cargo build --release --locked
	@echo "Built: $(CARGO_TARGET_DIR)/release/kith, and libduckdb.so beside it"

# Where what people install lies.
DIST ?= dist
bundle: build ## the program and all it needs, in an archive in dist/
	@packaging/bundle.py $(CARGO_TARGET_DIR)/release/kith $(DIST)

packages: build ## the bundle, and what pip, npm and dpkg install, made of it
	@bundle=$$(packaging/bundle.py $(CARGO_TARGET_DIR)/release/kith $(DIST)) && echo $$bundle && \
	for kind in wheel npm debian; do packaging/$$kind.py $$bundle $(DIST) || exit 1; done

# What generates and compiles a typed client; only its test needs it.
CLIENT = tests/client/node_modules/.package-lock.json
$(CLIENT): tests/client/package-lock.json
	cd tests/client && npm ci --no-audit --no-fund --loglevel=error

# A real OpenID provider; only its test needs it.
PROVIDER = tests/oidc/node_modules/.package-lock.json
$(PROVIDER): tests/oidc/package-lock.json
	cd tests/oidc && npm ci --no-audit --no-fund --loglevel=error

test: setup check $(CLIENT) $(PROVIDER) ## every test, on both engines; 10 rounds of kill -9; real browsers
	cd sdk && npm run --silent check && npm run --silent size && npm test --silent
	cd console && npm run --silent check && npm run --silent size && npm test --silent
	$(SERVERS) cargo test --locked
	$(SERVERS) TEST_ENGINE=postgres cargo test --locked --test integration -- $(CONFORMANCE)
	BROWSER="$$(scripts/browser.sh)" FIREFOX="$$(scripts/firefox.sh)" KITH=$(CARGO_TARGET_DIR)/debug/kith ARTEFACTS=$(CARGO_TARGET_DIR)/artefacts \
		node --test tests/browser/*.test.mjs
	KITH=$(CARGO_TARGET_DIR)/debug/kith node --test tests/client/*.test.mjs
	KITH=$(CARGO_TARGET_DIR)/debug/kith node --test tests/oidc/*.test.mjs
	DEPLOYING_PYTHON="$$(scripts/deploying.sh)" PROMTOOL="$$(scripts/promtool.sh)" KITH=$(CARGO_TARGET_DIR)/debug/kith \
		node --test --test-concurrency=2 tests/packages/*.test.mjs tests/deploy/*.test.mjs
	LD_LIBRARY_PATH=$(DUCKDB_LIB_DIR) scripts/schemathesis.sh $(CARGO_TARGET_DIR)/debug/kith 5

# Passwords stand in these URLs: nothing here prints them.
postgres: ## the tests on a PostgreSQL of yours (KITH_POSTGRES_URL), and whether every statement was sent there
	@if [ -n "$$KITH_POSTGRES_URL" ]; then env -u KITH_CITUS_URL $(MAKE) --no-print-directory by-url; \
	else echo "skipped: KITH_POSTGRES_URL names no PostgreSQL (docs/operations.md, \"A server of your own\")"; fi

citus: ## the same on Citus of yours (KITH_CITUS_URL), with the tables spread
	@if [ -n "$$KITH_CITUS_URL" ]; then env -u KITH_POSTGRES_URL $(MAKE) --no-print-directory by-url; \
	else echo "skipped: KITH_CITUS_URL names no Citus (docs/operations.md, \"A server of your own\")"; fi

by-url: export TEST_ENGINE = postgres
by-url: export KITH_STATEMENTS = $(CARGO_TARGET_DIR)/statements.jsonl
by-url: setup
	rm -f $(KITH_STATEMENTS)
	RUST_BACKTRACE=0 cargo test --locked --test integration -- --exact statements::the_server_can_be_used
	status=0; $(SERVERS) cargo test --locked --test integration -- $(BY_URL) || status=1; \
	cargo test --locked --test integration -- --exact statements::every_statement_was_sent --nocapture && exit $$status

check: setup ## formatting, lints, and what dependencies may be
	@if cargo fmt --version >/dev/null 2>&1; then set -x; cargo fmt --check; \
	else echo "rustfmt is not installed; formatting was not checked"; fi
	@if cargo clippy --version >/dev/null 2>&1; then set -x; cargo clippy --locked --all-targets -- -D warnings; \
	else echo "clippy is not installed; lints were not checked"; fi
	scripts/deny.sh

strangers: setup ## throw at every address what its document allows and what it does not, for ten minutes
	cargo build --locked
	LD_LIBRARY_PATH=$(DUCKDB_LIB_DIR) scripts/schemathesis.sh $(CARGO_TARGET_DIR)/debug/kith $${EXAMPLES:-200}

crash: setup ## 100 rounds of kill -9
	KITH_CRASH_ROUNDS=$${KITH_CRASH_ROUNDS:-100} cargo test --locked --test integration process::crash

siege: setup build ## a minute of attacks from several processes, and what honest people notice of it
	KITH=$(CARGO_TARGET_DIR)/release/kith KITH_SIEGE_SECONDS=$${KITH_SIEGE_SECONDS:-30} \
		cargo test --locked --test integration process::siege -- --nocapture --test-threads=1

fuzz: export CARGO_TARGET_DIR := $(CARGO_TARGET_DIR)/fuzz
fuzz: export LD_LIBRARY_PATH := $(DUCKDB_LIB_DIR)
# The fuzzer's flags are for nightly compilers; with this the one that is there takes them too.
fuzz: export RUSTC_BOOTSTRAP := 1
# A server remembers people between two inputs, and still runs at the end: that is no leak.
fuzz: export ASAN_OPTIONS := detect_leaks=0
fuzz: setup ## throw anything at the parsers and at the front door, a minute each
	cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz
	for target in payload track body sent; do \
		mkdir -p fuzz/corpus/$$target && \
		cargo fuzz run $$target fuzz/corpus/$$target fuzz/seeds/$$target -- \
			-max_total_time=$${SECONDS_EACH:-60} -rss_limit_mb=1024 -max_len=65536 || exit 1; \
	done

bench: setup ## the load driver against Kith and the reference server; prints docs/benchmarks.md's tables
	scripts/postgres.sh >/dev/null
	cargo build --release --locked --example reference
	cargo bench --locked --bench load
	cargo bench --locked --bench conditions
	cargo build --release --locked
	KITH=$(CARGO_TARGET_DIR)/release/kith WRK="$$(scripts/wrk.sh)" benches/wrk.py
	KITH=$(CARGO_TARGET_DIR)/release/kith WRK="$$(scripts/wrk.sh)" benches/size.py 1000000
	KITH=$(CARGO_TARGET_DIR)/release/kith benches/rest.py
	KITH=$(CARGO_TARGET_DIR)/release/kith benches/import.py
	KITH=$(CARGO_TARGET_DIR)/release/kith BROWSER="$$(scripts/browser.sh)" benches/live.mjs
	KITH=$(CARGO_TARGET_DIR)/release/kith BROWSER="$$(scripts/browser.sh)" benches/first-view.mjs
	KITH=$(CARGO_TARGET_DIR)/release/kith BROWSER="$$(scripts/browser.sh)" benches/script.mjs
	KITH=$(CARGO_TARGET_DIR)/release/kith benches/rebuild.py
	KITH=$(CARGO_TARGET_DIR)/release/kith benches/audiences.py backfill
	KITH=$(CARGO_TARGET_DIR)/release/kith benches/audiences.py alarms
	CHDB_PYTHON="$$(scripts/chdb.sh)" cargo bench --locked --bench history

clean: ## forget what was compiled
	cargo clean
