"""Examples that people wrote: of the objects that one meets first, so that all that is said in one can be so at once.

Fields alone can't make them: a course that awaits its brief has no generation, and what is used and left adds up to the limit.
They stand here and not beside their Structs, since msgspec takes no example of a whole Struct, and since many say what one
route leaves behind.
"""

from gateway.openapi.written.gathered import BY_KIND, BY_ROUTE

__all__ = ["BY_KIND", "BY_ROUTE"]
