# Unit tests: tests/test_<module>.c, each linked with what it names here.

TESTS	= imsg imsg_wire ibuf http response chunk path endpoint endpoint_arg query json body needs policy env env_golden conf parse log drop sandbox ceiling grant peer container rules inspect
OBJS_imsg = imsg/imsg.c imsg/buf.c
OBJS_imsg_wire = imsg/imsg.c imsg/buf.c
OBJS_ibuf = imsg/buf.c
OBJS_http = filter/http.c filter/http_request.c filter/http_response.c \
	$(SRC_ENDPOINT)
OBJS_response = filter/http.c filter/http_response.c
OBJS_chunk = filter/chunk.c filter/http.c
OBJS_path = filter/path.c $(SRC_ENDPOINT)
OBJS_endpoint = $(SRC_ENDPOINT)
OBJS_endpoint_arg = $(SRC_ENDPOINT)
OBJS_query = filter/glob.c filter/reference.c filter/policy.c \
	$(wildcard filter/query*.c) filter/trace.c $(SRC_JSON) $(SRC_CONF) \
	$(SRC_ENDPOINT) proxyd/log.c
TESTS	+= libpod
OBJS_libpod = $(OBJS_query) filter/path.c filter/http.c
OBJS_json = $(SRC_JSON) tests/json_oracle.c
OBJS_body = filter/glob.c filter/reference.c filter/trace.c $(SRC_CONF) $(SRC_ENDPOINT) $(wildcard filter/body/*.c) tests/body_hostconfig.c \
	tests/body_storage.c tests/body_create.c tests/body_other.c \
	tests/body_clients.c tests/body_grants.c tests/body_fixture.c \
	tests/body_swarm.c tests/body_service.c tests/body_held.c
OBJS_needs = filter/glob.c filter/reference.c filter/trace.c $(wildcard filter/body/*.c) \
	$(SRC_PARSE) $(SRC_CONF) $(SRC_ENDPOINT) proxyd/log.c \
	tests/body_hostconfig.c tests/body_storage.c tests/body_create.c \
	tests/body_other.c tests/body_grants.c tests/body_fixture.c \
	tests/body_swarm.c tests/body_held.c
LINK_body = -Wl,--wrap=malloc
OBJS_policy = filter/policy.c filter/glob.c $(SRC_CONF) $(SRC_ENDPOINT) proxyd/log.c
OBJS_env = $(SRC_ENV) $(SRC_CONF) $(SRC_ENDPOINT) proxyd/log.c
OBJS_env_golden = $(OBJS_env)
OBJS_conf = $(SRC_CONF) $(SRC_PRINT) $(SRC_ENV) $(SRC_ENDPOINT) \
	proxyd/log.c
OBJS_rules = filter/policy.c filter/glob.c filter/path.c filter/http.c \
	$(SRC_PARSE) $(SRC_CONF) $(SRC_ENDPOINT) proxyd/log.c
TESTS	+= learn learn_same
OBJS_learn = $(SRC_LEARN) $(SRC_PRINT) $(SRC_CHECK) $(SRC_PARSE) \
	$(SRC_CONF) $(SRC_ENDPOINT) proxyd/log.c proxyd/sandbox.c \
	proxyd/seccomp.c
OBJS_learn_same = $(OBJS_learn) filter/policy.c filter/glob.c
OBJS_inspect = parent/explain_inspect.c
OBJS_peer = parent/peer.c
OBJS_container = filter/container.c filter/body/named.c $(SRC_JSON) \
	$(SRC_ENDPOINT)
OBJS_parse = $(SRC_PARSE) $(SRC_CONF) $(SRC_ENDPOINT) proxyd/log.c \
	tests/conf_dump.c
OBJS_ceiling = parent/ceiling.c parent/head.c $(SRC_ENDPOINT)
OBJS_grant = parent/grant.c parent/ceiling.c $(SRC_CONF) $(SRC_ENDPOINT) \
	proxyd/log.c
OBJS_log = proxyd/log.c parent/stderr.c
OBJS_drop = proxyd/sandbox.c proxyd/seccomp.c proxyd/log.c proxyd/users.c
OBJS_sandbox = proxyd/sandbox.c proxyd/seccomp.c proxyd/log.c proxyd/users.c \
	tests/probes.c tests/paths.c tests/works.c $(SRC_JSON)

TESTS	+= check print
OBJS_check = $(SRC_CHECK) $(SRC_CONF) $(SRC_ENV) $(SRC_ENDPOINT) \
	proxyd/log.c
OBJS_print = tests/random_conf.c $(SRC_PRINT) $(SRC_PARSE) $(SRC_CONF) \
	$(SRC_ENV) $(SRC_ENDPOINT) proxyd/log.c

TESTS	+= existing bindpaths refusal tracectx
OBJS_tracectx = proxyd/tracectx.c
TESTS	+= object
OBJS_object = parent/object.c
OBJS_refusal = parent/refusal.c
TESTS	+= stats
OBJS_stats = proxyd/stats.c ctl/parse.c
OBJS_existing = filter/glob.c filter/reference.c filter/trace.c $(wildcard filter/body/*.c) \
	$(SRC_CONF) $(SRC_ENDPOINT) proxyd/log.c
OBJS_bindpaths = parent/paths.c $(SRC_CONF) $(SRC_ENDPOINT) proxyd/log.c

TESTS	+= tar
SRC_TAR = $(wildcard filter/archive*.c) filter/tar.c $(wildcard filter/tar_*.c) \
	filter/trace.c filter/glob.c filter/reference.c \
	$(wildcard filter/body/*.c) tests/tar_build.c
OBJS_tar = $(SRC_TAR) $(SRC_CONF) $(SRC_ENDPOINT) proxyd/log.c

TESTS_ALL = $(foreach t,$(TESTS),$(B)/tests/test_$(t))

define TEST_rule
$(B)/tests/test_$(1): $(B)/tests/test_$(1).o $$(call obj,$$(OBJS_$(1)))
	$$(call Q,LD)$$(CC) $$(ALLCFLAGS) $$(LDHARD) $$(LDFLAGS) $$(LINK_$(1)) -o $$@ \
	    $$^ \
	    $$(LIBS_EVENT) $$(LIBS_JSON) $$(LIBS_SECCOMP) $$(LIBS_BSD)
endef
$(foreach t,$(TESTS),$(eval $(call TEST_rule,$(t))))

tests: $(TESTS_ALL)

test: tests
	@fail=0; for t in $(TESTS_ALL); do echo "== $$t"; $$t || fail=1; \
	    done; exit $$fail

.PHONY: tests test
-include $(patsubst %,%.d,$(TESTS_ALL))
