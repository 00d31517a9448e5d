// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/progress.hpp>

#include <algorithm>
#include <cmath>

#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <libtwin/cli/terminal.hpp>
#include <libtwin/report/format.hpp>

namespace twin::cli {
namespace {

constexpr double kSecondsBetweenLines = 10;

/// The first `width` characters of a UTF-8 text.
std::string clipped(const std::string& text, std::size_t width) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U && seen++ == width) return text.substr(0, i);
  }
  return text;
}

}  // namespace

std::string progress_text(const Progress& p, std::string_view unit) {
  const double done = static_cast<double>(p.done);
  const double rate = p.elapsed_s > 0 ? done / p.elapsed_s : 0;
  std::string text = fmt::format("{}/{} {} · {}/s", detail::count_text(p.done), detail::count_text(p.total), unit,
                                 detail::number_text(rate, 3));
  if (p.done > 0 && p.done < p.total) {
    const double left_s = static_cast<double>(p.total - p.done) / rate;
    const detail::TimeUnit in = detail::time_unit_for(std::max(1.0, left_s));
    text += fmt::format(" · ETA {} {}", detail::number_text(std::ceil(left_s / in.seconds), 3), in.name);
  }
  if (!p.best.empty()) text += " · best " + p.best;
  return text;
}

std::string progress_json(const Progress& p, std::string_view unit) {
  using Json = nlohmann::ordered_json;
  const double rate = p.elapsed_s > 0 ? static_cast<double>(p.done) / p.elapsed_s : 0;
  const bool has_eta = p.done > 0 && rate > 0;
  Json line{{"event", "progress"}, {"done", p.done},           {"total", p.total},
            {"unit", unit},        {"elapsed_s", p.elapsed_s}, {"rate_per_s", rate}};
  line["eta_s"] = has_eta ? Json(static_cast<double>(p.total - std::min(p.done, p.total)) / rate) : Json(nullptr);
  if (!p.best.empty()) line["best"] = p.best;
  return line.dump();
}

ProgressLine::ProgressLine(std::string_view unit, const Options& options)
    : unit_(unit),
      is_quiet_(options.progress == "none" || (options.is_quiet && options.progress != "json")),
      is_json_(options.progress == "json"),
      is_on_terminal_(is_terminal(STDERR_FILENO)),
      next_line_s_(is_json_ ? 0 : kSecondsBetweenLines) {}

void ProgressLine::show(const Progress& progress) {
  if (is_quiet_) return;
  if (is_json_) {
    if (progress.elapsed_s < next_line_s_ && progress.done < progress.total) return;
    say(progress_json(progress, unit_) + "\n");
    next_line_s_ = std::floor(progress.elapsed_s) + 1;
  } else if (is_on_terminal_) {
    const auto width = static_cast<std::size_t>(std::max(20, terminal_width() - 1));
    say("\r" + clipped(progress_text(progress, unit_), width) + "\033[K");
    is_shown_ = true;
  } else if (progress.elapsed_s >= next_line_s_) {
    say(progress_text(progress, unit_) + "\n");
    next_line_s_ = (std::floor(progress.elapsed_s / kSecondsBetweenLines) + 1) * kSecondsBetweenLines;
  }
}

void ProgressLine::clear() {
  if (is_shown_) say("\r\033[K");
  is_shown_ = false;
}

}  // namespace twin::cli
