// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <libtwin/scenario/lexer.hpp>
#include <libtwin/scenario/program.hpp>
#include <libtwin/scenario/units.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

constexpr int kMaxDepth = 200;
constexpr int kMaxTimePower = 8;

/// Precedence, rising; `not` sits between `and` and the comparisons.
enum Level : int {
  level_or = 1,
  level_and,
  level_not,
  level_compare,
  level_sum,
  level_product,
  level_sign,
  level_power
};

struct Binary {
  std::string_view text;
  Level level;
  Operation operation;
};

constexpr Binary kBinaries[] = {
    {"or", level_or, Operation::either},       {"and", level_and, Operation::both},
    {"<", level_compare, Operation::less},     {"<=", level_compare, Operation::less_equal},
    {">", level_compare, Operation::greater},  {">=", level_compare, Operation::greater_equal},
    {"==", level_compare, Operation::equal},   {"!=", level_compare, Operation::not_equal},
    {"+", level_sum, Operation::add},          {"-", level_sum, Operation::subtract},
    {"*", level_product, Operation::multiply}, {"/", level_product, Operation::divide},
    {"^", level_power, Operation::power},
};

struct Function {
  std::string_view name;
  std::size_t arguments;
  Operation operation;
};

constexpr Function kFunctions[] = {
    {"abs", 1, Operation::absolute}, {"floor", 1, Operation::floor}, {"ceil", 1, Operation::ceil},
    {"round", 1, Operation::round},  {"min", 2, Operation::minimum}, {"max", 2, Operation::maximum},
};

/// The power of time of a part of an expression; nothing when it hangs on names or calls of unknown dimension.
using Power = std::optional<int>;

/// Thrown inside this file only, to leave the recursion at the first mistake.
struct Mistake {
  Diagnostic diagnostic;
};

class Parser {
 public:
  Parser(std::string_view text, const ParseRules& rules) : text_(text), rules_(rules), tokens_(tokenize(text)) {}

  Code parse() {
    const Power power = parse_level(level_or);
    const Token& rest = now();
    if (rest.kind != TokenKind::end) refuse_rest(rest);
    code_.time_power = power.value_or(0);
    std::sort(code_.used.begin(), code_.used.end());
    code_.used.erase(std::unique(code_.used.begin(), code_.used.end()), code_.used.end());
    return std::move(code_);
  }

 private:
  [[nodiscard]] const Token& now() const { return tokens_[next_]; }
  const Token& take() { return tokens_[next_ + 1 < tokens_.size() ? next_++ : next_]; }

  [[noreturn]] static void fail(std::string code, const Token& at, std::string message, std::string label,
                                std::string hint) {
    Diagnostic d;
    d.code = std::move(code);
    d.column = to_column(at.offset);
    d.length = std::max(1, to_column(at.length) - 1);
    d.message = std::move(message);
    d.label = std::move(label);
    d.hint = std::move(hint);
    throw Mistake{std::move(d)};
  }

  [[noreturn]] void refuse_rest(const Token& rest) {
    const bool after_value =
        next_ > 0 && (tokens_[next_ - 1].kind == TokenKind::number || tokens_[next_ - 1].kind == TokenKind::word);
    if (after_value && rest.kind == TokenKind::number) {
      fail("E024", rest, "two numbers without an operator between them", "what does this do here?",
           "write 'a + b'; thousands have no separator");
    }
    if (rest.is(",")) {
      fail("E024", rest, "a ',' does not belong into a number", "unexpected", "decimals are written with a point");
    }
    if (rest.is("=")) fail("E024", rest, "'=' compares nothing", "unexpected", "did you mean '=='?");
    fail("E024", rest, "cannot read " + quote(text_) + " beyond this point", "unexpected",
         "a number is written like '5 min' or '1 h / r1'");
  }

  void emit(Operation operation, int index = 0, double value = 0) {
    if (code_.instructions.size() >= kMaxInstructions) too_big();
    code_.instructions.push_back({operation, index, value});
  }

  void push(Operation operation, int index, double value) {
    if (++height_ > kMaxStack) too_big();
    emit(operation, index, value);
  }

  [[noreturn]] void too_big() {
    fail("E024", now(), "the expression is too long or nested too deeply", "", "split it");
  }

  struct Deeper {
    explicit Deeper(Parser& p) : parser(p) {
      if (++parser.depth_ > kMaxDepth) parser.too_big();
    }
    ~Deeper() { --parser.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    Parser& parser;
  };

