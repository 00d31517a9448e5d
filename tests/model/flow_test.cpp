// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <libtwin/model/factory.hpp>
#include <tests/support/catch.hpp>

using twin::Arrow;
using twin::ArrowPlaces;
using twin::Diagnostic;
using twin::RouteKind;

namespace {

std::vector<Arrow> good(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  std::vector<Arrow> arrows = twin::parse_flow(text, diagnostics);
  INFO(text);
  CHECK(diagnostics.empty());
  return arrows;
}

/// The place of the only mistake, as the text under the caret.
std::string mistake(const std::string& text, const std::string& in_message) {
  std::vector<Diagnostic> found;
  (void)twin::parse_flow(text, found);
  INFO(text);
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "E040");
  CHECK(found[0].column >= 1);
  CHECK(found[0].length >= 1);
  CHECK(!found[0].hint.empty());
  INFO(found[0].message);
  CHECK(found[0].message.find(in_message) != std::string::npos);
  const auto offset = static_cast<std::size_t>(found[0].column - 1);
  return offset < text.size() ? text.substr(offset, static_cast<std::size_t>(found[0].length)) : "";
}

}  // namespace

TEST_CASE("a chain becomes one arrow for each step") {
  const std::vector<Arrow> arrows = good("a -> b_1->weld-2  ->  d");
  REQUIRE(arrows.size() == 3);
  CHECK(arrows[0] == Arrow{.from = "a", .to = "b_1"});
  CHECK(arrows[1] == Arrow{.from = "b_1", .to = "weld-2"});
  CHECK(arrows[2] == Arrow{.from = "weld-2", .to = "d"});
}

TEST_CASE("names may hold letters of any language") {
  const std::vector<Arrow> arrows = good("Prüfung -> Lager_ß");
  REQUIRE(arrows.size() == 1);
  CHECK(arrows[0].from == "Prüfung");
}

TEST_CASE("a condition belongs to the last arrow of its line") {
  const std::vector<Arrow> arrows = good("a -> b -> c : 3 %");
  REQUIRE(arrows.size() == 2);
  CHECK(arrows[0].route == RouteKind::always);
  CHECK(arrows[1] == Arrow{.from = "b", .to = "c", .route = RouteKind::share, .share = 0.03});
}

TEST_CASE("every condition of a flow is understood") {
  CHECK(good("a -> b : 0.03")[0] == Arrow{.from = "a", .to = "b", .route = RouteKind::share, .share = 0.03});
  CHECK(good("a -> b:12.5%")[0] == Arrow{.from = "a", .to = "b", .route = RouteKind::share, .share = 0.125});
  CHECK(good("a -> b : 1")[0].share == 1.0);
  CHECK(good("a -> b : 0 %")[0].share == 0.0);
  CHECK(good("a -> b : 100 %")[0].share == 1.0);
  CHECK(good("a -> b : otherwise ")[0] == Arrow{.from = "a", .to = "b", .route = RouteKind::otherwise});
  CHECK(good("a -> b : product A-1")[0] == Arrow{.from = "a", .to = "b", .route = RouteKind::product, .name = "A-1"});
  CHECK(good("a -> b : shortest")[0].route == RouteKind::shortest);
  CHECK(good("a -> b : round_robin")[0].route == RouteKind::round_robin);
  CHECK(good("a -> b : priority")[0].route == RouteKind::priority);
  CHECK(good("a -> b : call( least_work )")[0] ==
        Arrow{.from = "a", .to = "b", .route = RouteKind::call, .name = "least_work"});
}

TEST_CASE("any other condition is an expression for the caller to work out") {
  for (const std::string text : {"q", "100 % * q", "1 - q", "3 s", "products / 2", "caller", "nan", "inf", "(0.5)"}) {
    const std::vector<Arrow> arrows = good("a -> b : " + text);
    REQUIRE(arrows.size() == 1);
    CHECK(arrows[0].route == RouteKind::share);
    CHECK(arrows[0].name == text);
    CHECK(std::isnan(arrows[0].share));
  }
}

TEST_CASE("the places of names and conditions are known") {
  const std::string text = "  aa -> b ->  cc : 3 % ";
  std::vector<Diagnostic> diagnostics;
  std::vector<ArrowPlaces> places;
  const std::vector<Arrow> arrows = twin::parse_flow(text, diagnostics, places);
  REQUIRE(places.size() == arrows.size());
  for (std::size_t i = 0; i < arrows.size(); ++i) {
    CHECK(text.substr(places[i].from_offset, arrows[i].from.size()) == arrows[i].from);
    CHECK(text.substr(places[i].to_offset, arrows[i].to.size()) == arrows[i].to);
  }
  CHECK(places[0].route_length == 0);
  CHECK(text.substr(places[1].route_offset, places[1].route_length) == "3 %");
}

