# SPDX-License-Identifier: MIT
# Catch2, version 2 or 3, as cujitsu_deps::catch2. tests/support/catch.hpp evens out the two.

add_library(cujitsu_deps::catch2 INTERFACE IMPORTED)
find_package(Catch2 CONFIG QUIET)
if(TARGET Catch2::Catch2)
  target_link_libraries(cujitsu_deps::catch2 INTERFACE Catch2::Catch2)
else()
  find_path(CUJITSU_catch2_INCLUDE_DIR catch2/catch.hpp)
  mark_as_advanced(CUJITSU_catch2_INCLUDE_DIR)
  if(CUJITSU_catch2_INCLUDE_DIR)
    set_target_properties(cujitsu_deps::catch2 PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${CUJITSU_catch2_INCLUDE_DIR}")
  elseif(CUJITSU_FETCH_DEPENDENCIES)
    include(FetchContent)
    FetchContent_Declare(
      Catch2
      URL https://github.com/catchorg/Catch2/archive/v3.5.4.tar.gz
      URL_HASH SHA256=b7754b711242c167d8f60b890695347f90a1ebc95949a045385114165d606dbb)
    FetchContent_MakeAvailable(Catch2)
    list(APPEND CMAKE_MODULE_PATH "${catch2_SOURCE_DIR}/extras")
    target_link_libraries(cujitsu_deps::catch2 INTERFACE Catch2::Catch2)
  else()
    message(FATAL_ERROR "The tests need Catch2 (2.13 or newer), which was not found. Install it:\n"
                        "  apt-get install catch2\n"
                        "or configure with -DCUJITSU_BUILD_TESTS=OFF or -DCUJITSU_FETCH_DEPENDENCIES=ON.")
  endif()
endif()

# One CTest test for each test case, so that each runs in a process of its own: what a test does to the environment, to
# the driver or to a context ends with it. Bare headers come without Catch2's CMake module; then one CTest test runs all.
include(Catch OPTIONAL RESULT_VARIABLE cujitsu_catch_module)

# cujitsu_add_catch_tests(<target> LABEL <label> [PROPERTIES <name> <value>...])
function(cujitsu_add_catch_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL" "PROPERTIES")
  set(properties LABELS ${arg_LABEL} SKIP_RETURN_CODE 77 ENVIRONMENT CUJITSU_TEST_SKIP_CODE=77 ${arg_PROPERTIES})
  if(cujitsu_catch_module)
    catch_discover_tests(${target} TEST_PREFIX "${arg_LABEL}/" PROPERTIES ${properties})
  else()
    add_test(NAME "${arg_LABEL}/${target}" COMMAND ${target})
    set_tests_properties("${arg_LABEL}/${target}" PROPERTIES LABELS ${arg_LABEL} ${arg_PROPERTIES})
  endif()
endfunction()
