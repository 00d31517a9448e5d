// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <libtwin/model/factory.hpp>
#include <libtwin/model/name.hpp>

namespace twin {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// A hostile line of a million mistakes must not become a million diagnostics.
constexpr std::size_t kMostMistakes = 10;

/// Long texts are cut where they are quoted in a message.
constexpr std::size_t kLongestQuote = 60;

/// A stretch of the line, without blanks at its ends.
struct Piece {
  std::string_view text;
  std::size_t offset = 0;
};

Piece trimmed(std::string_view line, std::size_t begin, std::size_t end) {
  const std::string_view raw = line.substr(begin, end - begin);
  const std::size_t first = raw.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {{}, begin};
  const std::size_t last = raw.find_last_not_of(kBlanks);
  return {raw.substr(first, last - first + 1), begin + first};
}

std::string quoted(std::string_view text) {
  std::string result = "'";
  result += text.substr(0, kLongestQuote);
  result += text.size() > kLongestQuote ? "…'" : "'";
  return result;
}

class Mistakes {
 public:
  explicit Mistakes(std::vector<Diagnostic>& diagnostics) : diagnostics_(diagnostics) {}

  void add(Piece at, std::string message, std::string label, std::string hint) {
    if (++count_ > kMostMistakes) return;
    Diagnostic d;
    d.code = "E040";
    d.column = to_int(at.offset) + 1;
    d.length = std::max(1, to_int(at.text.size()));
    d.message = std::move(message);
    d.label = std::move(label);
    d.hint = std::move(hint);
    diagnostics_.push_back(std::move(d));
  }

 private:
  static int to_int(std::size_t n) {
    return static_cast<int>(std::min<std::size_t>(n, std::numeric_limits<int>::max() - 1));
  }

