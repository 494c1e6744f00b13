// SPDX-License-Identifier: MIT
// A PTX module as it is written, with names resolved as far as one function's text allows.
#pragma once

#include "softgpu/ptx/types.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Every string_view points into one of Module::texts, which outlive the rest.
namespace cujitsu::softgpu::ptx {

/// Where an instruction comes from.
struct Location {
  std::uint32_t ptx_line = 0;  ///< counted from 1
  std::uint32_t file = 0;      ///< of the last .loc: index of a .file, 0: none
  std::uint32_t line = 0;      ///< of the last .loc: line of the CUDA source, 0: none
};

/// Special registers, "%tid.x" with its component taken apart.
enum class Special : std::uint8_t {
  tid,
  ntid,
  ctaid,
  nctaid,  // with a component
  laneid,
  warpid,
  nwarpid,
  smid,
  nsmid,
  gridid,
  lanemask_eq,
  lanemask_le,
  lanemask_lt,
  lanemask_ge,
  lanemask_gt,
  clock,
  clock_hi,
  clock64,
  globaltimer,
  globaltimer_lo,
  globaltimer_hi,
  envreg,  // component: the number
  dynamic_smem_size,
  total_smem_size,
  aggr_smem_size,
  clusterid,
  nclusterid,
  cluster_ctaid,
  cluster_nctaid,  // with a component
  cluster_ctarank,
  cluster_nctarank,
  is_explicit_cluster,
  pm,  // component: the number
  current_graph_exec,
  reserved_smem_offset_begin,
  reserved_smem_offset_end,
  reserved_smem_offset_cap,
  reserved_smem_offset,  // component: the number
};

struct Operand {
  enum class Kind : std::uint8_t {
    reg,        ///< index: into Function::registers; also the predicate operands; `negated` for !%p; name: the
                ///< selector of a video instruction's operand, else empty
    integer,    ///< bits: two's complement, as 64 bits
    float32,    ///< bits: of 0fXXXXXXXX
    float64,    ///< bits: of 0dXXXXXXXXXXXXXXXX or a decimal literal
    special,    ///< special, component (0 x, 1 y, 2 z; or the number of envreg, pm, …)
    symbol,     ///< name, offset: a variable's or function's address, name+offset. `index`: see there
    label,      ///< index: into Function::labels
    address,    ///< [base + offset]: `base` is reg (index), symbol (name, index) or none (an absolute address in
                ///< `offset`). What follows a comma in the brackets, as of textures, is in `elements`
    vector,     ///< {a, b, …}: elements
    sink,       ///< _
    prototype,  ///< index: into Function::prototypes (operand of an indirect call)
    list,       ///< ( … ) of a call: elements. Also branch target lists named by label: elements are labels
  };
  enum class Base : std::uint8_t { none, reg, symbol };

