// SPDX-License-Identifier: MIT
#include "fake/fixture.hpp"
#include "support/catch.hpp"

#include <cujitsu/cujitsu.hpp>

#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace cujitsu;
using test::contains;
using test::fake_code;
using test::fake_control;
using test::message_of;

namespace {

struct S {
  double a, b;
};

/// The fake's graph: two kernels, both the one that was launched last, and a host function.
Graph capture_saxpy(const Stream& stream, const Kernel& saxpy) {
  StreamCapture capture(stream);
  saxpy.launch({.block = 32, .stream = stream}, DevicePointer{16}, 1, 2.0F, S{});
  return capture.end();
}

}  // namespace

TEST_CASE("capturing, instantiating and launching calls the driver once each, and gives everything back") {
  const test::CleanFake clean;
  {
    const Stream stream;
    const auto graph = capture_saxpy(stream, SourceModule(fake_code()).get_function("saxpy"));
    CHECK(graph.nodes() == 3);
    REQUIRE(graph.kernel_nodes().size() == 2);
    CHECK(graph.kernel_nodes()[1].index() == 1);
    CHECK(graph.kernel_nodes()[1].name() == "saxpy");
    const auto exec = graph.instantiate();
    exec.upload(stream);
    exec.launch(stream);
    exec.launch();
    CHECK(fake_control().calls("cuGraphLaunch") == 2);
    CHECK(fake_control().calls("cuGraphUpload") == 1);
  }
  CHECK(fake_control().calls("cuStreamBeginCapture") == 1);
  CHECK(fake_control().calls("cuStreamEndCapture") == 1);
  CHECK(fake_control().calls("cuGraphDestroy") == 1);
  CHECK(fake_control().calls("cuGraphExecDestroy") == 1);
}

TEST_CASE("an update hands over the bound arguments, for nodes of the same graph only") {
  const test::CleanFake clean;
  const Stream stream;
  const auto saxpy = SourceModule(fake_code()).get_function("saxpy");
  const auto graph = capture_saxpy(stream, saxpy);
  const auto other = capture_saxpy(stream, saxpy);
  auto exec = graph.instantiate();
  auto bound = saxpy.bind({.block = 64}, DevicePointer{32}, 7, 0.5F, S{1, 2});
  bound.replace(1, 9);
  std::array<unsigned char, 32> received{};
  const std::array<std::size_t, 4> sizes{8, 4, 4, 16};
  fake_control().record_arguments(received.data(), sizes.data(), sizes.size());
  exec.update(graph.kernel_nodes()[1], bound);
  int n = 0;
  std::memcpy(&n, received.data() + 8, sizeof n);
  CHECK(n == 9);
  CHECK(contains(message_of<ArgumentError>([&] { exec.update(other.kernel_nodes()[1], bound); }), "another graph"));
  fake_control().fail("cuGraphExecKernelNodeSetParams", 1, 1);
  const auto text = message_of<DriverError>([&] { exec.update(graph.kernel_nodes()[0], bound); });
  CHECK(contains(text, "kernel node 0, saxpy"));
  CHECK(contains(text, "the context that the graph was captured in"));
}

TEST_CASE("a capture without an end is abandoned, and can be moved") {
  const test::CleanFake clean;
  const Stream stream;
  { const StreamCapture capture(stream); }
  CHECK(fake_control().calls("cuStreamEndCapture") == 1);
  CHECK(fake_control().calls("cuGraphDestroy") == 1);
  StreamCapture first(stream);
  StreamCapture second(std::move(first));
  static_cast<void>(second.end());
  CHECK(contains(message_of<ArgumentError>([&] { static_cast<void>(second.end()); }), "has ended already"));
  CHECK(fake_control().calls("cuStreamEndCapture") == 2);
  CHECK(fake_control().calls("cuGraphDestroy") == 2);
}

TEST_CASE("code is unloaded with the last graph that runs it, and at once when none does") {
  const test::CleanFake clean;
  const Stream stream;
  auto module = std::make_optional<SourceModule>(fake_code());
  auto kernel = std::make_optional(module->get_function("saxpy"));
  auto graph = std::make_optional(capture_saxpy(stream, *kernel));
  static_cast<void>(SourceModule(fake_code()).get_function("saxpy"));
  CHECK(fake_control().calls("cuLibraryUnload") == 1);
  kernel.reset();
  module.reset();
  CHECK(fake_control().calls("cuLibraryUnload") == 1);
  auto exec = std::make_optional(graph->instantiate());
  graph.reset();
  CHECK(fake_control().calls("cuLibraryUnload") == 1);
  exec.reset();
  CHECK(fake_control().calls("cuLibraryUnload") == 2);
}

TEST_CASE("code that a graph is updated to is unloaded with it") {
  const test::CleanFake clean;
  const Stream stream;
  auto graph = std::make_optional(capture_saxpy(stream, SourceModule(fake_code()).get_function("saxpy")));
  auto exec = std::make_optional(graph->instantiate());
  const auto node = std::make_unique<KernelNode>(graph->kernel_nodes()[0]);
  exec->update(*node, SourceModule(fake_code()).get_function("saxpy").bind({}, DevicePointer{32}, 7, 0.5F, S{1, 2}));
  CHECK(fake_control().calls("cuLibraryUnload") == 0);
}

