# Selge: `make help` says what there is.
CARGO ?= cargo
VOTERS ?=
OUT ?=
BALLOTS ?=
SECONDS ?= 600
FILE ?=
RATE ?=

.DEFAULT_GOAL := help
.PHONY: help demo web test test-page screenshots corpus fuzz mutants faults lint bench bench-large bench-lanes bench-secrets bench-page load national deny vectors clean check-tools

help: ## Show this list
	@echo "Selge: an end-to-end verifiable internet voting system"
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

check-tools:
	@command -v $(CARGO) >/dev/null 2>&1 || { echo "cargo is not installed: install Rust 1.89 or later, for example from https://rustup.rs, and try again" >&2; exit 1; }
	@command -v cc >/dev/null 2>&1 || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then apt-get update -q && apt-get install -qy --no-install-recommends build-essential; \
		else echo "a C compiler is needed by some libraries: run 'sudo apt-get install build-essential' and try again" >&2; exit 1; fi; }

demo: check-tools ## Run a whole real election on this machine (VOTERS=600 to 312181, OUT=folder for record and summary)
	$(CARGO) build --release --locked --workspace --bins
	target/release/demo $(if $(VOTERS),"--voters=$(VOTERS)") $(if $(OUT),"--out=$(OUT)")

# What takes the time of an audit, in a browser as elsewhere.
AUDIT_FAST = selge-core selge-lanes selge-auditor sha2 keccak merlin ed25519-zebra

web: check-tools ## Build the pages for browsers: voting into target/page, the auditor into target/audit-page (the first time some minutes)
	tools/need.sh node npm
	tools/wasm.sh selge-voter-web target/page-build/voter.wasm
	tools/wasm.sh selge-keyfile-web target/page-build/keyfile.wasm
	cd voter-client/web && npm ci --no-audit --no-fund --silent && node build.mjs ../../target/page-build/voter.wasm ../../target/page-build/keyfile.wasm ../../target/page
	tools/wasm.sh selge-auditor-web target/page-build/audit.wasm $(AUDIT_FAST)
	node auditor/web/build.mjs target/page-build/audit.wasm target/audit-page

test: check-tools ## Format, lints, documentation and all tests
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps
	$(CARGO) build --locked --workspace --bins
	$(CARGO) test --locked --workspace
	@# Once more with each arithmetic for public points that this machine has.
	set -e; for backend in $$($(CARGO) run --quiet --locked -p selge-lanes --example backends); do \
		SELGE_LANES=$$backend $(CARGO) test --locked -p selge-lanes; done
	$(MAKE) test-page

test-page: web ## Drive the voting page with a browser against a real collector, count and audit; then the auditor's page
	tools/need.sh chromium
	$(CARGO) build --locked --workspace --bins
	cd tests/web && npm ci --no-audit --no-fund --silent && node run.mjs && node audit.mjs

bench-page: web ## Measure the auditor's page with a record of 10,000 ballots (VOTERS=10000, OUT=folder of a record that is there)
	tools/need.sh chromium
	$(CARGO) build --release --locked --workspace --bins
	test -n "$(OUT)" || { rm -rf target/bench-page && target/release/demo --voters=$(or $(VOTERS),10000) --out=target/bench-page; }
	cd tests/web && npm ci --no-audit --no-fund --silent && node audit_bench.mjs $(abspath $(or $(OUT),target/bench-page))

screenshots: web ## Pictures of every step of both pages: phone and desktop, light and dark, each language (OUT=folder)
	tools/need.sh chromium
	$(CARGO) build --locked --workspace --bins
	cd tests/web && npm ci --no-audit --no-fund --silent && node screenshots.mjs $(abspath $(or $(OUT),target/screenshots)) && node audit_screenshots.mjs $(abspath $(or $(OUT),target/screenshots))/audit

corpus: check-tools ## Audit every manipulated record and print which check catches it (OUT=folder for the records)
	$(CARGO) run --release --locked --quiet -p selge-corpus --bin corpus -- $(if $(OUT),"--out=$(OUT)")

