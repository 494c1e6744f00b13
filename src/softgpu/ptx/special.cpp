// SPDX-License-Identifier: MIT
// The names of special registers.
#include "softgpu/ptx/special.hpp"

#include <array>
#include <charconv>
#include <system_error>

namespace cujitsu::softgpu::ptx {
namespace {

struct Named {
  std::string_view name;
  Special special;
  bool has_components = false;
};

constexpr std::array plain = {
    Named{"%tid", Special::tid, true},
    Named{"%ntid", Special::ntid, true},
    Named{"%ctaid", Special::ctaid, true},
    Named{"%nctaid", Special::nctaid, true},
    Named{"%laneid", Special::laneid},
    Named{"%warpid", Special::warpid},
    Named{"%nwarpid", Special::nwarpid},
    Named{"%smid", Special::smid},
    Named{"%nsmid", Special::nsmid},
    Named{"%gridid", Special::gridid},
    Named{"%lanemask_eq", Special::lanemask_eq},
    Named{"%lanemask_le", Special::lanemask_le},
    Named{"%lanemask_lt", Special::lanemask_lt},
    Named{"%lanemask_ge", Special::lanemask_ge},
    Named{"%lanemask_gt", Special::lanemask_gt},
    Named{"%clock", Special::clock},
    Named{"%clock_hi", Special::clock_hi},
    Named{"%clock64", Special::clock64},
    Named{"%globaltimer", Special::globaltimer},
    Named{"%globaltimer_lo", Special::globaltimer_lo},
    Named{"%globaltimer_hi", Special::globaltimer_hi},
    Named{"%dynamic_smem_size", Special::dynamic_smem_size},
    Named{"%total_smem_size", Special::total_smem_size},
    Named{"%aggr_smem_size", Special::aggr_smem_size},
    Named{"%clusterid", Special::clusterid, true},
    Named{"%nclusterid", Special::nclusterid, true},
    Named{"%cluster_ctaid", Special::cluster_ctaid, true},
    Named{"%cluster_nctaid", Special::cluster_nctaid, true},
    Named{"%cluster_ctarank", Special::cluster_ctarank},
    Named{"%cluster_nctarank", Special::cluster_nctarank},
    Named{"%is_explicit_cluster", Special::is_explicit_cluster},
    Named{"%current_graph_exec", Special::current_graph_exec},
    Named{"%reserved_smem_offset_begin", Special::reserved_smem_offset_begin},
    Named{"%reserved_smem_offset_end", Special::reserved_smem_offset_end},
    Named{"%reserved_smem_offset_cap", Special::reserved_smem_offset_cap},
};

struct Numbered {
  std::string_view prefix;
  Special special;
  unsigned count;
};

constexpr std::array numbered = {
    Numbered{"%envreg", Special::envreg, 32},
    Numbered{"%pm", Special::pm, 8},
    Numbered{"%reserved_smem_offset_", Special::reserved_smem_offset, 2},
};

}  // namespace

std::optional<SpecialRegister> find_special(std::string_view name) noexcept {
  for (const Named& one : plain)
    if (one.name == name) return SpecialRegister{one.special, 0, one.has_components};
  for (const Numbered& one : numbered) {
    if (!name.starts_with(one.prefix)) continue;
    unsigned number = 0;
    const char* const end = name.data() + name.size();
    const auto result = std::from_chars(name.data() + one.prefix.size(), end, number);
    if (result.ec != std::errc{} || result.ptr != end || number >= one.count) continue;
    return SpecialRegister{one.special, static_cast<std::uint8_t>(number), false};
  }
  return std::nullopt;
}

std::optional<std::uint8_t> find_component(std::string_view dot_word) noexcept {
  if (dot_word == ".x") return std::uint8_t{0};
  if (dot_word == ".y") return std::uint8_t{1};
  if (dot_word == ".z") return std::uint8_t{2};
  return std::nullopt;
}

}  // namespace cujitsu::softgpu::ptx
