# SPDX-License-Identifier: MIT
"""The `cujitsu` command."""

from __future__ import annotations

import sys

from cujitsu import _core, workers


def main() -> int:
    """Runs the command line of this process and returns its exit code."""
    workers.use_this_interpreter()
    return _core.cli_main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
