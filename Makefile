# make run    install what is missing, build, start Reeve with a demo portfolio
# make test   install what the tests need, run all of them
# make bench  measure what is promised beside its references, and write bench.json; takes most of 20 minutes
# make soak   let things fail for longer: each of Tests/Faults for REEVE_SOAK seconds, 300 where unset
# One build configuration serves both: release, with internals visible to tests.

SHELL := /bin/bash
SWIFT_FLAGS := -c release -Xswiftc -enable-testing

.PHONY: run test build bench soak format clean help

run: build
	@exec .build/release/reeve up --demo

build:
	@Scripts/setup build
	@Scripts/build $(SWIFT_FLAGS)

test:
	@Scripts/setup test
	@Scripts/test $(SWIFT_FLAGS)

soak:
	@Scripts/setup test
	@swift build --build-tests $(SWIFT_FLAGS)
	@REEVE_SOAK=$${REEVE_SOAK:-300} swift test --skip-build $(SWIFT_FLAGS) --filter '^FaultsTests\.'

bench: build
	@exec .build/release/reeve-bench --json bench.json

format:
	@swift format -i -r Package.swift Sources Tests Benchmarks

clean:
	@swift package clean

help:
	@sed -n 's/^# \(make.*\)/\1/p' Makefile
