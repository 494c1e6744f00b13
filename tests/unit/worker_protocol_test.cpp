// SPDX-License-Identifier: MIT
#include "module/worker_protocol.hpp"

#include "base/byte_stream.hpp"
#include "support/catch.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/errors.hpp>

using namespace cujitsu;

namespace {

worker::Request sample_request() {
  worker::Request request;
  request.log_level = LogLevel::debug;
  request.nvrtc_library = "/lib/libnvrtc.so.13";
  request.nvrtc_builtins = "/lib/libnvrtc-builtins.so.13.0";
  request.nvrtc_major = 13;
  request.pch_folder = "/tmp/pch";
  request.source = std::string("__global__ void f();\0 with a NUL", 31);
  request.options = {.options = {"-O3"},
                     .include_dirs = {"inc"},
                     .headers = {{"h.h", "text"}},
                     .name_expressions = {"f<int>"},
                     .arch = "sm_90",
                     .name = "mine.cu",
                     .pch = Pch::automatic};
  request.arch = "sm_90";
  request.nvrtc_options = {"--gpu-architecture=sm_90", "-O3"};
  request.current_folder = "/home/me";
  request.leading = {{{"/inc/a.h", true, {1, 2}, {3, 4, 5, 6, 7, true}, {}}}, {"/inc/asked.h"}, {"/none/a.h"}};
  return request;
}

worker::Answer back_of(const worker::Answer& answer) { return worker::decode_answer(worker::encode(answer)); }

}  // namespace

TEST_CASE("a request comes to a worker as it was sent") {
  const auto sent = sample_request();
  const auto got = worker::decode_request(worker::encode(sent));
  CHECK(got.log_level == sent.log_level);
  CHECK(got.nvrtc_library == sent.nvrtc_library);
  CHECK(got.nvrtc_builtins == sent.nvrtc_builtins);
  CHECK(got.nvrtc_major == 13);
  CHECK(got.nvrtc_minor == 0);
  CHECK(got.pch_folder == sent.pch_folder);
  CHECK(got.source == sent.source);
  CHECK(got.options.options == sent.options.options);
  CHECK(got.options.include_dirs == sent.options.include_dirs);
  CHECK(got.options.headers == sent.options.headers);
  CHECK(got.options.name_expressions == sent.options.name_expressions);
  CHECK(got.options.arch == sent.options.arch);
  CHECK(got.options.name == sent.options.name);
  CHECK(got.options.pch == Pch::automatic);
  CHECK(got.arch == sent.arch);
  CHECK(got.nvrtc_options == sent.nvrtc_options);
  CHECK(got.current_folder == sent.current_folder);
  REQUIRE(got.leading);
  REQUIRE(got.leading->headers.size() == 1);
  CHECK(got.leading->headers[0].path == "/inc/a.h");
  CHECK(got.leading->headers[0].is_toolkit);
  CHECK(got.leading->headers[0].hash == sent.leading->headers[0].hash);
  CHECK(got.leading->headers[0].stamp == sent.leading->headers[0].stamp);
  CHECK(got.leading->present == sent.leading->present);
  CHECK(got.leading->absent == sent.leading->absent);
  auto without = sent;
  without.leading.reset();
  CHECK_FALSE(worker::decode_request(worker::encode(without)).leading);
}

TEST_CASE("compiled code and the messages of a worker come back whole") {
  worker::Answer answer;
  answer.messages = {{LogLevel::warning, "look out"}, {LogLevel::debug, "it is well"}};
  answer.code = test::sample_code();
  const auto got = back_of(answer);
  CHECK(got.error == nullptr);
  CHECK(got.messages == answer.messages);
  CHECK(got.code.ptx == answer.code.ptx);
  CHECK(got.code.cubin == answer.code.cubin);
  CHECK(got.code.log == answer.code.log);
  CHECK(got.code.arch == answer.code.arch);
  CHECK(got.code.options == answer.code.options);
  CHECK(got.code.kernels == answer.code.kernels);
  CHECK(got.code.lowered_names == answer.code.lowered_names);
  CHECK(got.code.globals == answer.code.globals);
  CHECK(got.code.compiler.version() == answer.code.compiler.version());
  CHECK(got.code.compiler.library == answer.code.compiler.library);
  CHECK(got.code.seconds == answer.code.seconds);
}

TEST_CASE("a worker's CompileError comes back with all that it carries") {
  worker::Answer answer;
  CompileError::Details details{"a.cu", "the log", {"-O3"}, {}, "mend it", 6};
  details.diagnostics.push_back({"a.cu", 3, 7, "error", "20", "undefined", "  x;"});
  answer.error = std::make_exception_ptr(CompileError("a.cu does not compile", details));
  const auto got = back_of(answer);
  REQUIRE(got.error != nullptr);
  try {
    std::rethrow_exception(got.error);
  } catch (const CompileError& error) {
    CHECK(error.what() == std::string("a.cu does not compile"));
    CHECK(error.name() == "a.cu");
    CHECK(error.log() == "the log");
    CHECK(error.options() == std::vector<std::string>{"-O3"});
    CHECK(error.hint() == "mend it");
    CHECK(error.code() == 6);
    REQUIRE(error.diagnostics().size() == 1);
    CHECK(error.diagnostics()[0].line == 3);
    CHECK(error.diagnostics()[0].column == 7);
    CHECK(error.diagnostics()[0].text == "undefined");
    CHECK(error.diagnostics()[0].source == "  x;");
  }
}

TEST_CASE("a worker's other errors keep their class") {
  worker::Answer answer;
  answer.error = std::make_exception_ptr(LoadError("no NVRTC", {"a: missing"}));
  CHECK_THROWS_AS(std::rethrow_exception(back_of(answer).error), LoadError);
  answer.error = std::make_exception_ptr(ArgumentError("no", ArgumentError::Kind::type));
  CHECK_THROWS_AS(std::rethrow_exception(back_of(answer).error), ArgumentError);
  answer.error = std::make_exception_ptr(std::bad_alloc());
  CHECK_THROWS_AS(std::rethrow_exception(back_of(answer).error), Error);
}

TEST_CASE("a message that is cut off anywhere, or goes on, is refused") {
  const auto request = worker::encode(sample_request());
  for (std::size_t size = 0; size < request.size(); ++size)
    CHECK_THROWS_AS(worker::decode_request(request.substr(0, size)), FormatError);
  CHECK_THROWS_AS(worker::decode_request(request + "x"), FormatError);
  worker::Answer answer;
  answer.code = test::sample_code();
  const auto bytes = worker::encode(answer);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_THROWS_AS(worker::decode_answer(bytes.substr(0, size)), FormatError);
}
