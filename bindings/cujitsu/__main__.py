# SPDX-License-Identifier: MIT
"""The `cujitsu` command."""

from __future__ import annotations

import os
import sys

from cujitsu import _core


def main() -> int:
    """Runs the command line of this process and returns its exit code."""
    code, out, err = _core.cli_main(sys.argv[1:])
    try:
        sys.stderr.flush()
        sys.stderr.buffer.write(err)
        sys.stderr.buffer.flush()
        sys.stdout.flush()
        sys.stdout.buffer.write(out)
        sys.stdout.buffer.flush()
    except OSError as error:
        # What is still buffered would fail again, and be complained about, when the interpreter flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A reader that has left, as `| head` does, had what it wanted.
        if not isinstance(error, BrokenPipeError):
            print(f"cujitsu: can not write the output: {error.strerror}", file=sys.stderr)
            return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
