"""`python -m gateway` and `coursegate`."""

from gateway.cli.commands import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
