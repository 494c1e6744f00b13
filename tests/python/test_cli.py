# SPDX-License-Identifier: MIT
"""The command `cujitsu`: every sub-command as text and as JSON, its exit codes, and what bad input gets."""

import json
import os
import re
import subprocess

import pytest
from cli_runner import COMMANDS, Cli, expect_error, on_a_terminal

ADD = """
__global__ void add(float* sum, const float* a, const float* b, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) sum[i] = a[i] + b[i];
}
"""
ADD_SIGNATURE = "add(float* sum, const float* a, const float* b, int count)"
BROKEN = "__global__ void broken(float* x) {\n  x[0] = undeclared;\n}\n"
WARNS = "__global__ void warns(int* x) {\n  int unused;\n  x[0] = 1;\n}\n"


@pytest.fixture(params=COMMANDS)
def cli(request, tmp_path):
    return Cli(tmp_path, COMMANDS[request.param])


@pytest.fixture
def compiled(cli):
    """A Cli with one entry in its cache; the entry's key is `compiled.key`."""
    cli.write("add.cu", ADD)
    cli.key = cli.json("compile", "add.cu", "--arch", "sm_80", "--option", "--use_fast_math")["cache"]["key"]
    return cli


@pytest.fixture(scope="module")
def has_device(tmp_path_factory):
    doctor = Cli(tmp_path_factory.mktemp("doctor"), list(COMMANDS.values())[-1])
    report = json.loads(doctor.run("doctor", "--json").stdout)
    return report["can_launch"]


NO_DRIVER = {"CUJITSU_DRIVER": "cuda", "CUJITSU_LIBCUDA": "/nowhere/libcuda.so.1"}
NO_NVRTC = {"CUJITSU_NVRTC": "/nowhere/libnvrtc.so"}


# The command line itself


def test_version_is_printed(cli):
    assert re.fullmatch(r"cujitsu \d+\.\d+\.\d+\S*\n", cli.ok("--version"))


def test_help_names_every_command_with_examples(cli):
    text = cli.ok("--help")
    for name in ("doctor", "devices", "compile", "cache", "Examples:"):
        assert name in text
    assert "show" in cli.ok("cache", "--help")
    assert "folder is searched" in cli.ok("compile", "--help")


def test_no_command_prints_the_help_to_stderr(cli):
    for arguments in ((), ("cache",)):
        result = cli.run(*arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert "Usage: cujitsu" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message", "pointer"),
    [
        (["complie", "add.cu"], "unknown command 'complie'; did you mean 'compile'?", "cujitsu --help"),
        (["cache", "lsit"], "unknown command 'lsit'; did you mean 'list'?", "cujitsu cache --help"),
        (["zzz"], "unknown command 'zzz'", "cujitsu --help"),
        (["doctor", "--jsno"], "unknown option '--jsno'; did you mean '--json'?", "cujitsu doctor --help"),
        (["compile", "--cubni"], "unknown option '--cubni'; did you mean '--cubin'?", "cujitsu compile --help"),
        (["compile"], "FILE is required", "cujitsu compile --help"),
        (["cache", "show"], "KEY is required", "cujitsu cache show --help"),
        (["compile", "add.cu", "more.cu"], "unexpected argument 'more.cu'", "cujitsu compile --help"),
        (["compile", "add.cu", "--option"], "--option", "cujitsu compile --help"),
        (["compile", "add.cu", "-D", "4=3"], "'4=3' is not NAME or NAME=VALUE", "cujitsu compile --help"),
        (["compile", "add.cu", "--cubin"], "name a file with -o", "cujitsu compile --help"),
        (["compile", "add.cu", "--ptx", "--cubin"], "--ptx and --cubin", "cujitsu compile --help"),
        (["compile", "add.cu", "-o", "add.txt"], "say with --ptx or --cubin", "cujitsu compile --help"),
        (["compile", "add.cu", "--ptx", "-o", "-", "--json"], "standard output", "cujitsu compile --help"),
        (["cache", "show", "0", "--ptx", "--log"], "only one of", "cujitsu cache show --help"),
        (["cache", "show", "0", "--source", "--json"], "only one of", "cujitsu cache show --help"),
    ],
)
def test_bad_usage_is_explained_with_exit_code_2(cli, arguments, message, pointer):
    result = cli.run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert f"'{pointer}'" in result.stderr


