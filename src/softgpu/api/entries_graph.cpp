// SPDX-License-Identifier: MIT
// Graphs as a whole, and executable graphs.
#include "softgpu/api/call.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/graph_nodes.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace cujitsu::softgpu::api {
namespace {

constexpr int structure_is_invalid = 2;  // CUDA_GRAPH_INSTANTIATE_INVALID_STRUCTURE

GraphExecHandle instantiate(GraphHandle handle, std::uint64_t flags, NodeHandle& node_in_circle) {
  const auto graph = graph_of(handle);
  if ((flags & ~std::uint64_t{0xf}) != 0)
    fail(result::invalid_value, fmt::format("{:#x} are no instantiation flags", flags));
  if ((flags & 4) != 0) fail(result::not_supported, "launching graphs from kernels is not supported");
  return registries().graph_execs.add(std::make_shared<GraphExec>(*graph, flags, node_in_circle));
}

Result update(GraphExecHandle exec, GraphHandle graph, GraphUpdateResult& outcome) {
  return answer("cuGraphExecUpdate", [&] {
    outcome = {1, nullptr, nullptr};  // until it is known better
    const auto mismatch = exec_of(exec)->update(*graph_of(graph));
    outcome = {0, nullptr, nullptr};
    if (!mismatch) return;
    outcome = {mismatch->result, mismatch->node, mismatch->from};
    fail(result::graph_update_failure, mismatch->why);
  });
}

}  // namespace

extern "C" {

Result cuGraphCreate(GraphHandle* handle, unsigned flags) {
  return answer_in_context("cuGraphCreate", [&](Context& context) {
    check_pointer(handle, "the graph");
    if (flags != 0) fail(result::invalid_value, "the flags are not 0");
    auto graph = std::make_shared<Graph>();
    graph->context = context.weak_from_this();
    graph->handle = registries().graphs.add(graph);
    *handle = graph->handle;
  });
}

Result cuGraphDestroy(GraphHandle handle) {
  return answer("cuGraphDestroy", [&] {
    (void)graph_of(handle);
    registries().graphs.remove(handle);
  });
}

Result cuGraphClone(GraphHandle* handle, GraphHandle original) {
  return answer("cuGraphClone", [&] {
    check_pointer(handle, "the clone");
    const auto graph = graph_of(original);
    const auto nodes = snapshot_of(*graph);
    auto clone = std::make_shared<Graph>();
    clone->context = graph->context;
    clone->objects = objects_of(*graph);
    std::unique_lock lock(clone->mutex);
    for (const auto& node : nodes) add_node(*clone, *node.content, {})->original = node.handle;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      for (const auto dependency : nodes[i].dependencies)
        clone->nodes[i]->dependencies.push_back(clone->nodes[dependency]);
    lock.unlock();
    clone->handle = registries().graphs.add(clone);
    *handle = clone->handle;
  });
}

Result cuGraphInstantiateWithFlags(GraphExecHandle* exec, GraphHandle graph, unsigned long long flags) {
  return answer("cuGraphInstantiateWithFlags", [&] {
    check_pointer(exec, "the executable graph");
    NodeHandle node_in_circle = nullptr;
    *exec = instantiate(graph, flags, node_in_circle);
  });
}

Result cuGraphInstantiateWithParams(GraphExecHandle* exec, GraphHandle graph, GraphInstantiateParameters* parameters) {
  return answer("cuGraphInstantiateWithParams", [&] {
    check_pointer(exec, "the executable graph");
    check_pointer(parameters, "the parameters");
    parameters->error_node = nullptr;
    parameters->result = 1;  // until it has worked
    try {
      *exec = instantiate(graph, parameters->flags, parameters->error_node);
    } catch (const Failure&) {
      if (parameters->error_node != nullptr) parameters->result = structure_is_invalid;
      throw;
    }
    parameters->result = 0;
  });
}

Result cuGraphExecGetFlags(GraphExecHandle exec, std::uint64_t* flags) {
  return answer("cuGraphExecGetFlags", [&] {
    check_pointer(flags, "the flags");
    *flags = exec_of(exec)->flags;
  });
}

Result cuGraphExecUpdate(GraphExecHandle exec, GraphHandle graph, NodeHandle* error_node, int* result) {
  GraphUpdateResult outcome{};
  const auto code = update(exec, graph, outcome);
  if (error_node != nullptr) *error_node = outcome.error_node;
  if (result != nullptr) *result = outcome.result;
  return code;
}

Result cuGraphExecUpdate_v2(GraphExecHandle exec, GraphHandle graph, GraphUpdateResult* result) {
  GraphUpdateResult outcome{};
  const auto code = update(exec, graph, outcome);
  if (result != nullptr) *result = outcome;
  return code;
}

Result cuGraphUpload(GraphExecHandle exec, StreamHandle stream) {
  return answer_in_context("cuGraphUpload", [&](Context&) {
    (void)exec_of(exec);
    (void)stream_of(stream);  // and nothing to move: the nodes run from where they are
  });
}

Result cuGraphLaunch(GraphExecHandle handle, StreamHandle stream_handle) {
  return answer_in_context("cuGraphLaunch", [&](Context&) {
    const auto exec = exec_of(handle);
    const auto [context, stream] = stream_of(stream_handle);
    if (!is_same_owner(exec->context, context->weak_from_this()))
      fail(result::invalid_value, "the graph and the stream are of different contexts");
    context->submit(*stream, exec->plan());
  });
}

Result cuGraphExecDestroy(GraphExecHandle handle) {
  return answer("cuGraphExecDestroy", [&] {
    (void)exec_of(handle);
    registries().graph_execs.remove(handle);
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
