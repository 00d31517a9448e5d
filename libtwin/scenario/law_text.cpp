// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <libtwin/model/name.hpp>
#include <libtwin/scenario/law_names.hpp>
#include <libtwin/scenario/lexer.hpp>
#include <libtwin/scenario/values.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

/// What stands between two commas of a call: `mean = 41 s`, `41 s`, `10 s: 0.3`.
struct Argument {
  /// Empty when it is known by its position.
  std::string_view name;
  std::size_t name_offset = 0;

  std::string_view value;
  std::size_t offset = 0;

  /// The tokens of the value.
  std::span<const Token> tokens;
};

/// Reads one law written as text.
class LawReader {
 public:
  LawReader(Reader& reader, const Node& node, Dimension dimension, const std::string& path)
      : reader_(reader), node_(node), dimension_(dimension), path_(path), tokens_(tokenize(node.text)) {}

  bool read(Distribution& out) {
    if (!is_call()) return read_constant(out);
    const Token& word = tokens_[0];
    const LawInfo* const info = find_law(word.text);
    if (info == nullptr) {
      return fail("E030", word.offset, word.length, "unknown distribution " + quote(word.text), "not a distribution",
                  reader_.suggest(word.text, law_names(), "distributions are " + list_words(law_names())));
    }
    std::vector<Argument> arguments;
    if (!split_arguments(arguments)) return false;
    Distribution law;
    law.kind = info->kind;
    law.parameters = {};
    if (!read_arguments(*info, arguments, law)) return false;
    out = std::move(law);
    return true;
  }

 private:
  bool fail(std::string_view code, std::size_t offset, std::size_t length, std::string message, std::string label,
            std::string hint) {
    reader_.error(code, node_.inside(offset, length), path_, std::move(message), std::move(label), std::move(hint));
    return false;
  }

  bool fail(std::string_view code, const Argument& at, std::string message, std::string label, std::string hint) {
    const bool is_named = !at.name.empty();
    return fail(code, is_named ? at.name_offset : at.offset, is_named ? at.name.size() : at.value.size(),
                std::move(message), std::move(label), std::move(hint));
  }

  [[nodiscard]] bool is_call() const {
    static constexpr std::array<std::string_view, 6> kOfNumbers{"abs", "floor", "ceil", "round", "min", "max"};
    return tokens_[0].kind == TokenKind::word && tokens_[1].is("(") &&
           std::find(kOfNumbers.begin(), kOfNumbers.end(), tokens_[0].text) == kOfNumbers.end();
  }

  bool read_constant(Distribution& out) {
    const Token& first = tokens_[0];
    const LawInfo* const info = first.kind == TokenKind::word ? find_law(first.text) : nullptr;
    const bool is_parameter = std::find(reader_.names.begin(), reader_.names.end(), first.text) != reader_.names.end();
    if (info != nullptr && !is_parameter) {
      return fail("E031", first.offset, first.length, quote(first.text) + " needs its parameters in parentheses",
                  "a distribution", "write " + law_signature(*info));
    }
    double value = 0;
    if (!read_number(reader_, node_, node_.text, 0, rule_of(law_info(LawKind::constant).parameters[0], dimension_),
                     path_ + ".value", value)) {
      return false;
    }
    out = Distribution(value);
    return true;
  }

  bool split_arguments(std::vector<Argument>& arguments) {
    int open = 0;
    std::size_t begin = 2;
    for (std::size_t i = 1; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (token.is("(")) ++open;
      const bool closes = token.is(")") && --open == 0;
      if ((closes && (i > 2 || begin > 2)) || (token.is(",") && open == 1)) {
        if (!add_argument(begin, i, arguments)) return false;
        begin = i + 1;
      }
      if (!closes) continue;
      const Token& rest = tokens_[i + 1];
      if (rest.kind == TokenKind::end) return true;
      return fail("E024", rest.offset, rest.length, "a distribution ends at its ')'", "unexpected",
                  "leave out what follows");
    }
    return fail("E024", tokens_[1].offset, 1, "the '(' of " + quote(tokens_[0].text) + " is not closed", "opened here",
                "add ')'");
  }

