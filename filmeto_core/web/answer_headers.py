"""Headers that all answers carry: what a browser must not do with them; and CORS, where it is on.

Source: W3C Content Security Policy Level 3; WHATWG Fetch, "CORS protocol"; OWASP Secure Headers.
"""

Headers = list[tuple[bytes, bytes]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
SECURITY: Headers = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
# A year, as is usual; of this name alone, since others of its domain may have no certificate.
STRICT_TRANSPORT: Headers = [(b"strict-transport-security", b"max-age=31536000")]

_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_ASKED = (
    b"Authorization, X-API-Key, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
    b"Last-Event-ID, Range, Tus-Resumable, Upload-Offset, Upload-Length, Upload-Metadata, "
    b"X-HTTP-Method-Override, X-Request-ID"
)
_SHOWN = (
    b"ETag, Location, Retry-After, Content-Range, Accept-Ranges, Content-Disposition, "
    b"Filmeto-Resource, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Expires, "
    b"Upload-Offset, Upload-Length, X-Request-ID"
)
_PREFLIGHT_S = b"600"


def with_security(headers: Headers, security: Headers) -> Headers:
    """An answer's headers with those of `security` that it does not set itself."""
    names = {name for name, _ in headers}
    names.discard(b"vary")  # of which there may be several
    return [*headers, *(header for header in security if header[0] not in names)]


def cors(origin: str) -> Headers:
    """What lets a page of that origin read an answer; never with the browser's cookies."""
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", _SHOWN),
        (b"vary", b"Origin"),
    ]


def preflight(origin: str) -> Headers:
    """What a browser asks before it sends more than a plain request."""
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", _ASKED),
        (b"access-control-max-age", _PREFLIGHT_S),
        (b"vary", b"Origin"),
    ]
