# SPDX-License-Identifier: ISC
"""Requests that nearly are HTTP, and what Go's net/http reads in them.

read() is a model of server.go, transfer.go, chunked.go and url.go as far as
Docker's router sees it: which requests some bytes are, each with its method,
decoded path, query and body, until the connection would be closed.
"""

import re
from urllib.parse import unquote_to_bytes

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
VERSION = re.compile(rb"HTTP/([0-9])\.([0-9])")


class Stop(Exception):
    """No further request: the text says why."""


class Request:
    method = body = b""
    path = None             # of no valid target
    query = ()
    last = False
    stop = ""               # why Go does not read it

    def values(self, key):
        return [v for k, v in self.query if k == key]


# ---------------------------------------------------------------------- read

def parse_query(raw):
    """url.ParseQuery: [(key, value)]; what is malformed is left out."""
    out = []
    for pair in raw.split(b"&"):
        if not pair or b";" in pair or ESCAPE.search(pair):
            continue
        key, _, value = pair.replace(b"+", b" ").partition(b"=")
        out.append((unquote_to_bytes(key), unquote_to_bytes(value)))
    return out


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def line(self):
        end = self.data.find(b"\n", self.at)
        if end == -1:
            raise Stop("incomplete")
        out, self.at = self.data[self.at:end], end + 1
        return out[:-1] if out.endswith(b"\r") else out

    def take(self, n):
        if self.at + n > len(self.data):
            raise Stop("incomplete")
        self.at += n
        return self.data[self.at - n:self.at]

    def header(self):
        """[(lower-case name, value)]"""
        out = []
        while True:
            line = self.line()
            if not line:
                return out
            if line[:1] in b" \t":
                if not out:
                    raise Stop("folded at the start")
                out[-1] = (out[-1][0], out[-1][1] + b" " +
                           line.strip(b" \t"))
                continue
            name, colon, value = line.partition(b":")
            if not colon or not TOKEN.fullmatch(name) or \
                    re.search(rb"[\0-\x08\x0a-\x1f\x7f]", value):
                raise Stop("header line %r" % line)
            out.append((name.lower(), value.strip(b" \t")))

    def chunks(self):
        out = b""
        while True:
            size = self.line().rstrip(b" \t").partition(b";")[0]
            size = size.rstrip(b" \t")
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", size):
                raise Stop("chunk size %r" % size)
            if int(size, 16) == 0:
                self.header()
                return out
            out += self.take(int(size, 16))
            if self.take(2) != b"\r\n":
                raise Stop("chunk without an end")

    def body(self, fields, minor):
        coding = [v for k, v in fields if k == b"transfer-encoding"]
        length = {v.lstrip(b"0") or b"0" for k, v in fields
                  if k == b"content-length"}
        if coding and minor:
            if [v.lower() for v in coding] != [b"chunked"]:
                raise Stop("coding %r" % coding)
            trailer = b",".join(v for k, v in fields if k == b"trailer")
            if {t.strip(b" \t").lower() for t in trailer.split(b",")} & {
                    b"content-length", b"transfer-encoding", b"trailer"}:
                raise Stop("trailer %r" % trailer)
            return self.chunks()
        if not length:
            return b""
        length = length.pop() if len(length) == 1 else b"x"
        if not length.isdigit() or int(length) >= 1 << 63:
            raise Stop("length")
        return self.take(int(length))

    def target(self, request, raw):
        """Go answers 400 to a bad one and closes, proxyd may go on."""
        m = re.match(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?]*", raw)
        if m:
            raw = raw[m.end():] or b"/"
        path, _, query = raw.partition(b"?")
        if path[:1] != b"/" or ESCAPE.search(path) or \
                re.search(rb"[\0-\x20\x7f]", raw):
            return
        request.path = unquote_to_bytes(path)
        request.query = parse_query(query)

    def request(self):
        request = self.now = Request()
        request.last = True
        part = self.line().split(b" ")
        if len(part) != 3 or not TOKEN.fullmatch(part[0]):
            raise Stop("request line %r" % part)
        version = VERSION.fullmatch(part[2])
        if version is None or version.group(1) != b"1":
            raise Stop("version")
        minor = int(version.group(2))
        request.method = part[0]
        self.target(request, part[1])
        fields = self.header()
        hosts = [v for k, v in fields if k == b"host"]
        if len(hosts) > 1 or minor and not hosts:
            raise Stop("hosts")
        words = b",".join(v for k, v in fields if k == b"connection").lower()
        words = {w.strip() for w in words.split(b",")}
        request.last = b"close" in words or \
            minor == 0 and b"keep-alive" not in words
        request.body = self.body(fields, minor)
        return request


