help:
	@echo 'make            build proxyd/proxyd and filter/proxyd-filter'
	@echo 'make run        install what is missing, build, serve on'
	@echo '                tcp://127.0.0.1:2375; ENGINE=docker starts a'
	@echo '                private dockerd, ENGINE=stub a stub engine'
	@echo 'make check      install what is missing, run every check'
	@echo 'make deb-check  the Debian package: build, install, try, purge'
	@echo 'make deps       install what a build needs (as root)'
	@echo 'make test       unit tests'
	@echo 'make fuzz       fuzzers, FUZZ_SECS=15 seconds each, FUZZ_SEED=0'
	@echo 'make bench      measure against HAProxy, nginx and others'
	@echo 'make lint       manual pages, clang-tidy, shell scripts'
	@echo 'make install    to PREFIX=/usr/local, below DESTDIR'
	@echo 'make clean      remove what was built'
	@echo 'B=dir builds elsewhere; CC=clang and'
	@echo 'SANITIZE=address,undefined are understood; V=1 shows commands.'

.PHONY: help