  std::vector<Diagnostic>& diagnostics_;
  std::size_t count_ = 0;
};

std::vector<Piece> split_chain(std::string_view line, std::size_t end) {
  std::vector<Piece> pieces;
  for (std::size_t begin = 0;;) {
    const std::size_t arrow = line.substr(0, end).find("->", begin);
    if (arrow == std::string_view::npos) {
      pieces.push_back(trimmed(line, begin, end));
      return pieces;
    }
    pieces.push_back(trimmed(line, begin, arrow));
    begin = arrow + 2;
  }
}

bool check_name(Piece piece, Mistakes& mistakes) {
  if (detail::is_name(piece.text)) return true;
  if (piece.text.empty()) {
    mistakes.add(piece, "a name is missing in this line of flow", "a name goes here", "write it as 'a -> b -> c'");
  } else if (piece.text.find_first_of(kBlanks) != std::string_view::npos) {
    mistakes.add(piece, "there is no arrow between the names in " + quoted(piece.text), "one name goes here",
                 "arrows are written '->', and names hold no blanks");
  } else {
    mistakes.add(piece, quoted(piece.text) + " is not a name", "not a name", std::string(detail::kNameRule));
  }
  return false;
}

/// Reads `3 %` or `0.03`. False when the text is more than that: an expression.
bool read_share(Piece piece, Arrow& arrow, Mistakes& mistakes) {
  const char first = piece.text.front();
  if (!(first >= '0' && first <= '9') && first != '.' && first != '-') return false;
  double value = 0;
  const char* const end = piece.text.data() + piece.text.size();
  const auto [stop, error] = std::from_chars(piece.text.data(), end, value);
  if (error == std::errc::invalid_argument) return false;
  const Piece rest = trimmed(piece.text, static_cast<std::size_t>(stop - piece.text.data()), piece.text.size());
  const bool is_percent = rest.text == "%";
  if (!rest.text.empty() && !is_percent) return false;
  if (error == std::errc::result_out_of_range || !(value >= 0) || value > (is_percent ? 100.0 : 1.0)) {
    const bool forgot_percent = !is_percent && value > 1 && value <= 100;
    mistakes.add(
        piece, "the share " + quoted(piece.text) + " is outside 0 to 1", "not a share",
        forgot_percent ? "did you mean '" + std::string(piece.text) + " %'?" : "shares lie between 0 % and 100 %");
    return true;
  }
  arrow.route = RouteKind::share;
  // A quotient is the double nearest to the decimal share; a product with 0.01 would not be. The sum turns -0 into 0.
  arrow.share = (is_percent ? value / 100.0 : value) + 0.0;
  return true;
}

/// Reads `product A`. False when the text does not begin with that word.
bool read_product(Piece piece, Arrow& arrow, Mistakes& mistakes) {
  constexpr std::string_view kWord = "product";
  if (!piece.text.starts_with(kWord)) return false;
  if (piece.text.size() > kWord.size() && kBlanks.find(piece.text[kWord.size()]) == std::string_view::npos)
    return false;
  const Piece name = trimmed(piece.text, kWord.size(), piece.text.size());
  if (!detail::is_name(name.text)) {
    mistakes.add(piece, "the condition " + quoted(piece.text) + " names no product", "a product goes here",
                 "write it as 'product A'");
    return true;
  }
  arrow.route = RouteKind::product;
  arrow.name = name.text;
  return true;
}

/// Reads `call(rule)`. False when the text does not begin so.
bool read_call(Piece piece, Arrow& arrow, Mistakes& mistakes) {
  constexpr std::string_view kWord = "call";
  if (!piece.text.starts_with(kWord)) return false;
  const Piece rest = trimmed(piece.text, kWord.size(), piece.text.size());
  if (!rest.text.empty() && !rest.text.starts_with('(')) return false;
  const bool is_closed = rest.text.size() >= 2 && rest.text.ends_with(')');
  const Piece name = is_closed ? trimmed(rest.text, 1, rest.text.size() - 1) : Piece{};
  if (!detail::is_name(name.text)) {
    mistakes.add(piece, "the condition " + quoted(piece.text) + " names no rule", "a rule goes here",
                 "write it as 'call(rule)'");
    return true;
  }
  arrow.route = RouteKind::call;
  arrow.name = name.text;
  return true;
}

void read_condition(Piece piece, Arrow& arrow, Mistakes& mistakes) {
  for (const RouteKind kind :
       {RouteKind::otherwise, RouteKind::shortest, RouteKind::round_robin, RouteKind::priority}) {
    if (piece.text != enum_names(RouteKind{})[static_cast<std::size_t>(kind)]) continue;
    arrow.route = kind;
    return;
  }
  if (piece.text.empty()) {
    mistakes.add(piece, "the condition after ':' is missing", "a condition goes here",
                 "write a share such as '3 %', or leave the ':' out");
  } else if (piece.text.find("->") != std::string_view::npos) {
    mistakes.add(piece, "the flow goes on after the condition " + quoted(piece.text), "no arrows after ':'",
                 "a condition ends its line; write the rest of the flow as a line of its own");
  } else if (piece.text.find(':') != std::string_view::npos) {
    mistakes.add(piece, "there is a second ':' in this line of flow", "one condition goes here",
                 "write one line for each condition");
  } else if (!read_share(piece, arrow, mistakes) && !read_product(piece, arrow, mistakes) &&
             !read_call(piece, arrow, mistakes)) {
    arrow.route = RouteKind::share;
    arrow.share = std::numeric_limits<double>::quiet_NaN();
    arrow.name = piece.text;
  }
}

}  // namespace

std::vector<Arrow> parse_flow(std::string_view text, std::vector<Diagnostic>& diagnostics,
                              std::vector<ArrowPlaces>& places) {
  Mistakes mistakes(diagnostics);
  std::vector<Arrow> arrows;
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::vector<Piece> names = split_chain(text, colon);
  bool from_is_good = check_name(names.front(), mistakes);
  if (names.size() == 1 && from_is_good) {
    mistakes.add(names.front(), "there is no arrow in this line of flow", "goes nowhere", "write it as 'a -> b'");
  }
  for (std::size_t i = 1; i < names.size(); ++i) {
    const bool to_is_good = check_name(names[i], mistakes);
    const bool is_good = from_is_good && to_is_good;
    from_is_good = to_is_good;
    if (!is_good) continue;
    arrows.push_back({.from = std::string(names[i - 1].text), .to = std::string(names[i].text)});
    places.push_back({.from_offset = names[i - 1].offset, .to_offset = names[i].offset});
  }
  if (colon == text.size()) return arrows;

  const Piece condition = trimmed(text, colon + 1, text.size());
  Arrow last;
  read_condition(condition, last, mistakes);
  if (names.size() > 1 && from_is_good && !arrows.empty() && places.back().to_offset == names.back().offset) {
    arrows.back().route = last.route;
    arrows.back().share = last.share;
    arrows.back().name = std::move(last.name);
    places.back().route_offset = condition.offset;
    places.back().route_length = condition.text.size();
  }
  return arrows;
}

std::vector<Arrow> parse_flow(std::string_view text, std::vector<Diagnostic>& diagnostics) {
  std::vector<ArrowPlaces> places;
  return parse_flow(text, diagnostics, places);
}

}  // namespace twin
