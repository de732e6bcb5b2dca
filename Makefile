# What people do with this project. `make` alone lists it.

BIN     := bin/binnacle
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
export CGO_ENABLED ?= 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## list what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build, load the demo company and show a first answer
	$(BIN) demo

.PHONY: build
build: ## build bin/binnacle, one static binary
	go build -trimpath -ldflags "-s -w -X main.release=$(VERSION)" -o $(BIN) ./cmd/binnacle

.PHONY: test
test: lint ## lint, then run all tests
	go test ./...

.PHONY: race
race: ## run all tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race ./...

.PHONY: lint
lint: ## go vet and staticcheck
	go vet ./...
	go tool staticcheck ./...

.PHONY: bench
bench: ## measure the numbers to beat, at 1,000,000 records (takes some minutes)
	go run ./bench

.PHONY: fuzz
fuzz: ## fuzz every parser for 20 seconds each
	@for pkg in $$(go list ./...); do \
		for f in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime 20s $$pkg || exit 1; \
		done; \
	done

.PHONY: golden
golden: ## write the golden files anew from what the program does now
	go test $$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n1 dirname | sort -u) -update

.PHONY: assets
assets: ## fetch and bundle the browser code (there is none yet)
	@echo "There is no browser code yet: the web comes with the next release."
