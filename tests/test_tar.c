/* SPDX-License-Identifier: ISC */

/*
 * Archives that are unpacked into a container, and of images: which pass,
 * which are refused and in which words.  Each is fed whole, byte by byte and
 * cut in two at every byte; whatever the pieces, the verdict is the same, and
 * what may pass ends before the entry that was refused.
 */

#include "../filter/archive.h"

#include <stdlib.h>

#include "../filter/trace.h"
#include "../tests/tar_build.h"
#include "test.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define SPLIT_MAX	8192	/* longer ones are not cut at every byte */
#define X10	"xxxxxxxxxx"
#define X50	X10 X10 X10 X10 X10
#define X100	X50 X50
#define X255	X100 X100 X50 "xxxxx"

struct row {
	const char	*words;
	const char	*want;		/* of the reason; "": it passes */
};

/* What everybody writes. */
static const struct row plain[] = {
	{ "", "" },
	{ "END", "" },
	{ "ZERO", "" },
	{ "ZERO ZERO ZERO ZERO ZERO", "" },
	{ "fa", "" },
	{ "fa END", "" },
	{ "fa;n=1 END", "" },
	{ "fa;n=511 fb;n=512 fc;n=513 END", "" },
	{ "5d/ fd/a;n=3 5d/e fd/e/b;m=0400 END", "" },
	{ "5. 5./ f./a 5./d/ f././d//a END", "" },
	{ "5d;m=2775 5e;m=1777 5f;m=4755 fa;m=1644 END", "" },
	{ "va;f=v7;n=3 vd/;f=v7 fb;f=v7 5c;f=v7 2l;t=b;f=v7 END", "" },
	{ "fa;f=gnu;n=3 5d/;f=gnu 2l;t=a;f=gnu 1h;t=a;f=gnu END", "" },
	{ "fa;p=" X50 ";n=3 END", "" },
	{ "f" X100 " END", "" },
	{ "f" X255 ";L;f=gnu;n=2 END", "" },
	{ "2l;t=" X255 ";K;f=gnu END", "" },
	{ "2" X255 ";t=" X255 ";K;L;f=gnu fb;n=3 END", "" },
	{ "fa;x=path=" X255 "/a;n=3 fb END", "" },
	{ "fa;x=size=3;n=3 fb END", "" },
	{ "fa;x=size=3;s=00000000000;n=3 fb END", "" },
	{ "fa;x=mtime=1.5;x=atime=1;x=ctime=1;x=uid=1;x=gid=2;x=uname=%c3%a9;"
	    "x=gname= END", "" },
	{ "fa;x=comment=%0a%00x;x=SCHILY.xattr.user.a=%00;x=LIBARCHIVE.xattr."
	    "com.apple.q=x;x=SCHILY.fflags=hidden;x=SCHILY.dev=1 END", "" },
	{ "fa;g=comment=abc END", "" },
	{ "fa;g=comment=abc;x=path=b END", "" },
	{ "fa;s=%80~~~~~~~~~~~;n=0 END", "" },
	{ "fa;s=~~~~~~~~~~~~ fb;s=%20%20%20%20%20%20%20%20%20%203~;n=3 END",
	    "" },
	{ "fa;m=0100755 5d;m=040755 2l;t=a;m=0120777 END", "" },
	{ "fcaf%c3%a9 f%ff f%0a fa%5cb fa%20b END", "" },
	{ "fa END RAW=%00%00%00", "" },
};

