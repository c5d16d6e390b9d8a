class EmbeddedFailure(Exception):
    """An embedded server can't be started here; the text is one line that says why and what helps."""
