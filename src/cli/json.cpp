// SPDX-License-Identifier: MIT
#include "cli/json.hpp"

#include <cujitsu/errors.hpp>

#include <array>
#include <string>

namespace cujitsu::cli {
namespace {

const char* kind_name(ParameterKind kind) noexcept {
  constexpr std::array names{"integer", "floating", "pointer", "aggregate", "unknown"};
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names[index] : "unknown";
}

Json parameters_json(const KernelSignature& signature) {
  Json result = Json::array();
  for (const auto& parameter : signature.parameters)
    result.push_back({{"name", parameter.name},
                      {"kind", kind_name(parameter.kind)},
                      {"size", parameter.size},
                      {"alignment", parameter.alignment},
                      {"offset", parameter.offset},
                      {"c_type", parameter.c_type},
                      {"pointee", parameter.pointee},
                      {"pointee_is_const", parameter.pointee_is_const}});
  return result;
}

/// The class's name in C++ and Python alike.
const char* class_name(const std::exception& error) noexcept {
  if (dynamic_cast<const LoadError*>(&error) != nullptr) return "LoadError";
  if (dynamic_cast<const CompileForbiddenError*>(&error) != nullptr) return "CompileForbiddenError";
  if (dynamic_cast<const CompileError*>(&error) != nullptr) return "CompileError";
  if (dynamic_cast<const OutOfMemoryError*>(&error) != nullptr) return "OutOfMemoryError";
  if (dynamic_cast<const LaunchError*>(&error) != nullptr) return "LaunchError";
  if (dynamic_cast<const DriverError*>(&error) != nullptr) return "DriverError";
  if (dynamic_cast<const ArgumentError*>(&error) != nullptr) return "ArgumentError";
  if (dynamic_cast<const CacheError*>(&error) != nullptr) return "CacheError";
  return "Error";
}

}  // namespace

void print_json(Console& console, const Json& value) {
  console.out << value.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

Json to_json(std::span<const KernelInfo> kernels) {
  Json result = Json::array();
  for (const auto& kernel : kernels)
    result.push_back({{"name", kernel.name},
                      {"lowered_name", kernel.lowered_name},
                      {"signature", kernel.signature.to_string()},
                      {"parameters", parameters_json(kernel.signature)},
                      {"registers", kernel.resources.registers},
                      {"shared_bytes", kernel.resources.shared_bytes},
                      {"local_bytes", kernel.resources.local_bytes},
                      {"constant_bytes", kernel.resources.constant_bytes}});
  return result;
}

Json to_json(std::span<const Diagnostic> diagnostics) {
  Json result = Json::array();
  for (const auto& diagnostic : diagnostics)
    result.push_back({{"file", diagnostic.file},
                      {"line", diagnostic.line},
                      {"column", diagnostic.column},
                      {"severity", diagnostic.severity},
                      {"code", diagnostic.code},
                      {"text", diagnostic.text},
                      {"source", diagnostic.source}});
  return result;
}

Json to_json(const CompilerInfo& compiler) {
  return {{"name", "NVRTC"}, {"version", compiler.version()}, {"library", compiler.library}};
}

Json to_json(std::span<const std::pair<std::string, std::string>> lowered_names) {
  Json result = Json::object();
  for (const auto& [name, lowered] : lowered_names) result[name] = lowered;
  return result;
}

Json error_json(const std::exception& error) {
  Json details{{"class", class_name(error)}, {"message", error.what()}};
  if (const auto* load = dynamic_cast<const LoadError*>(&error)) details["tried"] = load->tried();
  if (const auto* compile = dynamic_cast<const CompileError*>(&error)) {
    details["name"] = compile->name();
    details["hint"] = compile->hint();
    details["diagnostics"] = to_json(compile->diagnostics());
    details["options"] = compile->options();
    details["log"] = compile->log();
    details["code"] = compile->code();
  }
  if (const auto* forbidden = dynamic_cast<const CompileForbiddenError*>(&error)) {
    details["key"] = forbidden->key();
    details["reason"] = forbidden->reason();
  }
  if (const auto* driver = dynamic_cast<const DriverError*>(&error)) {
    details["code"] = driver->code();
    details["name"] = driver->name();
    details["call"] = driver->call();
    details["object"] = driver->object();
  }
  return {{"error", std::move(details)}};
}

}  // namespace cujitsu::cli
