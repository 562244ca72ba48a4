# Installing.  DESTDIR is for packagers, PREFIX is compiled into proxyd, and
# so is LISTEN, where the environment does not say otherwise.
LISTEN	?= tcp://127.0.0.1:2375

# Changes only when one of the places does, so that "make" and then
# "make install PREFIX=/usr" compile the new ones in.
$(B)/proxyd/places: FORCE
	@mkdir -p $(@D)
	@echo '$(LIBEXECDIR) $(DATADIR) $(LISTEN)' | cmp -s - $@ || \
	    echo '$(LIBEXECDIR) $(DATADIR) $(LISTEN)' >$@

$(B)/proxyd/main.o $(B)/proxyd/source.o $(B)/proxyd/env.o: $(B)/proxyd/places
$(B)/proxyd/env.o: private DEFS = -DLISTEN_DEFAULT='"$(LISTEN)"'
$(B)/proxyd/main.o: private DEFS = -DPROXYD_LIBEXEC='"$(LIBEXECDIR)"'
$(B)/proxyd/source.o: private DEFS = -DPROXYD_DATADIR='"$(DATADIR)"'

# A program that was built elsewhere finds the presets beside it, too.
ifneq ($(B),.)
$(B)/presets: | $(PROGS)
	ln -sfn $(CURDIR)/presets $@
all: $(B)/presets
endif

PRESETS	= $(wildcard presets/*.conf)
EXAMPLES = $(wildcard examples/*.conf)
# Directories of a compose file and its policy.
EXAMPLE_FILES = $(wildcard examples/*/*)

install: all
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(LIBEXECDIR) \
	    $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8 \
	    $(DESTDIR)$(DATADIR)/presets $(DESTDIR)$(DATADIR)/examples \
	    $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSUSERSDIR) \
	    $(DESTDIR)$(TMPFILESDIR)
	install -m 755 $(B)/proxyd/proxyd $(DESTDIR)$(SBINDIR)/proxyd
	install -m 755 $(B)/ctl/proxyctl $(DESTDIR)$(SBINDIR)/proxyctl
	install -m 755 $(B)/filter/proxyd-filter \
	    $(DESTDIR)$(LIBEXECDIR)/proxyd-filter
	install -m 644 proxyd.8 proxyctl.8 $(DESTDIR)$(MANDIR)/man8
	install -m 644 proxyd.conf.5 $(DESTDIR)$(MANDIR)/man5/proxyd.conf.5
	install -m 644 $(PRESETS) $(DESTDIR)$(DATADIR)/presets
	install -m 644 $(EXAMPLES) $(DESTDIR)$(DATADIR)/examples
	for file in $(EXAMPLE_FILES); do install -D -m 644 "$$file" \
	    "$(DESTDIR)$(DATADIR)/$$file" || exit 1; done
	sed 's|/usr/sbin/proxyd|$(SBINDIR)/proxyd|' \
	    packaging/systemd/proxyd.service >$(B)/proxyd/proxyd.service
	install -m 644 $(B)/proxyd/proxyd.service \
	    packaging/systemd/proxyd.socket $(DESTDIR)$(UNITDIR)
	rm -f $(B)/proxyd/proxyd.service
	install -m 644 packaging/systemd/sysusers.conf \
	    $(DESTDIR)$(SYSUSERSDIR)/proxyd.conf
	install -m 644 packaging/systemd/tmpfiles.conf \
	    $(DESTDIR)$(TMPFILESDIR)/proxyd.conf

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/proxyd $(DESTDIR)$(SBINDIR)/proxyctl \
	    $(DESTDIR)$(LIBEXECDIR)/proxyd-filter \
	    $(DESTDIR)$(MANDIR)/man5/proxyd.conf.5 \
	    $(DESTDIR)$(MANDIR)/man8/proxyd.8 \
	    $(DESTDIR)$(MANDIR)/man8/proxyctl.8 \
	    $(addprefix $(DESTDIR)$(DATADIR)/,$(PRESETS) $(EXAMPLES) \
	    $(EXAMPLE_FILES)) \
	    $(DESTDIR)$(UNITDIR)/proxyd.service \
	    $(DESTDIR)$(UNITDIR)/proxyd.socket \
	    $(DESTDIR)$(SYSUSERSDIR)/proxyd.conf \
	    $(DESTDIR)$(TMPFILESDIR)/proxyd.conf

.PHONY: install uninstall
