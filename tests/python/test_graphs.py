# SPDX-License-Identifier: MIT
"""Stream capture, graphs, and what a capture does not allow."""

import gc
import weakref

import cujitsu as cj
import pytest
from conftest import literal

np = pytest.importorskip("numpy")
pytestmark = pytest.mark.needs_device

SOURCE = """
__global__ void step(int* x, int a) { x[threadIdx.x] = x[threadIdx.x] * 3 + a; }
__global__ void set(int* x, int a) { x[blockIdx.x * blockDim.x + threadIdx.x] = a; }
extern __shared__ int room[];
__global__ void shared(int* x) {
  room[threadIdx.x] = threadIdx.x;
  __syncthreads();
  x[threadIdx.x] = room[31 - threadIdx.x];
}
"""


@pytest.fixture(scope="module")
def module():
    return cj.SourceModule(SOURCE)


@pytest.fixture
def x():
    buffer = cj.mem_alloc(4 * 32)
    cj.memset_d32(buffer, 1, 32)
    return buffer


def values(buffer, count=32):
    out = np.zeros(count, np.int32)
    cj.memcpy_dtoh(out, buffer)
    return out.tolist()


def test_captured_work_runs_at_each_launch_and_not_before(module, x):
    step, stream, copy = module.get_function("step"), cj.Stream(), cj.mem_alloc(4 * 32)
    with cj.capture(stream) as graph:
        step(x, 1, block=32, stream=stream)
        step[1, 32, stream](x, 2)
        cj.memcpy_dtod_async(copy, x, 128, stream)
    assert graph.nodes == 3
    assert [(node.index, node.name) for node in graph.kernel_nodes] == [(0, "step"), (1, "step")]
    assert repr(graph.kernel_nodes[1]) == "<KernelNode 1: step>"
    assert repr(graph) == "<Graph of 3 nodes, 2 of them kernels>"
    assert graph.handle != 0 and graph.kernel_nodes[0].handle != 0
    executable = graph.instantiate()
    assert executable.handle != 0 and repr(executable).startswith("<GraphExec 0x")
    executable.upload(stream)
    stream.synchronize()
    assert values(x) == [1] * 32
    for _ in range(3):
        executable.launch(stream)
    stream.synchronize()
    value = 1
    for a in (1, 2) * 3:
        value = value * 3 + a
    assert values(x) == values(copy) == [value] * 32
    executable.launch()  # the legacy default stream
    cj.synchronize()
    assert values(x) == [(value * 3 + 1) * 3 + 2] * 32


@pytest.mark.parametrize("mode", ["global", "thread_local", "relaxed"])
def test_streams_join_by_events_in_every_mode(module, x, mode):
    kernel, first, second = module.get_function("set"), cj.Stream(), cj.Stream()
    fork, join, y = cj.Event(timing=False), cj.Event(timing=False), cj.mem_alloc(4 * 32)
    with cj.capture(first, mode) as graph:
        kernel(x, 5, block=32, stream=first)
        second.wait(fork.record(first))
        kernel(y, 6, block=32, stream=second)
        first.wait(join.record(second))
    graph.instantiate().launch(first)
    first.synchronize()
    assert values(x) == [5] * 32 and values(y) == [6] * 32


def test_update_changes_later_launches_of_one_executable_graph(module, x):
    kernel, stream, y = module.get_function("set"), cj.Stream(), cj.mem_alloc(4 * 32)
    cj.memset_d32(y, 0, 32)
    with cj.capture(stream) as graph:
        kernel(x, 5, block=32, stream=stream)
    first, second = graph.instantiate(), graph.instantiate()
    bound = kernel.bind(y, 7, grid=2, block=8)
    first.update(graph.kernel_nodes[0], bound)
    bound.replace(1, 100)  # was read by update
    first.launch(stream)
    second.launch(stream)
    stream.synchronize()
    assert values(y) == [7] * 16 + [0] * 16
    assert values(x) == [5] * 32
    first.update(graph.kernel_nodes[0], module.get_function("shared").bind(y, block=32, shared=64 * 1024))
    first.launch(stream)
    stream.synchronize()
    assert values(y) == list(range(31, -1, -1))


def test_update_keeps_the_new_arguments_and_code_alive(x):
    stream, y = cj.Stream(), cj.mem_alloc(4 * 32)
    kernel = cj.SourceModule(SOURCE).get_function("set")
    with cj.capture(stream) as graph:
        kernel(x, 5, block=32, stream=stream)
    executable, alive = graph.instantiate(), weakref.ref(y)
    other = cj.SourceModule("__global__ void other(int* x) { x[threadIdx.x] = 11; }", cache=False)
    executable.update(graph.kernel_nodes[0], other.get_function("other").bind(y, block=32))
    del other, y, kernel
    gc.collect()
    executable.launch(stream)
    stream.synchronize()
    assert values(alive()) == [11] * 32