TEST_CASE("nothing is unloaded within a capture, and what is freed there is freed in relaxed mode") {
  const test::CleanFake clean;
  const Stream stream;
  StreamCapture capture(stream);
  static_cast<void>(SourceModule(fake_code()).get_function("saxpy"));
  CHECK(fake_control().calls("cuLibraryUnload") == 0);
  const auto exchanged = fake_control().calls("cuThreadExchangeStreamCaptureMode");
  DeviceBuffer(16).free();
  CHECK(fake_control().calls("cuThreadExchangeStreamCaptureMode") == exchanged + 2);
  { const auto graph = capture.end(); }
  CHECK(fake_control().calls("cuLibraryUnload") == 1);
}

TEST_CASE("each error of a capture says what is illegal and what to do instead") {
  const test::CleanFake clean;
  const Stream stream;
  const Event event;
  const DeviceBuffer buffer(8);
  int value = 0;
  const auto check = [&](const char* call, int code, const auto& run, const char* words) {
    fake_control().fail(call, code, 1);
    const auto text = message_of<DriverError>(run);
    INFO(text);
    CHECK(contains(text, words));
  };
  check("cuMemAlloc", 900, [] { DeviceBuffer(8); }, "Allocate before the capture");
  check(
      "cuMemcpyHtoD", 900, [&] { memcpy_htod(buffer, &value, 4); },
      "use memcpy_htod_async in the captured stream, with page-locked memory, or call memcpy_htod before");
  check(
      "cuMemcpyDtoD", 906, [&] { memcpy_dtod(buffer, buffer, 4); },
      "memcpy_dtod runs in the legacy default stream and waits for all others");
  check("cuMemsetD16", 900, [&] { memset_d16(buffer, 0, 1); }, "use memset_d16_async in the captured stream, or call");
  check("cuStreamSynchronize", 900, [&] { stream.synchronize(); }, "Synchronise before the capture");
  check("cuEventQuery", 907, [&] { static_cast<void>(event.is_done()); }, "use another event");
  check("cuMemsetD8Async", 901, [&] { memset_d8_async(buffer, 0, 1, stream); }, "An earlier call within the capture");
  check("cuStreamWaitEvent", 902, [&] { stream.wait(event); }, "Two captures can not become one");
  check("cuStreamWaitEvent", 905, [&] { stream.wait(event); }, "can not wait for work outside the capture");
  check("cuEventRecord", 906, [&] { event.record(); }, "name the captured stream in the call");
  check("cuStreamBeginCapture", 900, [&] { StreamCapture{stream}; }, "legacy default stream can not be captured");
  check("cuStreamBeginCapture", 401, [&] { StreamCapture{stream}; }, "being captured already");
  for (const auto& [code, words] : std::vector<std::pair<int, const char*>>{{401, "ended by somebody else"},
                                                                            {901, "its own error says which"},
                                                                            {903, "end it there"},
                                                                            {904, "does not lead back"},
                                                                            {908, "the thread that began it"}}) {
    StreamCapture capture(stream);
    check("cuStreamEndCapture", code, [&] { static_cast<void>(capture.end()); }, words);
  }
  check("cuEventRecord", 1, [&] { event.record(); }, "the fake driver says so");
}

TEST_CASE("what is thrown by a host callback is logged as an error, and the callback is destroyed") {
  const test::CleanFake clean;
  std::vector<std::pair<LogLevel, std::string>> messages;
  set_log_sink([&](LogLevel level, std::string_view text) { messages.emplace_back(level, text); });
  const Stream stream;
  const auto owned = std::make_shared<int>(0);
  stream.add_callback([owned] { throw std::runtime_error("the disk is full"); });
  stream.add_callback([owned] { throw 3; });
  set_log_sink({});
  REQUIRE(messages.size() == 2);
  CHECK(messages[0] == std::pair{LogLevel::error, std::string("a host callback threw: the disk is full")});
  CHECK(contains(messages[1].second, "no std::exception"));
  CHECK(owned.use_count() == 1);
  CHECK(contains(message_of<ArgumentError>([&] { stream.add_callback({}); }), "the function is empty"));
}

TEST_CASE("a host callback that the driver refuses is destroyed, in a capture too") {
  const test::CleanFake clean;
  const Stream stream;
  const auto owned = std::make_shared<int>(0);
  fake_control().fail("cuLaunchHostFunc", 1, 1);
  CHECK_THROWS_AS(stream.add_callback([owned] {}), DriverError);
  CHECK(owned.use_count() == 1);
  StreamCapture capture(stream);
  for (const char* call : {"cuUserObjectCreate", "cuGraphRetainUserObject", "cuLaunchHostFunc"}) {
    fake_control().fail(call, 1, 1);
    CHECK_THROWS_AS(stream.add_callback([owned] {}), DriverError);
    CHECK(owned.use_count() == 1);
  }
}