/* Links in trees as people have them. */
static const struct row linked[] = {
	{ "2l;t=a", "" },
	{ "2l;t=a/b/c", "" },
	{ "2l;t=./a", "" },
	{ "2l;t=.", "" },
	{ "2l;t=a/", "" },
	{ "5d 2d/l;t=../a", "" },
	{ "2node_modules/.bin/x;t=../x/cli.js END", "" },
	{ "2a/b/c/l;t=../../../x END", "" },
	{ "2a/b/c/l;t=.././..//../x END", "" },
	{ "2./a/l;t=../x END", "" },
	{ "2a;t=b fb;n=3 fa2 2a;t=b END", "" },
	{ "fa;n=3 1b;t=a 1c;t=b END", "" },
	{ "f./d/a;n=3 1./d/b;t=./d/a 1d/c;t=d//a END", "" },
	{ "fa 1b;x=linkpath=a END", "" },

	{ "2l;t=/", "the symbolic link l to /, which can lead out" },
	{ "fa;n=3 2l;t=/etc/passwd", "symbolic link l to /etc/passwd" },
	{ "2l;t=..", "(allow archive link would)" },
	{ "2l;t=../x", "(allow archive link would)" },
	{ "2./l;t=../x", "(allow archive link would)" },
	{ "2a/l;t=../../x", "(allow archive link would)" },
	{ "2a/b/c/l;t=../../../../x", "(allow archive link would)" },
	{ "2d/l;t=a/../b", "can lead out of the archive" },
	{ "2a/b/l;t=c/../../..", "can lead out of the archive" },
	{ "2l;x=linkpath=/etc", "symbolic link l to /etc" },
	{ "2l;t=a;x=linkpath=/etc", "symbolic link l to /etc" },
	{ "2l;t=/etc/x;K;f=gnu", "symbolic link l to /etc/x" },
	{ "2l;t=a fl/x", "l/x, which lies below l, a symbolic link" },
	{ "2l;t=a 5l/x/y", "which lies below l, a symbolic link" },
	{ "2d/l;t=a f./d//l/x", "which lies below d/l, a symbolic link" },
	{ "2l;t=a 2l/x;t=../y", "which lies below l" },
	{ "1h;t=a", "the hard link h to a, which is not a file before it" },
	{ "1h;t=/etc/shadow", "the hard link h to /etc/shadow" },
	{ "fa 1h;t=/a", "(allow archive link would)" },
	{ "fa 1h;t=../a", "(allow archive link would)" },
	{ "fa 1h;t=d/../a", "(allow archive link would)" },
	{ "5d 1h;t=d", "which is not a file before it" },
	{ "2l;t=a 1h;t=l", "which is not a file before it" },
	{ "fl 2l;t=a 1h;t=l", "which is not a file before it" },
	{ "2d/e/l;t=../../x 1h;t=d/e/l", "which is not a file before it" },
	{ "fd/a 2d;t=e 1h;t=d/a", "which is not a file before it" },
};

static const struct row kinds[] = {
	{ "3null", "character device null in the archive is not allowed "
	    "(allow archive device would)" },
	{ "fa;n=3 4dev/sda", "block device dev/sda" },
	{ "6p", "named pipe p in the archive is not allowed (allow archive "
	    "device would)" },
	{ "fsu;m=4755", "set-user-id mode of su in the archive is not allowed "
	    "(allow archive setuid would)" },
	{ "fsg;m=2755", "set-group-id mode of sg" },
	{ "fsu;m=106755", "set-user-id mode of su" },
	{ "vsu;m=4755;f=v7", "set-user-id" },
	{ "fa 1b;t=a;m=4755", "set-user-id mode of b" },
	{ "fping;x=SCHILY.xattr.security.capability=%01%00", "extended "
	    "attribute security.capability of ping in the archive is not "
	    "allowed (allow archive setuid would)" },
	{ "5d;x=SCHILY.xattr.trusted.overlay.opaque=y", "trusted.overlay" },
	{ "fa;x=SCHILY.xattr.user.a=1;x=SCHILY.xattr.security.x=y",
	    "attribute security.x" },
	{ "f/etc/passwd", "the name /etc/passwd in the archive, which must be "
	    "relative and without \"..\", is not allowed (allow archive name "
	    "would)" },
	{ "5/", "the name / in" },
	{ "f//a", "(allow archive name would)" },
	{ "f../a", "the name ../a in" },
	{ "fa/../b", "(allow archive name would)" },
	{ "5d/..", "(allow archive name would)" },
	{ "f.", "the name . in" },
	{ "2./.;t=x", "(allow archive name would)" },
	{ "fa;x=path=../b", "the name ../b in" },
	{ "fa;p=..", "the name ../a in" },
	{ "f/abs;L;f=gnu", "the name /abs in" },
	{ "fok;x=path=/abs", "the name /abs in" },
	{ "3a%1b[2J", "character device a\\033[2J in" },
};

