// SPDX-License-Identifier: MIT
#include "driver/capture_advice.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>

namespace cujitsu::driver {
namespace {

/// "cuMemcpyHtoD" -> "memcpy_htod", "cuMemsetD8" -> "memset_d8": as the caller knows it.
std::string own_name(std::string_view call) {
  std::string name;
  for (const char letter : call.substr(call.starts_with("cu") ? 2 : 0)) {
    const bool is_upper = std::isupper(static_cast<unsigned char>(letter)) != 0;
    if (is_upper && (letter == 'H' || letter == 'D') && name.find('_') == std::string::npos && !name.empty())
      name += '_';
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return name;
}

struct Rule {
  std::string_view call;
  const char* advice;
};

constexpr const char* wait_advice =
    "Waiting is illegal while a stream is being captured: captured work does not run, so that there is nothing to wait "
    "for. Synchronise before the capture, or after the graph's launch";
constexpr const char* query_advice =
    "Asking whether work has ended is illegal while a stream is being captured: captured work does not run. Ask before "
    "the capture, or after the graph's launch";
constexpr const char* allocation_advice =
    "Allocating is illegal while a stream is being captured, as it may wait for the device. Allocate before the "
    "capture; In, Out and InOut allocate at each launch, so pass device memory and copy with memcpy_htod_async and "
    "memcpy_dtoh_async";

constexpr std::array unsupported_rules{
    Rule{"cuStreamSynchronize", wait_advice},
    Rule{"cuCtxSynchronize", wait_advice},
    Rule{"cuEventSynchronize", wait_advice},
    Rule{"cuStreamQuery", query_advice},
    Rule{"cuEventQuery", query_advice},
    Rule{"cuEventElapsedTime", query_advice},
    Rule{"cuMemAlloc", allocation_advice},
    Rule{"cuMemHostAlloc", allocation_advice},
    Rule{"cuMemAllocAsync", allocation_advice},
    Rule{"cuStreamBeginCapture", "The legacy default stream can not be captured: capture a Stream of your own"},
};

/// A copy or fill that returns when it is done.
bool is_plain_copy(std::string_view call) {
  return (call.starts_with("cuMemcpy") || call.starts_with("cuMemset")) && !call.ends_with("Async");
}

std::string copy_advice(std::string_view call, std::string_view reason) {
  const auto name = own_name(call);
  return fmt::format(
      "{0} {1}, which is illegal while a stream is being captured: use {0}_async in the captured stream{2}, "
      "or call {0} before the capture",
      name, reason, call == "cuMemcpyHtoD" || call == "cuMemcpyDtoH" ? ", with page-locked memory" : "");
}

std::string unsupported(std::string_view call) {
  for (const auto& rule : unsupported_rules)
    if (rule.call == call) return rule.advice;
  if (is_plain_copy(call)) return copy_advice(call, "waits for the device");
  return fmt::format("{} is illegal while a stream is being captured: call it before the capture or after it", call);
}

std::string wrong_state(std::string_view call) {
  if (call == "cuStreamBeginCapture")
    return "The stream is being captured already, and that capture is invalid now: end it before another is begun";
  if (call == "cuStreamEndCapture")
    return "The stream is not being captured any more: the capture was ended by somebody else, and its graph went "
           "there";
  return {};
}

}  // namespace

std::string capture_advice(Result result, std::string_view call) {
  const bool ends = call == "cuStreamEndCapture";
  switch (result) {
    case result::illegal_state: return wrong_state(call);
    case result::capture_unsupported: return unsupported(call);
    case result::capture_invalidated:
      return ends
                 ? "There is no graph: a call within the capture was illegal, and its own error says which and what to "
                   "do instead"
                 : "An earlier call within the capture was illegal, and its own error says what to do instead; end "
                   "this capture and begin again without that call";
    case result::capture_merge:
      return "Two captures can not become one: let streams wait only for events of their own capture, and capture the "
             "other stream's work by waiting in it for an event of this one";
    case result::capture_unmatched:
      return "The stream has joined a capture that was begun on another stream: end it there";
    case result::capture_unjoined:
      return "There is no graph: a stream that joined the capture by an event does not lead back. Record an event in "
             "that stream after its last work, and let the captured stream wait for it";
    case result::capture_isolation:
      return "A stream under capture can not wait for work outside the capture: wait before the capture begins, or let "
             "the stream that the graph is launched in wait for it";
    case result::capture_implicit:
      if (is_plain_copy(call)) return copy_advice(call, "runs in the legacy default stream and waits for all others");
      return "The legacy default stream (no stream named) waits for every blocking stream, which is illegal while one "
             "is being captured: name the captured stream in the call, or capture a non-blocking Stream";
    case result::captured_event:
      return "The event was last recorded within a capture, where it marks a place in the graph and no time: use "
             "another event for work outside";
    case result::capture_wrong_thread:
      return "The capture must end in the thread that began it; CaptureMode::relaxed (\"relaxed\") allows any thread";
    default: return {};
  }
}

}  // namespace cujitsu::driver