  [[nodiscard]] const Binary* binary_here() const {
    const Token& token = now();
    if (token.kind != TokenKind::symbol && token.kind != TokenKind::word) return nullptr;
    const auto* const found =
        std::find_if(std::begin(kBinaries), std::end(kBinaries), [&](const Binary& b) { return b.text == token.text; });
    return found == std::end(kBinaries) ? nullptr : found;
  }

  Power parse_level(int level) {
    const Deeper deeper(*this);
    Power left = parse_prefix();
    for (const Binary* b = binary_here(); b != nullptr && b->level >= level; b = binary_here()) {
      const Token& sign = take();
      const bool is_right_associative = b->operation == Operation::power;
      const Token& right_token = now();
      const Power right = parse_level(is_right_associative ? b->level : b->level + 1);
      left = combine(*b, left, right, sign, right_token);
      --height_;
      emit(b->operation);
    }
    return left;
  }

  Power parse_prefix() {
    const Token& token = now();
    if (token.is("-") || token.is("+")) {
      take();
      const Power power = parse_level(level_sign);
      if (token.is("-")) emit(Operation::negate);
      return power;
    }
    if ((token.kind == TokenKind::word && token.text == "not") || token.is("!")) {
      take();
      static_cast<void>(parse_level(level_not));
      emit(Operation::invert);
      return 0;
    }
    return parse_primary();
  }

  Power parse_primary() {
    const Token& token = take();
    if (token.kind == TokenKind::number) return parse_quantity(token);
    if (token.kind == TokenKind::word) return now().is("(") ? parse_call(token) : parse_name(token);
    if (token.is("(")) {
      const Power power = parse_level(level_or);
      if (!now().is(")")) fail("E024", token, "a '(' is not closed", "opened here", "add ')'");
      take();
      return power;
    }
    if (token.kind == TokenKind::end) {
      fail("E024", token, text_.empty() ? "a number is missing" : "the expression " + quote(text_) + " ends too early",
           "a number goes here", "a number is written like '5 min' or '1 h / r1'");
    }
    fail("E024", token, quote(token.kind == TokenKind::text ? text_ : token.text) + " is not a number", "not a number",
         "a number is written like '5 min' or '1 h / r1'");
  }

  Power parse_quantity(const Token& number) {
    if (!std::isfinite(number.value)) {
      fail("E022", number, "the number " + quote(number.text) + " is too large", "too large", "");
    }
    const Token& after = now();
    const bool is_operator = after.kind == TokenKind::word && (after.text == "and" || after.text == "or");
    if ((after.kind != TokenKind::word && !after.is("%")) || is_operator) {
      push(Operation::number, 0, number.value);
      return 0;
    }
    const Unit* const unit = find_unit(after.text);
    if (unit == nullptr) refuse_unit(after);
    take();
    push(Operation::number, 0, unit->to_si(number.value));
    return unit->time_power;
  }

  [[noreturn]] void refuse_unit(const Token& word) {
    if (index_of(word.text) >= 0) {
      fail("E024", word, "an operator is missing before " + quote(word.text), "multiplied?",
           "write '* " + std::string(word.text) + "'");
    }
    fail("E023", word, "unknown unit " + quote(word.text), "not a unit", unit_hint(word.text));
  }

  [[nodiscard]] int index_of(std::string_view name) const {
    const auto found = std::find(rules_.names.begin(), rules_.names.end(), name);
    return found == rules_.names.end() ? -1 : static_cast<int>(found - rules_.names.begin());
  }

  Power parse_name(const Token& word) {
    const int index = index_of(word.text);
    if (index >= 0) {
      push(Operation::name, index, 0);
      code_.used.push_back(index);
      if (rules_.resolve != nullptr) return {};
      return 0;
    }
    const bool is_divisor = next_ >= 2 && tokens_[next_ - 2].is("/");
    const Unit* const unit = find_unit(word.text);
    if (unit != nullptr && is_divisor) {
      push(Operation::number, 0, unit->to_si(1));
      return unit->time_power;
    }
    if (unit != nullptr) {
      fail("E024", word, "the unit " + quote(word.text) + " has no number before it", "a unit alone",
           "write '1 " + std::string(word.text) + "'");
    }
    if (word.text == "nan" || word.text == "inf" || word.text == "NaN") {
      fail("E022", word, quote(word.text) + " is not a finite number", "not finite", "");
    }
    refuse_name(word);
  }

  [[noreturn]] void refuse_name(const Token& word) {
    const std::string near =
        nearest_name(std::string(word.text), std::vector<std::string>(rules_.names.begin(), rules_.names.end()));
    std::string hint = "declare it under [parameter]";
    if (rules_.resolve != nullptr) hint = "";
    if (!near.empty()) hint = "did you mean '" + near + "'?";
    fail("E012", word, "unknown name " + quote(word.text), "not declared", std::move(hint));
  }