def test_a_reader_that_goes_away_gets_no_complaint(compiled):
    process = subprocess.Popen(
        [*compiled.command, "cache", "show", compiled.key, "--full"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=compiled.environment,
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(timeout=60)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_output_that_can_not_be_written_is_an_error(cli):
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [*cli.command, "cache", "path"], stdout=full, stderr=subprocess.PIPE, env=cli.environment, check=False
        )
    assert result.returncode == 1
    assert b"can not write the output" in result.stderr


def test_a_terminal_gets_bold_headings_and_no_machine_code(compiled):
    code, text = on_a_terminal(compiled, "cache", "list")
    assert code == 0 and "\x1b[1m" in text
    assert "\x1b" not in on_a_terminal(compiled, "cache", "list", NO_COLOR="1")[1]
    assert "\x1b" not in compiled.ok("cache", "list")
    code, text = on_a_terminal(compiled, "compile", "add.cu", "--cubin")
    assert code != 0 and "-o" in text and "ELF" not in text


# doctor, devices


def test_doctor_names_libraries_cache_and_environment(cli):
    text = cli.ok("doctor", CUJITSU_LOG="error")
    for part in ("CUDA driver:", "NVRTC:", "Architectures:", "sm_", "Kernel cache:", "CUJITSU_LOG=error"):
        assert part in text
    assert text.rstrip().splitlines()[-1].endswith(".")


def test_doctor_as_json_agrees_with_the_text(cli):
    report = cli.json("doctor")
    assert report["can_compile"] and report["nvrtc"]["usable"]
    assert [candidate["chosen"] for candidate in report["nvrtc"]["candidates"]].count(True) == 1
    assert all(candidate["reason"] for candidate in report["nvrtc"]["candidates"])
    assert "sm_80" in report["nvrtc"]["architectures"]
    assert report["cache"] == {"path": cli.ok("cache", "path").strip(), "entries": 0, "bytes": 0, "disabled_reason": ""}
    assert report["environment"]["CUJITSU_CACHE_DIR"] == cli.environment["CUJITSU_CACHE_DIR"]
    assert report["summary"] == cli.ok("doctor").splitlines()[-1]


def test_doctor_without_a_driver_says_so_and_succeeds(cli):
    report = cli.json("doctor", **NO_DRIVER)
    assert not report["driver"]["usable"] and not report["can_launch"] and report["devices"] == []
    assert any("/nowhere" in candidate["path"] and candidate["reason"] for candidate in report["driver"]["candidates"])
    assert "can not be launched" in report["summary"]


def test_doctor_without_nvrtc_fails_and_says_what_to_do(cli):
    result = cli.run("doctor", **NO_NVRTC)
    assert result.returncode == 1
    assert "/nowhere/libnvrtc.so" in result.stdout
    assert "unset CUJITSU_NVRTC" in result.stdout.splitlines()[-1]
    assert json.loads(cli.run("doctor", "--json", **NO_NVRTC).stdout)["nvrtc"]["usable"] is False


def test_doctor_says_that_the_cache_is_off(cli):
    assert "kernel cache is off" in cli.ok("doctor", CUJITSU_CACHE_DISABLE="1").splitlines()[-1]


def test_devices_without_a_driver_is_an_error(cli):
    result = cli.run("devices", **NO_DRIVER)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("cujitsu: error: ")
    result = cli.run("devices", "--json", **NO_DRIVER)
    error = json.loads(result.stdout)["error"]
    assert result.returncode == 1 and error["class"] == "LoadError"
    assert any("/nowhere" in line for line in error["tried"])


def test_devices_are_listed(cli, has_device):
    if not has_device:
        pytest.skip("no CUDA device")
    devices = cli.json("devices")["devices"]
    text = cli.ok("devices")
    for device in devices:
        assert device["name"] in text and device["uuid"] in text
        assert device["multiprocessors"] > 0 and device["total_memory"] > 0
    assert cli.json("doctor")["devices"] == devices


# compile


def test_compile_shows_the_kernels_and_the_cache_status(cli):
    cli.write("add.cu", ADD)
    text = cli.ok("compile", "add.cu", "--arch", "sm_80")
    assert text.startswith("add.cu: 1 kernel for sm_80, compiled in ")
    assert re.search(r"^cache miss: .", text, re.M)
    assert re.search(r"^KERNEL +REGISTERS +SHARED +LOCAL +SIGNATURE$", text, re.M)
    assert re.search(r"^add +[1-9]\d* +0 B +0 B +" + re.escape(ADD_SIGNATURE) + "$", text, re.M)


def test_a_second_compile_is_a_hit(cli):
    cli.write("add.cu", ADD)
    first, second = (cli.json("compile", "add.cu") for _ in range(2))
    assert (first["cache"]["status"], second["cache"]["status"]) == ("miss", "hit")
    assert first["cache"]["reason"] and second["cache"]["reason"]
    assert first["cache"]["key"] == second["cache"]["key"]
    assert first["kernels"] == second["kernels"]


def test_no_cache_neither_reads_nor_writes(compiled):
    assert compiled.json("compile", "add.cu", "--arch", "sm_80", "--no-cache")["cache"]["status"] == "bypass"
    assert len(compiled.json("cache", "list")["entries"]) == 1


def test_compile_as_json_carries_kernels_options_and_compiler(cli):
    cli.write("add.cu", ADD)
    result = cli.json("compile", "add.cu", "--arch", "sm_80", "-D", "N=4", "-DM", "--option", "--use_fast_math")
    (kernel,) = result["kernels"]
    assert kernel["name"] == "add" and kernel["signature"] == ADD_SIGNATURE and kernel["registers"] > 0
    assert [parameter["size"] for parameter in kernel["parameters"]] == [8, 8, 8, 4]
    assert {"-DN=4", "-DM", "--use_fast_math"} <= set(result["options"])
    assert result["arch"] == "sm_80" and result["seconds"] > 0
    assert result["compiler"]["name"] == "NVRTC" and re.fullmatch(r"\d+\.\d+", result["compiler"]["version"])
    assert "ptx" not in result and result["ptx_bytes"] > 0 and result["cubin_bytes"] > 0


def test_definitions_reach_the_program(cli):
    cli.write("n.cu", "__global__ void f(int* x) { x[0] = N; }")
    assert "12345" in cli.ok("compile", "n.cu", "--ptx", "-D", "N=12345")


def test_name_expressions_make_template_instances(cli):
    cli.write("t.cu", "template <class T> __global__ void scale(T* x) { x[0] *= T(2); }")
    result = cli.json("compile", "t.cu", "--name-expression", "scale<float>", "--name-expression", "scale<int>")
    assert {kernel["name"] for kernel in result["kernels"]} == {"scale<float>", "scale<int>"}
    assert set(result["lowered_names"]) == {"scale<float>", "scale<int>"}
    assert "No kernels" in cli.ok("compile", "t.cu")


def test_standard_input_is_compiled(cli):
    assert cli.json("compile", "-", stdin=ADD)["kernels"][0]["name"] == "add"
    result = cli.run("compile", "-", stdin=BROKEN)
    assert result.returncode == 1 and "stdin.cu" in result.stderr


def test_ptx_goes_to_standard_output_or_a_file(cli):
    cli.write("add.cu", ADD)
    ptx = cli.ok("compile", "add.cu", "--arch", "sm_80", "--ptx")
    assert ".version" in ptx and ".target sm_80" in ptx and ptx.endswith("\n")
    told = cli.ok("compile", "add.cu", "--arch", "sm_80", "-o", "add.ptx")
    assert told.startswith("add.ptx: ") and "PTX for sm_80" in told
    assert (cli.folder / "add.ptx").read_text().strip() == ptx.strip()
    assert cli.json("compile", "add.cu", "--arch", "sm_80", "--ptx")["ptx"].strip() == ptx.strip()


def test_cubin_goes_to_a_file_or_a_pipe(cli):
    cli.write("add.cu", ADD)
    result = cli.json("compile", "add.cu", "--arch", "sm_80", "--cubin", "-o", "add.cubin")
    cubin = (cli.folder / "add.cubin").read_bytes()
    assert cubin.startswith(b"\x7fELF") and len(cubin) == result["cubin_bytes"] and result["output"] == "add.cubin"
    assert cli.bytes("compile", "add.cu", "--arch", "sm_80", "--cubin", "-o", "-").stdout == cubin


def test_cubin_of_a_virtual_architecture_is_refused(cli):
    cli.write("add.cu", ADD)
    result = cli.run("compile", "add.cu", "--arch", "compute_80", "-o", "add.cubin")
    assert result.returncode == 1 and "virtual architecture" in result.stderr
    assert not (cli.folder / "add.cubin").exists()


def test_headers_beside_the_file_and_in_given_folders_are_found(cli):
    cli.write("sub/near.h", "#define NEAR 111\n")
    cli.write("other/far.h", "#define FAR 22222\n")
    cli.write("sub/k.cu", '#include "near.h"\n#include <far.h>\n__global__ void k(int* x) { x[0] = NEAR * FAR; }')
    assert str(111 * 22222) in cli.ok("compile", "sub/k.cu", "-I", "other", "--ptx")
    result = cli.run("compile", "sub/k.cu")
    assert result.returncode == 1 and "far.h" in result.stderr


def test_the_given_folders_come_before_the_files_own(cli):
    cli.write("sub/n.h", "#define N 111\n")
    cli.write("other/n.h", "#define N 22222\n")
    cli.write("sub/k.cu", '#include "n.h"\n__global__ void k(int* x) { x[0] = N; }')
    assert "22222" in cli.ok("compile", "sub/k.cu", "-Iother", "--ptx")


def test_warnings_go_to_stderr(cli):
    cli.write("warns.cu", WARNS)
    for _ in range(2):  # compiled, then from the cache
        result = cli.run("compile", "warns.cu", "--ptx")
        assert result.returncode == 0 and "unused" in result.stderr and "unused" not in result.stdout
    (diagnostic,) = cli.json("compile", "warns.cu")["diagnostics"]
    assert (diagnostic["severity"], diagnostic["file"], diagnostic["line"]) == ("warning", "warns.cu", 2)


def test_a_source_that_is_no_utf8_makes_valid_json(cli):
    cli.write("latin.cu", ADD.encode() + b"// caf\xe9\n")
    key = cli.json("compile", "latin.cu")["cache"]["key"]
    assert "caf\ufffd" in cli.json("cache", "show", key)["source"]
    assert cli.bytes("cache", "show", key, "--source").stdout == ADD.encode() + b"// caf\xe9\n"


# Bad input: exit code 1, a message, and with --json an object as well


def test_syntax_errors_come_with_file_line_and_excerpt(cli):
    cli.write("broken.cu", BROKEN)
    error = expect_error(cli, "compile", "broken.cu")
    assert error["class"] == "CompileError" and error["name"] == "broken.cu"
    (diagnostic,) = error["diagnostics"]
    assert (diagnostic["severity"], diagnostic["file"], diagnostic["line"]) == ("error", "broken.cu", 2)
    assert "undeclared" in diagnostic["text"] and "undeclared" in error["log"]
    assert "x[0] = undeclared;" in error["message"] and "^" in error["message"]
    assert cli.json("cache", "list")["entries"] == []


def test_a_missing_file_is_named(cli):
    error = expect_error(cli, "compile", "absent.cu")
    assert error["class"] == "ArgumentError"
    assert "'absent.cu'" in error["message"] and "No such file" in error["message"]


def test_a_folder_is_no_source(cli):
    assert "Is a directory" in expect_error(cli, "compile", ".")["message"]


def test_an_unwritable_output_is_named(cli):
    cli.write("add.cu", ADD)
    assert "'no/such/add.ptx'" in expect_error(cli, "compile", "add.cu", "-o", "no/such/add.ptx")["message"]


def test_a_missing_header_is_named(cli):
    cli.write("k.cu", '#include "absent.h"\n')
    error = expect_error(cli, "compile", "k.cu")
    assert error["class"] == "CompileError" and "absent.h" in error["message"]


def test_an_unknown_architecture_is_refused(cli):
    cli.write("add.cu", ADD)
    error = expect_error(cli, "compile", "add.cu", "--arch", "sm_1")
    assert error["class"] == "ArgumentError" and "sm_1" in error["message"]


def test_an_unknown_option_of_nvrtc_is_refused(cli):
    cli.write("add.cu", ADD)
    error = expect_error(cli, "compile", "add.cu", "--option", "--no-such-option")
    assert error["class"] == "CompileError" and "--no-such-option" in error["options"]


def test_compiling_without_nvrtc_says_what_was_tried(cli):
    cli.write("add.cu", ADD)
    error = expect_error(cli, "compile", "add.cu", **NO_NVRTC)
    assert error["class"] == "LoadError" and any("/nowhere/libnvrtc.so" in line for line in error["tried"])


# cache


def test_an_empty_cache_says_so(cli):
    path = cli.ok("cache", "path").strip()
    assert path.startswith(cli.environment["CUJITSU_CACHE_DIR"])
    assert cli.ok("cache", "list") == f"The kernel cache in {path} is empty.\n"
    assert cli.json("cache", "list") == {"path": path, "found": 0, "bytes": 0, "entries": []}
    assert "was empty" in cli.ok("cache", "clear")
    assert not os.path.exists(path), "looking must create nothing"


def test_cache_list_is_a_table(compiled):
    header, row, blank, total = compiled.ok("cache", "list").splitlines()
    assert header.split() == ["KEY", "ARCH", "KERNELS", "SIZE", "AGE", "USED", "HITS", "SECONDS", "OPTIONS"]
    assert row.startswith(compiled.key[:16] + "  sm_80  add ") and "--use_fast_math" in row
    assert blank == "" and total.startswith("1 entry, ")


def test_cache_list_as_json_is_newest_first(compiled):
    compiled.write("other.cu", ADD.replace("add", "other"))
    newest = compiled.json("compile", "other.cu", "--arch", "sm_80")["cache"]["key"]
    listing = compiled.json("cache", "list")
    assert {entry["key"] for entry in listing["entries"]} == {newest, compiled.key}
    ages = [entry["age_seconds"] for entry in listing["entries"]]
    assert ages == sorted(ages)
    (entry,) = (entry for entry in listing["entries"] if entry["key"] == compiled.key)
    assert entry["kernels"] == ["add"] and entry["options"] == ["--use_fast_math"] and entry["name"] == "add.cu"
    assert os.path.getsize(entry["path"]) == entry["bytes"]
    assert listing["bytes"] == sum(entry["bytes"] for entry in listing["entries"])


def test_long_lists_are_cut_to_the_line(cli):
    kernels = "\n".join(f"__global__ void kernel_number_{i}(int* x) {{ x[0] = {i}; }}" for i in range(9))
    cli.write("many.cu", kernels)
    cli.ok("compile", "many.cu", *(f"-DA_LONG_MACRO_NAME_{i}={i}" for i in range(9)))
    lines = cli.ok("cache", "list").splitlines()[:2]
    assert max(map(len, lines)) <= 120
    assert "kernel_number_0, +8 more" in lines[1] and lines[1].endswith("...")


def test_cache_show_tells_everything(compiled):
    text = compiled.ok("cache", "show", compiled.key[:12])
    for part in (compiled.key, "sm_80", "--use_fast_math", "NVRTC", ADD_SIGNATURE, "blockIdx.x", ".target sm_80"):
        assert part in text
    shown = compiled.json("cache", "show", compiled.key[:12])
    assert shown["key"] == compiled.key and shown["source"] == ADD and shown["options"] == ["--use_fast_math"]
    assert shown["kernels"][0]["signature"] == ADD_SIGNATURE and shown["kernels"][0]["registers"] > 0
    assert "--use_fast_math" in shown["compiler_options"] and shown["cubin_bytes"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown["created"])


def test_cache_show_prints_one_part_raw(compiled):
    assert compiled.ok("cache", "show", compiled.key, "--source") == ADD
    ptx = compiled.ok("compile", "add.cu", "--arch", "sm_80", "--option", "--use_fast_math", "--ptx")
    assert compiled.ok("cache", "show", compiled.key, "--ptx") == ptx
    compiled.write("warns.cu", WARNS)
    key = compiled.json("compile", "warns.cu")["cache"]["key"]
    assert "unused" in compiled.ok("cache", "show", key, "--log")


def test_cache_show_cuts_long_ptx_unless_asked(cli):
    body = "\n".join(f"x[{i}] += x[{i + 1}] * {i}.5f;" for i in range(0, 200, 2))
    cli.write("long.cu", f"__global__ void k(float* x) {{ {body} }}")
    key = cli.json("compile", "long.cu")["cache"]["key"]
    short, full = cli.ok("cache", "show", key), cli.ok("cache", "show", key, "--full")
    assert "--full shows all" in short and "--full shows all" not in full
    assert "ret;" not in short and "ret;" in full


def test_an_unknown_key_is_an_error(compiled):
    missing = "f" if compiled.key[0] != "f" else "e"
    error = expect_error(compiled, "cache", "show", missing * 12)
    assert error["class"] == "CacheError" and missing * 12 in error["message"]


def test_cache_clear_removes_and_counts(compiled):
    size = compiled.json("cache", "list")["bytes"]
    result = compiled.json("cache", "clear")
    assert (result["entries"], result["bytes"]) == (1, size)
    assert compiled.json("cache", "list")["entries"] == []
    compiled.ok("compile", "add.cu")
    assert compiled.ok("cache", "clear").startswith("Removed 1 entry, ")


@pytest.mark.parametrize(
    "action",
    [
        ["path"],
        ["list"],
        ["clear"],
        ["stats"],
        ["prune"],
        ["verify"],
        ["show", "0"],
        ["explain", "0"],
        ["diff", "0", "1"],
    ],
)
def test_a_cache_that_is_off_is_an_error_of_the_cache_commands_alone(cli, action):
    off = {"CUJITSU_CACHE_DISABLE": "1"}
    assert expect_error(cli, "cache", *action, **off)["class"] == "CacheError"
    cli.write("add.cu", ADD)
    assert cli.json("compile", "add.cu", **off)["cache"]["status"] == "bypass"
