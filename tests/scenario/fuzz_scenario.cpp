// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: whatever the bytes, reading ends with diagnostics and never with a crash; and what reads without
// an error is written and read back to the same scenario.
//
//     cmake -B build/fuzz -DCMAKE_CXX_COMPILER=clang++-14 -DTWIN_FUZZ=ON -DTWIN_SANITIZE=address
//     build/fuzz/tests/scenario/fuzz_scenario -runs=1000000 CORPUS scenarios
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <libtwin/scenario/scenario.hpp>

namespace {

[[noreturn]] void stop(const char* what, const std::string& text, const twin::ReadResult& again) {
  std::fprintf(stderr, "%s\n%s\n%s\n", what, text.c_str(), twin::render_diagnostics(again, false).c_str());
  std::abort();
}

void must_read_back(const twin::Scenario& scenario, const std::string& text, const char* what) {
  const twin::ReadResult again = twin::read_scenario_text(text, "again", {.settings = {}, .folder = "/nowhere"});
  if (!again.ok() || !(again.scenario == scenario)) stop(what, text, again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const twin::ReadResult result = twin::read_scenario_text(text, "fuzz", {.settings = {}, .folder = "/nowhere"});
  static_cast<void>(twin::render_diagnostics(result, true));
  if (!result.ok()) return 0;
  must_read_back(result.scenario, twin::write_toml(result.scenario), "TOML does not read back");
  must_read_back(result.scenario, twin::write_json(result.scenario), "JSON does not read back");
  return 0;
}