/* Whatever two readers could take differently. */
static const struct row faults[] = {
	{ "JUNK", "checksum" },
	{ "RAW=x", "it ends in the middle" },
	{ "fa;c", "the checksum of a header is wrong (allow archive any would "
	    "pass it unjudged)" },
	{ "fa CUT=1", "ends in the middle" },
	{ "fa;n=3 CUT=1", "ends in the middle" },
	{ "fa;n=3 CUT=510", "ends in the middle" },
	{ "fa;x=path=b CUT=512", "ends in the middle" },
	{ "fa;x=path=b CUT=512 END", "the entry of an extended header is" },
	{ "fa;f=star", "neither ustar, GNU nor V7" },
	{ "fa;f=bad", "neither ustar, GNU nor V7" },
	{ "fa;f=gnu;p=etc", "neither ustar, GNU nor V7" },
	{ "fa;f=v7;p=etc", "neither ustar, GNU nor V7" },
	{ "fa ZERO fb", "something follows an empty block" },
	{ "fa END fb", "something follows the end" },
	{ "fa END JUNK", "something follows the end" },
	{ "fa END RAW=x", "something follows the end" },
	{ "fa;s=0000000008", "a size is not a number" },
	{ "fa;s=-1", "a size is not a number" },
	{ "fa;s=0x1", "a size is not a number" },
	{ "fa;s=~~00000001", "a size is not a number" },
	{ "fa;s=1%201", "a size is not a number" },
	{ "fa;s=%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff", "size is not" },
	{ "fa;s=%81~~~~~~~~~~~", "size is not" },
	{ "fa;s=%80~~~%ff%ff%ff%ff%ff%ff%ff%ff", "size is not" },
	{ "fa;m=200000", "a mode is not a number" },
	{ "f", "an entry has no name" },
	{ "7a", "a: an entry is of a type that is not known" },
	{ "Sa", "type that is not known" },
	{ "Da/;f=gnu", "type that is not known" },
	{ "Ma;f=gnu", "type that is not known" },
	{ "Va;f=gnu", "type that is not known" },
	{ "Na;f=gnu", "type that is not known" },
	{ "Xa", "type that is not known" },
	{ "Aa", "type that is not known" },
	{ "%a", "type that is not known" },
	{ "fa/", "a file has a name that ends in a slash" },
	{ "5d;s=00000000003;z", "something that is no file has contents" },
	{ "2l;t=a;s=1;z", "something that is no file has contents" },
	{ "fa 1b;t=a;s=1;z", "something that is no file has contents" },
	{ "vd/;s=1;z;f=v7", "something that is no file has contents" },
	{ "5d;x=size=3;z", "something that is no file has contents" },
	{ "2l", "l: a link has no target" },
	{ "1l", "a link has no target" },
	{ "fa;x=path=b;x=path=c", "a key twice" },
	{ "2a;x=linkpath=b;x=linkpath=c", "a key twice" },
	{ "fa;x=size=0;x=size=1", "a key twice" },
	{ "fa;x=path=", "a name in a pax header is empty" },
	{ "fa;x=path=b%00c", "a name in a pax header" },
	{ "2a;x=linkpath=", "a name in a pax header" },
	{ "fa;x=size=", "a size in a pax header" },
	{ "fa;x=size=+1", "a size in a pax header" },
	{ "fa;x=size=-1", "a size in a pax header" },
	{ "fa;x=size=01", "a size in a pax header" },
	{ "fa;x=size=9223372036854775808", "a size in a pax header" },
	{ "fa;x=GNU.sparse.major=1;x=GNU.sparse.minor=0", "GNU.sparse.major" },
	{ "fa;x=GNU.sparse.map=0,1", "the key GNU.sparse.map of a pax header "
	    "is not known" },
	{ "fa;x=GNU.sparse.name=b", "GNU.sparse.name" },
	{ "fa;x=SCHILY.realsize=1", "SCHILY.realsize" },
	{ "fa;x=SCHILY.xattr=1", "the key SCHILY.xattr of" },
	{ "fa;x=Path=b", "the key Path of" },
	{ "fa;x==b", "a record of a pax header is malformed" },
	{ "fa;x=pa%00th=b", "a record of a pax header is malformed" },
	{ "fa;g=path=b", "the key path is in a global pax header" },
	{ "fa;g=linkpath=b", "in a global pax header" },
	{ "fa;g=size=1", "in a global pax header" },
	{ "fa;g=SCHILY.xattr.user.x=1", "in a global pax header" },
	{ "fa;g=GNU.sparse.size=1", "GNU.sparse.size" },
	{ "fa;x=path=b;L;f=gnu", "extended headers contradict each other" },
	{ "2a;t=b;x=path=b;K;f=gnu", "contradict each other" },
	{ "La;n=2;z;f=gnu RAW=b%00 CUT=0", "ends in the middle" },
	{ "Lx;s=0;f=gnu", "a long name is empty" },
	{ "Lx;s=00000010001;z;f=gnu", "an extended header is too long" },
	{ "xx;s=00000200001;z", "an extended header is too long" },
	{ "Lx;s=00000000003;z;f=gnu RAW=a%00b", "goes on behind a NUL" },
	{ "RAW=%1f%8b%08%00", "it is compressed by gzip: send a plain tar "
	    "(allow archive any would pass it unjudged)" },
	{ "fBZhello", "compressed by bzip2" },
	{ "RAW=BZh91AY", "compressed by bzip2" },
	{ "RAW=%fd7zXZ%00", "compressed by xz" },
	{ "RAW=%28%b5%2f%fd", "compressed by zstd" },
	{ "RAW=%5e%2a%4d%18%00", "compressed by zstd" },
};

