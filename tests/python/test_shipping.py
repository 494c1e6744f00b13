# SPDX-License-Identifier: MIT
"""Kernels from where they are compiled to where they run: bundles, manifests, precompiling, and no compiler allowed."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import cujitsu as cj
import fake_driver
import pytest
from cli_runner import COMMANDS, Cli
from worker_processes import children, wait_until, write_worker

SCALE = "__global__ void scale(float* x, float a) { x[threadIdx.x] *= a; }\n"
SHIFT = 'extern "C" __global__ void shift(int* x) { x[threadIdx.x] += N; }\n'
WITH_HEADER = '#include "mine.h"\n__global__ void fill(float* x) { *x = MINE; }\n'
BROKEN = "__global__ void broken() { undeclared(); }\n"

needs_nvrtc = pytest.mark.skipif(not cj.nvrtc_report().usable, reason="there is no NVRTC")
needs_fake = pytest.mark.skipif(fake_driver.library() is None, reason="there is no fake driver")
pytestmark = needs_nvrtc


def hopper() -> dict[str, str]:
    """The environment of a process whose device is an sm_90 that is not softgpu."""
    return {"CUJITSU_DRIVER": "cuda", "CUJITSU_LIBCUDA": str(fake_driver.library())}


@pytest.fixture(params=COMMANDS)
def cli(request, tmp_path):
    return Cli(tmp_path, COMMANDS[request.param])


@pytest.fixture
def shipped(tmp_path):
    """A cache with two programs in it, and a bundle of them."""
    cache = cj.KernelCache(tmp_path / "from")
    cj.compile(SCALE, name="scale.cu", arch="sm_80", cache=cache)
    cj.compile(SHIFT, name="shift.cu", arch="sm_90", options=["-DN=3"], cache=cache)
    bundle = tmp_path / "kernels.bundle"
    cache.export_bundle(bundle)
    return bundle


def entry_files(cache):
    return {path.relative_to(cache.path): path.read_bytes() for path in cache.path.rglob("*.entry")}


@pytest.fixture
def allowed():
    yield
    cj.set_compile_policy("allow")


# Bundles


def test_a_bundle_gives_hits_in_a_process_that_loads_no_compiler(shipped, tmp_path, run_python):
    to = cj.KernelCache(tmp_path / "to")
    result = to.import_bundle(shipped)
    assert (result.imported, result.kept, result.problems) == (2, 0, [])
    assert entry_files(to) == entry_files(cj.KernelCache(tmp_path / "from"))
    code = f"""
