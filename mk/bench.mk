# The benchmark: bench/run.py measures, docs/performance.md explains.
#
#	make bench [BENCH_ROUNDS=5] [BENCH_ONLY=requests,streams,...]
#	make bench-engine	the same through a private dockerd
#	make bench-docs		bench, and the tables into docs/performance.md

BENCH_ROUNDS ?= 5
BENCH_ONLY ?=
BENCH_OUT ?= $(BX)/bench-results

BENCH_COMMON = bench/common.c bench/message.c
OBJ_LOADGEN = $(call obj,bench/loadgen.c bench/load_request.c \
	bench/load_stream.c bench/load_hold.c $(BENCH_COMMON))
OBJ_STUBD = $(call obj,bench/stubd.c $(BENCH_COMMON))
OBJ_RELAY = $(call obj,bench/relay.c bench/common.c)
OBJ_SINGLE = $(call obj,bench/single.c bench/common.c filter/http.c \
	filter/http_request.c filter/http_response.c filter/path.c \
	proxyd/log.c $(SRC_ENDPOINT))

BENCH_PROGS = $(B)/bench/loadgen $(B)/bench/stubd $(B)/bench/relay \
	$(B)/bench/single

$(B)/bench/loadgen: $(OBJ_LOADGEN)
$(B)/bench/stubd: $(OBJ_STUBD)
$(B)/bench/relay: $(OBJ_RELAY)
$(B)/bench/single: $(OBJ_SINGLE)
$(BENCH_PROGS):
	$(call Q,LD)$(CC) $(ALLCFLAGS) $(LDHARD) $(LDFLAGS) -o $@ $^ $(LIBS_BSD)

bench-progs: $(PROGS) $(BENCH_PROGS)

# /usr/bin/python3: the packages' own, whatever else is on PATH.
bench: bench-progs
	@sh mk/deps.sh $(PKGS_BENCH)
	@B='$(B)' python3 bench/run.py -r '$(BENCH_ROUNDS)' \
	    -o '$(BENCH_OUT)' $(if $(BENCH_ONLY),-w '$(BENCH_ONLY)') \
	    $(BENCH_FLAGS)

bench-engine: bench-progs
	@sh mk/deps.sh $(PKGS_BENCH) $(PKGS_ENGINE)
	@B='$(B)' python3 bench/engine.py -o '$(BENCH_OUT)'

bench-docs:
	@$(MAKE) --no-print-directory bench \
	    BENCH_FLAGS="--docs docs/performance.md"

.PHONY: bench bench-progs bench-engine bench-docs
-include $(patsubst %.o,%.d,$(OBJ_LOADGEN) $(OBJ_STUBD) $(OBJ_RELAY) \
	$(OBJ_SINGLE))
