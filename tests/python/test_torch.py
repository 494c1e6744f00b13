# SPDX-License-Identifier: MIT
"""torch's tensors: what cujitsu asks of them, against a module in torch's place, and real ones where torch is there."""

import cujitsu as cj
import pytest
from conftest import REPOSITORY, literal

pytestmark = pytest.mark.needs_device

PREAMBLE = f"""
import sys
sys.path.insert(0, {str(REPOSITORY / "tests" / "python")!r})
import cujitsu as cj
import fake_torch as torch
from fake_torch import FakeTensor, Parameter
module = cj.SourceModule('''
__global__ void twice(float* a, int n) {{ if (threadIdx.x < n) a[threadIdx.x] *= 2; }}
__global__ void touch(void* a) {{}}
''')
twice, touch = module.get_function("twice"), module.get_function("touch")
buffer = cj.mem_alloc(32)
a = buffer.address

def refused(tensor, *words, kernel=touch):
    try:
        kernel(tensor, *[8] * (kernel is twice), block=8)
    except cj.ArgumentError as error:
        message = str(error)
        for word in (kernel.name + "(): argument 1 of", *words):
            assert word in message, message
    else:
        raise AssertionError(words)
"""

TABLES = {
    "methods": "torch.install(exchange=False)\n",
    "table": "torch.install(exchange=True)\n",
    "older table": "torch.install(exchange=True, older=True)\n",
}


@pytest.fixture(params=TABLES)
def run_with_torch(request, run_python):
    def run(code):
        result = run_python(PREAMBLE + TABLES[request.param] + code)
        assert result.returncode == 0, result.stderr

    run.has_table = request.param != "methods"
    return run


def test_tensors_on_the_gpu_are_taken(run_with_torch):
    run_with_torch("""
import struct
cj.memcpy_htod(buffer, struct.pack("8f", *range(8)))
twice(FakeTensor(a), 8, block=8)
twice(Parameter(a, (2, 4), requires_grad=True), 8, block=8)
result = bytearray(32)
cj.memcpy_dtoh(result, FakeTensor(a))
assert struct.unpack("8f", result) == tuple(4 * i for i in range(8))
for dtype in (torch.float64, torch.int32, torch.complex64, torch.bfloat16, torch.qint8):
    touch(FakeTensor(a, (2,), dtype), block=1)
    touch(FakeTensor(a, (2,), dtype), block=1)
touch(FakeTensor(0, (0, 3)), block=1)
refused(FakeTensor(a, (2,), torch.float64), "float*", "8-byte floating-point numbers", kernel=twice)
refused(FakeTensor(a, (2,), torch.int32), "4-byte integers", kernel=twice)
refused(FakeTensor(a, (2,), torch.complex64), "8-byte complex numbers", kernel=twice)
""")


def test_only_a_few_cheap_things_are_asked(run_with_torch):
    expected = (
        [] if run_with_torch.has_table else ["is_cuda", "is_contiguous", "data_ptr", "nbytes", "dtype", "get_device"]
    )
    run_with_torch(f"""
tensor = FakeTensor(a)
twice(tensor, 8, block=8)
assert sorted(tensor.asked) == sorted({expected}), tensor.asked
assert len(torch.filled) == {int(run_with_torch.has_table)}
""")


def test_unusable_tensors_are_named(run_with_torch):
    run_with_torch("""
refused(FakeTensor(a, (2, 2), gaps=True), "not C-contiguous")
refused(FakeTensor(0), "")
refused(FakeTensor(0, is_cuda=False, is_meta=True), "a meta tensor, which has no memory")
refused(FakeTensor(a, is_cuda=False, layout="torch.sparse_coo"), "layout torch.sparse_coo; pass the dense tensors")
refused(FakeTensor(a, (2,), torch.complex64, conj=True), "resolve_conj()")
refused(FakeTensor(a, is_cuda=False), "given a CPU tensor (torch.Tensor of torch.float32, shape (8,))", ".cuda()",
        "In(t.numpy())")
touch(FakeTensor(a, is_cuda=False, pinned=True), block=1)
refused(FakeTensor(a, is_cuda=False, pinned=True, gaps=True), "not C-contiguous")
""")


def test_exceptions_of_torch_are_passed_on(run_python):
    result = run_python(
        PREAMBLE
        + TABLES["methods"]
        + """
def fails():
    raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")
refused(FakeTensor(a, data_ptr=fails), "of which torch says: Cannot access data pointer")
refused(FakeTensor(a, data_ptr=fails, layout="torch.sparse_csr"), "layout torch.sparse_csr")
refused(FakeTensor(a, data_ptr=lambda: -1), "is no size or address")
"""
    )
    assert result.returncode == 0, result.stderr


