# The regression tests' own programs: the stub engine that stands in for
# dockerd, and a filter that lies.

OBJ_STUB = $(call obj,regress/stub.c regress/stub_answer.c \
	regress/stub_canned.c)
OBJ_HOSTILE = $(call obj,regress/hostile.c $(SRC_IMSG) $(SRC_ENDPOINT))

REGRESS_PROGS = $(B)/regress/stub-engine $(B)/regress/hostile-filter \
	$(IMAGE_CHECK)

$(B)/regress/stub-engine: $(OBJ_STUB)
	$(CC) $(ALLCFLAGS) $(LDHARD) $(LDFLAGS) -o $@ $^ $(LIBS_BSD)

$(B)/regress/hostile-filter: $(OBJ_HOSTILE)
	$(CC) $(ALLCFLAGS) $(LDHARD) $(LDFLAGS) -o $@ $^ $(LIBS_BSD)

regress-progs: $(REGRESS_PROGS)

regress: $(PROGS) $(REGRESS_PROGS)
	B=$(B) regress/run

.PHONY: regress regress-progs
-include $(patsubst %.o,%.d,$(OBJ_STUB) $(OBJ_HOSTILE))