def test_update_refuses_a_node_of_another_graph_and_what_is_no_launch(module, x):
    kernel, stream = module.get_function("set"), cj.Stream()
    graphs = []
    for _ in range(2):
        with cj.capture(stream) as graph:
            kernel(x, 5, block=32, stream=stream)
        graphs.append(graph)
    executable = graphs[0].instantiate()
    with pytest.raises(cj.ArgumentError, match="another graph"):
        executable.update(graphs[1].kernel_nodes[0], kernel.bind(x, 1, block=32))
    with pytest.raises(cj.ArgumentError, match=literal("must be a BoundLaunch (Kernel.bind makes one), not")):
        executable.update(graphs[0].kernel_nodes[0], kernel)
    with pytest.raises(cj.DriverError, match="kernel node 0, set"):
        executable.update(graphs[0].kernel_nodes[0], kernel.bind(x, 1, block=4096))


def test_a_graph_keeps_its_code_loaded(x):
    """And nothing that is unloaded, freed or loaded within a capture makes it invalid."""
    stream = cj.Stream()
    with cj.capture(stream) as graph:
        module = cj.SourceModule("__global__ void gone(int* x) { x[threadIdx.x] += 40; }", cache=False)
        module.get_function("gone")(x, block=32, stream=stream)
        del module
        gc.collect()
    executable = graph.instantiate()
    unused = cj.SourceModule("__global__ void gone(int* x) { x[threadIdx.x] -= 40; }", cache=False)
    unused.get_function("gone")(x, block=32)
    del graph, unused
    gc.collect()
    executable.launch(stream)
    stream.synchronize()
    assert values(x) == [1] * 32


def test_what_cujitsu_does_by_itself_does_not_break_a_capture(module, x):
    class Foreign:
        """An array of another library, whose work is queued in a stream outside the capture."""

        def __init__(self, buffer, stream):
            self.__cuda_array_interface__ = {
                "shape": (32,), "typestr": "<i4", "data": (int(buffer), False), "version": 3, "stream": stream
            }  # fmt: skip

    stream, producer = cj.Stream(), cj.Stream()
    spare, pinned, event, idle = cj.mem_alloc(64), cj.HostBuffer(64), cj.Event(), cj.Stream()
    lazy = cj.SourceModule("__global__ void lazy(int* x) { x[threadIdx.x] *= 2; }", cache=False)
    with cj.capture(stream) as graph:
        lazy.get_function("lazy")(x, block=32, stream=stream)  # loads
        module.get_function("shared")(x, block=32, shared=60000, stream=stream)  # opts in
        for handle in (producer.handle, 1):  # 1: the legacy default stream
            module.get_function("step")(Foreign(x, handle), 1, block=32, stream=stream)
        spare.free()
        pinned.free()
        del event, idle, lazy
        gc.collect()
    assert [node.name for node in graph.kernel_nodes] == ["lazy", "shared", "step", "step"]
    graph.instantiate().launch(stream)
    stream.synchronize()
    assert values(x) == [(31 - i) * 9 + 4 for i in range(32)]


HOST = np.zeros(32, np.int32)
ILLEGAL = {
    "synchronise the stream": (lambda s, x, k: s.synchronize(), "Waiting is illegal.*Synchronise before the capture"),
    "synchronise the device": (lambda s, x, k: cj.synchronize(), "Waiting is illegal.*after the graph's launch"),
    "query the stream": (lambda s, x, k: s.is_done(), "Asking whether work has ended is illegal"),
    "allocate": (lambda s, x, k: cj.mem_alloc(16), "Allocating is illegal.*Allocate before the capture"),
    "allocate page-locked": (lambda s, x, k: cj.HostBuffer(16), "Allocating is illegal"),
    "Out": (lambda s, x, k: k(cj.Out(HOST), 1, block=32, stream=s), "In, Out and InOut allocate at each launch"),
    "copy up": (
        lambda s, x, k: cj.memcpy_htod(x, HOST),
        "memcpy_htod .*use memcpy_htod_async in the captured stream, with page-locked memory, or call memcpy_htod bef",
    ),
    "copy down": (lambda s, x, k: cj.memcpy_dtoh(HOST, x), "memcpy_dtoh .*use memcpy_dtoh_async"),
    "fill": (lambda s, x, k: cj.memset_d32(x, 0, 1), "memset_d32 .*use memset_d32_async in the captured stream, or"),
    "default stream": (lambda s, x, k: k(x, 1, block=32), "The legacy default stream.*name the captured stream"),
    "wait for outside": (lambda s, x, k: s.wait(OUTSIDE["event"]), "can not wait for work outside the capture"),
    "capture twice": (lambda s, x, k: cj.capture(s).__enter__(), "being captured already"),
}  # fmt: skip
OUTSIDE = {}


