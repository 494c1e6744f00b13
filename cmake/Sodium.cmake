# SPDX-License-Identifier: MIT
# cujitsu_deps::sodium: libsodium, the static one where there is one. Also a part of the installed package of a static
# libcujitsu, whose users must link it.

find_path(CUJITSU_sodium_INCLUDE_DIR sodium.h)
find_library(CUJITSU_sodium_LIBRARY NAMES libsodium.a sodium)
mark_as_advanced(CUJITSU_sodium_INCLUDE_DIR CUJITSU_sodium_LIBRARY)
if(CUJITSU_sodium_INCLUDE_DIR AND CUJITSU_sodium_LIBRARY AND NOT TARGET cujitsu_deps::sodium)
  # GLOBAL: a project that has cujitsu as a folder links a static libcujitsu, and so this, outside of it.
  add_library(cujitsu_deps::sodium UNKNOWN IMPORTED GLOBAL)
  set_target_properties(
    cujitsu_deps::sodium PROPERTIES IMPORTED_LOCATION "${CUJITSU_sodium_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                                  "${CUJITSU_sodium_INCLUDE_DIR}")
endif()
