// SPDX-License-Identifier: Apache-2.0
// The reader takes any bytes: it gives a scenario or says what is wrong, and what it accepts it can write and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <libtwin/scenario/scenario.hpp>

namespace {

void require(bool condition) {
  if (!condition) std::abort();  // the fuzzer keeps the input
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A folder that is not there: a mutated text must not read files of this machine.
  const twin::ReadOptions options{.settings = {}, .folder = "no-such-folder"};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const twin::ReadResult first = twin::read_scenario_text(text, "fuzz.toml", options);
  require(!twin::render_diagnostics(first.diagnostics, first.text, true).empty() || first.diagnostics.empty());
  if (!first.ok()) return 0;

  const twin::ReadResult second = twin::read_scenario_text(twin::write_json(first.scenario), "fuzz.json", options);
  require(second.ok());
  require(second.scenario == first.scenario);

  const twin::ReadResult third = twin::read_scenario_text(twin::write_toml(first.scenario), "fuzz.toml", options);
  require(third.ok());
  require(third.scenario == first.scenario);
  return 0;
}