import cujitsu as cj
code = cj.compile({SCALE!r}, name="scale.cu", arch="sm_80")
print(code.cache_status, "libnvrtc" in open("/proc/self/maps").read())
"""
    done = run_python(code, CUJITSU_CACHE_DIR=str(tmp_path / "to"), CUJITSU_COMPILE="forbid")
    assert done.stdout.split() == ["hit", "False"], done.stderr


def test_export_and_import_in_python_take_keys_and_filters(shipped, tmp_path):
    cache = cj.KernelCache(tmp_path / "from")
    part = tmp_path / "part"
    assert cache.export_bundle(part, arch="sm_90").entries == 1
    assert cache.export_bundle(part, name="scale*").entries == 1
    assert cache.export_bundle(str(part), keys=[entry.key[:16] for entry in cache.list()]).entries == 2
    assert cache.export_bundle(part, older_than=0).entries == 2
    with pytest.raises(cj.CacheError, match="none is as asked for"):
        cache.export_bundle(part, older_than=3600)
    with pytest.raises(cj.CacheError, match="no entry in .* starts with 'ffffffffffffffff'"):
        cache.export_bundle(part, keys=["ffffffffffffffff"])
    with pytest.raises(cj.CacheError, match="can not be read: No such file"):
        cache.import_bundle(tmp_path / "missing")


def test_export_and_import_on_the_command_line(cli, shipped):
    assert "2 entries imported into" in cli.ok("cache", "import", str(shipped))
    assert "0 entries imported into" in cli.ok("cache", "import", str(shipped))
    assert "out.bundle: 1 entry, " in cli.ok("cache", "export", "-o", "out.bundle", "--arch", "sm_90")
    result = cli.json("cache", "import", "out.bundle", "--into", "seed")
    assert (result["imported"], result["kept"], result["problems"]) == (1, 0, [])
    assert result["path"].startswith(str(cli.folder / "seed"))
    exported = cli.json("cache", "export", "-o", "all.bundle", "--older-than", "0s")
    assert exported["entries"] == 2
    assert exported["bytes"] == (cli.folder / "all.bundle").stat().st_size
    assert cli.run("cache", "export", "-o", "x", "--older-than", "soon").returncode == 2
    assert cli.run("cache", "export").returncode == 2
    refused = cli.run("cache", "export", "-o", "x", "--arch", "sm_75")
    assert refused.returncode == 1
    assert "nothing to export" in refused.stderr


def test_a_damaged_entry_is_told_and_the_rest_is_imported(cli, shipped):
    damaged = bytearray(shipped.read_bytes())
    damaged[-100] ^= 1
    cli.write("damaged.bundle", bytes(damaged))
    result = cli.run("cache", "import", "damaged.bundle")
    assert result.returncode == 1
    assert "1 entry imported" in result.stdout
    assert "of damaged.bundle is left out: it is damaged" in result.stderr


def test_a_bundle_of_another_version_names_both(cli, shipped):
    other = bytearray(shipped.read_bytes())
    other[8] = 77
    cli.write("other.bundle", bytes(other))
    result = cli.run("cache", "import", "other.bundle")
    assert result.returncode == 1
    assert "format version 77, and this cujitsu reads version" in result.stderr


def test_with_a_key_file_bundles_are_made_and_taken_with_it(cli):
    (cli.folder / "key").write_bytes(b"k" * 32)
    (cli.folder / "key").chmod(0o600)
    keyed = {"CUJITSU_CACHE_KEY_FILE": str(cli.folder / "key")}
    with cj.record(cli.folder / "kernels.jsonl"):
        cj.compile(SCALE, name="scale.cu", arch="sm_80", include_dirs=["."], cache=False)  # as the command does
    for bundle, environment in (("keyed.bundle", keyed), ("plain.bundle", {})):
        cli.ok("precompile", "kernels.jsonl", "-o", bundle, **environment)
    assert "1 entry imported" in cli.ok("cache", "import", "keyed.bundle", "--into", "folder", **keyed)
    assert "1 entry imported" in cli.ok("cache", "import", "keyed.bundle", **keyed)
    refused = cli.run("cache", "import", "plain.bundle", **keyed)
    assert refused.returncode == 1
    assert "it is not authenticated by the key file" in refused.stderr
    refused = cli.run("cache", "import", "keyed.bundle", "--into", "other")
    assert "authenticated by a key file, and this process has none" in refused.stderr
    folder = {**keyed, "CUJITSU_CACHE_DIR": str(cli.folder / "folder"), "CUJITSU_COMPILE": "forbid"}
    cli.write("scale.cu", SCALE)
    assert "cache hit" in cli.ok("compile", "scale.cu", "--arch", "sm_80", **folder)


# Recording


def lines_of(path):
    first, *lines = [json.loads(line) for line in Path(path).read_text().splitlines()]
    assert first == {"cujitsu_manifest": 1}
    return lines


def test_a_recording_has_hits_misses_and_bypasses_once_and_no_failures(tmp_path, empty_cache):
    file = tmp_path / "kernels.jsonl"
    cj.compile(SCALE, name="before.cu", cache=empty_cache)
    with cj.record(file) as recording:
        for _ in range(2):  # a miss, then a hit
            cj.compile(SCALE, name="scale.cu", options=["-DN=1"], headers={"h.h": "1"}, cache=empty_cache)
        cj.SourceModule(SHIFT, options=["-DN=2"], arch="sm_90", cache=False)
        with pytest.raises(cj.CompileError):
            cj.compile(BROKEN, cache=empty_cache)
        assert recording.count == 2
        assert recording.file == file
    cj.compile(SHIFT, options=["-DN=3"], cache=empty_cache)
    assert lines_of(file) == [
        {"name": "scale.cu", "options": ["-DN=1"], "headers": [["h.h", "1"]], "source": SCALE},
        {"name": "kernel.cu", "arch": "sm_90", "options": ["-DN=2"], "source": SHIFT},
    ]
    manifest = cj.read_manifest(file)
    assert [each.source for each in manifest.compiles] == [SCALE, SHIFT]
    assert manifest.compiles[0].options.headers == {"h.h": "1"}
    assert manifest.compiles[1].options.arch == "sm_90"
    assert manifest.problems == []


def test_processes_and_threads_record_into_one_manifest(tmp_path, empty_cache):
    for n in range(6):
        cj.compile(SHIFT, name=f"{n}.cu", options=[f"-DN={n}"], arch="sm_80", cache=empty_cache)
    code = f"""