#define MANIFEST	"fmanifest.json;d="
#define TAGS(tags)	MANIFEST "[{\"RepoTags\":[" tags "]}]"

/* Archives of images, where some names are allowed. */
static const struct row images[] = {
	{ "", "" },
	{ TAGS("") " END", "" },
	{ TAGS("\"ok/x:1\"") " fx;n=600 END", "" },
	{ "fx;n=600 2a/l;t=/x 5d " TAGS("\"ok/x\",\"caddy:2.1\"") " END", "" },
	{ MANIFEST "[{\"Config\":\"a\",\"RepoTags\":null,\"Layers\":[]}] END",
	    "" },
	{ MANIFEST "[] frepositories;d={} findex.json;d={} END", "" },
	{ "frepositories;d={\"ok/x\":{\"1\":\"id\"}} END", "" },
	{ "findex.json;d={\"manifests\":[{\"annotations\":{\"io.containerd."
	    "image.name\":\"docker.io/ok/x:1\",\"org.opencontainers.image.ref."
	    "name\":\"1\"}}]} END", "" },
	{ "f./manifest.json;d=[] fd/manifest.json;d=x END", "" },
	/* link(2) makes of a hard link to a symbolic one another */
	{ "2d;t=. 1e;t=d fe/manifest.json;d=[]", "below a symbolic link" },
	{ "2d;t=. 1e;t=d 1g;t=e fg/index.json;d={}", "below a symbolic link" },
	{ "fa;n=3 1b;t=a " MANIFEST "[] END", "" },
	{ "findex.json;d={\"manifests\":[{\"annotations\":{\"io.containerd."
	    "image.name\":\"ok/x:1\",\"org.opencontainers.image.ref.name\":"
	    "\"evil\"}}]} END", "a load of evil" },

	{ TAGS("\"evil:1\"") " END", "a load of evil:1 is not allowed (allow "
	    "image \"evil:1\" would)" },
	{ "fx;n=3 " TAGS("\"ok/x\",\"docker.io/library/evil\""),
	    "a load of docker.io/library/evil" },
	{ "f.//manifest.json;d=[{\"RepoTags\":[\"evil\"]}]", "a load of evil" },
	{ "fx;x=path=manifest.json;d=[{\"RepoTags\":[\"evil\"]}]",
	    "a load of evil" },
	{ "frepositories;d={\"evil\":{\"1\":\"id\"}}", "a load of evil:1" },
	{ "frepositories;d={\"ok/x:1\":{\"1\":\"id\"}}",
	    "no image reference" },
	{ "findex.json;d={\"manifests\":[{\"annotations\":{\"io.containerd."
	    "image.name\":\"evil:1\"}}]}", "a load of evil:1" },
	{ "findex.json;d={\"manifests\":[{\"annotations\":{\"org."
	    "opencontainers.image.ref.name\":\"evil\"}}]}", "a load of evil" },
	{ "findex.json;d={\"manifests\":[{\"annotations\":{\"io.containerd."
	    "image.name\":\"ok/x:1\",\"org.opencontainers.image.ref.name\":"
	    "\"evil:1\"}}]}", "a load of evil:1" },
	{ TAGS("\"ok/x\",\"deadbeef\""), "a load of deadbeef" },
	{ MANIFEST "[{\"repotags\":[\"evil\"]}]", "must be spelt RepoTags" },
	{ MANIFEST "[{\"RepoTagſ\":[\"evil\"]}]", "spelt RepoTags" },
	{ MANIFEST "[{\"RepoTags\":[],\"repoTags\":[\"evil\"]}]",
	    "two keys that mean" },
	{ MANIFEST "[{\"RepoTags\":[],\"RepoTags\":[\"evil\"]}]",
	    "not valid JSON, or has a key twice" },
	{ MANIFEST "[{\"RepoTags\":\"evil\"}]", "no array" },
	{ MANIFEST "[{\"RepoTags\":[1]}]", "no string" },
	{ MANIFEST "[{}][{}]", "not valid JSON" },
	{ MANIFEST "{}", "must be an array of objects" },
	{ "fmanifest.json", "not valid JSON" },
	{ "findex.json;d={\"Manifests\":[]}", "must be spelt manifests" },
	{ MANIFEST "[] " MANIFEST "[]", "manifest.json: it is there twice" },
	{ "2manifest.json;t=x", "manifest.json: it must be a file" },
	{ "fx 1manifest.json;t=x", "it must be a file" },
	{ "5index.json", "it must be a file" },
	{ "2d;t=. fd/manifest.json;d=[]", "below a symbolic link" },
	{ "f/manifest.json;d=[]", "must be relative" },
	{ "fd/../manifest.json;d=[]", "must be relative" },
	{ "fmanifest.json;s=00040000000;z", "it is too long" },
	{ "RAW=%1f%8b%08%00", "it is compressed by gzip: send a plain tar "
	    "(allow image any would pass it unjudged)" },
	{ "JUNK", "(allow image any would pass it unjudged)" },
	{ TAGS("\"ok/x\"") " CUT=1", "ends in the middle" },
};