TEST_CASE("a mistake in a line of flow is found where it stands") {
  CHECK(mistake("", "missing").empty());
  CHECK(mistake("a -> ", "missing").size() <= 1);
  CHECK(mistake("a ->-> b", "missing").size() == 1);
  CHECK(mistake("a", "no arrow") == "a");
  CHECK(mistake("a → b", "no arrow between") == "a → b");
  CHECK(mistake("a b -> c", "no arrow between") == "a b");
  CHECK(mistake("a -> b.1", "not a name") == "b.1");
  CHECK(mistake("a --> b", "no arrow between") == "a -");
  CHECK(mistake("a-->b", "not a name") == "a-");
  CHECK(mistake("a -> b :", "missing").size() <= 1);
  CHECK(mistake("a -> b : 3 % -> c", "goes on") == "3 % -> c");
  CHECK(mistake("a -> b : 3 % : 4 %", "second ':'") == "3 % : 4 %");
  CHECK(mistake("a -> b : 3", "'3' is outside") == "3");
  CHECK(mistake("a -> b : 101 %", "outside") == "101 %");
  CHECK(mistake("a -> b : -0.1", "outside") == "-0.1");
  CHECK(mistake("a -> b : 1e999", "outside") == "1e999");
  CHECK(mistake("a -> b : product", "names no product") == "product");
  CHECK(mistake("a -> b : product A B", "names no product") == "product A B");
  CHECK(mistake("a -> b : call", "names no rule") == "call");
  CHECK(mistake("a -> b : call(x", "names no rule") == "call(x");
  CHECK(mistake("a -> b : call()", "names no rule") == "call()");
}

TEST_CASE("arrows away from a mistake are kept, and all mistakes are told") {
  std::vector<Diagnostic> found;
  const std::vector<Arrow> arrows = twin::parse_flow("a -> b -> c.d -> e -> f : 7", found);
  REQUIRE(arrows.size() == 2);
  CHECK(arrows[0] == Arrow{.from = "a", .to = "b"});
  CHECK(arrows[1].from == "e");
  CHECK(found.size() == 2);
}

TEST_CASE("a condition is not moved to another arrow when the last name is wrong") {
  std::vector<Diagnostic> found;
  const std::vector<Arrow> arrows = twin::parse_flow("a -> b -> c.d : 3 %", found);
  REQUIRE(arrows.size() == 1);
  CHECK(arrows[0].route == RouteKind::always);
}

TEST_CASE("hostile lines of flow end in few diagnostics and little time") {
  std::string arrows_only;
  for (int i = 0; i < 1000000; ++i) arrows_only += "->";
  for (const std::string& text : {arrows_only, std::string(2000000, '-'), std::string(2000000, ':'),
                                  std::string(2000000, ' '), "a->b:" + std::string(2000000, '(')}) {
    std::vector<Diagnostic> found;
    (void)twin::parse_flow(text, found);
    CHECK(found.size() <= 12);
    for (const Diagnostic& d : found) CHECK(d.message.size() < 300);
  }
}

TEST_CASE("random lines of flow never crash and places stay inside the text") {
  std::mt19937 random(20240607);
  const std::vector<std::string> pieces{"a",   "b-1", "->",  "-",         ">",    ":",
                                        " ",   "3 %", "0.5", "product",   "call", "(",
                                        ")",   ".",   "\n",  "otherwise", "\xff", std::string(1, '\0'),
                                        "1e5", "%"};
  for (int i = 0; i < 50000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += pieces[random() % pieces.size()];
    std::vector<Diagnostic> found;
    std::vector<ArrowPlaces> places;
    const std::vector<Arrow> arrows = twin::parse_flow(text, found, places);
    REQUIRE(arrows.size() == places.size());
    REQUIRE((!arrows.empty() || !found.empty()));
    for (const Diagnostic& d : found) {
      REQUIRE(d.column >= 1);
      REQUIRE(d.column + d.length <= static_cast<int>(text.size()) + 2);
    }
    for (std::size_t k = 0; k < arrows.size(); ++k) {
      REQUIRE(text.compare(places[k].to_offset, arrows[k].to.size(), arrows[k].to) == 0);
      REQUIRE(places[k].route_offset + places[k].route_length <= text.size());
      if (arrows[k].route == RouteKind::share && found.empty()) {
        REQUIRE((std::isnan(arrows[k].share) || (arrows[k].share >= 0 && arrows[k].share <= 1)));
      }
    }
  }
}