@pytest.mark.parametrize("case", ILLEGAL)
def test_an_illegal_call_says_what_to_do_instead(module, x, case):
    stream, kernel = cj.Stream(), module.get_function("set")
    OUTSIDE["event"] = cj.Event().record(cj.Stream())
    call, words = ILLEGAL[case]
    with pytest.raises(cj.DriverError, match=literal(words)) as caught, cj.capture(stream) as graph:
        call(stream, x, kernel)
    assert caught.value.code in (401, 900, 905, 906)
    with pytest.raises(cj.ArgumentError, match="not complete"):
        graph.instantiate()
    kernel(x, 9, block=32, stream=stream)  # the stream is as before
    stream.synchronize()
    assert values(x) == [9] * 32


def test_an_event_of_a_capture_marks_no_time(module, x):
    stream, event = cj.Stream(), cj.Event()
    with cj.capture(stream):
        event.record(stream)
    with pytest.raises(cj.DriverError, match="last recorded within a capture|related to a graph capture") as caught:
        event.is_done()
    assert caught.value.code in (907, 1)  # softgpu and driver 580.159.04


def test_an_error_that_was_swallowed_comes_back_at_the_end_of_the_block(x):
    stream = cj.Stream()
    with pytest.raises(cj.DriverError, match=literal("its own error says which")) as caught, cj.capture(stream):
        with pytest.raises(cj.DriverError):
            stream.synchronize()
        with pytest.raises(cj.DriverError, match="An earlier call within the capture was illegal"):
            cj.memset_d32_async(x, 0, 1, stream)
    assert caught.value.code == 901 and caught.value.call == "cuStreamEndCapture"


def test_a_stream_that_is_not_joined_back_is_explained(module, x):
    first, second, fork = cj.Stream(), cj.Stream(), cj.Event(timing=False)
    with pytest.raises(cj.DriverError, match="does not lead back") as caught, cj.capture(first):
        second.wait(fork.record(first))
        module.get_function("set")(x, 1, block=32, stream=second)
    assert caught.value.code == 904


def test_an_exception_of_the_block_is_passed_on_and_abandons_the_capture(module, x):
    stream, kernel = cj.Stream(), module.get_function("set")
    with pytest.raises(ZeroDivisionError), cj.capture(stream) as graph:
        kernel(x, 5, block=32, stream=stream)
        1 / 0  # noqa: B018
    assert repr(graph) == "<Graph, not complete>"
    for use in (lambda: graph.nodes, lambda: graph.kernel_nodes, lambda: graph.handle, graph.instantiate):
        with pytest.raises(cj.ArgumentError, match="the graph is not complete"):
            use()
    kernel(x, 6, block=32, stream=stream)
    stream.synchronize()
    assert values(x) == [6] * 32


def test_a_capture_that_somebody_else_ends_is_said(module, x):
    import ctypes

    from driver_calls import Driver

    stream, driver, graph = cj.Stream(), Driver(), ctypes.c_void_p()
    with pytest.raises(cj.DriverError, match="ended by somebody else") as caught, cj.capture(stream):
        driver.cuStreamEndCapture(ctypes.c_void_p(stream.handle), ctypes.byref(graph))
    driver.cuGraphDestroy(graph)
    assert caught.value.code == 401


def test_wrong_uses_of_capture():
    stream = cj.Stream()
    with pytest.raises(cj.ArgumentError, match="mode must be 'global', 'thread_local' or 'relaxed', not 'local'"):
        cj.capture(stream, "local")
    with pytest.raises(cj.DriverError, match="The legacy default stream can not be captured"), cj.capture(None):
        pass
    block = cj.capture(stream)
    assert repr(block) == f"<capture of stream {stream.handle:#x}>"
    with pytest.raises(cj.ArgumentError, match="not entered"):
        block.__exit__(None, None, None)
    with block:
        pass
    with pytest.raises(cj.ArgumentError, match="for one block"):
        block.__enter__()


def test_an_empty_block_is_an_empty_graph():
    stream = cj.Stream()
    with cj.capture(stream) as graph:
        pass
    assert graph.nodes == 0 and graph.kernel_nodes == []
    graph.instantiate().launch(stream)
    stream.synchronize()


def test_objects_that_are_dropped_in_any_order_leave_nothing_behind(module, x):
    stream, kernel = cj.Stream(), module.get_function("step")
    with cj.capture(stream) as graph:
        kernel(x, 1, block=32, stream=stream)
    executable, node = graph.instantiate(), graph.kernel_nodes[0]
    del graph
    executable.launch(stream)
    del executable  # while it may still run
    gc.collect()
    assert node.name == "step"
    stream.synchronize()
    assert values(x) == [4] * 32
