# headgate_flags: every target's warnings and hardening. Each flag is probed once, because compilers differ; warnings
# become errors only in presets (HEADGATE_WERROR), never for packagers.
include(CheckCCompilerFlag)
include(CheckLinkerFlag)

option(HEADGATE_WERROR "Warnings are errors" OFF)
set(HEADGATE_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=, or empty")
option(HEADGATE_COVERAGE "Build for coverage" OFF)
option(HEADGATE_FUZZ "Build libFuzzer targets (clang)" OFF)

add_library(headgate_flags INTERFACE)
target_compile_definitions(headgate_flags INTERFACE _GNU_SOURCE)
# assert() guards invariants and stays on: CMake's own Release and RelWithDebInfo would switch it off.
target_compile_options(headgate_flags INTERFACE -UNDEBUG)

function(headgate_flag flag)
  string(MAKE_C_IDENTIFIER "HAVE${flag}" name)
  set(CMAKE_REQUIRED_FLAGS -Wall) # some flags are accepted only beside it
  check_c_compiler_flag("${flag}" ${name})
  if(${name})
    target_compile_options(headgate_flags INTERFACE "${flag}")
  endif()
endfunction()
function(headgate_link_flag flag)
  string(MAKE_C_IDENTIFIER "HAVE_LINK${flag}" name)
  check_linker_flag(C "${flag}" ${name})
  if(${name})
    target_link_options(headgate_flags INTERFACE "${flag}")
  endif()
endfunction()

foreach(flag -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes
    -Wformat=2 -Wformat-overflow=2 -Wno-format-truncation -Wimplicit-fallthrough -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wswitch-enum
    -Wnull-dereference -Wtrampolines -Wbidi-chars=any -Werror=format-security -Werror=implicit
    -Werror=incompatible-pointer-types -Werror=int-conversion -fstack-protector-strong -fstack-clash-protection
    -fcf-protection=full -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing
    -ftrivial-auto-var-init=zero)
  headgate_flag(${flag})
endforeach()
if(HEADGATE_WERROR)
  target_compile_options(headgate_flags INTERFACE -Werror)
endif()
if(HEADGATE_SANITIZE)
  target_compile_options(headgate_flags INTERFACE -fsanitize=${HEADGATE_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(headgate_flags INTERFACE -fsanitize=${HEADGATE_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(headgate_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
if(HEADGATE_COVERAGE)
  target_compile_options(headgate_flags INTERFACE --coverage)
  target_link_options(headgate_flags INTERFACE --coverage)
endif()
if(HEADGATE_FUZZ)
  target_compile_options(headgate_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_options(headgate_flags INTERFACE -pie)
foreach(flag -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,nodlopen -Wl,--as-needed)
  headgate_link_flag(${flag})
endforeach()
target_compile_options(headgate_flags INTERFACE "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")
# Dangerous functions are compile errors everywhere.
target_compile_options(headgate_flags INTERFACE -include ${CMAKE_SOURCE_DIR}/policy/banned.h)
