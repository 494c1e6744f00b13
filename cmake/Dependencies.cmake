# SPDX-License-Identifier: MIT
# What cujitsu is built from. Each is looked for as a CMake package, then as bare headers below CMAKE_PREFIX_PATH or the
# system's folders, then, only where CUJITSU_FETCH_DEPENDENCIES asks for it, downloaded at a pinned version.
#
# All but one are used by their headers alone, so that neither libcujitsu nor the Python wheel needs libfmt, libspdlog or
# libxxhash beside it, and none shows in an installed header. libsodium is linked statically where it can be.

find_package(Threads REQUIRED)

# cujitsu_find_headers(<name> HEADER <file> [PACKAGE <package> TARGETS <target>...] URL <url> SHA256 <hash>
#                      SUBFOLDER <folder of the archive> DEBIAN <package>)
# makes cujitsu_deps::<name>, an interface target with the include folder alone: a package's own target would link the
# compiled library.
function(cujitsu_find_headers name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER;PACKAGE;URL;SHA256;SUBFOLDER;DEBIAN" "TARGETS")
  set(includes "")
  if(arg_PACKAGE)
    find_package(${arg_PACKAGE} CONFIG QUIET)
    foreach(target IN LISTS arg_TARGETS)
      if(TARGET ${target} AND NOT includes)
        get_target_property(includes ${target} INTERFACE_INCLUDE_DIRECTORIES)
      endif()
    endforeach()
  endif()
  if(NOT includes)
    find_path(CUJITSU_${name}_INCLUDE_DIR ${arg_HEADER})
    mark_as_advanced(CUJITSU_${name}_INCLUDE_DIR)
    set(includes "${CUJITSU_${name}_INCLUDE_DIR}")
  endif()
  if(NOT includes AND CUJITSU_FETCH_DEPENDENCIES)
    include(FetchContent)
    # A SOURCE_SUBDIR without a CMakeLists.txt: the headers are wanted, not the project's own build.
    FetchContent_Declare(cujitsu_${name} URL ${arg_URL} URL_HASH SHA256=${arg_SHA256} SOURCE_SUBDIR headers-only)
    FetchContent_MakeAvailable(cujitsu_${name})
    set(includes "${cujitsu_${name}_SOURCE_DIR}/${arg_SUBFOLDER}")
  endif()
  if(NOT includes)
    message(FATAL_ERROR "cujitsu needs ${name} (<${arg_HEADER}>), which was not found. Install it:\n"
                        "  apt-get install ${arg_DEBIAN}\n"
                        "or name a folder that holds it in CMAKE_PREFIX_PATH, or let CMake download it with "
                        "-DCUJITSU_FETCH_DEPENDENCIES=ON.")
  endif()
  add_library(cujitsu_deps::${name} INTERFACE IMPORTED)
  set_target_properties(cujitsu_deps::${name} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${includes}")
endfunction()

cujitsu_find_headers(
  fmt
  HEADER fmt/format.h
  PACKAGE fmt
  TARGETS fmt::fmt-header-only fmt::fmt
  URL https://github.com/fmtlib/fmt/archive/10.2.1.tar.gz
  SHA256 1250e4cc58bf06ee631567523f48848dc4596133e163f02615c97f78bab6c811
  SUBFOLDER include
  DEBIAN libfmt-dev)
include(${CMAKE_CURRENT_LIST_DIR}/Fmt.cmake)

cujitsu_find_headers(
  spdlog
  HEADER spdlog/spdlog.h
  PACKAGE spdlog
  TARGETS spdlog::spdlog_header_only spdlog::spdlog
  URL https://github.com/gabime/spdlog/archive/v1.14.1.tar.gz
  SHA256 1586508029a7d0670dfcb2d97575dcdc242d3868a259742b69f100801ab4e16b
  SUBFOLDER include
  DEBIAN libspdlog-dev)
target_compile_definitions(cujitsu_deps::spdlog INTERFACE SPDLOG_FMT_EXTERNAL=1)
target_link_libraries(cujitsu_deps::spdlog INTERFACE cujitsu_deps::fmt Threads::Threads)

cujitsu_find_headers(
  xxhash
  HEADER xxhash.h
  URL https://github.com/Cyan4973/xxHash/archive/v0.8.2.tar.gz
  SHA256 baee0c6afd4f03165de7a4e67988d16f0f2b257b51d0e3cb91909302a26a79c4
  SUBFOLDER .
  DEBIAN libxxhash-dev)

cujitsu_find_headers(
  nlohmann_json
  HEADER nlohmann/json.hpp
  PACKAGE nlohmann_json
  TARGETS nlohmann_json::nlohmann_json
  URL https://github.com/nlohmann/json/archive/v3.11.3.tar.gz
  SHA256 0d8ef5af7f9794e3263480193c491549b2ba6cc74bb018906202ada498a79406
  SUBFOLDER include
  DEBIAN nlohmann-json3-dev)

include(${CMAKE_CURRENT_LIST_DIR}/Sodium.cmake)
if(NOT TARGET cujitsu_deps::sodium AND CUJITSU_FETCH_DEPENDENCIES)
  # It has no CMake build of its own, so this one is made by its configure script, when cujitsu is built.
  include(ExternalProject)
  set(sodium_prefix "${PROJECT_BINARY_DIR}/_deps/sodium")
  file(MAKE_DIRECTORY "${sodium_prefix}/include")
  ExternalProject_Add(
    cujitsu_sodium_build
    URL https://github.com/jedisct1/libsodium/releases/download/1.0.18-RELEASE/libsodium-1.0.18.tar.gz
    URL_HASH SHA256=6f504490b342a4f8a4c4a02fc9b866cbef8622d5df4e5452b46be121e46636c1
    PREFIX "${sodium_prefix}"
    CONFIGURE_COMMAND <SOURCE_DIR>/configure "--prefix=${sodium_prefix}" "--libdir=${sodium_prefix}/lib" --disable-shared
                      --enable-static --with-pic
    BUILD_BYPRODUCTS "${sodium_prefix}/lib/libsodium.a")
  add_library(cujitsu_deps::sodium STATIC IMPORTED GLOBAL)
  add_dependencies(cujitsu_deps::sodium cujitsu_sodium_build)
  set_target_properties(
    cujitsu_deps::sodium PROPERTIES IMPORTED_LOCATION "${sodium_prefix}/lib/libsodium.a" INTERFACE_INCLUDE_DIRECTORIES
                                                                                         "${sodium_prefix}/include")
endif()
if(NOT TARGET cujitsu_deps::sodium)
  message(FATAL_ERROR "cujitsu needs libsodium (<sodium.h> and libsodium.a or libsodium.so), which was not found. "
                      "Install it:\n  apt-get install libsodium-dev\n"
                      "or name a folder that holds it in CMAKE_PREFIX_PATH, or let CMake download and build it with "
                      "-DCUJITSU_FETCH_DEPENDENCIES=ON.")
endif()

if(CUJITSU_BUILD_CLI OR CUJITSU_BUILD_PYTHON OR CUJITSU_BUILD_TESTS)
  cujitsu_find_headers(
    cli11
    HEADER CLI/CLI.hpp
    PACKAGE CLI11
    TARGETS CLI11::CLI11
    URL https://github.com/CLIUtils/CLI11/archive/v2.4.2.tar.gz
    SHA256 f2d893a65c3b1324c50d4e682c0cdc021dd0477ae2c048544f39eed6654b699a
    SUBFOLDER include
    DEBIAN libcli11-dev)
endif()

# Keeps libsodium's symbols to the shared library that it is linked into. Debian's libsodium.a, which is compiled for
# programs alone, can not be linked otherwise.
function(cujitsu_hide_sodium target)
  if(UNIX AND NOT APPLE)
    target_link_options(${target} PRIVATE "-Wl,--exclude-libs,libsodium.a")
  endif()
endfunction()