  Power parse_call(const Token& word) {
    const std::vector<std::string> arguments = peek_arguments(word);
    const auto* const function = std::find_if(std::begin(kFunctions), std::end(kFunctions), [&](const Function& f) {
      return f.name == word.text && f.arguments == arguments.size();
    });
    if (function != std::end(kFunctions)) return parse_builtin(*function, word);
    if (rules_.resolve == nullptr) {
      fail("E024", word, "unknown function " + quote(word.text), "not a function",
           "functions of numbers are abs, floor, ceil, round (one argument), min and max (two)");
    }
    std::string problem;
    const int index = (*rules_.resolve)(word.text, arguments, problem);
    if (index < 0) fail("E012", word, problem.empty() ? "unknown call " + quote(word.text) : problem, "not known", "");
    push(Operation::name, index, 0);
    code_.used.push_back(index);
    skip_arguments();
    return {};
  }

  Power parse_builtin(const Function& function, const Token& word) {
    take();
    Power power = parse_level(level_or);
    if (function.arguments == 2) {
      if (now().is(",")) take();
      power = same_power(power, parse_level(level_or), word);
      --height_;
    }
    if (!now().is(")"))
      fail("E024", word, "the call of " + quote(word.text) + " is not closed", "opened here", "add ')'");
    take();
    emit(function.operation);
    return power;
  }

  /// The texts between the commas of the call that begins at the current `(`.
  std::vector<std::string> peek_arguments(const Token& word) const {
    std::vector<std::string> arguments;
    int open = 0;
    std::size_t begin = now().offset + 1;
    const auto add = [&](std::size_t end) { arguments.emplace_back(trim(text_.substr(begin, end - begin))); };
    for (std::size_t i = next_; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      if (token.is("(")) ++open;
      if (token.is(")") && --open == 0) {
        if (i != next_ + 1) add(token.offset);
        return arguments;
      }
      if (token.is(",") && open == 1) {
        add(token.offset);
        begin = token.offset + 1;
      }
    }
    fail("E024", word, "the call of " + quote(word.text) + " is not closed", "opened here", "add ')'");
  }

  void skip_arguments() {
    int open = 0;
    do {
      const Token& token = take();
      if (token.is("(")) ++open;
      if (token.is(")")) --open;
    } while (open > 0);
  }

  static Power same_power(Power a, Power b, const Token& at) {
    if (!a || !b) return a ? a : b;
    if (*a != *b) {
      fail(
          "E021", at,
          std::string(describe_time_power(*a)) + " and " + std::string(describe_time_power(*b)) + " do not go together",
          "different dimensions", *a == 0 || *b == 0 ? "give both a unit" : "");
    }
    return a;
  }

  Power combine(const Binary& b, Power left, Power right, const Token& sign, const Token& right_token) {
    switch (b.level) {
      case level_or:
      case level_and:
      case level_not:
        return 0;
      case level_compare:
        static_cast<void>(same_power(left, right, sign));
        return 0;
      case level_sum:
        return same_power(left, right, sign);
      case level_product:
        if (!left || !right) return {};
        return checked(*left + (b.operation == Operation::divide ? -*right : *right), sign);
      case level_sign:
      case level_power:
        break;
    }
    return raised(left, right, sign, right_token);
  }

  Power raised(Power base, Power exponent, const Token& sign, const Token& right_token) {
    if (exponent.value_or(0) != 0) fail("E021", right_token, "an exponent has no unit", "has a unit", "");
    if (!base || *base == 0) return base;
    const Instruction& last = code_.instructions.back();
    const bool is_whole = last.operation == Operation::number && last.value == std::floor(last.value);
    if (!is_whole || last.value > kMaxTimePower) {
      fail("E021", sign, "a number with a unit can be raised to a small whole number only", "has a unit", "");
    }
    return checked(*base * static_cast<int>(last.value), sign);
  }

  static Power checked(int power, const Token& at) {
    if (std::abs(power) > kMaxTimePower) fail("E021", at, "the power of time is too large", "", "");
    return power;
  }

  std::string_view text_;
  ParseRules rules_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  int depth_ = 0;
  std::size_t height_ = 0;
  Code code_;
};

}  // namespace

std::optional<Code> parse_code(std::string_view text, const ParseRules& rules, std::vector<Diagnostic>& diagnostics) {
  try {
    return Parser(text, rules).parse();
  } catch (Mistake& mistake) {
    diagnostics.push_back(std::move(mistake.diagnostic));
    return {};
  }
}

}  // namespace twin::detail
