# SPDX-License-Identifier: MIT
"""The table of environment variables in docs/ is the one in the code."""

import re

import cujitsu
from conftest import REPOSITORY


def test_documented_variables_are_those_in_the_code():
    text = (REPOSITORY / "docs" / "environment.md").read_text()
    documented = re.findall(r"^\| *`([A-Z_]+)` *\|", text, re.MULTILINE)
    assert documented == [variable.name for variable in cujitsu.environment_variables()]
