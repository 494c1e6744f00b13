# SPDX-License-Identifier: MIT
"""Runs the command `cujitsu`: as the Python package's, and as the executable where CUJITSU_CLI names one."""

import contextlib
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios

COMMANDS = {"python": [sys.executable, "-m", "cujitsu"]}
if os.environ.get("CUJITSU_CLI"):
    COMMANDS["executable"] = [os.environ["CUJITSU_CLI"]]


class Cli:
    """Runs the command in a folder of its own, with a cache of its own."""

    def __init__(self, folder, command):
        self.folder = folder
        self.command = command
        self.environment = {**os.environ, "CUJITSU_CACHE_DIR": str(folder / "cache")}
        for name in ("CUJITSU_CACHE_DISABLE", "CUJITSU_LOG", "NO_COLOR"):
            self.environment.pop(name, None)

    def bytes(self, *arguments, stdin=b"", **environment):
        return subprocess.run(
            [*self.command, *arguments],
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env={**self.environment, **environment},
            timeout=120,
            check=False,
        )

    def run(self, *arguments, stdin="", **environment):
        result = self.bytes(*arguments, stdin=stdin.encode(), **environment)
        result.stdout = result.stdout.decode()
        result.stderr = result.stderr.decode(errors="replace")
        return result

    def ok(self, *arguments, **options):
        result = self.run(*arguments, **options)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def json(self, *arguments, **options):
        return json.loads(self.ok(*arguments, "--json", **options))

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name


def expect_error(cli, *arguments, **options):
    options.setdefault("CUJITSU_CACHE_FAILURES", "0")  # else the second one says that it remembers the first
    plain = cli.run(*arguments, **options)
    assert (plain.returncode, plain.stdout) == (1, "")
    assert plain.stderr.splitlines()[0].startswith("cujitsu: error: ")
    result = cli.run(*arguments, "--json", **options)
    assert result.returncode == 1
    error = json.loads(result.stdout)["error"]
    assert error["message"] in plain.stderr
    return error


def on_a_terminal(cli, *arguments, columns=80, **environment):
    """The exit code, and what a terminal of that width shows."""
    screen, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [*cli.command, *arguments], stdout=terminal, stderr=terminal, cwd=cli.folder, env=cli.environment | environment
    )
    os.close(terminal)
    text = b""
    with contextlib.suppress(OSError):  # Linux says EIO when nobody has the terminal open any more
        while chunk := os.read(screen, 4096):
            text += chunk
    os.close(screen)
    return process.wait(timeout=60), text.decode()
