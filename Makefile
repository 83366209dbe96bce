# Every command a person types. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

STAGE ?= dev
ARCH ?= arm64
REGION ?= eu-west-1
ENDPOINT ?= http://127.0.0.1:4566
ALARM_TOPIC ?=
BRANDS ?=

TARGET := $(or $(CARGO_TARGET_DIR),target)
TOOLS := $(or $(PITBOSS_TOOLS),$(HOME)/.cache/pitboss/venv)
FUNCTIONS := $(notdir $(wildcard functions/*))
RUST_VERSION := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

export SAM_CLI_TELEMETRY = 0
export AWS_DEFAULT_REGION = $(REGION)

.PHONY: help run demo test fmt fmt-check lint clippy template deny bench sim soak new-vendor mutants mutants-domain fuzz fuzz-corpus build deploy deploy-local identity tools prerequisites clean

help: ## list the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

run: prerequisites ## the whole platform on this machine, on http://127.0.0.1:8080
	cargo run --package pitboss-local --bin pitboss-local

demo: prerequisites ## a player's journey against the running platform
	cargo run --package pitboss-local --bin pitboss-demo

test: prerequisites fmt-check template clippy ## everything: format, lints, every test, a deployment on an emulator
	cargo build --workspace --bins --tests
	@if command -v cargo-nextest >/dev/null; then \
	  cargo nextest run --workspace; \
	else \
	  cargo test --workspace; \
	fi
	@if command -v cargo-deny >/dev/null; then cargo deny check bans licenses sources; fi

fmt: ## format the code
	cargo fmt --all

fmt-check:
	cargo fmt --all --check

lint: fmt-check clippy template ## format, Rust and template lints

clippy:
	cargo clippy --workspace --all-targets -- -D warnings

template: tools
	@$(TOOLS)/bin/sam validate --lint 2>&1 | sed '/SAM CLI update/,$$d'

deny: ## licences, advisories and sources of every dependency
	@command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
	cargo deny check

bench: prerequisites ## what a bet costs and adds, and how many fit, in one table (shorter: BENCH_ENTRIES=10000 BENCH_BETS=0)
	cargo run --profile measured --package bench --bin bench

sim: prerequisites ## the platform under a hundred seeds, or one of them: make sim SEED=…
	$(if $(SEED),SEED=$(SEED)) cargo run --package simulation

soak: prerequisites ## the platform under fresh seeds, optimised: make soak MINUTES=…
	cargo run --profile measured --package simulation -- soak --minutes $(or $(MINUTES),10)

new-vendor: ## lay down a vendor's module, contract table and template entry: make new-vendor KIND=game|kyc|payment NAME=…
	@python3 infra/tools/new_vendor.py $(KIND) $(NAME)
	@cargo fmt --all

mutants: prerequisites ## breaks the core on purpose, one way at a time: a test must notice each (ONLY=… for some)
	python3 tests/mutants/run.py $(if $(ONLY),--only $(ONLY))

mutants-domain: prerequisites ## every small change to the decisions: hours; what may survive is in docs/mutation.md
	@command -v cargo-mutants >/dev/null || cargo install --locked cargo-mutants
	@command -v cargo-nextest >/dev/null || cargo install --locked cargo-nextest
	env -u CARGO_TARGET_DIR PROPTEST_MAX_SHRINK_ITERS=0 nice cargo mutants --package domain --output $(TARGET)

fuzz-corpus: prerequisites ## what strangers may write, and mutations of it, without a fuzzer (SECONDS=… for each reader)
	FUZZ_SECONDS=$(or $(SECONDS),1) cargo test --manifest-path tests/fuzz/Cargo.toml -- --nocapture

fuzz: prerequisites ## one reader under libFuzzer (nightly Rust): make fuzz READER=games_hub88 SECONDS=60
	@command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	@mkdir -p $(TARGET)/fuzz-corpus/$(READER)
	cargo +nightly fuzz run --fuzz-dir tests/fuzz --sanitizer none --features libfuzzer $(READER) \
	  $(TARGET)/fuzz-corpus/$(READER) tests/fuzz/corpus/$(READER) -- -max_total_time=$(or $(SECONDS),60) -max_len=8192

build: prerequisites tools-build ## Lambda packages into dist/ (ARCH=arm64 or x86_64)
	PATH="$(TOOLS)/bin:$$PATH" cargo lambda build --release --$(subst _,-,$(ARCH)) --lambda-dir dist $(addprefix --bin ,$(FUNCTIONS))

deploy: build tools ## to AWS: make deploy STAGE=dev|staging|prod REGION=… ARCH=… ALARM_TOPIC=arn:… BRANDS=host=brand,…
	$(TOOLS)/bin/sam deploy --language-extensions --stack-name pitboss-$(STAGE) --region $(REGION) --resolve-s3 \
	  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
	  --parameter-overrides Stage=$(STAGE) Architecture=$(ARCH) $(if $(ALARM_TOPIC),AlarmTopic=$(ALARM_TOPIC)) \
	  $(if $(BRANDS),'Brands=$(BRANDS)')

deploy-local: prerequisites tools ## to a running emulator (LocalStack, ministack) at ENDPOINT
	cargo build --workspace --bins --tests
	@$(TOOLS)/bin/python infra/tools/new_identity.py > $(TARGET)/identity.json
	$(TOOLS)/bin/python infra/tools/deploy_local.py --endpoint $(ENDPOINT) --binaries $(TARGET)/debug \
	  --secret pitboss/vendors=infra/local/vendors.json --secret pitboss/identity=$(TARGET)/identity.json

identity: tools ## print a fresh identity secret for Secrets Manager
	@$(TOOLS)/bin/python infra/tools/new_identity.py

clean: ## remove what was built
	cargo clean
	rm -rf dist

# ---- tools

.PHONY: tools-build

tools: $(TOOLS)/requirements.txt

tools-build: $(TOOLS)/requirements-build.txt

$(TOOLS)/%.txt: infra/tools/%.txt
	@echo "installing $< into $(TOOLS)"
	@mkdir -p $(dir $(TOOLS))
	@test -x $(TOOLS)/bin/pip || python3 -m venv $(TOOLS)
	@$(TOOLS)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@cp $< $@

prerequisites:
	@missing=0; \
	need() { command -v "$$1" >/dev/null || { echo "missing: $$1 ($$2)"; missing=1; }; }; \
	need cargo "https://rustup.rs"; \
	need python3 "3.10 or newer, with venv"; \
	need cc "a C compiler, such as gcc"; \
	need git "https://git-scm.com"; \
	if command -v rustc >/dev/null; then \
	  version=$$(rustc --version | cut -d' ' -f2); \
	  printf '%s\n' $(RUST_VERSION) "$$version" | sort --check --version-sort 2>/dev/null \
	    || { echo "missing: Rust $(RUST_VERSION) or newer (found $$version; rustup update)"; missing=1; }; \
	fi; \
	if command -v python3 >/dev/null; then \
	  python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "missing: python3's venv (on Debian: python3-venv)"; missing=1; }; \
	fi; \
	exit $$missing
