// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <libtwin/scenario/line_index.hpp>
#include <libtwin/scenario/scenario.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin {
namespace {

constexpr std::size_t kMostShown = 20;
constexpr std::size_t kWidestLine = 110;

/// Colours of a terminal, or nothing.
struct Palette {
  std::string_view bold, red, yellow, cyan, blue, reset;
};
constexpr Palette kPlain{};
constexpr Palette kColours{"\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;36m", "\033[1;34m", "\033[0m"};

/// The lines of a file, by its name in diagnostics; null when they are not at hand.
using FindLines = std::function<const detail::LineIndex*(const std::string& file)>;

/// One code point of a line, as it can be shown: broken UTF-8 and control characters would upset a terminal.
struct Glyph {
  std::string text;
  std::size_t offset = 0;
};

std::vector<Glyph> glyphs_of(std::string_view line, std::size_t begin, std::size_t end) {
  std::vector<Glyph> glyphs;
  for (std::size_t i = begin; i < std::min(end, line.size());) {
    const std::size_t length = detail::utf8_length(line, i);
    const auto byte = static_cast<unsigned char>(line[i]);
    if (length == 0) {
      glyphs.push_back({"?", i++});
    } else if (byte < 0x20 || byte == 0x7F) {
      glyphs.push_back({" ", i++});
    } else {
      glyphs.push_back({std::string(line.substr(i, length)), i});
      i += length;
    }
  }
  return glyphs;
}

/// The part of a line around the caret, and the caret under it.
struct Excerpt {
  std::string line;
  std::string caret;
};

Excerpt excerpt_of(std::string_view line, std::size_t column, std::size_t length) {
  const std::size_t first = std::min(column, line.size());
  const std::size_t begin = line.size() <= kWidestLine || first < kWidestLine / 2 ? 0 : first - kWidestLine / 2;
  const std::size_t end = std::min(line.size(), begin + kWidestLine);
  Excerpt result;
  std::size_t carets = 0;
  std::size_t blanks = 0;
  for (const Glyph& g : glyphs_of(line, begin, end)) {
    result.line += g.text;
    if (g.offset < first) {
      ++blanks;
    } else if (g.offset < first + length) {
      ++carets;
    }
  }
  if (begin > 0) {
    result.line.insert(0, "…");
    ++blanks;
  }
  if (end < line.size()) result.line += "…";
  result.caret = std::string(blanks, ' ') + std::string(std::max<std::size_t>(1, carets), '^');
  return result;
}

std::string_view word_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "error";
}

std::string_view colour_of(Severity severity, const Palette& p) {
  switch (severity) {
    case Severity::error:
      return p.red;
    case Severity::warning:
      return p.yellow;
    case Severity::note:
      return p.cyan;
  }
  return p.red;
}

void render_place(const Diagnostic& d, const detail::LineIndex* lines, const Palette& p, std::string& out) {
  const std::string number = d.line > 0 ? std::to_string(d.line) : "";
  const std::string gutter(number.size(), ' ');
  if (d.line <= 0) {
    const std::string& where = d.file.empty() ? d.path : d.file;
    if (!where.empty()) out += fmt::format(" {}-->{} {}\n", p.blue, p.reset, where);
  } else {
    out += fmt::format("{}{}-->{} {}:{}:{}\n", gutter, p.blue, p.reset, d.file, d.line, d.column);
  }
  if (d.line > 0 && lines != nullptr && d.line <= static_cast<int>(lines->size()) && d.column > 0) {
    const Excerpt e = excerpt_of(lines->line(static_cast<std::size_t>(d.line)), static_cast<std::size_t>(d.column - 1),
                                 static_cast<std::size_t>(std::max(1, d.length)));
    out += fmt::format("{} {}|{}\n", gutter, p.blue, p.reset);
    out += fmt::format("{}{} |{} {}\n", p.blue, number, p.reset, e.line);
    out += fmt::format("{} {}|{} {}{}{}{}{}\n", gutter, p.blue, p.reset, colour_of(d.severity, p), e.caret,
                       d.label.empty() ? "" : " ", d.label, p.reset);
  }
  if (!d.hint.empty()) out += fmt::format("{} {}={} help: {}\n", gutter, p.blue, p.reset, d.hint);
}

std::string render(std::vector<Diagnostic> diagnostics, const FindLines& find_lines, bool colour) {
  const Palette& p = colour ? kColours : kPlain;
  std::map<std::string, std::size_t> order;
  for (const Diagnostic& d : diagnostics) order.emplace(d.file, order.size());
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    return std::tuple(order.at(a.file), a.line, a.column) < std::tuple(order.at(b.file), b.line, b.column);
  });
  std::string out;
  for (std::size_t i = 0; i < std::min(diagnostics.size(), kMostShown); ++i) {
    const Diagnostic& d = diagnostics[i];
    if (i > 0) out += '\n';
    out += fmt::format("{}{}[{}]{}{}: {}{}\n", colour_of(d.severity, p), word_of(d.severity), d.code, p.reset, p.bold,
                       d.message, p.reset);
    render_place(d, find_lines(d.file), p, out);
  }
  if (diagnostics.size() > kMostShown) out += fmt::format("\n… and {} more\n", diagnostics.size() - kMostShown);
  return out;
}

}  // namespace

std::string render_diagnostics(const std::vector<Diagnostic>& diagnostics, std::string_view text, bool colour) {
  const detail::LineIndex lines(text);
  // A setting is no part of the text.
  const FindLines find = [&](const std::string& file) {
    return text.empty() || file.starts_with("--set ") ? nullptr : &lines;
  };
  return render(diagnostics, find, colour);
}

namespace {

std::string render_with_sources(const ReadResult& result, const std::vector<Diagnostic>& diagnostics, bool colour) {
  std::map<std::string, std::unique_ptr<detail::LineIndex>> indices;
  const FindLines find = [&](const std::string& file) -> const detail::LineIndex* {
    auto& index = indices[file];
    for (const auto& [name, text] : result.sources) {
      if (!index && name == file) index = std::make_unique<detail::LineIndex>(text);
    }
    return index.get();
  };
  return render(diagnostics, find, colour);
}

}  // namespace

std::string render_diagnostics(const ReadResult& result, bool colour) {
  return render_with_sources(result, result.diagnostics, colour);
}

std::string render_findings(const ReadResult& result, bool colour) {
  return render_with_sources(result, result.findings, colour);
}

}  // namespace twin
