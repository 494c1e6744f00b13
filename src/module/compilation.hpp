// SPDX-License-Identifier: MIT
// One call of compile(), worked out.
#pragma once

#include "base/header_record.hpp"
#include "cache/entry_format.hpp"
#include "cache/key_material.hpp"
#include "compile/hermetic.hpp"
#include "compile/options.hpp"
#include "nvrtc/toolkit.hpp"

#include <cujitsu/compile_options.hpp>
#include <cujitsu/compiled_code.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cujitsu {

/// The architecture that the user, or else the device, asks for. What this NVRTC makes of it is decided when it compiles,
/// and depends on nothing but this and the compiler, so this may stand in the key: a hit need not load NVRTC to know.
struct ArchRequest {
  std::string arch;
  bool is_explicit = false;
};

/// `source` and `options` must outlive it. One thread.
class Compilation {
 public:
  /// `toolkit` is nullptr where there is no NVRTC: then nothing can be compiled, but an entry may be found. Throws
  /// ArgumentError for an architecture that is none.
  Compilation(std::string_view source, const CompileOptions& options, std::shared_ptr<const nvrtc::Toolkit> toolkit);

  /// Whether it may include something from disk, so that its key is known only together with what that is.
  [[nodiscard]] bool has_closure() const noexcept { return has_closure_; }
  [[nodiscard]] bool has_compiler() const noexcept { return toolkit_ != nullptr; }
  [[nodiscard]] std::string compiler_version() const;  ///< "13.0"

  /// Finds what the program includes; loads NVRTC, which says what the architecture becomes. Empty, or why the result must
  /// not be stored. Throws LoadError, and ArgumentError for a program that can not be hermetic though it is to be.
  [[nodiscard]] std::string find_closure();
  [[nodiscard]] const ClosureRecord& closure() const noexcept { return closure_; }
  /// Whether every header is still as find_closure found it; `changed` says which is not.
  [[nodiscard]] bool closure_still_holds(std::string& changed);

  /// Complete for a program without a closure, else after find_closure.
  [[nodiscard]] const KeyMaterial& material() const noexcept { return material_; }

  /// Whether a stored compile is this one: the same request and compiler, and every header as it was then.
  [[nodiscard]] bool is_answered_by(const StoredEntry& entry) const;
  /// An entry that was clamped for a device is no answer to somebody who asks for that device's own architecture.
  [[nodiscard]] bool is_wanted_arch(const CompiledCode& code) const;

  /// What decides the outcome beside the key: how an architecture that NVRTC does not know is taken.
  [[nodiscard]] std::string_view variant() const noexcept { return arch_.is_explicit ? "explicit" : "device"; }

  /// Runs NVRTC. Throws CompileError, LoadError, ArgumentError.
  [[nodiscard]] CompiledCode run();

 private:
  [[nodiscard]] compiler::CompilerVersion version() const;
  /// What this NVRTC makes of the architecture that was asked for. Throws LoadError, ArgumentError.
  [[nodiscard]] std::string actual_arch() const;
  [[nodiscard]] bool has_its_headers(const StoredEntry& entry) const;
  /// For precompiled headers, where find_closure was not called.
  void find_leading();

  std::string_view source_;
  const CompileOptions& options_;
  std::shared_ptr<const nvrtc::Toolkit> toolkit_;
  ArchRequest arch_;
  bool has_closure_ = false;
  KeyMaterial material_;
  std::string request_;  ///< the request's bytes, where there is a closure or no compiler
  ClosureRecord closure_;
  bool has_looked_for_leading_ = false;
  std::optional<ClosureRecord> leading_;               ///< of what can be precompiled, where that is asked for
  std::optional<compiler::HermeticProgram> hermetic_;  ///< what NVRTC is given, where that is asked for
};

}  // namespace cujitsu