  Kind kind = Kind::sink;
  Base base = Base::none;
  bool negated = false;
  Special special{};
  std::uint8_t component = 0;
  /// Of a symbol, 1 + the index into Function::variables that its name means here (scopes may repeat names); 0: a
  /// parameter or result of the function, else a variable or function of the module.
  std::uint32_t index = 0;
  std::uint64_t bits = 0;
  std::int64_t offset = 0;
  std::string_view name;
  std::vector<Operand> elements;
  /// The second of a pair "%r|%p" (shfl, setp, match, elect), else empty or one element.
  std::vector<Operand> second;
};

struct Guard {
  std::uint32_t reg = 0;
  bool negated = false;
};

struct Instruction {
  std::string_view opcode;  ///< "ld"
  /// "global", "v4", "f32", "L2::128B": in order, without the dots. Behind them come the selectors that video
  /// instructions have at their operands ("b0" of %r1.b0), so that no decoder overlooks them.
  std::vector<std::string_view> modifiers;
  std::optional<Guard> guard;
  /// As written, destination first. Of a call always: a list of the results, the callee (symbol or reg), a list of the
  /// arguments, and only if it is given the prototype of an indirect call. Lists that are not written are empty. A
  /// .calltargets list becomes the prototype of the functions in it. The label operand of brx.idx, which names a
  /// .branchtargets, becomes the list of its labels; only in the latter case the list has a name.
  std::vector<Operand> operands;
  Location location;
};

struct Register {
  std::string_view name;  ///< of a vector register's elements: the same
  Type type = Type::none;
};

/// One value of an initialiser.
struct InitialValue {
  std::uint64_t bits = 0;   ///< of the variable's element type; ignored with a symbol
  std::string_view symbol;  ///< address of a variable or function, plus `bits` as a signed offset
  bool generic = false;     ///< generic(symbol)
  std::uint64_t mask = 0;   ///< mask(symbol): 0xFF… shows which byte of the address this element is; 0: all
};

struct Variable {
  enum class Linkage : std::uint8_t { none, external, visible, weak, common };
  Space space = Space::generic;
  Linkage linkage = Linkage::none;
  Type type = Type::none;   ///< of an element
  unsigned vector = 1;      ///< .v2, .v4
  unsigned alignment = 0;   ///< bytes; 0: natural
  bool is_pointer = false;  ///< kernel parameter with .ptr
  bool is_array = false;
  bool is_unsized = false;     ///< x[] of .extern .shared
  std::uint64_t elements = 1;  ///< product of the dimensions
  std::string_view name;
  std::vector<InitialValue> values;  ///< flattened; shorter than `elements`: the rest is 0
  std::uint32_t ptx_line = 0;

  [[nodiscard]] std::uint64_t bytes() const noexcept;
  [[nodiscard]] unsigned align() const noexcept;  ///< with natural alignment filled in
};

/// What a function takes and returns; also .callprototype.
struct Prototype {
  std::string_view name;
  std::vector<Variable> results;     ///< .param or .reg
  std::vector<Variable> parameters;  ///< .param or .reg
  bool noreturn = false;
};

struct BranchTargets {  // .branchtargets
  std::string_view name;
  std::vector<std::uint32_t> labels;
};

struct Label {
  std::string_view name;
  std::uint32_t instruction = 0;  ///< index of the instruction that follows it; may be instructions.size()
};

struct Function {
  Prototype prototype;
  bool is_entry = false;
  bool is_defined = false;  ///< has a body
  Variable::Linkage linkage = Variable::Linkage::none;
  /// .reg results and parameters come first, in order. Of %r<100> only those that are named somewhere; the elements of
  /// a vector register are registers of their own, one behind the other.
  std::vector<Register> registers;
  std::vector<Variable>
      variables;  ///< .local, .shared, .param, .const, .global of the body, scopes flattened: names may repeat
  std::vector<Label> labels;
  std::vector<Prototype> prototypes;
  std::vector<BranchTargets> branch_targets;
  std::vector<Instruction> instructions;
  std::array<std::uint32_t, 3> max_threads{};       ///< .maxntid, 0: not given
  std::array<std::uint32_t, 3> required_threads{};  ///< .reqntid
  std::uint32_t max_registers = 0;                  ///< .maxnreg
  std::uint32_t min_blocks = 0;                     ///< .minnctapersm
  std::array<std::uint32_t, 3> cluster{};           ///< .reqnctapercluster
  std::uint32_t ptx_line = 0;
};

struct SourceFile {
  std::uint32_t index = 0;
  std::string name;
};

struct Module {
  std::vector<std::shared_ptr<const std::string>> texts;  ///< the PTX; of linked modules all of them, and new names
  unsigned version_major = 0;
  unsigned version_minor = 0;
  std::string_view target;     ///< "sm_80", "sm_90a"
  unsigned target_number = 0;  ///< 80
  char target_suffix = '\0';   ///< 'a', 'f'
  unsigned address_bits = 64;
  std::vector<Variable> variables;
  std::vector<Function> functions;  ///< declarations without a definition included
  std::vector<SourceFile> files;
};

}  // namespace cujitsu::softgpu::ptx
