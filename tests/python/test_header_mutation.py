# SPDX-License-Identifier: MIT
"""Random trees of headers that change: exactly the right programs are compiled again, and each result is right."""

import os
import random
import re

import cujitsu as cj
import pytest

HEADERS = 8
PROGRAMS = 4
STEPS = 10


class Tree:
    """Headers in two folders, of which the first shadows the second, and programs that include some of them."""

    def __init__(self, root, seed):
        self.random = random.Random(seed)
        self.folders = [root / "first", root / "second"]
        for folder in self.folders:
            folder.mkdir(parents=True)
        for number in range(HEADERS):
            self.write(self.folders[1], number)
        self.memory = {"memory.h": "#pragma once\n#include <h7.h>\n#define MEMORY 3\n"}
        self.programs = []
        for number in range(PROGRAMS):
            names = [f"h{n}.h" for n in self.random.sample(range(HEADERS), 2)] + ["memory.h"] * (number % 2)
            includes = "".join(f"#include <{name}>\n" for name in names)
            body = "".join(f"#ifdef H{n}\n  x[{n}] = H{n};\n#endif\n" for n in range(HEADERS))
            self.programs.append(
                {
                    "source": f'{includes}extern "C" __global__ void f(int* x) {{\n{body}}}\n',
                    "options": self.random.choice([[], ["-DWITH=1"], ["-DWITH=2"]]),
                }
            )

    def write(self, folder, number):
        """Includes only headers of larger numbers, some of them in a branch; diamonds come by themselves."""
        later = [n for n in range(number + 1, HEADERS) if self.random.random() < 0.4]
        lines = ["#pragma once", f"#define H{number} {self.random.randrange(1000)}"]
        for n in later:
            condition = self.random.choice([None, "#ifdef WITH", "#if WITH + 0 == 2", "#if 0"])
            lines += [f"#include <h{n}.h>"] if condition is None else [condition, f"#include <h{n}.h>", "#endif"]
        (folder / f"h{number}.h").write_text("\n".join(lines) + "\n")

    def mutate(self):
        number = self.random.randrange(HEADERS)
        shadow = self.folders[0] / f"h{number}.h"
        if self.random.random() < 0.4:
            self.write(self.folders[1], number)
            return f"h{number}.h changed"
        if shadow.exists():
            shadow.unlink()
            return f"h{number}.h is no longer shadowed"
        self.write(self.folders[0], number)
        return f"h{number}.h is shadowed"

    def closure(self, program):
        """What the program reads, by another way than cujitsu's: (path, content) in the order of first use."""
        with_ = int((program["options"] or ["-DWITH=0"])[0][-1])
        taken = {"#ifdef WITH": with_ > 0, "#if WITH + 0 == 2": with_ == 2, "#if 0": False}
        seen = {}

        def read(text):
            active = True
            for line in text.splitlines():
                if line in taken:
                    active = taken[line]
                elif line == "#endif":
                    active = True
                elif active and (name := re.fullmatch(r"#include <(.*)>", line)):
                    follow(name[1])

        def follow(name):
            if name in self.memory:
                if name not in seen:
                    seen[name] = ""
                    read(self.memory[name])
                return
            path = next(folder / name for folder in self.folders if (folder / name).exists())
            if path not in seen:
                seen[path] = path.read_text()
                read(seen[path])

        read(program["source"].split("extern", 1)[0])
        return tuple((str(path), text) for path, text in seen.items())

    def compile(self, program, cache):
        return cj.compile(**program, include_dirs=self.folders, headers=self.memory, arch="sm_80", cache=cache)


@pytest.mark.parametrize("number", range(3))
def test_exactly_the_right_programs_are_compiled_again(tmp_path, number):
    seed = int(os.environ.get("CUJITSU_TEST_SEED", random.SystemRandom().randrange(2**32))) + number
    print(f"CUJITSU_TEST_SEED={seed - number}")
    tree = Tree(tmp_path, seed)
    cache = cj.KernelCache(tmp_path / "cache")
    known = [set() for _ in tree.programs]
    what = "nothing yet"
    statuses = []
    for _ in range(STEPS):
        for program, seen in zip(tree.programs, known):
            closure = tree.closure(program)
            code = tree.compile(program, cache)
            expected = "hit" if closure in seen else "miss"
            assert code.cache_status == expected, (seed, what, code.cache_reason, program)
            assert [h.path for h in code.headers] == [path for path, _ in closure if path != "memory.h"], (seed, what)
            assert code.ptx == tree.compile(program, False).ptx, (seed, what)
            seen.add(closure)
            statuses.append(code.cache_status)
        what = tree.mutate()
    assert statuses.count("hit") > 3 and statuses.count("miss") > PROGRAMS, (seed, statuses)
