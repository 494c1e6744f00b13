// SPDX-License-Identifier: MIT
// Adding nodes to graphs, and the parameters and attributes of kernel nodes, in graphs and in instances.
#include "softgpu/api/call.hpp"
#include "softgpu/api/copy.hpp"
#include "softgpu/api/entry_points.hpp"
#include "softgpu/api/graph_nodes.hpp"
#include "softgpu/api/launch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cujitsu::softgpu::api {
namespace {

KernelNodeParameters widened(const KernelNodeParametersV1& it) {
  return {it.function, it.grid_x, it.grid_y,     it.grid_z, it.block_x, it.block_y,
          it.block_z,  it.shared, it.parameters, it.extra,  nullptr,    nullptr};
}

/// The launch that a node's parameters ask for. `earlier`: what the node did before, whose attributes it keeps.
std::shared_ptr<KernelLaunch> prepare_node(const KernelNodeParameters& it, const KernelLaunch* earlier) {
  auto function = it.function;
  std::shared_ptr<Context> context;
  if (const auto known = registries().functions.find(function)) {
    const auto module = known->module.lock();
    if (module == nullptr) fail(result::invalid_handle, "the kernel's module was unloaded");
    context = module->context.lock();
    if (context == nullptr) fail(result::invalid_handle, "the kernel's context was destroyed");
  } else if (function != nullptr) {
    context = current_context();  // a kernel in the place of a function
  } else {
    if (it.kernel == nullptr) fail(result::invalid_value, "neither a function nor a kernel is given");
    function = reinterpret_cast<FunctionHandle>(kernel_of(it.kernel)->handle);
    context = it.context != nullptr ? context_of(it.context) : current_context();
  }
  context->check_alive();
  LaunchShape shape{
      .grid = {it.grid_x, it.grid_y, it.grid_z}, .block = {it.block_x, it.block_y, it.block_z}, .shared = it.shared};
  if (earlier != nullptr) {
    shape.cooperative = earlier->shape.cooperative;
    shape.attributes = earlier->shape.attributes;
  }
  if (shape.cooperative && it.extra != nullptr)
    fail(result::invalid_value, "a cooperative kernel takes its parameters by 'kernelParams', not by 'extra'");
  return prepare(function, *context, std::move(shape), it.parameters, it.extra);
}

const KernelLaunch& kernel_in(const NodeContent& content) {
  if (content.kernel == nullptr) fail(result::invalid_value, "the node is no kernel node");
  return *content.kernel;
}

template <class Make>
Result add(const char* function, NodeHandle* handle, GraphHandle graph_handle, const NodeHandle* dependencies,
           std::size_t count, Make&& make) {
  return answer_in_context(function, [&](Context&) {
    check_pointer(handle, "the node");
    const auto graph = graph_of(graph_handle);
    auto content = make(*graph);
    const std::lock_guard lock(graph->mutex);
    *handle = add_node(*graph, std::move(content), nodes_of(*graph, dependencies, count))->handle;
  });
}

void check_context(const Graph& graph, ContextHandle context) {
  if (!is_same_owner(graph.context, context_of(context)->weak_from_this()))
    fail(result::not_supported, "a graph with nodes of several contexts is not supported");
}

Result add_kernel(NodeHandle* node, GraphHandle graph, const NodeHandle* dependencies, std::size_t count,
                  const KernelNodeParameters* parameters) {
  return add("cuGraphAddKernelNode", node, graph, dependencies, count, [&](const Graph& to) {
    check_pointer(parameters, "the parameters");
    auto launch = prepare_node(*parameters, nullptr);
    if (!is_same_owner(to.context, launch->owner))
      fail(result::not_supported, "a graph with nodes of several contexts is not supported");
    return content_of(std::move(launch));
  });
}

/// Fills what both versions have; the arrays stay the node's.
template <class Parameters>
void give_parameters(GraphNode& node, Parameters& it) {
  const auto& launch = kernel_in(*node.content);
  const auto& [grid, block] = std::pair{launch.shape.grid, launch.shape.block};
  it = {};
  it.grid_x = grid.x, it.grid_y = grid.y, it.grid_z = grid.z;
  it.block_x = block.x, it.block_y = block.y, it.block_z = block.z;
  it.shared = launch.shape.shared;
  auto* bytes = const_cast<std::byte*>(launch.request.parameters.data());  // "should not be modified directly"
  if (launch.from_buffer) {
    node.parameter_bytes = launch.request.parameters.size();
    node.extra = {reinterpret_cast<void*>(1), bytes, reinterpret_cast<void*>(2), &node.parameter_bytes, nullptr};
    it.extra = node.extra.data();
    return;
  }
  node.parameters.clear();
  for (const auto& parameter : launch.function->facts->parameters) node.parameters.push_back(bytes + parameter.offset);
  if (!node.parameters.empty()) it.parameters = node.parameters.data();
}

Result set_parameters(NodeHandle handle, const KernelNodeParameters* parameters) {
  return answer_in_context("cuGraphKernelNodeSetParams", [&](Context&) {
    check_pointer(parameters, "the parameters");
    const auto locked = node_of(handle);
    auto launch = prepare_node(*parameters, &kernel_in(*locked.node->content));
    if (!is_same_owner(locked.graph->context, launch->owner))
      fail(result::not_supported, "a graph with nodes of several contexts is not supported");
    locked.node->content = std::make_shared<const NodeContent>(content_of(std::move(launch)));
  });
}

Result set_exec_parameters(GraphExecHandle exec_handle, NodeHandle node, const KernelNodeParameters* parameters) {
  return answer_in_context("cuGraphExecKernelNodeSetParams", [&](Context&) {
    check_pointer(parameters, "the parameters");
    const auto exec = exec_of(exec_handle);
    (void)node_of(node);  // it must still be there
    const auto content = exec->content_of(node);
    const auto& earlier = kernel_in(*content);
    auto launch = prepare_node(*parameters, &earlier);
    if (!is_same_owner(earlier.owner, launch->owner))
      fail(result::invalid_value, fmt::format("kernel '{}' is of another context than the node's kernel '{}'",
                                              launch->request.kernel, earlier.request.kernel));
    exec->replace(node, content_of(std::move(launch)));
  });
}

void check_node_attribute(int attribute) {
  if (!is_node_attribute(attribute))
    fail(result::invalid_value, fmt::format("{} is no attribute of a kernel node", attribute));
}

constexpr int cooperative = 2;

}  // namespace

