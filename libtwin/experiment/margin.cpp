// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/margin.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include <libtwin/scenario/lexer.hpp>

namespace twin::detail {
namespace {

using Tokens = std::span<const Token>;

bool is_word(const Token& token, std::string_view word) { return token.kind == TokenKind::word && token.text == word; }

bool is_comparison(const Token& token) {
  return token.is("<") || token.is("<=") || token.is(">") || token.is(">=") || token.is("==") || token.is("!=");
}

std::string text_of(std::string_view text, Tokens part) {
  if (part.empty()) return {};
  const std::size_t end = part.back().offset + part.back().length;
  return std::string(text.substr(part.front().offset, end - part.front().offset));
}

/// Places of the tokens outside of all parentheses for which `wanted` holds.
std::vector<std::size_t> outer(Tokens tokens, auto&& wanted) {
  std::vector<std::size_t> found;
  int open = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].is(")")) --open;
    if (open == 0 && wanted(tokens[i])) found.push_back(i);
    if (tokens[i].is("(")) ++open;
  }
  return found;
}

/// `( … )` around all of it, taken away.
Tokens without_parentheses(Tokens tokens) {
  while (tokens.size() > 2 && tokens.front().is("(") && tokens.back().is(")")) {
    // The last one closes the first one when nothing but the first and last stand outside.
    const auto outside = outer(tokens, [](const Token&) { return true; });
    if (outside.size() != 2) break;
    tokens = tokens.subspan(1, tokens.size() - 2);
  }
  return tokens;
}

}  // namespace

std::vector<Margin> Margin::of(const std::string& text, std::span<const std::string> names) {
  // Where calls are possible, names may be of any dimension: measures are times and rates.
  const auto no_calls = [](std::string_view, std::span<const std::string>, std::string& problem) {
    problem = "no calls";
    return -1;
  };
  const auto parse = [&](const std::string& part) {
    std::vector<Diagnostic> mistakes;
    return Expression::parse(part, names, no_calls, mistakes);
  };
  const std::vector<Token> all = tokenize(text);
  std::vector<Margin> margins;
  const auto add = [&](auto& self, Tokens tokens) -> void {
    tokens = without_parentheses(tokens);
    const bool has_or = !outer(tokens, [](const Token& t) { return is_word(t, "or"); }).empty();
    const auto joints =
        has_or ? std::vector<std::size_t>{} : outer(tokens, [](const Token& t) { return is_word(t, "and"); });
    if (!joints.empty()) {
      self(self, tokens.first(joints.front()));
      self(self, tokens.subspan(joints.front() + 1));
      return;
    }
    Margin& margin = margins.emplace_back();
    margin.text_ = text_of(text, tokens);
    margin.whole_ = parse(margin.text_);
    const auto signs = has_or ? std::vector<std::size_t>{} : outer(tokens, is_comparison);
    if (signs.size() != 1 || tokens[signs[0]].is("!=")) return;
    const Token& sign = tokens[signs[0]];
    margin.left_ = parse(text_of(text, tokens.first(signs[0])));
    margin.right_ = parse(text_of(text, tokens.subspan(signs[0] + 1)));
    if (margin.left_.empty() || margin.right_.empty()) return;
    if (sign.is(">") || sign.is(">=")) std::swap(margin.left_, margin.right_);
    margin.relation_ = sign.is("==")                  ? Relation::equal
                       : sign.is("<") || sign.is(">") ? Relation::below
                                                      : Relation::at_most;
  };
  add(add, Tokens(all).first(all.size() - 1));
  return margins;
}

double Margin::excess(std::span<const double> values) const {
  if (relation_ == Relation::truth) return whole_.evaluate(values) != 0 ? 0 : 1;
  return left_.evaluate(values) - right_.evaluate(values);
}

double Margin::size(std::span<const double> values) const {
  if (relation_ == Relation::truth) return 1;
  return std::max(std::abs(left_.evaluate(values)), std::abs(right_.evaluate(values)));
}

bool Margin::is_met(double excess) const {
  switch (relation_) {
    case Relation::below:
      return excess < 0;
    case Relation::at_most:
      return excess <= 0;
    case Relation::equal:
    case Relation::truth:
      break;
  }
  return excess == 0;
}

}  // namespace twin::detail
