# What must be installed, and a plain word where it is not.

deps:
	@sh mk/deps.sh $(PKGS_BUILD)

deps-image:
	@sh mk/deps.sh $(PKGS_BUILD) $(PKGS_IMAGE)

deps-run:
	@sh mk/deps.sh $(PKGS_BUILD) $(PKGS_RUN) \
	    $(if $(filter docker,$(ENGINE)),$(PKGS_ENGINE))

deps-check:
	@sh mk/deps.sh $(PKGS_BUILD) $(PKGS_RUN) $(PKGS_ENGINE) $(PKGS_LINT) \
	    $(PKGS_CHECK)

.PHONY: deps deps-image deps-run deps-check

# These goals compile nothing in this make, or install what they need first.
NEEDS_NOTHING = deps deps-% clean help run check engine-root \
	deb-check uninstall

ifneq ($(filter-out $(NEEDS_NOTHING),$(or $(MAKECMDGOALS),all)),)
HAVE_ALL := $(shell command -v $(firstword $(CC)) >/dev/null && \
	command -v bison >/dev/null && pkg-config --exists $(WITH) && echo yes)
ifneq ($(HAVE_ALL),yes)
$(error $(firstword $(CC)), bison, pkg-config or one of the libraries $(WITH) \
	is missing: run "make deps" as root first)
endif
endif

ifneq ($(filter tests test fuzzers,$(MAKECMDGOALS)),)
ifeq ($(LIBS_JSON),)
$(error jansson, which the tests compare with, is missing: run \
	"make deps-check" as root first)
endif
endif