  bool add_argument(std::size_t begin, std::size_t end, std::vector<Argument>& arguments) {
    Argument argument;
    if (begin + 1 < end && tokens_[begin].kind == TokenKind::word && tokens_[begin + 1].is("=")) {
      argument.name = tokens_[begin].text;
      argument.name_offset = tokens_[begin].offset;
      begin += 2;
    }
    if (begin >= end) {
      return fail("E031", tokens_[end].offset, 1, "a value is missing here", "a value goes here", "");
    }
    argument.offset = tokens_[begin].offset;
    const std::size_t stop = tokens_[end - 1].offset + tokens_[end - 1].length;
    argument.value = std::string_view(node_.text).substr(argument.offset, stop - argument.offset);
    argument.tokens = std::span<const Token>(tokens_).subspan(begin, end - begin);
    arguments.push_back(argument);
    return true;
  }

  bool read_arguments(const LawInfo& info, const std::vector<Argument>& arguments, Distribution& law) {
    switch (info.kind) {
      case LawKind::discrete:
        return read_discrete(arguments, law) && check_law(law);
      case LawKind::empirical:
        return read_empirical(arguments, law) && check_law(law);
      case LawKind::call:
        return read_call(arguments, law);
      default:
        return read_parameters(info, arguments, law) && check_law(law);
    }
  }

  bool check_law(const Distribution& law) {
    const std::vector<std::string> found = problems(law);
    if (found.empty()) return true;
    const LawInfo& info = law_info(law.kind);
    return fail("E032", 0, node_.text.size(), std::string(info.name) + " cannot be: " + found.front(), "impossible",
                std::string(info.doc));
  }

