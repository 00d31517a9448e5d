// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include <libtwin/core/id.hpp>
#include <libtwin/core/random.hpp>

namespace twin {

class Process;
class ProcessContext;
class RunView;

/// What a rule sees of a part.
struct PartView {
  PartId id;
  ProductId product;

  /// When it came from its source [s].
  double entered_s = 0;
};

/// Rules of the user's program: a function and a pointer handed back to it. Called on the thread of the run; a rule shared by
/// runs on several threads must not change what the pointer leads to.

/// Which outlet, in the order of the arrows, a finished part takes. A number out of range ends the run with the status
/// `bad_number`. `stream` is the station's own stream for routing.
struct RoutingRule {
  std::uint32_t (*choose)(void* context, const RunView& run, StationId station, const PartView& part,
                          Stream& stream) = nullptr;
  void* context = nullptr;
};

/// The part with the smallest score leaves the buffer first; ties by arrival. NaN ends the run with the status
/// `bad_number`.
struct DispatchRule {
  double (*score)(void* context, const RunView& run, BufferId buffer, const PartView& part) = nullptr;
  void* context = nullptr;
};

/// The time of one operation [s], >= 0. A negative number, NaN or infinity ends the run with the status `bad_number`.
/// `stream` is the station's own stream for cycle times.
struct ProcessTimeRule {
  double (*seconds)(void* context, const RunView& run, StationId station, const PartView& part,
                    Stream& stream) = nullptr;
  void* context = nullptr;
};

/// A process written as a coroutine; called once a run to make it. See process.hpp.
using Behaviour = std::function<Process(ProcessContext&)>;

}  // namespace twin