def test_copies_name_tensors_of_the_cpu(run_with_torch):
    run_with_torch("""
tensor = FakeTensor(a, is_cuda=False)
for call, words in (
    (lambda: cj.memcpy_htod(tensor, b""), "the destination must be device memory"),
    (lambda: cj.memcpy_dtoh(bytearray(4), tensor), "not a CPU tensor: torch.Tensor of torch.float32"),
    (lambda: cj.memcpy_htod(buffer, tensor), "pass its .numpy()"),
    (lambda: cj.memcpy_dtoh(FakeTensor(a), buffer), "not device memory: torch.Tensor"),
    (lambda: touch(cj.In(tensor), block=1), "pass its .numpy()"),
):
    try:
        call()
    except cj.ArgumentError as error:
        assert words in str(error), error
    else:
        raise AssertionError(words)
""")


def test_a_module_that_is_still_being_imported_is_left_alone(run_python):
    result = run_python(
        PREAMBLE
        + """
import types
sys.modules["torch"] = types.ModuleType("torch")
class CudaArray:
    __cuda_array_interface__ = dict(data=(a, False), shape=(8,), typestr="<f4", version=3)
touch(CudaArray(), block=1)
torch.install(exchange=False)
touch(FakeTensor(a), block=1)
"""
    )
    assert result.returncode == 0, result.stderr


def test_tensor_of_another_device_is_refused(run_python, softgpu_library):
    for table in TABLES.values():
        result = run_python(
            PREAMBLE + table + 'refused(FakeTensor(a, device=1), "on device 1, and the current device is 0")\n',
            CUJITSU_DRIVER="softgpu",
            CUJITSU_SOFTGPU_DEVICES="2",
        )
        assert result.returncode == 0, result.stderr


def test_torch_is_not_imported(run_python):
    result = run_python(
        PREAMBLE.replace("fake_torch", "types").replace("from types import FakeTensor, Parameter", "")
        + """
class Array:
    pass
try:
    touch(Array(), block=1)
except cj.ArgumentError:
    pass
assert "torch" not in sys.modules
"""
    )
    assert result.returncode == 0, result.stderr


# --- the real one ---


@pytest.fixture
def real_torch():
    return pytest.importorskip("torch")


@pytest.fixture
def touch():
    return cj.SourceModule("__global__ void touch(float* a) {}").get_function("touch")


def refused(kernel, value, words):
    with pytest.raises(cj.ArgumentError, match=literal("touch(): argument 1 of 1 (float* a).*" + words)):
        kernel(value, block=1)


@pytest.mark.filterwarnings("ignore:Sparse CSR")
def test_real_tensors_of_the_cpu_are_refused(real_torch, touch):
    torch = real_torch
    refused(touch, torch.zeros(3), "given a CPU tensor (torch.Tensor of torch.float32.*.cuda()")
    refused(touch, torch.nn.Parameter(torch.zeros(3)), "given a CPU tensor")
    refused(touch, torch.zeros(3, device="meta"), "meta tensor")
    refused(touch, torch.eye(3).to_sparse(), "layout torch.sparse_coo")
    refused(touch, torch.eye(3).to_sparse_csr(), "layout torch.sparse_csr")
    with pytest.raises(cj.ArgumentError, match=r"pass its \.numpy\(\)"):
        cj.memcpy_htod(cj.mem_alloc(12), torch.zeros(3))
    cj.memcpy_htod(cj.mem_alloc(12), torch.zeros(3).numpy())


def test_real_tensors_of_the_gpu_are_taken(real_torch, touch):
    torch = real_torch
    if not torch.cuda.is_available() or cj.driver_report().is_software:
        pytest.skip("torch and cujitsu have no GPU to share")
    twice = cj.SourceModule("__global__ void twice(float* a) { a[threadIdx.x] *= 2; }").get_function("twice")
    tensor = torch.arange(8, dtype=torch.float32, device="cuda")
    twice(tensor, block=8, stream=torch.cuda.current_stream())
    assert tensor.tolist() == [2 * i for i in range(8)]
    twice(torch.nn.Parameter(tensor), block=8, stream=torch.cuda.current_stream())
    assert tensor.tolist() == [4 * i for i in range(8)]
    refused(touch, tensor.double(), "8-byte floating-point numbers")
    refused(touch, tensor.view(2, 4).t(), "not C-contiguous")
    refused(touch, torch.eye(3, device="cuda").to_sparse(), "layout torch.sparse_coo")
    pinned = torch.ones(8).pin_memory()
    twice(pinned, block=8)
    cj.synchronize()
    assert pinned.tolist() == [2] * 8
    buffer = cj.mem_alloc(32)
    cj.memcpy_dtod(buffer, tensor, 32)
    assert torch.from_dlpack(buffer.view("f4")).tolist() == tensor.tolist()
