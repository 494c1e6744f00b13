# SPDX-License-Identifier: MIT
"""Finding kernels and variables by name. Names are looked up before the driver is needed."""

import cujitsu as cj
import pytest

SOURCE = """
__device__ int counter;
__global__ void add_them(float* a) { a[0] += counter; }
__global__ void twice(float* a) { a[0] *= 2; }
__global__ void twice(double* a) { a[0] *= 2; }
namespace ns { __global__ void inner(int* a) { a[0] = 1; } }
"""


@pytest.fixture(scope="module")
def module():
    return cj.SourceModule(SOURCE, cache=False)


def test_unknown_kernel_is_answered_with_the_names_and_a_suggestion(module):
    with pytest.raises(cj.ArgumentError) as caught:
        module.get_function("add_then")
    message = str(caught.value)
    assert "add_then" in message and "add_them" in message and "twice" in message
    assert isinstance(caught.value, ValueError)


def test_ambiguous_overload_is_answered_with_all_of_them(module):
    with pytest.raises(cj.ArgumentError, match="ambiguous") as caught:
        module.get_function("twice")
    assert "twice(float* a)" in str(caught.value) and "twice(double* a)" in str(caught.value)


def test_unknown_variable_is_named(module):
    with pytest.raises(cj.ArgumentError, match="no_such_variable"):
        module.get_global("no_such_variable")


def test_template_without_name_expression_is_explained():
    module = cj.SourceModule("template <class T> __global__ void f(T* a) { *a = 1; }", cache=False)
    with pytest.raises(cj.ArgumentError, match="name"):
        module.get_function("f")


def test_known_kernel_without_a_driver_is_a_load_error(run_python):
    result = run_python(
        "import cujitsu\n"
        "module = cujitsu.SourceModule('__global__ void f() {}', cache=False)\n"
        "for call in (lambda: module.get_function('f'), module.load):\n"
        "    try:\n"
        "        call()\n"
        "    except cujitsu.LoadError as error:\n"
        "        assert error.tried\n"
        "    else:\n"
        "        raise AssertionError(call)\n",
        CUJITSU_DRIVER="cuda",
        CUJITSU_LIBCUDA="/nonexistent/libcuda.so.1",
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.needs_device
@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("add_them", "add_them(float* a)"),
        ("twice(float*)", "twice(float* a)"),
        ("twice(double*)", "twice(double* a)"),
        ("twice(double *a)", "twice(double* a)"),
        ("ns::inner", "ns::inner(int* a)"),
        ("inner", "ns::inner(int* a)"),
        ("_Z8add_themPf", "add_them(float* a)"),
    ],
)
def test_kernel_is_found_by_every_form_of_its_name(module, name, signature):
    assert str(module.get_function(name).signature) == signature


@pytest.mark.needs_device
def test_variable_is_found_and_unpacked(module):
    address, size = module.get_global("counter")
    assert address != 0 and size == 4
    span = module.get_global("counter")
    assert (span.address, span.size, int(span)) == (address, size, address)
