// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <libtwin/experiment/margin.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::detail::Margin;
using Relation = Margin::Relation;

const std::vector<std::string> kNames{"a", "b"};

}  // namespace

TEST_CASE("a comparison says by how much it is missed", "[optimize]") {
  const std::vector<double> values{3, 5};
  const auto one = [&](const std::string& text) { return Margin::of(text, kNames).at(0); };
  CHECK(one("a < b").excess(values) == -2);
  CHECK(one("a > b").excess(values) == 2);
  CHECK(one("b >= 2 * a").excess(values) == 1);
  CHECK(one("a + b == 8").relation() == Relation::equal);
  CHECK(one("a + b == 8").excess(values) == 0);
  CHECK(one("a < 1 min").excess(values) == -57);
  CHECK(one("a < 1 min").used_names() == std::vector<int>{0});
  CHECK(one("(a <= b)").relation() == Relation::at_most);
  CHECK(one("(a + 1) < (b - 1)").excess(values) == 0);
  CHECK_FALSE(one("(a + 1) < (b - 1)").is_met(0));
  CHECK(one("(a + 1) <= (b - 1)").is_met(0));
  CHECK(one("a > b").size(values) == 5);
}

TEST_CASE("conditions joined by and are several, others are true or not", "[optimize]") {
  const std::vector<double> values{3, 5};
  const auto both = Margin::of("a < 4 and (b < 4 and a > 0)", kNames);
  REQUIRE(both.size() == 3);
  CHECK(both[0].text() == "a < 4");
  CHECK(both[1].excess(values) == 1);
  CHECK(both[2].excess(values) == -3);
  const auto either = Margin::of("a < 1 or b < 6 and a < 9", kNames);
  REQUIRE(either.size() == 1);
  CHECK(either[0].relation() == Relation::truth);
  CHECK(either[0].is_met(either[0].excess(values)));
  const auto different = Margin::of("a != 3", kNames);
  CHECK(different[0].relation() == Relation::truth);
  CHECK(different[0].excess(values) == 1);
  CHECK_FALSE(different[0].is_met(1));
}
