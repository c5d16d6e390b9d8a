"""What every field of the document means."""

from gateway.openapi.fields.told import TEXTS, describe, text_name

__all__ = ["TEXTS", "describe", "text_name"]