static struct tar_built	 built;
static const struct endpoint *op;

/* A profile with "allow archive" of these words. */
static struct profile *
profile(const char *words, bool fromenv)
{
	struct profile	*p;
	char		 text[64], *s = text, *word;

	if ((p = profile_new("test")) == NULL)
		abort();
	p->fromenv = fromenv;
	(void)snprintf(text, sizeof(text), "%s", words);
	while ((word = strsep(&s, " ")) != NULL)
		if (strcmp(word, "privileged") == 0)
			(void)conf_allow(p, ALLOW_PRIVILEGED, "", "f:1");
		else if (*word != '\0' && conf_allow(p, strchr(word, '/') !=
		    NULL || strchr(word, ':') != NULL ? ALLOW_IMAGE :
		    ALLOW_ARCHIVE, word, "f:1") == NULL)
			abort();
	if (profile_compile(p) == -1)
		abort();
	return (p);
}

/* The same bytes in pieces: up to first, then step by step. */
static struct archive *
feed(struct profile *p, size_t first, size_t step)
{
	struct archive	*a = archive_new(op, p);
	uint64_t	 settled = 0;
	size_t		 at, n;
	int		 ret = 0;

	for (at = 0; at < built.len && ret == 0; at += n) {
		n = at == 0 && first != 0 ? first : step;
		if (n > built.len - at)
			n = built.len - at;
		ret = archive_feed(a, built.bytes + at, n);
		CHECK(a->tar.settled >= settled);
		CHECK(a->tar.settled <= a->tar.fed);
		CHECK_INT((long long)a->tar.fed, (long long)(at + n));
		settled = a->tar.settled;
	}
	if (ret == 0)
		(void)archive_finish(a);
	return (a);
}

