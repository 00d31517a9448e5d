// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <libtwin/report/format.hpp>
#include <libtwin/report/text.hpp>
#include <libtwin/report/wording.hpp>

namespace twin {
namespace detail {
namespace {

constexpr std::size_t kWidth = 110;

std::string percent_text(double level) { return number_text(100 * level) + " %"; }

/// Says so when the variants do not run, or are not measured, for the same time.
std::string spans_line(const Comparison& c) {
  const VariantResult& base = c.variants[0];
  const bool all_same = std::all_of(c.variants.begin(), c.variants.end(), [&](const VariantResult& v) {
    return v.horizon_s == base.horizon_s && v.warmup_s == base.warmup_s;
  });
  if (all_same) return "";
  std::string text = "The variants run for different times:";
  for (const VariantResult& v : c.variants) {
    text += fmt::format(" '{}' {} (warm-up {}){}", v.name, duration_text(v.horizon_s), duration_text(v.warmup_s),
                        &v == &c.variants.back() ? "." : ",");
  }
  return wrapped(text, kWidth);
}

std::string headline(const Comparison& c, const ReportOptions& o) {
  std::string text =
      bold(fmt::format("{} against '{}'", plural(c.variants.size() - 1, "variant"), c.variants[0].name), o.has_colour);
  text += fmt::format(" · {} each{} · seed {}\n", plural(static_cast<std::uint64_t>(c.replications), "replication"),
                      c.numbers == RandomNumbers::common ? " on common random numbers" : ", independent", c.seed);
  text += speed_text(c.wall_s, c.cpu_s, o.threads, static_cast<double>(c.operations)) + "\n";
  if (!c.is_complete)
    text += bold("Stopped early: the numbers are of the replications that have ended.", o.has_colour) + "\n";
  text += spans_line(c);
  for (const VariantResult& v : c.variants) {
    if (v.failed == 0 || v.status == RunStatus::stopped) continue;
    const std::string where = v.failed_at.empty() ? "" : fmt::format(", the first at '{}'", v.failed_at);
    text += bold(fmt::format("'{}': {} of {} did not end well: {}{}", v.name, v.failed,
                             plural(static_cast<std::uint64_t>(c.replications), "replication"), status_text(v.status),
                             where),
                 o.has_colour) +
            "; they take part in no difference.\n";
  }
  return text;
}

std::vector<ShownUnit> units_of(const Comparison& c) {
  std::vector<ShownUnit> units;
  for (std::size_t m = 0; m < c.measures.size(); ++m)
    units.push_back(shown_unit(c.dimensions[m], c.variants[0].measures[m].mean));
  return units;
}

std::string with_unit(const std::string& measure, const ShownUnit& unit) {
  return unit.name.empty() ? measure : measure + " " + unit.name;
}

std::string variant_table(const Comparison& c, const std::vector<ShownUnit>& units, const ReportOptions& o) {
  TextTable table;
  table.columns = {{"variant", Align::left}};
  for (std::size_t m = 0; m < c.measures.size(); ++m) table.columns.push_back({with_unit(c.measures[m], units[m])});
  const bool some_failed = c.failed_runs > 0;
  if (some_failed) table.columns.push_back({"n"});
  for (const VariantResult& v : c.variants) {
    std::vector<std::string> row{v.name};
    for (std::size_t m = 0; m < c.measures.size(); ++m) row.push_back(estimate_text(v.measures[m], units[m].scale));
    if (some_failed) row.push_back(std::to_string(v.n));
    table.rows.push_back(std::move(row));
  }
  return "\n" + table.text("  ", o.has_colour);
}

std::string signed_text(const std::string& number, double value) { return value > 0 ? "+" + number : number; }

std::string p_text(double p) {
  if (std::isnan(p)) return "–";
  return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p);
}

std::string verdict_text(const Difference& d) {
  switch (d.verdict) {
    case Verdict::larger:
      return "larger";
    case Verdict::smaller:
      return "smaller";
    case Verdict::same:
      return "the same in every replication";
    case Verdict::open:
      break;
  }
  if (d.difference.n < 2) return "not known: fewer than two pairs of runs";
  if (d.replications_needed == 0) return "not told apart";
  return fmt::format("not told apart; about {} replications would, if it is real",
                     count_text(static_cast<std::uint64_t>(d.replications_needed)));
}

std::string difference_table(const Comparison& c, std::size_t measure, const ShownUnit& unit, const ReportOptions& o) {
  TextTable table;
  table.columns = {{with_unit(c.measures[measure], unit), Align::left},
                   {"difference"},
                   {"%"},
                   {"p"},
                   {"than the base", Align::left}};
  for (const Difference& d : c.differences) {
    if (d.measure != measure) continue;
    // Sums of whole numbers of parts may leave a last bit behind.
    const double share = std::abs(d.share) < 1e-12 ? 0 : 100 * d.share;
    table.rows.push_back({c.variants[d.variant].name,
                          signed_text(estimate_text(d.difference, unit.scale), d.difference.mean),
                          signed_text(number_text(share, 3), share), p_text(d.p_value), verdict_text(d)});
  }
  return "\n" + table.text("  ", o.has_colour);
}

/// What the differences say together, and how they are to be read.
std::string closing(const Comparison& c) {
  const auto count = [&](auto&& is_one) {
    return static_cast<std::uint64_t>(std::count_if(c.differences.begin(), c.differences.end(), is_one));
  };
  const std::uint64_t real =
      count([](const Difference& d) { return d.verdict == Verdict::larger || d.verdict == Verdict::smaller; });
  const std::uint64_t open = count([](const Difference& d) { return d.verdict == Verdict::open; });
  std::string text =
      fmt::format("\n{} of {} {} real", real, plural(c.differences.size(), "difference"), real == 1 ? "is" : "are");
  text += open == 0 ? ".\n" : fmt::format("; {} not told apart.\n", open == 1 ? "1 is" : fmt::format("{} are", open));
  return text;
}

std::string footnote_of(const Comparison& c) {
  std::string text = fmt::format(
      "± of a variant is its 95 % interval. Differences are paired, replication by replication; their intervals hold "
      "all at "
      "once with {} (Bonferroni). p is adjusted by Holm's procedure over all of them: with {} nothing is called larger "
      "or "
      "smaller that is not.",
      percent_text(c.level), percent_text(c.level));
  double most = -1;
  double least = 1;
  for (const Difference& d : c.differences) {
    if (std::isnan(d.correlation)) continue;
    most = std::max(most, d.correlation);
    least = std::min(least, d.correlation);
  }
  if (c.numbers == RandomNumbers::common && most >= least) {
    text += least == most ? fmt::format(" Correlation by common random numbers: {}.", number_text(most, 2))
                          : fmt::format(" Correlation by common random numbers: {} to {}.", number_text(least, 2),
                                        number_text(most, 2));
  }
  return wrapped(text, kWidth);
}

}  // namespace
}  // namespace detail

std::string compare_report(const Comparison& comparison, const ReportOptions& options) {
  const std::vector<detail::ShownUnit> units = detail::units_of(comparison);
  std::string text = detail::headline(comparison, options) + detail::variant_table(comparison, units, options);
  for (std::size_t m = 0; m < comparison.measures.size(); ++m)
    text += detail::difference_table(comparison, m, units[m], options);
  return text + detail::closing(comparison) + detail::dim(detail::footnote_of(comparison), options.has_colour);
}

}  // namespace twin