extern "C" {

Result cuGraphAddKernelNode(NodeHandle* node, GraphHandle graph, const NodeHandle* dependencies, std::size_t count,
                            const KernelNodeParametersV1* parameters) {
  const auto wide = parameters != nullptr ? widened(*parameters) : KernelNodeParameters{};
  return add_kernel(node, graph, dependencies, count, parameters != nullptr ? &wide : nullptr);
}
Result cuGraphAddKernelNode_v2(NodeHandle* node, GraphHandle graph, const NodeHandle* dependencies, std::size_t count,
                               const KernelNodeParameters* parameters) {
  return add_kernel(node, graph, dependencies, count, parameters);
}

Result cuGraphAddEmptyNode(NodeHandle* node, GraphHandle graph, const NodeHandle* dependencies, std::size_t count) {
  return add("cuGraphAddEmptyNode", node, graph, dependencies, count, [](const Graph&) { return NodeContent{}; });
}

Result cuGraphAddMemcpyNode(NodeHandle* node, GraphHandle graph, const NodeHandle* dependencies, std::size_t count,
                            const Copy3D* copy, ContextHandle context) {
  return add("cuGraphAddMemcpyNode", node, graph, dependencies, count, [&](const Graph& to) {
    check_pointer(copy, "the copy");
    check_context(to, context);
    const auto plan = plan_of(*copy);
    if (plan.extent.is_empty()) fail(result::invalid_value, "a copy of nothing");
    return content_of(plan);
  });
}

Result cuGraphAddMemsetNode(NodeHandle* node, GraphHandle graph, const NodeHandle* dependencies, std::size_t count,
                            const MemsetNodeParameters* parameters, ContextHandle context) {
  return add("cuGraphAddMemsetNode", node, graph, dependencies, count, [&](const Graph& to) {
    check_pointer(parameters, "the parameters");
    check_context(to, context);
    const auto& it = *parameters;
    if (it.element_bytes != 1 && it.element_bytes != 2 && it.element_bytes != 4)
      fail(result::invalid_value, fmt::format("elements of {} bytes, not 1, 2 or 4", it.element_bytes));
    if (it.width == 0 || it.height == 0) fail(result::invalid_value, "a memset of nothing");
    return fill_content(it.destination, it.pitch, it.value, it.element_bytes, it.width, it.height);
  });
}

Result cuGraphAddHostNode(NodeHandle* node, GraphHandle graph, const NodeHandle* dependencies, std::size_t count,
                          const HostNodeParameters* parameters) {
  return add("cuGraphAddHostNode", node, graph, dependencies, count, [&](const Graph&) {
    check_pointer(parameters, "the parameters");
    if (parameters->function == nullptr) fail(result::invalid_value, "the function is null");
    return host_content(parameters->function, parameters->data);
  });
}

Result cuGraphKernelNodeGetParams(NodeHandle handle, KernelNodeParametersV1* parameters) {
  return answer("cuGraphKernelNodeGetParams", [&] {
    check_pointer(parameters, "the parameters");
    const auto locked = node_of(handle);
    give_parameters(*locked.node, *parameters);
    parameters->function = kernel_in(*locked.node->content).function->handle;
  });
}
Result cuGraphKernelNodeGetParams_v2(NodeHandle handle, KernelNodeParameters* parameters) {
  return answer("cuGraphKernelNodeGetParams", [&] {
    check_pointer(parameters, "the parameters");
    const auto locked = node_of(handle);
    give_parameters(*locked.node, *parameters);
    const auto& launch = kernel_in(*locked.node->content);
    if (launch.kernel != nullptr)
      parameters->kernel = launch.kernel;
    else
      parameters->function = launch.function->handle;
    if (const auto owner = launch.owner.lock()) parameters->context = owner->handle;
  });
}

Result cuGraphKernelNodeSetParams(NodeHandle node, const KernelNodeParametersV1* parameters) {
  const auto wide = parameters != nullptr ? widened(*parameters) : KernelNodeParameters{};
  return set_parameters(node, parameters != nullptr ? &wide : nullptr);
}
Result cuGraphKernelNodeSetParams_v2(NodeHandle node, const KernelNodeParameters* parameters) {
  return set_parameters(node, parameters);
}

Result cuGraphExecKernelNodeSetParams(GraphExecHandle exec, NodeHandle node, const KernelNodeParametersV1* parameters) {
  const auto wide = parameters != nullptr ? widened(*parameters) : KernelNodeParameters{};
  return set_exec_parameters(exec, node, parameters != nullptr ? &wide : nullptr);
}
Result cuGraphExecKernelNodeSetParams_v2(GraphExecHandle exec, NodeHandle node,
                                         const KernelNodeParameters* parameters) {
  return set_exec_parameters(exec, node, parameters);
}

Result cuGraphKernelNodeGetAttribute(NodeHandle handle, int attribute, LaunchAttributeValue* value) {
  return answer("cuGraphKernelNodeGetAttribute", [&] {
    check_pointer(value, "the value");
    check_node_attribute(attribute);
    const auto locked = node_of(handle);
    const auto& shape = kernel_in(*locked.node->content).shape;
    *value = {};
    for (const auto& given : shape.attributes)
      if (given.id == attribute) *value = given.value;
    if (attribute == cooperative) value->cooperative = shape.cooperative ? 1 : 0;
  });
}

Result cuGraphKernelNodeSetAttribute(NodeHandle handle, int attribute, const LaunchAttributeValue* value) {
  return answer("cuGraphKernelNodeSetAttribute", [&] {
    check_pointer(value, "the value");
    check_node_attribute(attribute);
    const auto locked = node_of(handle);
    const auto& launch = kernel_in(*locked.node->content);
    auto shape = launch.shape;
    apply({attribute, 0, *value}, shape);
    if (shape.cooperative && launch.from_buffer)
      fail(result::invalid_value, "a cooperative kernel takes its parameters by 'kernelParams', not by 'extra'");
    locked.node->content = std::make_shared<const NodeContent>(content_of(reshape(launch, std::move(shape))));
  });
}

}  // extern "C"

}  // namespace cujitsu::softgpu::api
