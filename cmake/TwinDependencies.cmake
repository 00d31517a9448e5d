# What the library is made with. None of it appears in a public header.
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(SQLite3 3.40 REQUIRED)

# toml++ is compiled into the library from its headers, although Debian also ships it as a shared object: customers
# then need no toml++ of their own, and the sanitizers and the fuzzer see inside the parser.
add_library(twin_toml INTERFACE)
target_include_directories(twin_toml SYSTEM INTERFACE
  $<TARGET_PROPERTY:tomlplusplus::tomlplusplus,INTERFACE_INCLUDE_DIRECTORIES>)
target_compile_definitions(twin_toml INTERFACE TOML_HEADER_ONLY=1)
