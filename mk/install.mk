# Installing.  DESTDIR is for packagers, PREFIX is compiled into proxyd.

# Changes only when LIBEXECDIR does, so that "make" and then
# "make install PREFIX=/usr" compile the new place in.
$(B)/proxyd/libexecdir: FORCE
	@mkdir -p $(@D)
	@echo '$(LIBEXECDIR)' | cmp -s - $@ || echo '$(LIBEXECDIR)' >$@

$(B)/proxyd/main.o: $(B)/proxyd/libexecdir
$(B)/proxyd/main.o: private DEFS = -DPROXYD_LIBEXEC='"$(LIBEXECDIR)"'

install: all
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(LIBEXECDIR) \
	    $(DESTDIR)$(MANDIR)/man8
	install -m 755 $(B)/proxyd/proxyd $(DESTDIR)$(SBINDIR)/proxyd
	install -m 755 $(B)/filter/proxyd-filter \
	    $(DESTDIR)$(LIBEXECDIR)/proxyd-filter
	install -m 644 proxyd.8 $(DESTDIR)$(MANDIR)/man8/proxyd.8

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/proxyd \
	    $(DESTDIR)$(LIBEXECDIR)/proxyd-filter \
	    $(DESTDIR)$(MANDIR)/man8/proxyd.8

.PHONY: install uninstall
