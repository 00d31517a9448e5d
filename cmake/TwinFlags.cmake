# Flags for the project's own targets; never exported to customers.
#
# -ffp-contract=off: a fused multiply-add rounds once where two operations round twice, so a compiler that fuses
# gives other bits on another machine. Results are promised bit for bit (docs/explanation/randomness.md).
add_library(twin_flags INTERFACE)
target_compile_features(twin_flags INTERFACE cxx_std_20)
target_compile_options(twin_flags INTERFACE
  -ffp-contract=off -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(twin_flags INTERFACE -Wreserved-identifier)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlapping copies in `"text" + std::string` that are not there (its bug 105329).
  target_compile_options(twin_flags INTERFACE -Wno-restrict)
endif()
if(TWIN_WERROR)
  target_compile_options(twin_flags INTERFACE -Werror)
endif()
if(TWIN_SANITIZE)
  target_compile_options(twin_flags INTERFACE -fsanitize=${TWIN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(twin_flags INTERFACE -fsanitize=${TWIN_SANITIZE})
endif()
