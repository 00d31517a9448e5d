// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <libtwin/cli/options.hpp>
#include <libtwin/experiment/replicate.hpp>

namespace twin::cli {

/// Shows progress on standard error: one line that is redrawn on a terminal, else a line every ten seconds; or, for
/// programs, a JSON object a line every second.
class ProgressLine {
 public:
  /// @param unit  what is counted: `replications`. @param options  `--progress` and `--quiet`.
  ProgressLine(std::string_view unit, const Options& options);

  void show(const Progress& progress);

  /// Removes the line from the terminal.
  void clear();

 private:
  std::string unit_;
  bool is_quiet_;
  bool is_json_;
  bool is_on_terminal_;
  bool is_shown_ = false;
  double next_line_s_;
};

/// `1,812/4,096 runs · 9,400/s · ETA 2 min`, with the best so far when there is one.
[[nodiscard]] std::string progress_text(const Progress& progress, std::string_view unit);

/// `{"event": "progress", "done": 1812, "total": 4096, "unit": "runs", "elapsed_s": …, "rate_per_s": …, "eta_s": …, "best": …}`
[[nodiscard]] std::string progress_json(const Progress& progress, std::string_view unit);

}  // namespace twin::cli
