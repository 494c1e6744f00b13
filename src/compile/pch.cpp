// SPDX-License-Identifier: MIT
#include "compile/pch.hpp"

#include "base/log.hpp"
#include "compile/diagnostics.hpp"
#include "compile/include_closure.hpp"
#include "compile/pch_fingerprint.hpp"
#include "compile/pch_places.hpp"

#include <algorithm>
#include <optional>
#include <shared_mutex>
#include <utility>

namespace cujitsu::compiler {
namespace {

using State = PchPlaces::State;

constexpr std::size_t most_heap_bytes = std::size_t{4} << 30;

/// What is said in the headers is said only by the compile that precompiles them: the others would log less without it.
bool speaks_of_headers(std::string_view log, const std::string& name, int next_line) {
  const auto diagnostics = parse_log(log, {}, {});
  return std::ranges::any_of(diagnostics, [&](const Diagnostic& diagnostic) {
    return diagnostic.file != name || diagnostic.line < next_line;
  });
}

/// Whether every file is the one that was found, and unchanged since.
bool is_as_found(const ClosureRecord& found) {
  auto now = found;
  std::string changed;
  return refresh(now, changed) &&
         std::ranges::equal(found.headers, now.headers, [](const HeaderRecord& a, const HeaderRecord& b) {
           auto before = a.stamp;
           before.settled = b.stamp.settled;
           return before == b.stamp;
         });
}

}  // namespace

struct PchUse::Parts {
  const RunRequest request;
  PchPrefix prefix;
  std::string fingerprint;
  PchPlaces& places;
  PchPlaces::Turn turn;
  std::shared_lock<std::shared_mutex> heap;
  bool has_ended = false;

  void settle(State state) { places.settle(fingerprint, state); }

  /// The heap was too small: the headers are made again, by the next compile that wants them.
  void grow_heap(std::size_t required) {
    const auto& api = request.nvrtc.api;
    heap.unlock();
    const std::unique_lock exclusive(places.heap());
    std::size_t size = 0;
    if (required == 0 || api.nvrtcGetPCHHeapSize(&size) != nvrtc::result::success) return settle(State::bad);
    const auto wanted = required + required / 4;  // so that the next, a little larger, needs no other
    if (wanted > most_heap_bytes) return settle(State::bad);
    if (size < wanted && api.nvrtcSetPCHHeapSize(wanted) != nvrtc::result::success) return settle(State::bad);
    log::debug("the heap for precompiled headers grows from {} to {} bytes", size, wanted);
    if (size < wanted) places.forget_ready();  // it has gone with the old heap
    settle(State::empty);
  }
};

PchUse::PchUse(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

std::unique_ptr<PchUse> PchUse::begin(const RunRequest& request) {
  const auto& options = request.options;
  const auto& nvrtc = request.nvrtc;
  if (options.pch != Pch::automatic) return nullptr;
  if (!nvrtc.api.has_precompiled_headers()) {
    log::debug("{}: headers are not precompiled: NVRTC {}.{} is older than 12.8", options.name, nvrtc.major,
               nvrtc.minor);
    return nullptr;
  }
  const auto prefix = request.leading == nullptr ? std::nullopt : pch_prefix(request.source);
  auto fingerprint = prefix ? pch_fingerprint(request.source.substr(0, prefix->bytes), options, request.nvrtc_options,
                                              *request.leading)
                            : std::nullopt;
  if (!fingerprint) {
    log::debug("{}: headers are not precompiled: it does not begin with #include lines whose files can be told",
               options.name);
    return nullptr;
  }
  *fingerprint += nvrtc.path;  // another NVRTC has another heap
  auto& places = PchPlaces::of_this_process();
  auto turn = places.take(*fingerprint);
  if (!turn) return nullptr;
  auto parts =
      std::unique_ptr<Parts>(new Parts{request, *prefix, std::move(*fingerprint), places, std::move(*turn), {}, false});
  parts->heap = std::shared_lock(places.heap());
  return std::unique_ptr<PchUse>(new PchUse(std::move(parts)));
}

PchUse::~PchUse() {
  if (!parts_->has_ended && parts_->turn.makes) parts_->settle(State::empty);
}

const PchPrefix& PchUse::prefix() const noexcept { return parts_->prefix; }

std::vector<std::string> PchUse::options() const {
  // 20283: "PCH creation disabled because #line directive encountered", which is behind what is precompiled.
  return {"--pch", "--pch-dir=" + parts_->turn.folder, "--pch-messages=false", "--pch-verbose=false",
          "--diag-suppress=20283"};
}

bool PchUse::end(nvrtc::ProgramHandle program, std::string_view log) {
  auto& parts = *parts_;
  const auto& api = parts.request.nvrtc.api;
  parts.has_ended = true;
  const auto& name = parts.request.options.name;
  const auto status = api.nvrtcGetPCHCreateStatus(program);
  if (!parts.turn.makes) {
    // Else NVRTC did not take them and has made others, of the files as they are now, whatever the fingerprint says.
    if (status == nvrtc::result::pch_not_attempted) return true;
    parts.places.forget_ready(parts.fingerprint, parts.turn.folder);
    return status == nvrtc::result::success;
  }
  if (status == nvrtc::result::pch_heap_exhausted) {
    std::size_t required = 0;
    if (api.nvrtcGetPCHHeapSizeRequired(program, &required) != nvrtc::result::success) required = 0;
    parts.grow_heap(required);
    return false;
  }
  if (status != nvrtc::result::success) {
    log::debug("{}: headers are not precompiled: NVRTC says: {}", name, api.nvrtcGetErrorString(status));
    parts.settle(State::bad);
    return false;
  }
  if (speaks_of_headers(log, name, parts.prefix.next_line)) {
    log::debug("{}: headers are not precompiled: there are warnings in them, which would then be lost", name);
    parts.settle(State::bad);
    return false;
  }
  // A file that was changed meanwhile may be in them with either content.
  if (is_as_found(*parts.request.leading)) {
    log::debug("{}: its headers are precompiled now", name);
    parts.settle(State::ready);
  } else {
    parts.settle(State::empty);
  }
  return true;
}

}  // namespace cujitsu::compiler
