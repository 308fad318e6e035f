"""Where the command line begins: an interrupt during the imports, which take a second, ends it quietly too."""

import os
import signal
import sys

_INTERRUPTED = 130


def main() -> None:
    """Run `fleet`."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        # Python drops a KeyboardInterrupt raised in a callback of the garbage collector, and imports are full of them.
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    from .cli import app  # noqa: PLC0415 - the import is what may be interrupted

    signal.signal(signal.SIGINT, before)
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