import sys, threading
import cujitsu as cj
def work(start):
    for i in range(6):
        n = (start + i) % 6
        cj.compile({SHIFT!r}, name=f"{{n}}.cu", options=[f"-DN={{n}}"], arch="sm_80")
threads = [threading.Thread(target=work, args=(i + int(sys.argv[1]),)) for i in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    environment = {
        **os.environ,
        "CUJITSU_CACHE_DIR": str(empty_cache.path.parent),
        "CUJITSU_RECORD": str(tmp_path / "kernels.jsonl"),
    }
    running = [subprocess.Popen([sys.executable, "-c", code, str(i)], env=environment) for i in range(8)]
    assert [process.wait(timeout=120) for process in running] == [0] * 8
    assert sorted(line["name"] for line in lines_of(tmp_path / "kernels.jsonl")) == [f"{n}.cu" for n in range(6)]


def test_a_manifest_that_can_not_be_written_is_one_warning(tmp_path, run_python):
    code = f"""
import cujitsu as cj
for n in range(3): print(cj.compile({SHIFT!r}, options=[f"-DN={{n}}"], arch="sm_80", cache=False).arch)
"""
    done = run_python(code, CUJITSU_RECORD=str(tmp_path / "missing" / "kernels.jsonl"))
    assert done.stdout.split() == ["sm_80"] * 3, done.stderr
    assert done.stderr.count("can not be recorded in") == 1
    assert "missing/kernels.jsonl: No such file or directory" in done.stderr


# Precompiling


def test_what_was_recorded_and_precompiled_runs_where_compiling_is_forbidden(cli, run_python):
    program = f"""
import cujitsu as cj
for n in range(3): print(cj.compile({SHIFT!r}, name=f"shift{{n}}.cu", options=[f"-DN={{n}}"]).cache_status)
print(cj.SourceModule({SCALE!r}).cache_status)
"""
    manifest = str(cli.folder / "kernels.jsonl")
    recorded = run_python(program, CUJITSU_RECORD=manifest, CUJITSU_CACHE_DIR=str(cli.folder / "build"))
    assert recorded.returncode == 0, recorded.stderr
    done = cli.run("precompile", "kernels.jsonl", "--jobs", "2")  # for this machine's own device
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("4 compiled, 0 there already, 0 failed, in ")
    assert "[4/4] " in done.stderr
    assert cli.ok("precompile", "kernels.jsonl").startswith("0 compiled, 4 there already, 0 failed")
    forbidden = run_python(program, CUJITSU_CACHE_DIR=str(cli.folder / "cache"), CUJITSU_COMPILE="forbid")
    assert forbidden.stdout.split() == ["hit"] * 4, forbidden.stderr


@needs_fake
def test_precompiled_for_a_gpu_without_one_it_is_a_hit_where_that_gpu_is(cli, run_python):
    with cj.record(cli.folder / "kernels.jsonl"):
        cj.compile(SCALE, name="scale.cu", cache=False)
        cj.compile(SHIFT, options=["-DN=1"], cache=False)
    result = cli.json("precompile", "kernels.jsonl", "--arch", "sm_80,sm_90", "-o", "kernels.bundle")
    assert (result["programs"], result["compiled"], result["failures"]) == (2, 4, [])
    assert result["bundle"]["entries"] == len(result["keys"]) == 4
    assert not (cli.folder / "cache").exists(), "a bundle alone leaves the user's cache as it is"
    cli.ok("cache", "import", "kernels.bundle")
    program = f"""
import cujitsu as cj
for code in (cj.compile({SCALE!r}, name="scale.cu"), cj.compile({SHIFT!r}, options=["-DN=1"])):
    print(code.cache_status, code.arch, code.cache_key)
print("libnvrtc" in open("/proc/self/maps").read())
"""
    environment = {"CUJITSU_CACHE_DIR": str(cli.folder / "cache"), "CUJITSU_COMPILE": "forbid"}
    done = run_python(program, **environment, **hopper())
    words = done.stdout.split()
    assert words[0::3] == ["hit", "hit", "False"], done.stderr
    assert words[1::3] == ["sm_90", "sm_90"]
    assert set(words[2::3]) <= set(result["keys"])


@needs_fake
def test_softgpu_has_entries_of_its_own_because_of_line_information(cli, run_python, softgpu_library):
    with cj.record(cli.folder / "kernels.jsonl"):
        cj.compile(SCALE, name="scale.cu", cache=False)
    program = f"import cujitsu as cj; print(cj.compile({SCALE!r}, name='scale.cu').cache_status)"
    for folder, archs, works in (("gpu", "sm_80", False), ("both", "sm_80,softgpu", True)):
        cli.ok("precompile", "kernels.jsonl", "--arch", archs, "--cache-dir", folder)
        cache = str(cli.folder / folder)
        done = run_python(program, CUJITSU_CACHE_DIR=cache, CUJITSU_COMPILE="forbid", CUJITSU_DRIVER="softgpu")
        assert (done.stdout == "hit\n") == works, done.stderr
        assert ("CompileForbiddenError" in done.stderr) != works


def write_programs(folder, count):
    """A manifest of programs that include something, which are compiled in worker processes."""
    (folder / "mine.h").write_text("#define MINE 1.0f\n")
    keywords = [{"name": f"fill{n}.cu", "options": [f"-DN={n}"], "include_dirs": [str(folder)]} for n in range(count)]
    lines = [{"cujitsu_manifest": 1}, *({**each, "source": WITH_HEADER} for each in keywords)]
    (folder / "kernels.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return keywords


def contents(folder):
    """What the entries are, but for when they were made."""
    cache = cj.KernelCache(folder)
    entries = [cache.find(entry.key) for entry in cache.list()]
    return {
        entry.key: (
            entry.source,
            repr(entry.options),
            entry.code.arch,
            entry.code.ptx,
            entry.code.cubin,
            entry.code.log,
        )
        for entry in entries
    }


@needs_fake
def test_with_several_jobs_worker_processes_compile_and_the_entries_are_those_of_a_plain_compile(
    cli, run_python, softgpu_library
):
    keywords = write_programs(cli.folder, 4)
    # Each worker begins when there are two, which so compile side by side.
    started = cli.folder / "started"
    started.mkdir()
    worker = write_worker(
        cli.folder / "worker.py",
        f"""
        open(os.path.join({str(started)!r}, str(os.getpid())), 'x').close()
        deadline = time.monotonic() + 50
        while len(os.listdir({str(started)!r})) < 2 and time.monotonic() < deadline: os.sched_yield()
        os.execv(real[0], real)
        """,
        greets=False,
    )
    flags = ["--arch", "sm_90,softgpu", "--cache-dir", "shipped"]
    result = cli.json("precompile", "kernels.jsonl", "-j", "2", *flags, CUJITSU_WORKER=str(worker))
    assert (result["compiled"], result["present"], result["failures"]) == (8, 0, [])
    assert len(os.listdir(started)) == 2
    program = f"""
import cujitsu as cj
for keywords in {keywords!r}: print(cj.compile({WITH_HEADER!r}, **keywords).cache_status)
"""
    for environment in (hopper(), {"CUJITSU_DRIVER": "softgpu"}):
        plain = run_python(program, CUJITSU_CACHE_DIR=str(cli.folder / "plain"), **environment)
        assert plain.stdout.split() == ["miss"] * 4, plain.stderr
        shipped = run_python(program, CUJITSU_CACHE_DIR=str(cli.folder / "shipped"), **environment)
        assert shipped.stdout.split() == ["hit"] * 4, shipped.stderr
    assert contents(cli.folder / "shipped") == contents(cli.folder / "plain")
    assert sorted(contents(cli.folder / "shipped")) == result["keys"]


def test_the_worker_processes_of_precompile_are_those_of_its_own_install(cli):
    write_programs(cli.folder, 3)
    done = cli.run("precompile", "kernels.jsonl", "--arch", "sm_80", "-j", "2", CUJITSU_LOG="debug")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("started worker process") in (1, 2)
    assert done.stderr.count("compiled fill") == 3


@pytest.mark.parametrize("worker", ["off", "/nonexistent/cujitsu", "/bin/true"])
def test_without_a_worker_threads_precompile_and_it_is_said_once(cli, worker):
    write_programs(cli.folder, 4)
    flags = ["--arch", "sm_80", "-j", "2"]
    done = cli.run("precompile", "kernels.jsonl", *flags, CUJITSU_WORKER=worker, CUJITSU_LOG="info")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("4 compiled, 0 there already, 0 failed")
    assert done.stderr.count("compiles run in threads of this process") == 1


def test_a_worker_process_that_dies_fails_its_program_and_what_does_not_compile_is_told_as_ever(cli):
    write_programs(cli.folder, 3)
    with (cli.folder / "kernels.jsonl").open("a") as file:
        file.write(json.dumps({"name": "broken.cu", "source": BROKEN}) + "\n")
    in_threads = json.loads(
        cli.run("precompile", "kernels.jsonl", "--json", "--cache-dir", "a", CUJITSU_WORKER="off").stdout
    )
    in_workers = json.loads(cli.run("precompile", "kernels.jsonl", "--json", "--cache-dir", "b").stdout)
    assert [failure["name"] for failure in in_workers["failures"]] == ["broken.cu"]
    assert in_workers["failures"] == in_threads["failures"]
    assert in_workers["keys"] == in_threads["keys"]
    deadly = write_worker(cli.folder / "deadly.py", "os.read(0, 1); os.kill(os.getpid(), signal.SIGKILL)")
    done = cli.run("precompile", "kernels.jsonl", "--cache-dir", "c", CUJITSU_WORKER=str(deadly))
    assert done.returncode == 1
    assert "fill2.cu was not compiled: the worker process that did so was killed by signal 9" in done.stderr


def test_what_progress_raises_ends_worker_processes_that_compile(tmp_path, empty_cache, fake_worker):
    keywords = write_programs(tmp_path, 5)
    present = cj.compile(WITH_HEADER, **keywords[4], cache=empty_cache)
    asked = tmp_path / "asked"
    fake_worker(f"os.read(0, 1); open({str(asked)!r}, 'w').close()\nwhile os.read(0, 65536): pass")
    before = children(os.getpid())

    def stop(step):
        assert (step.outcome, step.name) == ("present", "fill4.cu")
        wait_until(asked.exists, "a worker that compiles")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cj.precompile(tmp_path / "kernels.jsonl", cache=empty_cache, jobs=5, progress=stop)
    assert children(os.getpid()) == before
    assert [entry.key for entry in empty_cache.list()] == [present.cache_key]


def test_precompiling_without_a_compiler_is_one_error(cli):
    write_programs(cli.folder, 5)
    done = cli.run("precompile", "kernels.jsonl", "--arch", "sm_80", CUJITSU_NVRTC="/nonexistent/libnvrtc.so.13")
    assert done.returncode == 1
    assert done.stderr.count("cujitsu: error: ") == 1
    assert "/nonexistent/libnvrtc.so.13" in done.stderr
    assert "fill" not in done.stderr


def test_a_program_that_names_its_architecture_is_compiled_for_that_one_once(tmp_path, empty_cache):
    with cj.record(tmp_path / "kernels.jsonl"):
        cj.compile(SCALE, arch="sm_75", cache=False)
        cj.compile(SCALE, options=["-arch=compute_80"], cache=False)
        cj.compile(SCALE, cache=False)
    steps = []
    result = cj.precompile(
        tmp_path / "kernels.jsonl", archs=["sm_80", "sm_90"], cache=empty_cache, jobs=1, progress=steps.append
    )
    assert [(step.arch, step.outcome) for step in steps] == [
        (arch, "compiled") for arch in ("sm_75", "compute_80", "sm_80", "sm_90")
    ]
    assert [step.number for step in steps] == [1, 2, 3, 4]
    assert (result.compiled, result.present, result.failures) == (4, 0, [])
    assert result.keys == sorted(entry.key for entry in empty_cache.list())


def test_a_device_newer_than_the_compiler_gets_the_newest_that_it_knows_and_an_older_one_fails(tmp_path, empty_cache):
    with cj.record(tmp_path / "kernels.jsonl"):
        cj.compile(SCALE, cache=False)
    newest = cj.compile(SCALE, arch="sm_90", cache=False).arch  # any known one: NVRTC is loaded now
    assert newest == "sm_90"
    steps = []
    result = cj.precompile(tmp_path / "kernels.jsonl", archs=["sm_999"], cache=empty_cache, progress=steps.append)
    assert result.compiled == 1
    assert steps[0].arch.endswith(" for sm_999")
    result = cj.precompile(tmp_path / "kernels.jsonl", archs=["sm_20"], cache=empty_cache)
    assert "makes no code that runs on sm_20" in result.failures[0].message


def test_every_failure_is_reported_at_the_end(cli):
    with cj.record(cli.folder / "kernels.jsonl"):
        cj.compile(SCALE, name="good.cu", cache=False)
    with (cli.folder / "kernels.jsonl").open("a") as file:
        for name, source, more in (
            ("broken.cu", BROKEN, {}),
            ("header.cu", WITH_HEADER, {"include_dirs": ["nowhere"]}),
        ):
            file.write(json.dumps({"name": name, **more, "source": source}) + "\n")
        file.write("<<<<<<< ours\n")
    done = cli.run("precompile", "kernels.jsonl", "--arch", "sm_80")
    assert done.returncode == 1
    assert done.stdout.startswith("1 compiled, 0 there already, 3 failed")
    assert "kernels.jsonl:5 is left out: it is no JSON" in done.stderr
    assert "broken.cu for sm_80: broken.cu does not compile" in done.stderr
    assert "not there: the include folders nowhere; relative ones count from the current folder, " in done.stderr
    assert str(cli.folder) in done.stderr
    result = json.loads(cli.run("precompile", "kernels.jsonl", "--arch", "sm_80", "--json").stdout)
    assert result["present"] == 1
    assert sorted(failure["name"] for failure in result["failures"]) == ["broken.cu", "header.cu"]


@pytest.mark.parametrize("arch", ["sm_90a", "compute_90", "90", "sm_", "gpu"])
def test_what_is_no_device_is_refused(cli, arch):
    cli.write("kernels.jsonl", '{"cujitsu_manifest":1}\n')
    done = cli.run("precompile", "kernels.jsonl", "--arch", arch)
    assert done.returncode == 1
    assert f"'{arch}' is no device to precompile for" in done.stderr


def test_a_missing_or_foreign_manifest_is_refused(cli):
    assert "can not be read: No such file" in cli.run("precompile", "none.jsonl").stderr
    cli.write("source.cu", SCALE)
    done = cli.run("precompile", "source.cu")
    assert done.returncode == 1
    assert "is no manifest" in done.stderr


def test_what_can_not_be_stored_is_a_failure_and_what_progress_raises_comes_out(tmp_path, empty_cache):
    with cj.record(tmp_path / "kernels.jsonl"):
        for n in range(4):
            cj.compile(SHIFT, options=[f"-DN={n}"], cache=False)

    def stop(step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cj.precompile(tmp_path / "kernels.jsonl", archs=["sm_80"], cache=empty_cache, progress=stop)
    (tmp_path / "file").write_text("no folder")
    result = cj.precompile(
        tmp_path / "kernels.jsonl", archs=["sm_80"], cache=cj.KernelCache(tmp_path / "file" / "cache")
    )
    assert len(result.failures) == 4
    assert "it was compiled, but is not in the cache" in result.failures[0].message
    with pytest.raises(TypeError, match="manifest must be a path, a Manifest or a list of RecordedCompile"):
        cj.precompile(3)
    with pytest.raises(TypeError, match="cache must be True or a KernelCache"):
        cj.precompile(tmp_path / "kernels.jsonl", cache=False)


def test_relative_include_folders_count_from_the_current_folder(cli):
    cli.write("project/include/mine.h", "#define MINE 1.0f\n")
    cli.write(
        "kernels.jsonl",
        '{"cujitsu_manifest":1}\n' + json.dumps({"include_dirs": ["include"], "source": WITH_HEADER}) + "\n",
    )
    here = cli.run("precompile", "kernels.jsonl", "--arch", "sm_80")
    assert "not there: the include folders include" in here.stderr
    cli.folder = cli.folder / "project"
    assert "not there" not in cli.run("precompile", "../kernels.jsonl", "--arch", "sm_80").stderr


# Compiling forbidden


def test_a_forbidden_compile_names_the_program_its_kernels_the_key_and_what_to_do(empty_cache, allowed):
    cj.set_compile_policy("forbid")
    assert cj.compile_policy() == "forbid"
    with pytest.raises(cj.CompileForbiddenError) as raised:
        cj.compile(SCALE + SHIFT, name="both.cu", arch="sm_90", cache=empty_cache)
    error = raised.value
    assert isinstance(error, cj.CompileError)
    message = str(error)
    assert message.startswith(
        "both.cu may not be compiled (CUJITSU_COMPILE=forbid), and it is not in the kernel cache: "
        "nothing like it is stored"
    )
    assert "\nkernels: scale, shift\n" in message
    assert "\narchitecture: sm_90\n" in message
    assert f"\nkey: {error.key}\n" in message
    assert "cujitsu precompile" in message
    assert len(error.key) == 32
    assert error.reason.startswith("nothing like it is stored")
    assert (error.name, error.log, error.diagnostics) == ("both.cu", "", [])
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.key, copy.reason, copy.name) == (message, error.key, error.reason, "both.cu")
    cj.set_compile_policy("allow")
    assert cj.compile(SCALE + SHIFT, name="both.cu", arch="sm_90", options=["-DN=1"], cache=empty_cache)


def test_a_forbidden_bypass_says_why_the_cache_is_not_asked(allowed):
    cj.set_compile_policy("forbid")
    with pytest.raises(cj.CompileForbiddenError, match="the kernel cache is not asked for it: the caller asked for no"):
        cj.SourceModule(SCALE, cache=False)


def test_forbidden_with_a_changed_header_says_which_and_takes_no_remembered_error(tmp_path, empty_cache, allowed):
    header = tmp_path / "mine.h"
    header.write_text("#define MINE 1.0f\n")
    keywords = {"name": "header.cu", "include_dirs": [tmp_path], "arch": "sm_80", "cache": empty_cache}
    stored = cj.compile(WITH_HEADER, **keywords)
    with pytest.raises(cj.CompileError):
        cj.compile(BROKEN, arch="sm_80", cache=empty_cache)  # and is remembered for a while
    cj.set_compile_policy("forbid")
    assert cj.compile(WITH_HEADER, **keywords).cache_key == stored.cache_key
    header.write_text("#define MINE 2.0f\n")
    with pytest.raises(cj.CompileForbiddenError, match="mine.h") as raised:
        cj.compile(WITH_HEADER, **keywords)
    assert raised.value.key[:12] == stored.cache_key[:12]
    assert raised.value.key != stored.cache_key
    with pytest.raises(cj.CompileForbiddenError, match="nothing like it is stored"):
        cj.compile(BROKEN, arch="sm_80", cache=empty_cache)
    assert empty_cache.stats().misses == 1  # what failed, or was forbidden, is none


def test_forbidden_leaves_the_cache_as_it_was(tmp_path, allowed):
    cj.set_compile_policy("forbid")
    cache = cj.KernelCache(tmp_path / "none")
    with pytest.raises(cj.CompileForbiddenError):
        cj.compile(SCALE, arch="sm_80", cache=cache)
    assert not (tmp_path / "none").exists()


def test_forbidden_without_a_compiler_is_still_said_to_be_forbidden(cli):
    cli.write("scale.cu", SCALE)
    none = {"CUJITSU_NVRTC": os.devnull + "/libnvrtc.so", "CUJITSU_COMPILE": "forbid"}
    for flags in ([], ["--no-cache"]):
        error = json.loads(cli.run("compile", "scale.cu", "--arch", "sm_80", "--json", *flags, **none).stdout)["error"]
        assert (error["class"], error["key"]) == ("CompileForbiddenError", "")
    cli.ok("compile", "scale.cu", "--arch", "sm_80")
    assert "cache hit" in cli.ok("compile", "scale.cu", "--arch", "sm_80", **none)


def test_many_are_recorded_once_each_and_forbidden_one_by_one(tmp_path, empty_cache, allowed):
    requests = [cj.CompileRequest(SHIFT, options=[f"-DN={n}"], arch="sm_80", cache=empty_cache) for n in (1, 2, 2)]
    with cj.record(tmp_path / "kernels.jsonl") as recording:
        cj.compile_many(requests, mode="processes", workers=2)
        assert recording.count == 2
    assert sorted(line["options"] for line in lines_of(tmp_path / "kernels.jsonl")) == [["-DN=1"], ["-DN=2"]]
    cj.set_compile_policy("forbid")
    more = cj.CompileRequest(SHIFT, options=["-DN=3"], arch="sm_80", cache=empty_cache)
    with pytest.raises(cj.CompileManyError) as raised:
        cj.compile_many([*requests, more])
    ((index, error),) = raised.value.failures
    assert (index, type(error), error.reason != "") == (3, cj.CompileForbiddenError, True)


def test_worker_processes_record_nothing_themselves(tmp_path, run_python):
    code = f"""
import cujitsu as cj
requests = [cj.CompileRequest({SHIFT!r}, options=[f"-DN={{n}}"], arch="sm_80") for n in range(3)]
cj.compile_many(requests, mode="processes", workers=2)
"""
    done = run_python(code, CUJITSU_RECORD=str(tmp_path / "kernels.jsonl"))
    assert done.returncode == 0, done.stderr
    assert sorted(line["options"] for line in lines_of(tmp_path / "kernels.jsonl")) == [[f"-DN={n}"] for n in range(3)]


def test_a_hermetic_program_is_precompiled_as_one(tmp_path, empty_cache, allowed):
    (tmp_path / "mine.h").write_text("#define MINE 1.0f\n")
    keywords = {"include_dirs": [str(tmp_path)], "arch": "sm_80", "hermetic": True}
    with cj.record(tmp_path / "kernels.jsonl"):
        cj.compile(WITH_HEADER, **keywords, cache=False)
    assert lines_of(tmp_path / "kernels.jsonl")[0]["hermetic"] is True
    assert cj.precompile(tmp_path / "kernels.jsonl", cache=empty_cache).failures == []
    cj.set_compile_policy("forbid")
    assert cj.compile(WITH_HEADER, **keywords, cache=empty_cache).cache_status == "hit"


def test_verifying_a_cache_by_compiling_it_anew_records_nothing(tmp_path, empty_cache):
    cj.compile(SCALE, arch="sm_80", cache=empty_cache)
    with cj.record(tmp_path / "kernels.jsonl") as recording:
        assert empty_cache.verify(recompile=True).recompiled.same == 1
        assert recording.count == 0


def test_forbidden_by_the_environment_on_the_command_line(cli):
    cli.write("scale.cu", SCALE)
    done = cli.run("compile", "scale.cu", "--arch", "sm_80", CUJITSU_COMPILE="forbid")
    assert done.returncode == 1
    assert "scale.cu may not be compiled (CUJITSU_COMPILE=forbid)" in done.stderr
    report = json.loads(cli.run("compile", "scale.cu", "--arch", "sm_80", "--json", CUJITSU_COMPILE="forbid").stdout)
    assert report["error"]["class"] == "CompileForbiddenError"
    assert len(report["error"]["key"]) == 32
    cli.ok("compile", "scale.cu", "--arch", "sm_80")
    assert "cache hit" in cli.ok("compile", "scale.cu", "--arch", "sm_80", CUJITSU_COMPILE="forbid")


def test_a_policy_that_is_none_is_said_and_compiling_stays_allowed(run_python):
    done = run_python("import cujitsu as cj; print(cj.compile_policy())", CUJITSU_COMPILE="forbidden")
    assert done.stdout == "allow\n"
    assert "CUJITSU_COMPILE=forbidden is neither allow nor forbid" in done.stderr
    with pytest.raises(ValueError, match="policy must be 'allow' or 'forbid', not str 'never'"):
        cj.set_compile_policy("never")
