# SPDX-License-Identifier: MIT
# fmt's own code, compiled once into cujitsu_fmt (src/base/fmt_library.cpp says why), for the versions that this has been
# tried with; any other version is used header-only, which is always right.
get_target_property(fmt_folders cujitsu_deps::fmt INTERFACE_INCLUDE_DIRECTORIES)
set(fmt_version "")
foreach(header IN ITEMS base.h core.h)
  foreach(folder IN LISTS fmt_folders)
    if(fmt_version STREQUAL "" AND EXISTS "${folder}/fmt/${header}")
      file(STRINGS "${folder}/fmt/${header}" fmt_version REGEX "^#define FMT_VERSION [0-9]+")
      string(REGEX REPLACE "[^0-9]" "" fmt_version "${fmt_version}")
    endif()
  endforeach()
endforeach()

if(fmt_version MATCHES "^(90[01]..|1100..)$")
  add_library(cujitsu_fmt STATIC src/base/fmt_library.cpp)
  target_compile_features(cujitsu_fmt PRIVATE cxx_std_20)
  target_include_directories(cujitsu_fmt PRIVATE ${fmt_folders})
  set_target_properties(
    cujitsu_fmt PROPERTIES CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                           POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(cujitsu_deps::fmt INTERFACE cujitsu_fmt)
  set(fmt_objects $<TARGET_OBJECTS:cujitsu_fmt>) # for a libcujitsu that is linked of objects
else()
  message(STATUS "cujitsu uses fmt ${fmt_version} header-only")
  target_compile_definitions(cujitsu_deps::fmt INTERFACE FMT_HEADER_ONLY=1)
  set(fmt_objects "")
endif()
