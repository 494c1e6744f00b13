// SPDX-License-Identifier: MIT
#include "compile/kernel_scan.hpp"
#include "support/catch.hpp"

using namespace cujitsu::compiler;

namespace {

using Names = std::vector<std::string>;

DeclaredKernel only(const char* source) {
  const auto kernels = scan_kernels(source);
  REQUIRE(kernels.size() == 1);
  return kernels[0];
}

}  // namespace

TEST_CASE("a kernel's name, linkage and parameter names are found in its declaration") {
  const auto kernel =
      only(R"(extern "C" __global__ void saxpy(float* y, const float *__restrict__ x, float a, int n) {})");
  CHECK(kernel.name == "saxpy");
  CHECK(kernel.scope.empty());
  CHECK(kernel.is_extern_c);
  CHECK_FALSE(kernel.is_template);
  CHECK(kernel.parameters == Names{"y", "x", "a", "n"});
}

TEST_CASE("attributes before and behind __global__ are not the kernel's name") {
  CHECK(only("__launch_bounds__(256) __global__ void f(int a);").name == "f");
  CHECK(only("void __global__ __launch_bounds__(256, 2) f(int a) {}").name == "f");
  CHECK(only("__global__ __attribute__((used)) [[maybe_unused]] static void f(int a) {}").name == "f");
  CHECK(only("template <> __global__ void f<float>(int a) {}").name == "f");
}

TEST_CASE("linkage and namespaces come from the enclosing braces") {
  const auto kernels = scan_kernels(R"(
    using namespace std;
    namespace alias = other;
    namespace a { namespace b::c { struct S { int x; }; __global__ void inner(S s) { if (s.x) { } } } }
    extern "C" { __global__ void first() { } __global__ void second(void); }
    namespace n { extern "C" __global__ void third(int q) {} }
    namespace { __global__ void fourth(int); }
  )");
  REQUIRE(kernels.size() == 5);
  CHECK(kernels[0] == DeclaredKernel{"a::b::c::", "inner", {"s"}, false, false});
  CHECK(kernels[1] == DeclaredKernel{"", "first", {}, true, false});
  CHECK(kernels[2] == DeclaredKernel{"", "second", {}, true, false});
  CHECK(kernels[3] == DeclaredKernel{"n::", "third", {"q"}, true, false});
  CHECK(kernels[4] == DeclaredKernel{"", "fourth", {""}, false, false});
}

TEST_CASE("parameter names are told from types in every way of declaring one") {
  CHECK(
      only("__global__ void f(unsigned, unsigned int, unsigned n, long long m, const Vec, const Vec v, ns::Vec, "
           "ns::Vec w, Array<int, 3> t, Array<int, 3>, float*, float (*g)(int, int), int (&r)[4], int h[4], int d = 3, "
           "const __grid_constant__ P p, struct Q q, T&& u, float *const k)")
          .parameters ==
      Names{"", "", "n", "m", "", "v", "", "w", "t", "", "", "g", "r", "h", "d", "p", "q", "u", "k"});
}

TEST_CASE("comments, strings, directives and digit separators hide nothing and add nothing") {
  const auto kernel = only(R"cu(
    // __global__ void a(int x);
    /* __global__ void b(int x); */
    const char* text = "__global__ void c(int x);";
    const char* raw = R"(__global__ void d(int x);)";
    #define KERNEL(name) \
      __global__ void name(int x)
    constexpr int many = 1'000'000; __global__ void e(int /* the count */ n, char c = '(') {}
  )cu");
  CHECK(kernel.name == "e");
  CHECK(kernel.parameters == Names{"n", "c"});
}

TEST_CASE("templates are told from their specialisations and from what follows them") {
  const auto kernels = scan_kernels(
      "template <class T> __global__ void scale(T* y, T a) {} template <class T> struct S { T t; }; "
      "extern \"C\" __global__ void plain() {}");
  REQUIRE(kernels.size() == 2);
  CHECK(kernels[0].is_template);
  CHECK(kernels[1].is_extern_c);
  CHECK_FALSE(kernels[1].is_template);
}

TEST_CASE("a source that ends anywhere is read to its end") {
  const std::string_view source =
      R"(namespace n { extern "C" __global__ void __launch_bounds__(4) f(A<int> a = {1}, char b) {})";
  for (std::size_t end = 0; end <= source.size(); ++end) CHECK(scan_kernels(source.substr(0, end)).size() <= 1);
}

TEST_CASE("parameter names belong to the kernel of that name with as many parameters") {
  const auto kernels = scan_kernels(R"(
    __global__ void f(int a); __global__ void f(int a, int b);
    namespace n { extern "C" __global__ void g(int); extern "C" __global__ void g(int x) {} }
    template <class T> __global__ void h(T* p);
    __global__ void twice(int one); __global__ void twice(float other);
  )");
  CHECK(parameter_names(kernels, "f", 1) == Names{"a"});
  CHECK(parameter_names(kernels, "f", 2) == Names{"a", "b"});
  CHECK(parameter_names(kernels, "f", 3).empty());
  CHECK(parameter_names(kernels, "g", 1) == Names{"x"});
  CHECK(parameter_names(kernels, "h<float>", 1) == Names{"p"});
  CHECK(parameter_names(kernels, "twice", 1).empty());
}
