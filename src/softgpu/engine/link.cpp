// SPDX-License-Identifier: MIT
#include "softgpu/engine/link.hpp"

#include "softgpu/engine/load_errors.hpp"
#include "softgpu/engine/lowering.hpp"
#include "softgpu/ptx/link_image.hpp"
#include "softgpu/ptx/linker.hpp"
#include "softgpu/ptx/parser.hpp"

#include <utility>
#include <vector>

namespace cujitsu::softgpu {
namespace {

class PtxLink final : public Link {
 public:
  LoadedModule::Error add(std::string name, std::string text) override {
    if (failure_.code != 0) return failure_;
    try {
      auto units = ptx::unpack_units(std::move(text));
      for (auto& unit : units) {
        if (units.size() == 1) unit.name = name;
        auto module = ptx::parse(unit.text);
        linker_.add(unit.name, std::move(module));
        texts_.push_back(std::move(unit));
      }
      return {};
    } catch (const ptx::ParseError& error) {
      return to_error(error);
    } catch (const ptx::LinkError& error) {
      return failure_ = to_error(error);
    }
  }

  LoadedModule::Error finish(std::string& image) override {
    if (failure_.code != 0) return failure_;
    try {
      (void)std::move(linker_).finish(is_runtime_function);
      image = ptx::pack_units(texts_);
      return {};
    } catch (const ptx::LinkError& error) {
      return failure_ = to_error(error);
    }
  }

 private:
  ptx::Linker linker_;
  std::vector<ptx::NamedText> texts_;
  LoadedModule::Error failure_;
};

}  // namespace

std::unique_ptr<Link> Link::make() { return std::make_unique<PtxLink>(); }

}  // namespace cujitsu::softgpu