  bool read_parameters(const LawInfo& info, const std::vector<Argument>& arguments, Distribution& law) {
    std::array<bool, kMaxLawParameters> given{};
    bool good = true;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const Argument& a = arguments[i];
      const std::optional<std::size_t> index = index_of(info, a, i);
      if (!index) {
        good = false;
      } else if (given[*index]) {
        good = fail("E031", a, quote(info.parameters[*index].name) + " is given twice", "again here", "keep one");
      } else {
        given[*index] = true;
        const LawParameter& p = info.parameters[*index];
        const std::string path = path_ + "." + std::string(p.name);
        good = read_number(reader_, node_, a.value, a.offset, rule_of(p, dimension_), path, law.parameters[*index]) &&
               good;
      }
    }
    for (std::size_t i = 0; i < info.parameters.size() && good; ++i) {
      if (given[i] || takes_override(info, i)) continue;
      good = fail("E031", tokens_[0].offset, tokens_[0].length,
                  quote(info.name) + " needs " + quote(info.parameters[i].name), "incomplete",
                  "write " + law_signature(info));
    }
    return good;
  }

  [[nodiscard]] bool takes_override(const LawInfo& info, std::size_t index) const {
    return reader_.overrides.contains(path_ + "." + std::string(info.parameters[index].name));
  }

  std::optional<std::size_t> index_of(const LawInfo& info, const Argument& a, std::size_t position) {
    if (a.name.empty() && position < info.parameters.size()) return position;
    if (a.name.empty()) {
      fail("E031", a, quote(info.name) + " has no more than " + std::to_string(info.parameters.size()) + " parameters",
           "too many", "write " + law_signature(info));
      return {};
    }
    for (std::size_t i = 0; i < info.parameters.size(); ++i) {
      if (info.parameters[i].name == a.name) return i;
    }
    std::vector<std::string> names;
    for (const LawParameter& p : info.parameters) names.emplace_back(p.name);
    fail("E031", a, quote(info.name) + " has no parameter " + quote(a.name), "not a parameter",
         reader_.suggest(a.name, names, "write " + law_signature(info)));
    return {};
  }

  bool read_discrete(const std::vector<Argument>& arguments, Distribution& law) {
    bool good = !arguments.empty();
    if (!good)
      fail("E031", 0, tokens_[0].length, "'discrete' needs values", "incomplete",
           "write discrete(10 s: 0.3, 20 s: 0.7)");
    for (const Argument& a : arguments) {
      const auto colon = std::find_if(a.tokens.begin(), a.tokens.end(), [](const Token& t) { return t.is(":"); });
      if (colon == a.tokens.end() || !a.name.empty()) {
        good = fail("E031", a, "each value of 'discrete' needs a weight", "no weight",
                    "write discrete(10 s: 0.3, 20 s: 0.7)");
        continue;
      }
      const std::size_t cut = colon->offset - a.offset;
      const std::string index = std::to_string(law.values.size());
      NumberRule rule;
      good = read_number(reader_, node_, a.value.substr(cut + 1), colon->offset + 1, rule, path_ + ".weights." + index,
                         law.weights.emplace_back()) &&
             good;
      rule.dimension = dimension_;
      good = read_number(reader_, node_, a.value.substr(0, cut), a.offset, rule, path_ + ".values." + index,
                         law.values.emplace_back()) &&
             good;
    }
    return good;
  }

  /// The text of an argument, in quotes or bare.
  [[nodiscard]] static std::string text_of(const Argument& a) {
    return std::string(a.tokens.size() == 1 && a.tokens[0].kind == TokenKind::text ? a.tokens[0].text : a.value);
  }

  bool read_empirical(const std::vector<Argument>& arguments, Distribution& law) {
    static const std::vector<std::string> kNames{"file", "column", "unit"};
    std::array<std::string, 3> texts;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const Argument& a = arguments[i];
      const auto found = a.name.empty() ? kNames.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(i, 3))
                                        : std::find(kNames.begin(), kNames.end(), a.name);
      if (found == kNames.end()) {
        return fail("E031", a, "'empirical' has no such parameter", "not a parameter",
                    "write empirical('file.csv', column = 'cycle_s')");
      }
      texts[static_cast<std::size_t>(found - kNames.begin())] = text_of(a);
    }
    if (texts[0].empty()) {
      return fail("E031", 0, tokens_[0].length, "'empirical' needs a file", "incomplete",
                  "write empirical('file.csv', column = 'cycle_s')");
    }
    law.name = texts[0];
    law.column = texts[1];
    return read_csv_column(reader_, node_, path_, texts[0], texts[1], texts[2], dimension_, law.values);
  }

  bool read_call(const std::vector<Argument>& arguments, Distribution& law) {
    if (arguments.size() == 1 && arguments[0].name.empty()) law.name = text_of(arguments[0]);
    if (is_name(law.name)) return true;
    return fail("E031", 0, node_.text.size(), "'call' needs the name of a function", "incomplete", "write call(name)");
  }

  Reader& reader_;
  const Node& node_;
  Dimension dimension_;
  const std::string& path_;
  std::vector<Token> tokens_;
};

/// Settings from outside that replace one parameter of a law.
bool apply_overrides(Reader& reader, Dimension dimension, const std::string& path, Distribution& law) {
  if (reader.overrides.empty()) return true;
  const LawInfo& info = law_info(law.kind);
  bool good = true;
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const LawParameter& p = info.parameters[i];
    std::string inner = path + "." + std::string(p.name);
    const Node* node = reader.take_override(inner);
    // A constant has a value, and calling it a mean is no mistake.
    if (node == nullptr && law.kind == LawKind::constant) node = reader.take_override(path + ".mean");
    if (node == nullptr) continue;
    std::erase_if(reader.bindings, [&](const Binding& b) { return b.path == inner; });
    good = read_number(reader, *node, rule_of(p, dimension), inner, law.parameters[i]) && good;
  }
  return good;
}

}  // namespace

bool read_law(Reader& reader, const Node& node, Dimension dimension, const std::string& path, Distribution& out) {
  bool good = false;
  if (node.is(NodeKind::table)) {
    good = read_law_table(reader, node, dimension, path, out);
  } else if (node.is(NodeKind::text)) {
    good = LawReader(reader, node, dimension, path).read(out);
  } else {
    double value = 0;
    good = read_number(reader, node, rule_of(law_info(LawKind::constant).parameters[0], dimension), path + ".value",
                       value);
    if (good) out = Distribution(value);
  }
  return good && apply_overrides(reader, dimension, path, out);
}

}  // namespace twin::detail