def read(data):
    """([Request], whole): whole if nothing is missing at the end.  What is
    none, but began like one, is the last, without a path, and stop says why
    Go does not read on."""
    out, reader = [], Reader(data)
    try:
        while reader.at < len(data):
            out.append(reader.request())
            if out[-1].last:
                return out, True
    except Stop as e:
        reader.now.path = None
        reader.now.stop = str(e)
        return out + [reader.now], str(e) != "incomplete"
    return out, False


# ------------------------------------------------------------------ generate

# operation, method, path, query keys, does it take a JSON body
ROUTES = [
    ("ping", "GET", "/_ping", (), False),
    ("ping/head", "HEAD", "/_ping", (), False),
    ("version", "GET", "/version", (), False),
    ("containers/list", "GET", "/containers/json",
     ("all=1", "limit=2", "size=0", 'filters={"label":["a=b"]}'), False),
    ("containers/inspect", "GET", "/containers/%s/json", ("size=1",), False),
    ("containers/create", "POST", "/containers/create",
     ("name=web", "platform=linux/amd64"), True),
    ("containers/start", "POST", "/containers/%s/start",
     ("detachKeys=ctrl-p",), False),
    ("containers/stop", "POST", "/containers/%s/stop",
     ("t=5", "signal=TERM"), False),
    ("containers/kill", "POST", "/containers/%s/kill", ("signal=HUP",),
     False),
    ("containers/rename", "POST", "/containers/%s/rename", ("name=new",),
     False),
    ("containers/remove", "DELETE", "/containers/%s",
     ("force=1", "v=true", "link=0"), False),
    ("exec/create", "POST", "/containers/%s/exec", (), True),
    ("images/list", "GET", "/images/json", ("all=1", "digests=0"), False),
    ("images/inspect", "GET", "/images/%s/json", (), False),
    ("images/remove", "DELETE", "/images/%s", ("force=1", "noprune=0"),
     False),
    ("networks/inspect", "GET", "/networks/%s",
     ("verbose=1", "scope=local"), False),
    ("volumes/inspect", "GET", "/volumes/%s", (), False),
    ("volumes/list", "GET", "/volumes", ("filters={}",), False),
    ("networks/list", "GET", "/networks", ("filters={}",), False),
    ("networks/list/slash", "GET", "/networks/", (), False),
    ("volumes/update", "PUT", "/volumes/%s", ("version=1",), False),
]
IDS = {"images": ["busybox", "a/b:1", "ghcr.io/x/y:z", "x%2fy", "a%3a1"],
       "": ["web", "a.b-c_d", "0f1e2d", "w%65b", "%2fweb", "web%00"]}
BODIES = [b'{"Image":"o","Cmd":["x"]}', b'{"Image":"o"}',
          b'{"Cmd":["ls","-l"],"Tty":true}', b'{"Image":"o","Cmd":["\xc3\xa9"'
          b']}']
VERSIONS = ["", "", "/v1.41", "/v1.41", "/v1.41", "/v1.24", "/v1.43",
            "/v01.41", "/v1.041", "/v1.41.", "/v1.41.0", "/V1.41", "/v%31.41",
            "/v1.9", "/v1.411", "/v1.41/v1.41"]


def _encode(rng, text, at):
    form = "%%%02x" if rng.random() < .5 else "%%%02X"
    return text[:at] + (form % ord(text[at])) + text[at + 1:]


def _path(rng, path):
    what = rng.randrange(10)
    at = rng.randrange(len(path))
    if what == 0:
        return _encode(rng, path, at)
    if what == 1:
        return path.replace("/", rng.choice(["//", "/./", "/x/../", "%2f",
                                             "/%2e/", "\\"]), 1)
    if what == 2:
        return path + rng.choice(["/", "//", "/..", "/.", "#x", ";x", "%00",
                                  "%zz", "%", "x", "%20", "\xe9", "%c3%a9"])
    if what == 3:
        return rng.choice(["http://h", "unix://x", "file://", "http:/",
                           "//h", "h"]) + path
    if what == 4:
        return path[:at] + path[at:at + 1].upper() + path[at + 1:]
    if what == 5:
        return path[:at] + rng.choice("%/.?&;#\t \x7f~\"<") + path[at:]
    if what == 6:
        return _encode(rng, _encode(rng, path, at), at)
    return path


