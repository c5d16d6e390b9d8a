"""What every page of ours carries. Rule source: security, "Output"."""

from typing import Final

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; frame-ancestors "
)

NO_ICON: Final = '<link rel="icon" href="data:,">'
"""In the head of every page: without it, browsers ask for /favicon.ico."""


def page_headers(frame_ancestors: str | None = None) -> dict[str, str]:
    """Headers of a page that may stand in frames of one origin, None: in no frame at all."""
    return {
        "Content-Security-Policy": _POLICY + (frame_ancestors or "'none'"),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }


def file_headers(cache_control: str, *, for_everybody: bool = False) -> dict[str, str]:
    """Headers of a file that pages are made of, ours, or, `for_everybody`, any site's."""
    return {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin" if for_everybody else "same-origin",
        "Cache-Control": cache_control,
        "Vary": "Accept-Encoding",
    }


PAGE_HEADERS: Final = page_headers()
"""Those of a page that stands in no frame."""
