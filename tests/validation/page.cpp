// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>

#include <tests/validation/cases.hpp>

namespace twin::validation {
namespace {

std::string number(const char* format, double value) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

/// As many decimals as the half-width has sense for.
std::string rounded(double value, double half_width) {
  int decimals = 6;
  if (half_width > 0) decimals = std::max(0, 2 - static_cast<int>(std::floor(std::log10(half_width))) - 1);
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  return buffer;
}

std::string row(const Outcome& outcome, const ValueOutcome& v, bool is_first) {
  std::string out = "| " + (is_first ? outcome.of->parameters : std::string()) + " | " + v.value.name + " | ";
  out += number("%.8g", v.value.exact) + " | ";
  if (v.half_width > 0) {
    out += rounded(v.mean, v.half_width) + " ± " + rounded(v.half_width, v.half_width) + " | ";
  } else {
    out += number("%.8g", v.mean) + " | ";
  }
  return out + number("%.1f", v.distance()) + " |\n";
}

struct Summary {
  std::size_t values = 0;
  double furthest = 0;
  double widest = 0;
};

Summary summary_of(const std::vector<Outcome>& outcomes) {
  Summary s;
  for (const Outcome& outcome : outcomes) {
    for (const ValueOutcome& v : outcome.values) {
      ++s.values;
      s.furthest = std::max(s.furthest, v.distance());
      if (v.value.is_primary) s.widest = std::max(s.widest, v.half_width / v.value.exact);
    }
  }
  return s;
}

}  // namespace

std::string validation_page(const std::vector<Outcome>& outcomes) {
  const Summary s = summary_of(outcomes);
  std::string page =
      "# Validation\n\n"
      "Factories whose exact answers are known, run by the engine. Written by `make docs` from the runs of\n"
      "`tests/validation`; the test of the same name fails when this page is not what they give.\n\n";
  page += std::to_string(outcomes.size()) + " cases, " + std::to_string(s.values) + " values; " +
          std::to_string(kReplications) +
          " replications each at fixed seeds. *Ours* is the mean with its 95 % interval\n" +
          "(Student t over the replications), *off by* the distance from the exact value in standard errors. Every "
          "value\n" +
          "must be within 4; the furthest is " + number("%.1f", s.furthest) +
          ". The main value of each case must have a half-width below 0.5 %; the widest has " +
          number("%.2f", 100 * s.widest) + " %.\n\n";
  page +=
      "Exact values are closed forms or stationary vectors of the whole state space. Blocking after service is BAS, "
      "before\n"
      "service BBS; B counts waiting places without those on the machines, N and K count the machine as well. Cases of "
      "one\n"
      "family share streams of random numbers, so their distances rise and fall together.\n";
  std::string model;
  for (const Outcome& outcome : outcomes) {
    if (outcome.of->model != model) {
      model = outcome.of->model;
      page += "\n## " + model + "\n\n| parameters | value | exact | ours | off by |\n|---|---|---|---|---|\n";
    }
    for (std::size_t k = 0; k < outcome.values.size(); ++k) page += row(outcome, outcome.values[k], k == 0);
  }
  return page;
}

}  // namespace twin::validation
