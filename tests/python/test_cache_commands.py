# SPDX-License-Identifier: MIT
"""`cujitsu cache`: filters, explain, verify, prune, diff, stats and the parts of show, with what bad input gets."""

import json
import os
import re
import time
from pathlib import Path

import pytest
from cli_runner import COMMANDS, Cli, expect_error, on_a_terminal

ADD = """
__global__ void add(float* sum, const float* a, const float* b, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) sum[i] = a[i] + b[i];
}
"""
SCALE = "__global__ void scale(float* x, float by) { x[threadIdx.x] *= by; }\n"


@pytest.fixture(params=COMMANDS)
def cli(request, tmp_path):
    return Cli(tmp_path, COMMANDS[request.param])


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A cache that no test changes: add.cu for two architectures, scale.cu for one."""
    cli = Cli(tmp_path_factory.mktemp("filled"), list(COMMANDS.values())[-1])
    cli.write("add.cu", ADD)
    cli.write("scale.cu", SCALE)
    cli.keys = {
        "add_80": key_of(cli, "add.cu", "--arch", "sm_80"),
        "add_90": key_of(cli, "add.cu", "--arch", "sm_90", "--option", "--use_fast_math"),
        "scale": key_of(cli, "scale.cu", "--arch", "sm_80"),
    }
    return cli


def key_of(cli, *arguments):
    return cli.json("compile", *arguments)["cache"]["key"]


def keys(listing):
    return [entry["key"] for entry in listing["entries"]]


# The command line


@pytest.mark.parametrize("command", ["list", "show", "stats", "explain", "diff", "verify", "prune", "path", "clear"])
def test_every_command_has_a_help_and_json(filled, command):
    text = filled.ok("cache", command, "--help")
    assert f"cujitsu cache {command}" in text and "--json" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "--older-than", "7x"], "'7x' is no duration; write a number and s, m, h, d or w"),
        (["list", "--older-than", "-7d"], "'-7d' is no duration"),
        (["list", "--older-than", "d"], "'d' is no duration"),
        (["list", "--sort", "sizes"], "sorted by newest, age, used, size, hits, seconds, not by 'sizes'"),
        (["list", "--sort", "sizes"], "did you mean 'size'?"),
        (["list", "--limit", "0"], "--limit"),
        (["list", "--archs", "sm_80"], "unknown option '--archs'; did you mean '--arch'?"),
        (["prune", "--max-bytes", "500Q"], "'500Q' is no size; write bytes, or a number with K, M, G or T"),
        (["prune", "--max-bytes", "lots"], "'lots' is no size"),
        (["prune", "--dryrun"], "did you mean '--dry-run'?"),
        (["verify", "--arch", "sm_80"], "--arch sm_80 chooses what --recompile compiles"),
        (["diff", "0"], "AFTER is required"),
        (["explain"], "FILE is required"),
        (["explain", "0", "--arch", "sm_80"], "the options of a compile go with a FILE"),
        (["show", "0", "--sass", "--ptx"], "only one of"),
        (["show", "0", "--cubin"], "name a file with -o"),
        (["show", "0", "-o", "x"], "-o goes with --cubin"),
        (["stat"], "unknown command 'stat'; did you mean 'stats'?"),
        (["explian", "0"], "did you mean 'explain'?"),
    ],
)
def test_bad_usage_is_explained_with_exit_code_2(cli, arguments, message):
    result = cli.run("cache", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize("command", ["show", "diff", "explain"])
def test_a_key_that_is_none_is_answered_with_what_one_is(cli, command):
    arguments = ["not-a-key"] * (2 if command == "diff" else 1)
    error = expect_error(cli, "cache", command, *arguments)
    assert "1 to 32 hexadecimal digits" in error["message"] and "not-a-key" in error["message"]


# list


def test_list_filters_by_architecture_name_and_kernel(filled):
    def listed(*arguments):
        return set(keys(filled.json("cache", "list", *arguments)))

    of = filled.keys
    assert listed("--arch", "sm_80") == {of["add_80"], of["scale"]}
    assert listed("--arch", "sm_9*") == {of["add_90"]}
    assert listed("--name", "add.cu") == {of["add_80"], of["add_90"]}
    assert listed("--name", "sca*") == {of["scale"]}
    assert listed("--name", "scale", "--arch", "sm_90") == set()
    assert listed("--older-than", "0s") == set(of.values())


def test_list_leaves_out_what_was_used_lately(cli):
    cli.write("add.cu", ADD)
    key_of(cli, "add.cu")
    (entry,) = cli.json("cache", "list")["entries"]
    assert cli.json("cache", "list", "--older-than", "7d")["entries"] == []
    aged = time.time() - 8 * 86400
    os.utime(entry["path"], (aged, aged))
    (entry,) = cli.json("cache", "list", "--older-than", "7d")["entries"]
    assert entry["unused_seconds"] >= 8 * 86400 - 3600
    assert re.search(r" 7|8 days", cli.ok("cache", "list"))
    assert cli.json("cache", "list", "--older-than", "2w")["entries"] == []


@pytest.mark.parametrize(
    ("order", "member", "falling"),
    [("size", "bytes", True), ("seconds", "seconds", True), ("age", "age_seconds", True), ("hits", "hits", True)],
)
def test_list_is_sorted(filled, order, member, falling):
    values = [entry[member] for entry in filled.json("cache", "list", "--sort", order)["entries"]]
    assert values == sorted(values, reverse=falling)
    turned = keys(filled.json("cache", "list", "--sort", order, "--reverse"))
    assert turned == keys(filled.json("cache", "list", "--sort", order))[::-1]


def test_list_is_limited_and_counts_all(filled):
    listing = filled.json("cache", "list", "--limit", "1", "--sort", "size")
    assert len(listing["entries"]) == 1 and listing["found"] == 3
    assert listing["bytes"] > listing["entries"][0]["bytes"]
    assert "\n1 of 3 entries, " in filled.ok("cache", "list", "--limit", "1")


def test_an_empty_list_says_which_filter_was_set(filled):
    text = filled.ok("cache", "list", "--arch", "sm_75", "--older-than", "7d")
    assert text.startswith("No entry of the kernel cache in ") and "fits --arch sm_75 --older-than 7d." in text


def test_list_as_json_has_all_of_a_summary(filled):
    (entry,) = filled.json("cache", "list", "--arch", "sm_90")["entries"]
    assert entry["kernels"] == ["add"] and entry["options"] == ["--use_fast_math"] and entry["name"] == "add.cu"
    assert entry["origin"] == "cache" and entry["headers"] == 0 and entry["is_shortened"] is False
    assert re.fullmatch(r"\d+\.\d+", entry["compiler"]) and entry["seconds"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry["last_used"])


def test_names_can_not_command_a_terminal(cli):
    name = "evil\x1b[31m\x9b2J\x07.cu"
    cli.write(name, ADD + "// \x1b]0;title\x07\n")
    key = key_of(cli, name)
    other = key_of(cli, name, "--option", "-DX=\x1b[2J")
    for arguments in (
        ("list",),
        ("list", "--name", "\x1b[31m*"),
        ("show", key),
        ("explain", key),
        ("diff", key, other),
        ("verify", "--recompile"),
    ):
        code, text = on_a_terminal(cli, "cache", *arguments, NO_COLOR="1", columns=120)
        assert code == 0, text
        assert not set(re.sub(r"\r(\n|\x1b\[K|compiling anew[^\r]*)", "", text)) & {"\x1b", "\x07", "\x9b"}, arguments


# show


def test_show_tells_which_headers_are_as_they_were(cli):
    for name in ("same.h", "changed.h", "gone.h"):
        cli.write(name, f"#define {name[:-2].upper()} 1\n")
    cli.write("k.cu", '#include "same.h"\n#include "changed.h"\n#include "gone.h"\n__global__ void k() {}\n')
    key = key_of(cli, "k.cu")
    cli.write("changed.h", "#define CHANGED 2\n")
    (cli.folder / "gone.h").unlink()
    shown = cli.json("cache", "show", key)
    states = {Path(header["path"]).name: header["state"] for header in shown["headers_read"]}
    assert states == {"same.h": "same", "changed.h": "changed", "gone.h": "missing"}
    text = cli.ok("cache", "show", key)
    for name, state in states.items():
        assert re.search(rf"{re.escape(name)} +\d+ B +{state}$", text, re.M)


def test_show_writes_the_machine_code(filled, tmp_path):
    key, output = filled.keys["add_80"], tmp_path / "add.cubin"
    assert filled.ok("cache", "show", key, "--cubin", "-o", str(output)).startswith(f"{output}: ")
    assert output.read_bytes().startswith(b"\x7fELF")
    assert filled.bytes("cache", "show", key, "--cubin", "-o", "-").stdout == output.read_bytes()
    assert on_a_terminal(filled, "cache", "show", key, "--cubin", "-o", "-")[0] == 2


def test_show_of_a_virtual_architecture_has_no_machine_code(cli):
    cli.write("add.cu", ADD)
    key = key_of(cli, "add.cu", "--arch", "compute_80")
    for arguments in (("--sass",), ("--cubin", "-o", "x")):
        result = cli.run("cache", "show", key, *arguments)
        assert result.returncode == 1 and "virtual architecture" in result.stderr


def disassembler(folder, name, body):
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return str(folder)


def test_sass_is_what_the_disassembler_prints(filled, tmp_path):
    # a file of its own, private, gone afterwards, with the machine code in it
    folder = disassembler(
        tmp_path / "bin", "nvdisasm", 'echo "$1 $#"; echo "$2"; stat -c %a "$2"; head -c 4 "$2" | tail -c 3; echo'
    )
    (tmp_path / "temporary").mkdir()
    text = filled.ok(
        "cache",
        "show",
        filled.keys["add_80"],
        "--sass",
        PATH=f"{folder}:{os.environ['PATH']}",
        TMPDIR=str(tmp_path / "temporary"),
    )
    options, file, permissions, magic = text.splitlines()
    assert (options, permissions, magic) == ("-c 2", "600", "ELF")
    assert file.startswith(str(tmp_path / "temporary")) and os.listdir(tmp_path / "temporary") == []


def test_cuobjdump_does_where_there_is_no_nvdisasm(filled, tmp_path):
    disassembler(tmp_path / "bin", "cuobjdump", 'echo "given $1"')
    # not the folders in which the other one may lie
    text = filled.run("cache", "show", filled.keys["add_80"], "--sass", CUDA_PATH=str(tmp_path), PATH="/nowhere")
    if "given" not in text.stdout:
        pytest.skip("a toolkit with nvdisasm is installed")
    assert text.stdout == "given -sass\n"


def test_sass_without_a_disassembler_says_what_to_install(filled, tmp_path):
    result = filled.run("cache", "show", filled.keys["add_80"], "--sass", PATH="/nowhere")
    if result.returncode == 0:
        pytest.skip("a toolkit with a disassembler is installed")
    assert "neither nvdisasm nor cuobjdump is in PATH, nor in " in result.stderr
    assert "pip install nvidia-cuda-nvdisasm" in result.stderr and result.stdout == ""


def test_a_disassembler_that_fails_is_an_error(filled, tmp_path):
    folder = disassembler(tmp_path / "bin", "nvdisasm", 'echo "half"; echo "no such chip" >&2; exit 3')
    result = filled.run("cache", "show", filled.keys["add_80"], "--sass", PATH=f"{folder}:{os.environ['PATH']}")
    assert (result.returncode, result.stdout) == (1, "")
    assert "no such chip" in result.stderr and "failed with exit code 3" in result.stderr


# stats


def test_stats_tell_what_is_on_disk(filled):
    stats = filled.json("cache", "stats")
    assert stats["entries"] == 3 and stats["bytes"] == filled.json("cache", "list")["bytes"]
    assert stats["max_bytes"] == 1 << 30
    assert stats["hit_rate"] is None or 0 <= stats["hit_rate"] <= 1
    text = filled.ok("cache", "stats")
    assert re.search(r"^Entries +3 \(", text, re.M) and re.search(r"^Bound +1\.0 GiB$", text, re.M)


def test_stats_count_the_compiles_of_all_processes(cli):
    cli.write("add.cu", ADD)
    for _ in range(3):
        cli.ok("compile", "add.cu")
    stats = cli.json("cache", "stats")
    assert (stats["hits"], stats["misses"], stats["bypasses"]) == (2, 1, 0)
    assert stats["hit_rate"] == pytest.approx(2 / 3)
    assert stats["seconds_compiling"] > 0 and stats["seconds_saved"] > stats["seconds_compiling"]
    assert stats["bytes_written"] > 0 and stats["bytes_read"] == 2 * stats["bytes_written"]
    assert re.search(r"^Hits +2 of 3 \(66\.7 %\)$", cli.ok("cache", "stats"), re.M)


# explain


def test_explain_of_a_file_tells_hit_miss_and_what_changed(cli):
    cli.write("add.cu", ADD)
    nothing = cli.json("cache", "explain", "add.cu", "--arch", "sm_80")
    assert nothing["status"] == "miss" and nothing["changes"] == [] and nothing["nearest"] == ""
    key = key_of(cli, "add.cu", "--arch", "sm_80")
    found = cli.json("cache", "explain", "add.cu", "--arch", "sm_80")
    assert (found["status"], found["key"], found["file"]) == ("hit", key, "add.cu")
    changed = cli.json("cache", "explain", "add.cu", "--arch", "sm_80", "-D", "N=4")
    assert changed["status"] == "miss" and changed["nearest"] == key and changed["changes"] == ["option -DN=4 added"]
    text = cli.ok("cache", "explain", "add.cu", "--arch", "sm_80", "-D", "N=4")
    assert text.startswith("add.cu: miss\n") and "\n    option -DN=4 added\n" in text and key in text
    assert cli.json("cache", "explain", "-", "--arch", "sm_80", stdin=ADD)["status"] == "miss", "another name"
    assert len(cli.json("cache", "list")["entries"]) == 1, "nothing is compiled or stored"


def test_explain_of_a_key_tells_what_has_changed_since(cli):
    cli.write("n.h", "// a number\n#define N 1\n")
    cli.write("k.cu", '#include "n.h"\n__global__ void k(int* x) { x[0] = N; }\n')
    key = key_of(cli, "k.cu")
    same = cli.json("cache", "explain", key[:20])
    assert (same["status"], same["key"], same["changes"]) == ("hit", key, [])
    cli.write("n.h", "// a number\n#define N 2\n")
    changed = cli.json("cache", "explain", key)
    assert changed["status"] == "miss" and changed["nearest"] == key
    (change,) = changed["changes"]
    assert "n.h" in change and "line 2" in change
    assert change in cli.ok("cache", "explain", key)
    # another entry answers, and this one is told from it
    newer = key_of(cli, "k.cu")
    answered = cli.json("cache", "explain", key)
    assert (answered["status"], answered["key"], answered["nearest"]) == ("hit", newer, key)
    assert answered["changes"] == [change]


def test_explain_takes_a_key_of_an_entry_whose_options_name_the_architecture(cli):
    cli.write("add.cu", ADD)
    key = key_of(cli, "add.cu", "--option", "-arch=sm_90")
    assert cli.json("cache", "explain", key)["status"] == "hit"
    assert cli.json("cache", "verify", "--recompile")["recompiled"]["same"] == 1


def test_explain_takes_a_file_before_a_key_unless_told(cli):
    cli.write("add.cu", ADD)
    key = key_of(cli, "add.cu", "--arch", "sm_80")
    cli.write(key[:16], SCALE)
    of_file, of_key = cli.json("cache", "explain", key[:16]), cli.json("cache", "explain", key[:16], "--key")
    assert of_file["status"] == "miss" and "file" in of_file
    assert of_key["status"] == "hit" and of_key["entry"] == key[:16]


def test_explain_of_what_is_neither_file_nor_key_says_so(cli):
    message = expect_error(cli, "cache", "explain", "absent.cu")["message"]
    assert "no file 'absent.cu'" in message and "cache list" in message
    assert expect_error(cli, "cache", "explain", "abc123")["class"] == "CacheError"


# diff


def test_diff_tells_request_source_and_kernels(cli):
    cli.write("add.cu", ADD)
    before = key_of(cli, "add.cu", "--arch", "sm_80")
    cli.write("add.cu", ADD.replace("a[i] + b[i]", "a[i] - b[i]") + SCALE)
    after = key_of(cli, "add.cu", "--arch", "sm_80", "--option", "--use_fast_math")
    diff = cli.json("cache", "diff", before, after)
    assert (diff["before"], diff["after"]) == (before, after)
    assert "option --use_fast_math added" in diff["changes"]
    assert diff["source_diff"].startswith("--- add.cu\n+++ add.cu\n@@ -")
    assert "\n-  if (i < count) sum[i] = a[i] + b[i];\n+  if (i < count) sum[i] = a[i] - b[i];\n" in diff["source_diff"]
    add, scale = diff["kernels"]
    assert add["before"]["registers"] > 0 and add["after"]["registers"] > 0
    assert scale["name"].startswith("scale(") and scale["before"] is None and scale["after"]["registers"] > 0
    assert not diff["ptx_equal"] and not diff["cubin_equal"] and diff["log_equal"]
    text = cli.ok("cache", "diff", before, after)
    assert "option --use_fast_math added\n" in text and "\n+  if (i < count) sum[i] = a[i] - b[i];\n" in text
    assert re.search(r"- -> \d+ .*scale\(", text)
    assert text.endswith("PTX: differs. Machine code: differs. Log: equal.\n")


def test_diff_of_an_entry_with_itself_finds_nothing(filled):
    key = filled.keys["scale"]
    diff = filled.json("cache", "diff", key, key)
    assert diff["changes"] == [] and diff["source_diff"] == "" and diff["ptx_equal"] and diff["cubin_equal"]
    assert "The requests are the same." in filled.ok("cache", "diff", key, key)


def test_entries_of_one_source_differ_in_what_list_shows_of_their_keys(filled):
    one, other = filled.keys["add_80"], filled.keys["add_90"]
    assert one[:16] != other[:16]
    assert one[:16] in filled.ok("cache", "list") and other[:16] in filled.ok("cache", "list")


# verify


def damage(path):
    content = bytearray(Path(path).read_bytes())
    content[len(content) // 2] ^= 1
    Path(path).write_bytes(content)


def test_verify_of_a_sound_cache_succeeds(filled):
    report = filled.json("cache", "verify")
    assert report["entries"] == 3 and report["problems"] == [] and "recompiled" not in report
    assert filled.ok("cache", "verify").endswith("all are sound.\n")


def test_verify_finds_damage_and_removes_it_when_told(cli):
    cli.write("add.cu", ADD)
    key = key_of(cli, "add.cu")
    (entry,) = cli.json("cache", "list")["entries"]
    damage(entry["path"])
    result = cli.run("cache", "verify", "--json")
    (problem,) = json.loads(result.stdout)["problems"]
    assert result.returncode == 1 and problem["key"] == key and problem["damaged"] and not problem["removed"]
    result = cli.run("cache", "verify")
    assert result.returncode == 1 and key[:16] in result.stdout and "1 problem" in result.stdout
    result = cli.run("cache", "verify", "--remove")
    assert result.returncode == 1 and "removed" in result.stdout and not os.path.exists(entry["path"])
    assert cli.run("cache", "verify").returncode == 0


def test_recompiling_finds_the_same_code(filled):
    report = filled.json("cache", "verify", "--recompile")["recompiled"]
    assert (report["same"], report["differing"], report["skipped"], report["failed"]) == (3, 0, 0, 0), report
    assert report["seconds"] > 0 and report["entries"] == []
    one = filled.json("cache", "verify", "--recompile", "--name", "scale")["recompiled"]
    assert one["same"] == 1
    assert "3 the same, 0 not, 0 skipped" in filled.ok("cache", "verify", "--recompile")


def test_recompiling_skips_what_is_another_compile_now(cli):
    cli.write("n.h", "#define N 1\n")
    cli.write("k.cu", '#include "n.h"\n__global__ void k(int* x) { x[0] = N; }\n')
    key = key_of(cli, "k.cu")
    cli.write("n.h", "#define N 2\n")
    result = cli.run("cache", "verify", "--recompile", "--json")
    report = json.loads(result.stdout)["recompiled"]
    assert result.returncode == 0 and report["skipped"] == 1
    (entry,) = report["entries"]
    assert (entry["key"], entry["outcome"]) == (key, "skipped") and "n.h" in entry["detail"]
    assert re.search(rf"^{key[:16]}  k\.cu +skipped +header .*n\.h", cli.ok("cache", "verify", "--recompile"), re.M)


# prune, path


def test_prune_removes_what_fits(cli):
    cli.write("add.cu", ADD)
    old = key_of(cli, "add.cu", "--arch", "sm_80")
    new = key_of(cli, "add.cu", "--arch", "sm_90")
    (path,) = (entry["path"] for entry in cli.json("cache", "list", "--arch", "sm_80")["entries"])
    size = os.path.getsize(path)
    aged = time.time() - 40 * 86400
    os.utime(path, (aged, aged))
    told = cli.json("cache", "prune", "--older-than", "30d", "--dry-run")
    assert (told["dry_run"], told["entries"], told["bytes"], told["entries_left"]) == (True, 1, size, 1)
    assert "Would remove 1 entry, " in cli.ok("cache", "prune", "--older-than", "30d", "--dry-run")
    assert set(keys(cli.json("cache", "list"))) == {old, new}
    removed = cli.json("cache", "prune", "--older-than", "30d")
    assert (removed["entries"], removed["bytes"], removed["entries_left"]) == (1, size, 1)
    assert keys(cli.json("cache", "list")) == [new]
    assert cli.ok("cache", "prune", "--older-than", "30d").startswith("Nothing to remove: 1 entry, ")
    assert cli.ok("cache", "prune", "--arch", "sm_90").startswith("Removed 1 entry, ")
    assert keys(cli.json("cache", "list")) == []


def test_prune_to_a_size_removes_the_least_recently_used(cli):
    cli.write("add.cu", ADD)
    made = [key_of(cli, "add.cu", "-D", f"N={i}") for i in range(3)]
    sizes = {}
    for entry in cli.json("cache", "list")["entries"]:
        age = time.time() - 86400 * (3 - made.index(entry["key"]))
        os.utime(entry["path"], (age, age))
        sizes[entry["key"]] = entry["bytes"]
    cli.ok("cache", "prune", "--max-bytes", str(sizes[made[1]] + sizes[made[2]]))
    assert set(keys(cli.json("cache", "list"))) == set(made[1:])
    cli.ok("cache", "prune", "--max-bytes", "0")
    assert keys(cli.json("cache", "list")) == []


def test_prune_without_arguments_keeps_what_is_within_the_bound(cli):
    cli.write("add.cu", ADD)
    key_of(cli, "add.cu")
    assert cli.json("cache", "prune")["entries"] == 0
    assert len(cli.json("cache", "list")["entries"]) == 1


def test_path_names_folder_and_seeds(cli):
    found = cli.json("cache", "path")
    assert found["path"].startswith(cli.environment["CUJITSU_CACHE_DIR"]) and found["seeds"] == []