/* What was found whole is found in pieces. */
static void
pieces(struct profile *p, const struct archive *whole, const char *words)
{
	struct archive	*a;
	size_t		 i, last = built.len <= SPLIT_MAX ? built.len : 0;

	for (i = 0; i <= last; i++) {
		a = i == 0 ? feed(p, 0, 1) : feed(p, i, built.len);
		if (strcmp(a->why, whole->why) != 0 ||
		    a->tar.settled != whole->tar.settled) {
			test_bad++;
			printf("%s cut at %zu: \"%s\" at %llu, not \"%s\" at "
			    "%llu\n", words, i, a->why,
			    (unsigned long long)a->tar.settled, whole->why,
			    (unsigned long long)whole->tar.settled);
		}
		archive_free(a);
	}
}

static void
row(struct profile *p, const struct row *r)
{
	struct archive	*a;

	tar_build(&built, r->words);
	a = feed(p, 0, built.len);
	if (*r->want == '\0' ? a->why[0] != '\0' || a->tar.settled !=
	    built.len : strstr(a->why, r->want) == NULL) {
		test_bad++;
		printf("%s: \"%s\", not \"%s\"; %llu of %zu settled\n",
		    r->words, a->why, r->want,
		    (unsigned long long)a->tar.settled, built.len);
	}
	if (a->status == 403)
		CHECK(strncmp(a->why, "Forbidden - ", 12) == 0);
	else
		CHECK_INT(a->status, r->want[0] == '\0' ? 0 : 400);
	pieces(p, a, r->words);
	archive_free(a);
}

static void
table(const struct row *rows, size_t n)
{
	struct profile	*p = profile("", false);
	size_t		 i;

	for (i = 0; i < n; i++)
		row(p, &rows[i]);
	profile_free(p);
}

static void
passes(void)
{
	table(plain, N(plain));
}

static void
follows_links(void)
{
	table(linked, N(linked));
}

static void
refuses_kinds(void)
{
	table(kinds, N(kinds));
}

static void
refuses_faults(void)
{
	table(faults, N(faults));
}

static const struct endpoint *
named(const char *name)
{
	return (endpoint_get((size_t)endpoint_byname(name)));
}

/* The end is settled last, when all names are judged. */
/* Blocks of the end, of which GNU tar fills a record, and no more. */
static void
judges_tail(const struct profile *p)
{
	static const uint8_t	 zeros[64 * 1024];
	struct archive		*a = archive_new(op, p);
	size_t			 i = 0;

	while (i < 64 && archive_feed(a, zeros, sizeof(zeros)) == 0)
		i++;
	CHECK(i > 0 && i < 64);
	CHECK(strstr(a->why, "too much follows the end") != NULL);
	CHECK_INT((long long)a->tar.settled, 0);
	archive_free(a);
	a = archive_new(op, p);
	CHECK_INT(archive_feed(a, zeros, 10240), 0);
	CHECK_INT(archive_finish(a), 0);
	archive_free(a);
}

static void
judges_images(void)
{
	struct profile	*p = profile("ok/* caddy:2*", false);
	struct archive	*a;
	size_t		 i;

	op = named("images/load");
	for (i = 0; i < N(images); i++)
		row(p, &images[i]);
	tar_build(&built, "fx;n=3 " TAGS("\"ok/x\"") " fy END");
	a = archive_new(op, p);
	CHECK_INT(archive_feed(a, built.bytes, built.len), 0);
	CHECK_INT((long long)a->tar.settled, (long long)built.len - 1024);
	CHECK_INT(archive_finish(a), 0);
	CHECK_INT((long long)a->tar.settled, (long long)built.len);
	archive_free(a);
	judges_tail(p);
	op = named("containers/archive/put");
	profile_free(p);
}

/* The header of what is refused, and all before it that speaks of it. */
static void
settles_before(void)
{
	static const char *const	 words[] = {
		"fa;n=700 3d", "fa;n=3 fsu;m=4755;x=mtime=1;n=2000",
		"fa;n=3 f../x;L;f=gnu", "5d fd/x 2l;t=/etc;K;L;f=gnu",
		"fa;n=3 7b;x=comment=x", "fa fb;x=path=/c END"
	};
	struct profile			*p = profile("", false);
	struct archive			*a;
	size_t				 i;

	for (i = 0; i < N(words); i++) {
		tar_build(&built, words[i]);
		a = feed(p, 0, built.len);
		CHECK(a->why[0] != '\0');
		CHECK_INT((long long)a->tar.settled, (long long)built.last);
		archive_free(a);
	}
	profile_free(p);
}

