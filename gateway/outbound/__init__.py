"""Requests to addresses that a customer names: never to a special network, never anywhere else than was checked."""
