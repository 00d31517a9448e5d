// SPDX-License-Identifier: Apache-2.0
#include <libtwin/report/wording.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include <fmt/format.h>

#include <libtwin/report/format.hpp>

namespace twin::detail {
namespace {

std::string joined(const std::set<std::string>& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

std::string blocking_text(const Factory& factory) {
  std::set<std::string> rules;
  for (const Station& s : factory.stations) {
    if (s.kind != StationKind::process)
      rules.insert(s.blocking == Blocking::after_service ? "after service" : "before service");
  }
  return rules.empty() ? "" : "blocking " + joined(rules, " or ") + "; ";
}

std::string counting_text(const Factory& factory) {
  std::set<std::string> rules;
  for (const Buffer& b : factory.buffers) {
    if (b.capacity == kUnlimited) continue;
    rules.insert(b.counts == Counting::waiting ? "its waiting places" : "its waiting places and those on the machine");
  }
  return rules.empty() ? "" : "a buffer's capacity counts " + joined(rules, ", or ") + "; ";
}

std::string clock_text(const Factory& factory) {
  std::set<std::string> clocks;
  for (const Station& s : factory.stations) {
    for (const FailureMode& f : s.failures) {
      clocks.insert(f.clock == FailureClock::busy       ? "working time"
                    : f.clock == FailureClock::calendar ? "calendar time"
                                                        : "cycles");
    }
  }
  return clocks.empty() ? "" : "machines age by " + joined(clocks, " and ") + "; ";
}

}  // namespace

std::string plural(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count_text(count), noun, count == 1 ? "" : "s");
}

std::string state_title(StationState state) {
  if (state == StationState::waiting_crew) return "waits for crew";
  return std::string(enum_names(state)[static_cast<std::size_t>(state)]);
}

std::string status_text(RunStatus status) {
  switch (status) {
    case RunStatus::ok:
      return "ok";
    case RunStatus::deadlocked:
      return "deadlocked: blocked stations hold parts that can never move on";
    case RunStatus::event_limit:
      return "reached the limit of events";
    case RunStatus::stopped:
      return "stopped before the end";
    case RunStatus::bad_number:
      return "a rule gave a number that cannot be";
    case RunStatus::too_few:
      return "fewer parts than asked for ever left";
  }
  return "";
}

std::string speed_text(double wall_s, double cpu_s, unsigned threads, double operations) {
  const auto shown = [](double s) { return s < 120 ? number_text(s, 3) + " s" : number_text(s / 60, 3) + " min"; };
  std::string text = fmt::format("{} on {}", shown(wall_s), plural(threads, "thread"));
  if (threads > 1) text += fmt::format(" ({} of processor time)", shown(cpu_s));
  const double rate = operations / std::max(wall_s, 1e-9);
  return text + (rate >= 1e5 ? fmt::format(" · {} M operations/s", number_text(rate / 1e6, 3))
                             : fmt::format(" · {} operations/s", number_text(rate, 3)));
}

ShownUnit shown_unit(KpiDimension dimension, double typical_value) {
  switch (dimension) {
    case KpiDimension::rate:
      return {3600, "/h"};
    case KpiDimension::time: {
      const TimeUnit unit = time_unit_for(typical_value);
      return {1 / unit.seconds, std::string(unit.name)};
    }
    case KpiDimension::parts:
      return {1, "parts"};
    case KpiDimension::share:
      return {100, "%"};
    case KpiDimension::number:
      break;
  }
  return {1, ""};
}

std::string footnote(const Factory& factory, std::int64_t replications) {
  std::string rules = blocking_text(factory) + counting_text(factory) + clock_text(factory);
  rules += "lead time runs from entry at the source to entry into a sink.";
  rules.front() =
      static_cast<char>(rules.front() >= 'a' && rules.front() <= 'z' ? rules.front() - 'a' + 'A' : rules.front());
  const std::string interval =
      replications > 1 ? fmt::format("± is the 95 % interval of Student's t over {}.",
                                     plural(static_cast<std::uint64_t>(replications), "replication"))
                       : "± is the 95 % interval of batch means within one replication; ? where there is none.";
  constexpr std::size_t kWidth = 110;
  return wrapped(interval + " " + rules, kWidth);
}

std::string shell_word(const std::string& text) {
  const bool is_plain = !text.empty() && text.find_first_not_of(
                                             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                             "_-+=./:,@%") == std::string::npos;
  if (is_plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace twin::detail
