# What people expect of make; everything is done by the scripts.
PREFIX ?= /usr/local

.PHONY: all install uninstall check deb

all:
	swift build -c release --product vector-ferry --static-swift-stdlib

install:
	./install.sh --prefix "$(PREFIX)"

uninstall:
	./install.sh --prefix "$(PREFIX)" --uninstall

check:
	./run_tests.sh

deb:
	Scripts/make-deb.sh