def _query(rng, pairs):
    pairs = list(pairs)
    what = rng.randrange(9)
    if what == 0 and pairs:
        pairs.append(rng.choice(pairs))
    elif what == 1 and pairs:
        at = rng.randrange(len(pairs))
        pairs[at] = _encode(rng, pairs[at], rng.randrange(len(pairs[at])))
    elif what == 2:
        pairs.insert(0, rng.choice(["x=1", "", "=x", "X-Y", "a;b=1", "%zz=1",
                                    "?all=1", "a=%00", "a=\xff", "a=b=c",
                                    "a=%ff", "checkpoint=x"]))
    elif what in (3, 5, 6) and pairs:
        key = pairs[0].partition("=")[0]
        if what != 3:
            del pairs[0]
        pairs.append(key + rng.choice(["", "=", "=2", "=%31", "=+x", "=%26",
                                       "=a%20b", "=%2Fweb", "=%0a", "=a+b",
                                       "=x%2by", "=%c3%a9", "=a=b", "=%25"]))
    elif what == 4 and pairs:
        pairs[0] = pairs[0].title()
    return pairs


FIELDS = [
    "Content-Length: 5", "Content-Length: 0", "content-length: +1",
    "Content-Length: 1, 1", "Content-Length : 2", "Content-Length: 0x1",
    "Transfer-Encoding: chunked", "Transfer-Encoding: identity",
    "Transfer-Encoding: gzip, chunked", "TRANSFER-ENCODING: Chunked",
    "Transfer-Encoding: \x0bchunked", "Transfer-Encoding:\tchunked",
    "Host: other", "Host:", "X-Fold: a\r\n b", " folded", "X: a\rb", "X",
    ": x", "X y: z", "X: \x00", "X: \xff\xfe", "Connection: close",
    "Connection: keep-alive", "Connection: Upgrade", "Upgrade: h2c",
    "Connection: Upgrade\r\nUpgrade: tcp", "Expect: 100-continue",
    "Expect: x", "X-HTTP-Method-Override: DELETE", "Trailer: Content-Length",
    "Content-Type: application/json", "Content-Type: text/plain",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Encoding: gzip", "X-Registry-Auth: e30=", "Accept: */*",
    "User-Agent: Docker-Client/20.10 (linux)", "Cookie: a=b", "TE: trailers",
    "Content-Length: 99999999999999999999", "Transfer_Encoding: chunked",
    "X: a\n", "Proxy-Connection: close", "Keep-Alive: timeout=1"]


# what a chunked body may announce, and what it may not: RFC 9110, 6.5.1
GOOD_TRAILERS = ["X-Sum", "x-sum, X-Other", "Expires", "X-Sum,,x-sum",
                 "Content-Length-X", "XContent-Length", ""]
BAD_TRAILERS = ["Content-Length", "content-length", "Transfer-Encoding",
                "Trailer", "X-Sum, Transfer-Encoding", "X-Sum,\ttrailer",
                " Content-Length ,", "CONTENT-LENGTH,X-Sum",
                "X-Sum, TRANSFER-ENCODING\t,Expires"]


def _trailers(rng, hostile):
    """The lines that announce a trailer."""
    out = ["Trailer: " + rng.choice(GOOD_TRAILERS)
           for _ in range(rng.choice((0, 1, 1, 2)))]
    if hostile:
        out.insert(rng.randrange(len(out) + 1), rng.choice(
            ["Trailer: ", "trailer:", "TRAILER: "]) +
            rng.choice(BAD_TRAILERS))
    return out


def _chunked(rng, body, hostile):
    cut = rng.randrange(len(body) + 1)
    out = b""
    for piece in (body[:cut], body[cut:]):
        if not piece:
            continue
        size = b"%x" % len(piece)
        end = b"\r\n"
        if hostile:
            size = rng.choice([size, b"0" + size, size.upper(), size + b" ",
                               size + b";a=b", b" " + size, b"0x" + size,
                               b"%x" % (len(piece) + 1), b"0" * 16 + size,
                               size + b";a=\"\n\"", b"-" + size])
            end = rng.choice([end, end, end, b"\n", b"", b"x\r\n"])
        out += size + b"\r\n" + piece + end
    last = rng.choice([b"0\r\n\r\n", b"0\r\n\r\n",
                       b"0\r\nX-Sum: 1\r\nexpires: 0\r\n\r\n"])
    if hostile:
        last = rng.choice([last, last, last, b"", b"00\r\n\r\n", b"0\n\n",
                           b"0;x\r\n\r\n", b"0\r\nA: b\r\n\r\n", b"0\r\n",
                           b"0\r\nContent-Length: 3\r\n\r\n",
                           b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
                           b"0\r\nA: b\r\n c\r\n\r\n", b"0\r\n a: b\r\n\r\n",
                           b"0\r\nA b\r\n\r\n", b"0\r\nA : b\r\n\r\n"])
    return out + last


def one(rng, hostile):
    """The bytes of one request."""
    kind = rng.randrange(5) if hostile else -1
    _, method, path, keys, takes = rng.choice(
        [r for r in ROUTES if r[4]] if kind == 4 else ROUTES)
    ids = IDS.get(path.split("/")[1], IDS[""])
    if "%s" in path:
        path = path % (rng.choice(ids) if rng.random() < .2 else ids[0])
    version = "HTTP/1.1"
    version_prefix = rng.choice(VERSIONS if kind == 0 else VERSIONS[:7])
    if kind == 0:
        path = _path(rng, path)
    pairs = [k for k in keys if rng.random() < .5]
    if kind == 1:
        pairs = _query(rng, pairs)
    target = version_prefix + path + ("?" + "&".join(pairs) if pairs else "")
    fields = ["Host: docker"]
    if kind == 2:
        if rng.random() < .3:
            method = rng.choice([method.lower(), "HEAD", "OPTIONS", "PUT",
                                 "TRACE", "GET", "G\tT", "", "CONNECT"])
        elif rng.random() < .5:
            version = rng.choice(["HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "",
                                  "http/1.1", "HTTP/1.1 ", "HTTP/01.1"])
        else:
            fields = rng.choice([[], ["Host: a", "Host: b"], ["host:"],
                                 ["Host: a b"]])
    body = rng.choice(BODIES[2:3] if path.endswith("/exec") else
                      BODIES[:2] + BODIES[3:]) if takes else b""
    if takes:
        fields.append("Content-Type: application/json")
        if rng.random() < .4 or kind == 4:
            fields.append("Transfer-Encoding: chunked")
            # One thing at a time: what else is wrong would hide it.
            framed = kind == 4 and rng.random() < .4
            if framed or rng.random() < .3:
                for line in _trailers(rng, framed):
                    fields.insert(rng.randrange(len(fields) + 1), line)
            body = _chunked(rng, body, kind == 4 and not framed)
        else:
            fields.append("Content-Length: %d" % (len(body) + (
                rng.choice((0, 0, 1, -1, 40)) if kind == 4 else 0)))
    if kind == 3:
        for _ in range(rng.choice((1, 1, 2))):
            fields.insert(rng.randrange(len(fields) + 1), rng.choice(FIELDS))
    elif rng.random() < .3:
        fields.append(rng.choice(FIELDS[-13:-5]))
        rng.shuffle(fields)
    end = "\n" if hostile and rng.random() < .02 else "\r\n"
    head = end.join(["%s %s %s" % (method, target, version)] + fields)
    return (head + end + end).encode("latin-1") + body


LAST = b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"


def case(rng):
    """A connection: a few requests, and one that ends it."""
    n = rng.choice((1, 1, 1, 2, 3))
    wrong = rng.randrange(n) if rng.random() < .6 else -1
    out = b"".join(one(rng, i == wrong) for i in range(n))
    if wrong != -1 and rng.random() < .05:
        at = rng.randrange(len(out))
        out = out[:at] + bytes([rng.choice(b"\r\n \t\0:%/")]) + out[at:]
    return out + LAST


def operation(method, path):
    """Of a request as it arrived, without its version."""
    path = re.sub("^/v1[.][0-9]+(?=/)", "", path)
    for name, m, form, _, _ in ROUTES:
        what = ".+" if form.startswith("/images/") else "[^/]+"
        if m == method and re.fullmatch(
                re.escape(form).replace("%s", what), path):
            return name
    return None


def known(name):
    return {key.partition("=")[0].encode()
            for op, _, _, keys, _ in ROUTES if op == name for key in keys}
