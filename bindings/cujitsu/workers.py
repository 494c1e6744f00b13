# SPDX-License-Identifier: MIT
"""Which program the worker processes of compile_many and precompile are."""

from __future__ import annotations

import os
import sys

from cujitsu import _core

_is_set = False


def use_this_interpreter() -> None:
    """Has worker processes be this interpreter, once, unless somebody has chosen another program."""
    global _is_set
    if _is_set:
        return
    _is_set = True
    package = os.path.dirname(os.path.abspath(__file__))
    # An embedding or frozen program is no interpreter that could be started so.
    if not sys.executable or getattr(sys, "frozen", False):
        return
    if not os.path.basename(sys.executable).lower().startswith(("python", "pypy")):
        return
    code = (
        f"import sys; sys.path.insert(0, {os.path.dirname(package)!r}); from cujitsu._core import cli_main; "
        "sys.exit(cli_main(['worker', *sys.argv[1:]]))"
    )
    # Nothing of the user's start-up files, which may print or take long; unless they are needed to find the modules.
    is_plain = os.path.dirname(os.path.abspath(_core.__file__)) == package and "PYTHONHOME" not in os.environ
    _core.set_worker_command([sys.executable, *(["-I", "-S"] if is_plain else []), "-c", code])
