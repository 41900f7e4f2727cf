# make run    install what is missing, build, start Reeve with a demo portfolio
# make test   install what the tests need, run all of them
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

bench: build
	@exec .build/release/reeve-bench

format:
	@swift format -i -r Package.swift Sources Tests Benchmarks

clean:
	@swift package clean

help:
	@sed -n 's/^# \(make.*\)/\1/p' Makefile
