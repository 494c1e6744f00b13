// SPDX-License-Identifier: MIT
// compile_many and compile_async with the real NVRTC; no device is needed.
#include "module/compile_job.hpp"
#include "module/compile_pool.hpp"

#include "support/catch.hpp"
#include "support/header_folder.hpp"
#include "unit/cache_support.hpp"

#include <cujitsu/cujitsu.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <future>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

using namespace cujitsu;
using test::TemporaryFolder;

namespace {

#define NEEDS_NVRTC() \
  if (!nvrtc_report().usable) CUJITSU_SKIP("there is no NVRTC")

std::string source_of(int number) { return fmt::format("__global__ void kernel_{0}(int* x) {{ *x = {0}; }}", number); }

std::vector<CompileRequest> requests_of(int count, KernelCache* cache = nullptr) {
  std::vector<CompileRequest> requests;
  for (int i = 0; i < count; ++i)
    requests.push_back({source_of(i), {.arch = "sm_80", .name = fmt::format("file{}.cu", i)}, cache});
  return requests;
}

void check_order(const std::vector<CompiledCode>& codes, std::size_t count) {
  REQUIRE(codes.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    REQUIRE(codes[i].kernels.size() == 1);
    CHECK(codes[i].kernels[0].name == fmt::format("kernel_{}", i));
  }
}

/// Worker processes are the command of this build, or none, for the lifetime of one of these.
class Workers {
 public:
  explicit Workers(std::vector<std::string> command) { set_worker_command(std::move(command)); }
  ~Workers() { set_worker_command({}); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
};

#ifdef CUJITSU_TEST_CLI
std::vector<std::string> command() { return {CUJITSU_TEST_CLI, "worker"}; }
#define NEEDS_WORKERS() static_cast<void>(0)
#else
std::vector<std::string> command() { return {}; }
#define NEEDS_WORKERS() CUJITSU_SKIP("the command is not built")
#endif

/// A worker that greets and then does what `script` says.
std::vector<std::string> fake_worker(const std::string& script) {
  const auto greeting = worker::greeting();
  std::string octal;
  for (const char c : worker::encode_length(greeting.size()))
    octal += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
  return {"/bin/sh", "-c", fmt::format("printf '{}%s' '{}'; {}", octal, greeting, script)};
}

}  // namespace

TEST_CASE("many programs come back in the order of their requests", "[many]") {
  NEEDS_NVRTC();
  const auto requests = requests_of(12);
  check_order(compile_many(requests, {.workers = 3, .mode = CompileMode::threads}), 12);
  check_order(compile_many(requests), 12);
}

TEST_CASE("no programs are compiled at once", "[many]") { CHECK(compile_many({}).empty()); }

TEST_CASE("a worker process gives the same code as this one", "[many]") {
  NEEDS_NVRTC();
  NEEDS_WORKERS();
  const Workers workers(command());
  CompileRequest request{
      "#include \"h.h\"\ntemplate <class T> __global__ void f(T* x) { int unused; *x = V; }\n"
      "__constant__ float table[4];",
      {.options = {"--use_fast_math"},
       .headers = {{"h.h", "#define V 7\n"}},
       .name_expressions = {"f<float>"},
       .arch = "sm_80",
       .name = "mine.cu"},
      nullptr};
  const auto here = compile(request.source, request.options, nullptr);
  const auto there = compile_many(std::vector{request}, {.mode = CompileMode::processes}).at(0);
  CHECK(there.ptx == here.ptx);
  CHECK(there.cubin == here.cubin);
  CHECK(there.log == here.log);
  CHECK(there.options == here.options);
  CHECK(there.kernels == here.kernels);
  CHECK(there.lowered_names == here.lowered_names);
  CHECK(there.globals == here.globals);
  CHECK(there.compiler.library == here.compiler.library);
  CHECK(there.cache_reason == here.cache_reason);
  CHECK(there.seconds > 0);
}

TEST_CASE("every failure is told once, with its index and name, and the others are compiled and stored", "[many]") {
  NEEDS_NVRTC();
  const Workers workers(command());
  for (const auto mode : {CompileMode::threads, CompileMode::processes}) {
    const TemporaryFolder folder;
    KernelCache cache(folder.path());
    auto requests = requests_of(6, &cache);
    requests[1].source = "int a = nothing_1;";
    requests[4].options.arch = "sm_1";
    try {
      static_cast<void>(compile_many(requests, {.workers = 2, .mode = mode}));
      FAIL("nothing was thrown");
    } catch (const CompileManyError& error) {
      REQUIRE(error.failures().size() == 2);
      CHECK(error.failures()[0].index == 1);
      CHECK(error.failures()[0].name == "file1.cu");
      CHECK_THROWS_AS(std::rethrow_exception(error.failures()[0].error), CompileError);
      CHECK(error.failures()[1].index == 4);
      CHECK_THROWS_AS(std::rethrow_exception(error.failures()[1].error), ArgumentError);
      const std::string text = error.what();
      CHECK(text.starts_with("2 of 6 programs do not compile:\n[1] file1.cu:1:"));
      CHECK(text.find("\n[4] ") != std::string::npos);
      CHECK(error.diagnostics().at(0).file == "file1.cu");
      REQUIRE(error.results().size() == 6);
      for (std::size_t i = 0; i < 6; ++i) CHECK(error.results()[i].has_value() == (i != 1 && i != 4));
    }
    CHECK(cache.stats().entries == 4);
    CHECK(cache.stats().misses >= 4);
  }
}

TEST_CASE("what the cache has is answered without a worker", "[many]") {
  NEEDS_NVRTC();
  const TemporaryFolder folder;
  KernelCache cache(folder.path());
  const auto requests = requests_of(3, &cache);
  static_cast<void>(compile_many(requests, {.mode = CompileMode::threads}));
  const Workers workers(fake_worker("exit 3"));
  for (const auto& code : compile_many(requests, {.mode = CompileMode::processes}))
    CHECK(code.cache_status == CacheStatus::hit);
}

TEST_CASE("a program that includes something, in any branch, is known as one", "[many]") {
  const auto has_headers = [](const std::string& source, std::vector<std::string> options) {
    const auto group = std::make_shared<CompileGroup>();
    const CompileJob job({source, {.options = std::move(options)}, nullptr}, group);
    return group->left_with_headers.load() == 1;
  };
  CHECK(has_headers("#include <a.h>\n", {}));
  CHECK(has_headers("#inc\\\nlude \"a.h\"\n", {}));
  CHECK(has_headers("/* x */ %:include NAME\r\n", {}));
  CHECK(has_headers("#if 0\n#include <a.h>\n#endif\n", {}));
  CHECK(has_headers("#include_next <a.h>\n", {}));
  CHECK(has_headers("#import <a.h>\n", {}));
  CHECK(has_headers("int x;\n", {"-include", "a.h"}));
  CHECK(has_headers("int x;\n", {"--pre-include=a.h"}));
  CHECK_FALSE(has_headers("int x;\n", {"-Iinclude", "-DX=include"}));
  CHECK_FALSE(has_headers("// #include <a.h>\n/*\n#include <a.h>\n*/\nint x; #include <a.h>\n", {}));
  CHECK_FALSE(has_headers("auto s = \"\\\"\\\n#include <a.h>\";\nauto r = R\"x(\n#include <a.h>\n)\" \n)x\";\n", {}));
  CHECK_FALSE(has_headers("#if __has_include(<a.h>)\n#endif\n", {}));  // nothing is read for that
}

TEST_CASE("a worker compiles in the folder where its parent is", "[many]") {
  NEEDS_NVRTC();
  NEEDS_WORKERS();
  const Workers workers(command());
  const test::HeaderFolder folder{{"a/inc/v.h", "#define V 1111\n"}, {"b/inc/v.h", "#define V 2222\n"}};
  const auto before = std::filesystem::current_path();
  const auto group = std::make_shared<CompileGroup>();  // keeps the worker from one compile to the next
  group->mode = CompileMode::processes;
  const auto compile_in = [&](const std::string& name, Pch pch) {
    std::filesystem::current_path(folder.path + name);
    const CompileRequest request{"#include <v.h>\n__global__ void f(int* x) { *x = V; }\n",
                                 {.include_dirs = {"inc"}, .arch = "sm_80", .pch = pch},
                                 nullptr};
    auto job = std::make_shared<CompileJob>(request, group);
    job->execute();
    std::filesystem::current_path(before);
    if (job->error() != nullptr) std::rethrow_exception(job->error());
    return job->code().ptx;
  };
  for (const auto pch : {Pch::off, Pch::automatic})
    for (int i = 0; i < 2; ++i) {
      CHECK(compile_in("/a", pch).find("1111") != std::string::npos);
      CHECK(compile_in("/b", pch).find("2222") != std::string::npos);
    }
}

TEST_CASE("progress is told to the end by the calling thread, and what it throws ends the rest", "[many]") {
  NEEDS_NVRTC();
  std::vector<std::size_t> seen;
  const auto caller = std::this_thread::get_id();
  const auto progress = [&](std::size_t done, std::size_t total) {
    CHECK(std::this_thread::get_id() == caller);
    CHECK(total == 5);
    seen.push_back(done);
  };
  static_cast<void>(compile_many(requests_of(5), {.mode = CompileMode::threads, .progress = progress}));
  CHECK(std::ranges::is_sorted(seen));
  CHECK(seen.back() == 5);
  struct Stop {};
  CHECK_THROWS_AS(
      static_cast<void>(compile_many(requests_of(500), {.progress = [](std::size_t, std::size_t) { throw Stop(); }})),
      Stop);
}

TEST_CASE("a stop token cancels what has not ended", "[many]") {
  NEEDS_NVRTC();
  std::stop_source stop;
  CompileManyOptions options{.workers = 1, .stop = stop.get_token()};
  options.progress = [&](std::size_t done, std::size_t) {
    if (done >= 1) stop.request_stop();
  };
  CHECK_THROWS_AS(compile_many(requests_of(2000), options), CancelledError);
}

TEST_CASE("a compile that waits is cancelled at once, and never runs", "[many][threads]") {
  NEEDS_NVRTC();
  // Every thread of the pool is held in a callback, so that what comes next has to wait.
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::vector<CompileFuture> holders;
  const auto request = requests_of(1).front();
  const int more_than_the_pool = static_cast<int>(CompilePool::default_workers()) + 8;
  for (int i = 0; i < more_than_the_pool; ++i) {
    holders.push_back(compile_async(source_of(1000 + i), request.options, nullptr));
    holders.back().on_done([released] { released.wait(); });
  }
  const auto waiting = compile_async(source_of(1), request.options, nullptr);
  CHECK(waiting.cancel());
  CHECK(waiting.status() == CompileStatus::cancelled);
  CHECK(waiting.done());
  CHECK(waiting.cancel());  // again: it is cancelled
  CHECK_THROWS_AS(waiting.get(), CancelledError);
  release.set_value();
  for (auto& holder : holders) holder.wait();
}

TEST_CASE("a compile in a worker process is cancelled by killing it", "[many]") {
  NEEDS_NVRTC();
  // It greets, takes the request and never answers.
  const TemporaryFolder folder;
  const auto marker = folder / "asked";
  const Workers workers(fake_worker(fmt::format("head -c 1 >/dev/null; : > {}; exec cat >/dev/null", marker)));
  std::stop_source stop;
  std::jthread stopper([&] {
    while (!std::filesystem::exists(marker)) std::this_thread::yield();
    stop.request_stop();
  });
  CHECK_THROWS_AS(compile_many(requests_of(1), {.mode = CompileMode::processes, .stop = stop.get_token()}),
                  CancelledError);
}

TEST_CASE("a worker that dies costs its program one more try, and then that program alone", "[many]") {
  NEEDS_NVRTC();
  const Workers workers(fake_worker("head -c 1 >/dev/null; kill -9 $$"));
  try {
    static_cast<void>(compile_many(requests_of(2), {.mode = CompileMode::processes}));
    FAIL("nothing was thrown");
  } catch (const CompileManyError& error) {
    REQUIRE(error.failures().size() == 2);
    CHECK(error.failures()[1].message.find("file1.cu was not compiled") == 0);
    CHECK(error.failures()[1].message.find("was killed by signal 9") != std::string::npos);
  }
}

TEST_CASE("what a worker that died was doing is done by the next one", "[many]") {
  NEEDS_NVRTC();
  NEEDS_WORKERS();
  const TemporaryFolder folder;
  // The first one dies when it is asked; those after it are real.
  const auto first = fake_worker("head -c 1 >/dev/null; kill -9 $$");
  const Workers workers({"/bin/sh", "-c",
                         fmt::format("if mkdir {} 2>/dev/null; then {}; else exec {} worker \"$@\"; fi",
                                     folder / "died", first[2], command().empty() ? "" : command()[0]),
                         "sh"});
  check_order(compile_many(requests_of(4), {.workers = 1, .mode = CompileMode::processes}), 4);
  CHECK(std::filesystem::exists(folder / "died"));
}

TEST_CASE("without a program for workers, or with one that is none, threads compile", "[many]") {
  NEEDS_NVRTC();
  for (const auto& none : {std::vector<std::string>{"/nowhere/cujitsu", "worker"},
                           {"/bin/true"},
                           {"/bin/echo", "hello"},
                           {"/bin/sh", "-c", "printf '\\037\\0\\0\\0\\0\\0\\0\\0cujitsu worker of another time'"}}) {
    const Workers workers(none);
    check_order(compile_many(requests_of(3), {.mode = CompileMode::processes}), 3);
  }
}

TEST_CASE("a compile that runs by itself ends done, failed or cancelled", "[many]") {
  NEEDS_NVRTC();
  const CompileOptions options{.arch = "sm_80", .name = "async.cu"};
  const auto good = compile_async(source_of(1), options, nullptr);
  CHECK(good.get().kernels.at(0).name == "kernel_1");
  CHECK(good.get().kernels.size() == 1);  // again
  CHECK(good.status() == CompileStatus::done);
  CHECK_FALSE(good.cancel());
  bool called = false;
  good.on_done([&] { called = true; });
  CHECK(called);

  const auto bad = compile_async("int a = nothing;", options, nullptr);
  CHECK_THROWS_AS(bad.get(), CompileError);
  CHECK(bad.status() == CompileStatus::failed);
  CHECK(to_string(bad.status()) == "failed");
  CHECK(bad.wait_for(std::chrono::seconds(0)));
}

TEST_CASE("a forked child compiles many by itself, and is told that it can not wait for its parent's", "[many][fork]") {
  NEEDS_NVRTC();
  const auto request = requests_of(1).front();
  const auto first = compile_async(source_of(0), request.options, nullptr);
  first.wait();  // NVRTC is at rest while this forks
  auto unfinished = std::make_shared<CompileJob>(request, std::make_shared<CompileGroup>());
  const CompileFuture of_parent(unfinished);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int code = 0;
    try {
      of_parent.wait();
      code = 1;
    } catch (const Error& error) {
      if (std::string(error.what()).find("forked child") == std::string::npos) code = 2;
    }
    if (first.get().kernels.size() != 1) code = 3;  // it had ended before
    try {
      if (compile_many(requests_of(4), {.mode = CompileMode::threads}).size() != 4) code = 4;
    } catch (...) {
      code = 5;
    }
    ::_exit(code);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(of_parent.cancel());
}
