// SPDX-License-Identifier: MIT
// Decoding div, rcp, sqrt and the approximate functions.
#include "softgpu/engine/ops/float_words.hpp"

namespace cujitsu::softgpu {

using ptx::Type;

Decoding decode_float_function(FloatRequest request) {
  FloatWords& words = request.words;
  const std::string_view opcode = request.instruction.opcode;
  const Type type = words.types().front();
  const bool divides = opcode == "div";
  const auto finished = [&](FloatOp op, std::uint32_t variant, std::uint32_t code = 0) {
    const std::uint32_t key = float_key(op, type, variant);
    return divides ? finish(request, key, {type, type, type}, code) : finish(request, key, {type, type}, code);
  };

  // In every rounding.
  if (opcode == "div" || opcode == "rcp" || opcode == "sqrt") {
    if (const auto rounding = words.take_rounding()) {
      const bool flush = type == Type::f32 && words.take("ftz");
      const std::uint32_t code = float_mode(*rounding, flush);
      const FloatOp op = divides ? FloatOp::div : opcode == "rcp" ? FloatOp::rcp : FloatOp::sqrt;
      return finished(op, code != 0 ? variant_moded : 0, code);
    }
  }

  const bool flush = words.take("ftz");
  const std::uint32_t variant = flush ? variant_flushed : 0;
  if (divides && words.take("full")) return finished(FloatOp::full_div, variant);
  if (!words.take("approx")) return refused("'" + words.name() + "' without a rounding is not supported");
  if (type == Type::f64) {
    if (opcode == "rcp" && flush) return finished(FloatOp::seed_rcp, 0);
    if (opcode == "rsqrt") return finished(flush ? FloatOp::seed_rsqrt : FloatOp::rsqrt, 0);
    return refused("'" + words.name() + "' is not supported");
  }
  constexpr struct {
    std::string_view opcode;
    FloatOp op;
  } functions[] = {
      {"div", FloatOp::approximate_div},
      {"rcp", FloatOp::approximate_rcp},
      {"sqrt", FloatOp::approximate_sqrt},
      {"rsqrt", FloatOp::rsqrt},
      {"ex2", FloatOp::ex2},
      {"lg2", FloatOp::lg2},
      {"sin", FloatOp::sin},
      {"cos", FloatOp::cos},
      {"tanh", FloatOp::tanh},
  };
  for (const auto& function : functions) {
    if (opcode == "tanh" && flush) break;  // PTX has none
    if (opcode == function.opcode) return finished(function.op, variant);
  }
  return refused("'" + words.name() + "' is not supported");
}

}  // namespace cujitsu::softgpu