/* Each word lifts its own refusals, and "privileged" all by policy. */
static void
allows(void)
{
	static const char *const	 words[] = {
		"device", "link", "name", "setuid"
	};
	struct profile			*p;
	struct archive			*a;
	const struct row		*rows[] = { linked, kinds };
	const size_t			 nrows[] = { N(linked), N(kinds) };
	char				 hint[64];
	size_t				 i, j, k;
	bool				 mine;

	for (i = 0; i <= N(words); i++) {
		p = profile(i < N(words) ? words[i] : "privileged", false);
		for (j = 0; j < N(rows); j++)
			for (k = 0; k < nrows[j]; k++) {
				tar_build(&built, rows[j][k].words);
				a = archive_new(op, profile_ref(p));
				(void)archive_feed(a, built.bytes, built.len);
				(void)snprintf(hint, sizeof(hint),
				    "(allow archive %s would)",
				    i < N(words) ? words[i] : "");
				mine = i == N(words) ? a->why[0] != '\0' :
				    strstr(a->why, hint) != NULL;
				CHECK(!mine);
				archive_free(a);
				profile_free(p);
			}
		profile_free(p);
	}
}

static void
hints_of_the_environment(void)
{
	struct profile	*p = profile("", true);
	struct archive	*a;

	tar_build(&built, "3null");
	a = feed(p, 0, built.len);
	CHECK_STR(a->why, "Forbidden - character device null in the archive "
	    "is not allowed (ALLOW_PRIVILEGED=1 would)");
	archive_free(a);
	tar_build(&built, "JUNK");
	a = feed(p, 0, built.len);
	CHECK_STR(a->why, "Forbidden - the archive cannot be judged: the "
	    "checksum of a header is wrong (ALLOW_PRIVILEGED=1 would pass it "
	    "unjudged)");
	archive_free(a);
	profile_free(p);
}

static void
wanted(void)
{
	const struct endpoint	*put, *load;
	struct profile		*p = profile("", false);

	put = named("containers/archive/put");
	load = named("images/load");
	CHECK(archive_wanted(put, p));
	CHECK(!archive_wanted(load, p));
	CHECK(!archive_wanted(named("build/create"), p));
	p->unjudged = true;
	CHECK(!archive_wanted(put, p));
	profile_free(p);
	p = profile("device privileged", false);
	CHECK(archive_wanted(put, p));
	profile_free(p);
	p = profile("*", false);
	CHECK(!archive_wanted(put, p));
	profile_free(p);
	p = profile("ok/* ok:1", false);
	CHECK(archive_wanted(load, p));
	CHECK(archive_wanted(named("libpod/images/load"), p));
	(void)conf_allow(p, ALLOW_IMAGE, "*", "f:1");
	CHECK(!archive_wanted(load, p));
	profile_free(p);
	p = profile("ok/* privileged", false);
	CHECK(!archive_wanted(load, p));
	profile_free(p);
}

static char	 heard[8][ARCHIVE_WHY];
static size_t	 nheard;

static void
hear(void *arg, const char *why)
{
	(void)arg;
	if (nheard < N(heard))
		(void)snprintf(heard[nheard], sizeof(heard[0]), "%s", why);
	nheard++;
}

