// SPDX-License-Identifier: MIT
#include "api_fake_engine.hpp"

#include "softgpu/engine/link.hpp"

#include <cstring>
#include <map>

namespace cujitsu::softgpu {
namespace {

KernelFacts facts_of(std::string name) {
  KernelFacts facts;
  facts.name = std::move(name);
  facts.registers = 16;
  return facts;
}

std::mutex request_mutex;
LaunchRequest request_copy;

class FakeModule final : public LoadedModule {
 public:
  explicit FakeModule(AddressSpace& memory)
      : memory_(memory), table_(memory.allocate(64, Allocation::Kind::device, "table")) {
    for (const char* name : {"hold", "fault", "print", "refused"}) kernels_[name] = facts_of(name);
    auto& store = kernels_["store"] = facts_of("store");
    store.parameters = {{0, 8}, {8, 4}};
    store.parameter_bytes = 12;
    auto& heavy = kernels_["heavy"] = facts_of("heavy");
    heavy.registers = 130;
    auto& bounded = kernels_["bounded"] = facts_of("bounded");
    bounded.max_threads = {64, 1, 1};
    auto& exact = kernels_["exact"] = facts_of("exact");
    exact.required_threads = {32, 1, 1};
    auto& large = kernels_["large"] = facts_of("large");
    large.static_shared_bytes = 50000;
  }
  ~FakeModule() override { memory_.release(table_); }

  std::vector<std::string> kernel_names() const override {
    std::vector<std::string> names;
    for (const auto& entry : kernels_) names.push_back(entry.first);
    return names;
  }
  const KernelFacts* kernel(std::string_view name) const override {
    const auto it = kernels_.find(name);
    return it == kernels_.end() ? nullptr : &it->second;
  }
  Global global(std::string_view name) const override { return name == "table" ? Global{table_, 64} : Global{}; }
  unsigned ptx_version() const override { return 80; }
  unsigned target() const override { return 80; }

 private:
  AddressSpace& memory_;
  std::uint64_t table_;
  std::map<std::string, KernelFacts, std::less<>> kernels_;
};

}  // namespace

namespace fake {

Gate& gate() {
  static auto* instance = new Gate;
  return *instance;
}

LaunchRequest last_request() {
  const std::lock_guard lock(request_mutex);
  return request_copy;
}

}  // namespace fake

std::shared_ptr<LoadedModule> LoadedModule::load(std::string text, AddressSpace& memory, Error& error) {
  if (text.find("broken") != std::string::npos) {
    error = {218, "ptxas application ptx input, line 4; fatal   : Parsing error near 'broken': syntax error"};
    return nullptr;
  }
  if (text.find("9.9") != std::string::npos) {
    error = {222, "ptxas fatal   : Unsupported .version 9.9; current version is '9.0'"};
    return nullptr;
  }
  return std::make_shared<FakeModule>(memory);
}

namespace {

/// Texts one behind the other; "undefined" anywhere fails at the end, "twice" at once.
class FakeLink final : public Link {
 public:
  LoadedModule::Error add(std::string name, std::string text) override {
    if (text.find("broken") != std::string::npos) return {218, "ptxas fatal   : broken"};
    if (text.find("twice") != std::string::npos) return {300, "error   : Multiple definition in '" + name + "'"};
    image_ += text;
    return {};
  }
  LoadedModule::Error finish(std::string& image) override {
    if (image_.find("undefined") != std::string::npos) return {300, "error   : Undefined reference"};
    image = image_;
    return {};
  }

 private:
  std::string image_;
};

}  // namespace

std::unique_ptr<Link> Link::make() { return std::make_unique<FakeLink>(); }

std::string why_not_runnable(LoadedModule&, std::string_view kernel) {
  return kernel == "refused" ? "opcode 'wgmma' (PTX line 212) is not supported" : "";
}

LaunchOutcome run(AddressSpace&, const LaunchRequest& request, const std::function<void(std::string_view)>& print) {
  {
    const std::lock_guard lock(request_mutex);
    request_copy = request;
  }
  if (request.kernel == "hold") fake::gate().pass();
  if (request.kernel == "fault") return {700, "kernel 'fault', block (0, 0, 0): an illegal address"};
  if (request.kernel == "print") print("hello from a kernel\n");
  if (request.kernel == "store") {
    std::uint64_t address = 0;
    std::memcpy(&address, request.parameters.data(), 8);
    std::memcpy(reinterpret_cast<void*>(address), request.parameters.data() + 8, 4);
  }
  return {};
}

}  // namespace cujitsu::softgpu
