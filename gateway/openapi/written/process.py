"""What the process itself answers with: its health, its keys and its files."""

from typing import Any, Final

BY_KIND: Final[dict[str, Any]] = {}
BY_ROUTE: Final[dict[tuple[str, int], Any]] = {
    ("GET /readyz", 503): {"status": "unavailable"},
    ("GET /.well-known/jwks.json", 200): {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": "<43 characters>",
                "x": "<43 characters of base64url>",
            }
        ]
    },
    ("GET /embed/assets/{release}/{file}", 200): {"submit.button": "Submit answers"},
}