/* In audit everything passes; a fault is the last that is told. */
static void
audited(void)
{
	struct profile	*p = profile("", false);
	struct archive	*a;

	nheard = 0;
	trace_audit(hear, NULL);
	tar_build(&built, "3a 2l;t=/etc;m=7777 f/x;m=4755 fl/y 7b 4c fa;n=9");
	a = feed(p, 0, 100);
	CHECK_INT((long long)nheard, 6);
	CHECK_INT((long long)a->tar.settled, (long long)built.len);
	CHECK(strstr(heard[0], "device a") != NULL);
	CHECK(strstr(heard[1], "link l to /etc") != NULL);
	CHECK(strstr(heard[2], "name /x") != NULL);
	CHECK(strstr(heard[3], "mode of /x") != NULL);
	CHECK(strstr(heard[4], "l/y, which lies below l") != NULL);
	CHECK(strstr(heard[5], "b: an entry is of a type") != NULL);
	CHECK(archive_blind(a) == UINT64_MAX);
	archive_free(a);
	nheard = 0;
	tar_build(&built, "fa;n=3 CUT=100");
	a = feed(p, 0, built.len);
	CHECK_INT((long long)nheard, 1);
	CHECK_INT((long long)a->tar.settled, (long long)built.len);
	archive_free(a);
	trace_audit(NULL, NULL);
	profile_free(p);
}

/* Contents may go another way. */
static void
skips(void)
{
	struct profile	*p = profile("", false);
	struct archive	*a = archive_new(op, p);

	tar_build(&built, "fa;n=1000 3b");
	CHECK_INT((long long)archive_blind(a), 0);
	CHECK_INT(archive_feed(a, built.bytes, 512), 0);
	CHECK_INT((long long)archive_blind(a), 1000);
	archive_skip(a, 400);
	CHECK_INT((long long)archive_blind(a), 600);
	CHECK_INT((long long)a->tar.settled, 912);
	archive_skip(a, 600);
	CHECK_INT((long long)archive_blind(a), 0);
	CHECK_INT(archive_feed(a, built.bytes + 1512, 24), 0);
	CHECK_INT((long long)a->tar.settled, 1536);
	CHECK_INT(archive_feed(a, built.bytes + 1536, 512), -1);
	CHECK_INT((long long)a->tar.settled, 1536);
	CHECK(strstr(a->why, "block device") == NULL);
	CHECK(strstr(a->why, "character device b") != NULL);
	archive_free(a);
	profile_free(p);
}

static void
sets(void)
{
	struct tar_set	 set;
	char		 name[16];
	unsigned int	 i;

	memset(&set, 0, sizeof(set));
	for (i = 0; i < TAR_SET_MAX; i++) {
		(void)snprintf(name, sizeof(name), "%u", i);
		CHECK_INT(tar_set_add(&set, name, strlen(name)), 0);
	}
	CHECK_INT((long long)set.n, TAR_SET_MAX);
	CHECK_INT(tar_set_add(&set, "x", 1), -1);
	CHECK(tar_set_has(&set, "0", 1) && tar_set_has(&set, "99999", 5));
	CHECK(!tar_set_has(&set, "x", 1) && !tar_set_has(&set, "", 0));
	CHECK_INT((long long)tar_set_part(&set, "7/a/b", true), 1);
	CHECK_INT((long long)tar_set_part(&set, "a/7/b", true), 0);
	CHECK_INT((long long)tar_set_part(&set, "77", true), 2);
	CHECK_INT((long long)tar_set_part(&set, "77", false), 0);
	tar_set_free(&set);
}

/* With all links that can be kept in mind there, one more is refused. */
static void
too_many_links(void)
{
	struct profile	*p = profile("", false);
	struct archive	*a = archive_new(op, p);
	char		 words[32];
	unsigned int	 i;
	int		 ret = 0;

	for (i = 0; i <= TAR_SET_MAX && ret == 0; i++) {
		(void)snprintf(words, sizeof(words), "2%u;t=x", i);
		tar_build(&built, words);
		ret = archive_feed(a, built.bytes, built.len);
	}
	CHECK_INT(i, TAR_SET_MAX + 1);
	CHECK_INT(ret, -1);
	CHECK(strstr(a->why, "one more than can be kept in mind") != NULL);
	archive_free(a);
	profile_free(p);
}

int
main(void)
{
	tar_set_seed(1, 2);
	op = named("containers/archive/put");
	RUN(passes);
	RUN(follows_links);
	RUN(refuses_kinds);
	RUN(refuses_faults);
	RUN(judges_images);
	RUN(settles_before);
	RUN(allows);
	RUN(hints_of_the_environment);
	RUN(wanted);
	RUN(audited);
	RUN(skips);
	RUN(sets);
	RUN(too_many_links);
	return (test_done());
}
