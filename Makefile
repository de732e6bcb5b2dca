# What people do with this project. `make` alone lists it.

BIN     := bin/binnacle
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
export CGO_ENABLED ?= 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## list what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build, load the demo company and serve it
	$(BIN) serve --demo --data $(or $(DATA),bin/data)

.PHONY: build
build: browser-code ## build bin/binnacle, one static binary
	go build -trimpath -ldflags "-s -w -X main.release=$(VERSION)" -o $(BIN) ./cmd/binnacle

.PHONY: test
test: browser-code lint ## lint, then run all tests
	@# The two that take longest begin first, side by side.
	go test -timeout 18m ./browser ./security ./...

.PHONY: thorough
thorough: browser-code lint ## run all tests, and walk through every page as every role (takes half an hour)
	BINNACLE_EVERY_ROLE=1 go test -timeout 40m ./browser ./security ./...

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

.PHONY: shots
shots: build ## take the pictures in docs by a real browser
	go run ./browser/shots

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

# What browsers need of the packages that npm brings. Everything works without, only less nicely.
NPM  := web/assets/node_modules
DIST := web/assets/dist

.PHONY: assets
assets: ## fetch the browser code by its lock file and put it where it is embedded
	cd web/assets && npm ci --ignore-scripts --no-audit --no-fund
	cp $(NPM)/htmx.org/dist/htmx.min.js $(NPM)/echarts/dist/echarts.min.js $(NPM)/cytoscape/dist/cytoscape.min.js $(NPM)/elkjs/lib/elk.bundled.js $(DIST)/
	@for p in htmx.org echarts zrender cytoscape elkjs; do \
		printf '==== %s %s ====\n\n' $$p $$(node -p "require('./$(NPM)/$$p/package.json').version"); \
		cat $(NPM)/$$p/LICENSE* $$(ls $(NPM)/$$p/NOTICE* 2>/dev/null); echo; \
	done > $(DIST)/licences.txt

# The browser code is fetched once, where npm is there.
.PHONY: browser-code
browser-code:
	@if [ -e $(DIST)/htmx.min.js ]; then :; \
	elif ! command -v npm >/dev/null; then echo "npm is not installed: pages come without charts and graphs."; \
	else $(MAKE) --no-print-directory assets || echo "The browser code could not be fetched: pages come without charts and graphs."; fi
