"""Where the command line begins: an interrupt during the imports, which take a second, ends it quietly too."""

import sys


def main() -> None:
    """Run `fleet`."""
    try:
        from .cli import app  # noqa: PLC0415 - the import is what may be interrupted

        app()
    except KeyboardInterrupt:
        sys.exit(130)
