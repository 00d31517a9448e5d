// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <libtwin/core/error.hpp>
#include <libtwin/engine/plant.hpp>
#include <libtwin/engine/process.hpp>
#include <libtwin/engine/rules.hpp>
#include <libtwin/lanes/program.hpp>
#include <libtwin/model/factory.hpp>

namespace twin {

struct RunInput;

/// What to do with a `call(name)` for which no function is given.
enum class MissingRule : std::uint8_t {
  error,   ///< a mistake of the model
  policy,  ///< left to the policy of `run_with`
};

/// The user's own code, by the names the model calls it by.
struct CompileOptions {
  std::map<std::string, ProcessTimeRule> process_times;
  std::map<std::string, RoutingRule> routing;
  std::map<std::string, DispatchRule> dispatch;
  std::map<std::string, Behaviour> behaviours;
  MissingRule missing = MissingRule::error;
};

/// The names of a plant's elements, in the order of their indices.
struct PlantNames {
  std::string factory;
  std::vector<std::string> stations;
  std::vector<std::string> sources;
  std::vector<std::string> buffers;
  std::vector<std::string> sinks;
  std::vector<std::string> crews;
  std::vector<std::string> loops;
  std::vector<std::string> products;
  std::vector<std::string> failures;  ///< of the modes, without the station's
};

/// A factory ready to run.
struct Compiled {
  Plant plant;
  PlantNames names;

  /// The plant as a recursion over parts, or why it is none.
  LaneProgram lanes;

  /// The numbers that a run may change, by path: `machine.weld.cycle.mean` → slot.
  std::unordered_map<std::string, std::uint32_t> slots;

  /// @throws std::out_of_range when there is no element of that name.
  [[nodiscard]] StationId station(std::string_view name) const;
  [[nodiscard]] BufferId buffer(std::string_view name) const;
  [[nodiscard]] SinkId sink(std::string_view name) const;
  [[nodiscard]] CrewId crew(std::string_view name) const;

  /// The slot of a path. @throws std::out_of_range when the path is not a number that a run can change.
  [[nodiscard]] std::uint32_t slot(std::string_view path) const;
};

/// Makes a factory ready to run. Time and memory grow linearly with the factory.
/// @throws ModelError with everything that is wrong.
[[nodiscard]] Compiled compile(const Factory& factory, const CompileOptions& options = {});

/// Why the factory cannot be run in lanes, a sentence for each reason, in the words of its file; empty when it can.
[[nodiscard]] std::vector<std::string> lane_obstacles(const Compiled& compiled);

/// The run that the factory's own settings describe (`libtwin/engine/run.hpp`). `warmup_is_auto` is left to the experiment.
[[nodiscard]] RunInput run_input(const RunSettings& settings);

}  // namespace twin
