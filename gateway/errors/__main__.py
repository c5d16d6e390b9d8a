"""`python -m gateway.errors` prints docs/errors.md."""

import sys

from gateway.errors.docs import as_markdown

sys.stdout.write(as_markdown())