fuzz: check-tools ## Fuzz every decoder, changed proofs and changed records, SECONDS=600 each (a nightly compiler; installs cargo-fuzz)
	@command -v cargo-fuzz >/dev/null 2>&1 || $(CARGO) install --locked cargo-fuzz
	@$(CARGO) +nightly --version >/dev/null 2>&1 || { echo "a nightly compiler is needed: run 'rustup toolchain install nightly' and try again" >&2; exit 1; }
	$(CARGO) run --locked --quiet -p selge-corpus --bin corpus -- --seeds=fuzz/corpus/decoders
	set -e; for target in decoders proofs records; do \
		$(CARGO) +nightly fuzz run --fuzz-dir=fuzz $$target -- -max_total_time=$(SECONDS) -max_len=70000; done

mutants: check-tools ## Change FILE (of auditor/src/audit, or core/src) in small ways and see whether corpus or core's tests notice (installs cargo-mutants)
	@test -n "$(FILE)" || { echo "say which file: make mutants FILE=auditor/src/audit/ceremony.rs" >&2; exit 2; }
	@command -v cargo-mutants >/dev/null 2>&1 || $(CARGO) install --locked cargo-mutants
	$(CARGO) mutants --file "$(FILE)" --output target/mutants \
		$(if $(filter core/%,$(FILE)),-- --tests,--test-package selge-corpus -- --test corpus)

faults: check-tools ## The long fault suite: 200 kills, power losses, full disks, 10,000 connections (SELGE_FAULTS_SEED=n draws again)
	$(CARGO) build --locked --workspace --bins
	SELGE_FAULTS=long $(CARGO) test --locked -p selge-tests --test faults -- --nocapture --test-threads=1
	SELGE_FAULTS=long $(CARGO) test --locked -p selge-collector --test board -- faults:: power:: clock:: --nocapture

bench: check-tools ## Measure every operation, as ratios to one scalar multiplication, side by side in one run
	$(CARGO) bench --locked -p selge-benches --bench protocol

bench-large: check-tools ## The same up to a million ciphertexts (ten times as long, several GiB)
	$(CARGO) bench --locked -p selge-benches --bench protocol -- --large

bench-lanes: check-tools ## Measure decoding and sums of public points with every arithmetic that this machine has
	$(CARGO) bench --locked -p selge-benches --bench lanes

bench-secrets: check-tools ## See whether the time of what is done with secrets depends on them (4 minutes)
	$(CARGO) bench --locked -p selge-benches --bench secrets

load: check-tools ## Load a collector on this machine, close and audit (BALLOTS=60000, RATE=2000 a second)
	$(CARGO) build --release --locked --workspace --bins
	target/release/load $(if $(BALLOTS),"--ballots=$(BALLOTS)") $(if $(RATE),"--rate=$(RATE)")

national: check-tools ## Replay all 312181 electronic votes of Estonia's 2023 election; ballots are made once (VOTERS=600 or more)
	$(CARGO) build --release --locked --workspace --bins
	target/release/national $(if $(VOTERS),"--voters=$(VOTERS)")

deny: check-tools ## Check licences, sources, duplicate and banned crates, and advisories (installs cargo-deny if missing)
	@command -v cargo-deny >/dev/null 2>&1 || $(CARGO) install --locked cargo-deny
	$(CARGO) deny check bans licenses sources
	@# The advisory database is fetched from the network; where that is not possible the check says so and is not done.
	$(CARGO) deny check advisories || { code=$$?; $(CARGO) deny fetch >/dev/null 2>&1 && exit $$code || echo "advisories: NOT CHECKED, the advisory database cannot be fetched from here" >&2; }

vectors: check-tools ## Write the test vectors anew (they must not change without a new protocol version)
	SELGE_WRITE_VECTORS=1 $(CARGO) test --locked -p selge-core --test vectors

clean: ## Remove everything that was built
	$(CARGO) clean
