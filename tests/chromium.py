"""The browser of the browser tests: Debian's Chromium, steered by Playwright's Python package."""

import os
import shutil
from importlib.util import find_spec
from typing import Final

PROGRAM_VARIABLE: Final = "COURSEGATE_CHROMIUM"
FLAGS: Final = (
    "--no-sandbox",  # Chromium's own does not run as root, as CI does; what is opened is ours
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # the tests' stores are in there
)


def program() -> str | None:
    """Return the path of a Chromium: COURSEGATE_CHROMIUM, else what the search path holds."""
    return os.environ.get(PROGRAM_VARIABLE) or shutil.which("chromium") or shutil.which("chromium-browser")


def missing() -> str | None:
    """Return what browser tests lack here and how to get it; None if they can run."""
    if find_spec("playwright") is None or find_spec("axe_playwright_python") is None:
        return "the packages playwright and axe-playwright-python are not installed (make clean test)"
    if program() is None:
        return f"no Chromium (apt-get install chromium, or {PROGRAM_VARIABLE}=/path/to/it)"
    return None
