# Trying, linting, fuzzing and checking.

# Other builds than the one in $(B) go below this.
BX	= $(if $(filter .,$(B)),build,$(B))
FUZZ_SECS ?= 15

# make run [ENGINE=docker|stub]: see regress/try.sh.
run: deps-run
	@$(MAKE) --no-print-directory all $(B)/regress/stub-engine
	@B='$(B)' ENGINE='$(ENGINE)' sh regress/try.sh

check:
	@MAKE='$(MAKE)' B='$(B)' BX='$(BX)' FUZZ_SECS='$(FUZZ_SECS)' \
	    sh tests/check.sh

lint:
	@CPP='$(CSTD) $(CPPINC) $(CPPFLAGS)' sh tests/lint.sh

layout: all
	@B='$(B)' sh tests/check-layout.sh

style: all
	@B='$(B)' sh tests/check-style.sh

installed:
	@MAKE='$(MAKE)' B='$(BX)/installed' sh tests/check-install.sh

reproducible:
	@MAKE='$(MAKE)' sh tests/check-reproducible.sh

# A fuzzer tests/fuzz/fuzz_<module>.c links what the unit test of that
# module links, or FUZZ_OBJS_<module>.
FUZZ_OBJS_conf = $(SRC_PARSE) $(SRC_CONF) $(SRC_ENDPOINT) proxyd/log.c
FUZZ_OBJS_ceiling = parent/ceiling.c parent/head.c $(SRC_ENDPOINT)
FUZZERS	= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

define FUZZ_rule
$(B)/tests/fuzz/fuzz_$(1): $(B)/tests/fuzz/fuzz_$(1).o \
    $$(call obj,$$(or $$(FUZZ_OBJS_$(1)),$$(OBJS_$(1))))
	$$(call Q,LD)$$(CC) $$(ALLCFLAGS) $$(LDHARD) -fsanitize=fuzzer $$(LDFLAGS) -o $$@ \
	    $$^ $$(LIBS_EVENT) $$(LIBS_JSON) $$(LIBS_SECCOMP) $$(LIBS_BSD)
endef
$(foreach f,$(FUZZERS),$(eval $(call FUZZ_rule,$(f))))

FUZZ_PROGS = $(patsubst %,$(B)/tests/fuzz/fuzz_%,$(FUZZERS))

fuzzers: $(FUZZ_PROGS)

fuzz:
	@$(MAKE) --no-print-directory CC=clang B=$(BX)/fuzz \
	    SANITIZE=fuzzer-no-link,address,undefined fuzzers
	@FUZZ_SECS='$(FUZZ_SECS)' B='$(BX)/fuzz' sh tests/fuzz/run.sh

# What the regression cases run beside the engine of this machine.
engine-root:
	@sh tests/engine-root.sh build/trixie

deb-check:
	@sh mk/deps.sh $(PKGS_BUILD) $(PKGS_DEB)
	@sh tests/check-deb.sh $(BX)/deb

.PHONY: run check lint layout style installed reproducible fuzzers fuzz \
	engine-root deb-check
-include $(patsubst %,%.d,$(FUZZ_PROGS))
