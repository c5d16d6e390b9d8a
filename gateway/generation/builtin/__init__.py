"""The generator that works offline and deterministically on a course's own sources, and invents nothing."""

from gateway.generation.builtin.generator import BuiltinGenerator

__all__ = ["BuiltinGenerator"]
