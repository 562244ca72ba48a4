# What is in the container image (Dockerfile): static programs, laid out below
# DESTDIR.  The check for its health and proxyctl, which are not what parses or
# confines, are built with musl, to be small: 0.6 MB less.  With CC, as
# IMAGE_CHECK, the check is for the tests.

MUSL_CC	?= musl-gcc
IMAGE_B	= $(BX)/image
SRC_IMAGE_CHECK = packaging/image/check.c packaging/image/words.c \
	packaging/image/ask.c
OBJ_IMAGE_CHECK = $(call obj,$(SRC_IMAGE_CHECK))
IMAGE_CHECK = $(B)/packaging/image/check

$(IMAGE_CHECK): $(OBJ_IMAGE_CHECK)
	$(call Q,LD)$(CC) $(ALLCFLAGS) $(LDHARD) $(LDFLAGS) -o $@ $^

$(IMAGE_B)/check: $(SRC_IMAGE_CHECK) packaging/image/check.h
	@mkdir -p $(@D)
	$(call Q,CC)$(MUSL_CC) $(CSTD) -Os $(WARN) -static -s -o $@ \
	    $(SRC_IMAGE_CHECK)

# <sys/queue.h> is not musl's.
$(IMAGE_B)/proxyctl: $(SRC_CTL) $(wildcard ctl/*.h imsg/*.h proxyd/*.h)
	@mkdir -p $(@D)
	$(call Q,CC)$(MUSL_CC) $(CSTD) -Os $(WARN) $(DEFS) -static -s \
	    -idirafter /usr/include/$(shell $(CC) -print-multiarch) \
	    -idirafter /usr/include -o $@ $(SRC_CTL)

image-root: $(IMAGE_B)/check $(IMAGE_B)/proxyctl
	@test -n '$(DESTDIR)' || { echo 'image-root: no DESTDIR' >&2; exit 1; }
	rm -rf $(IMAGE_B)/installed
	@$(MAKE) --no-print-directory B=$(IMAGE_B) STATIC=1 PREFIX=/usr \
	    LISTEN=tcp://:2375 DESTDIR=$(abspath $(IMAGE_B)/installed) install
	sh packaging/image/root.sh $(IMAGE_B) '$(DESTDIR)'

.PHONY: image-root
-include $(patsubst %.o,%.d,$(OBJ_IMAGE_CHECK))
