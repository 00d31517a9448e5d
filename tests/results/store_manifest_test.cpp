// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <libtwin/results/store_manifest.hpp>
#include <tests/results/stores.hpp>
#include <tests/support/catch.hpp>

using twin::differences;
using twin::StoreManifest;
using twin::test::error_of;
using twin::test::small_manifest;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("a manifest reads back as it was written, in the same bytes", "[store_manifest]") {
  StoreManifest manifest = small_manifest();
  manifest.seed = ~std::uint64_t{0};
  manifest.study_name = "größer \"als\" \n\t";
  const std::string text = twin::to_json(manifest);
  CHECK(twin::parse_manifest(text, "m.json") == manifest);
  CHECK(twin::to_json(twin::parse_manifest(text, "m.json")) == text);
  CHECK(text.starts_with("{\n  \"twin_store_format\": 1,\n  \"study_name\":"));
}

TEST_CASE("every field that decides results is in the study hash, and no note is", "[store_manifest]") {
  const StoreManifest base = small_manifest();
  const std::vector<std::function<void(StoreManifest&)>> changes = {[](auto& m) { m.library_version = "0.2.0"; },
                                                                    [](auto& m) { m.engine = "max_plus"; },
                                                                    [](auto& m) { m.seed = 43; },
                                                                    [](auto& m) { m.replications = 6; },
                                                                    [](auto& m) { m.rows = 26; },
                                                                    [](auto& m) { m.rows_per_block = 11; },
                                                                    [](auto& m) { m.columns[0].name = "x"; },
                                                                    [](auto& m) { m.columns[0].unit = "x"; },
                                                                    [](auto& m) { m.columns[1].texts[0] = "x"; },
                                                                    [](auto& m) { m.columns.pop_back(); },
                                                                    [](auto& m) { m.statuses.emplace_back("late"); },
                                                                    [](auto& m) { m.factors.clear(); },
                                                                    [](auto& m) { m.model[1] = '\''; },
                                                                    [](auto& m) { m.study += ' '; },
                                                                    [](auto& m) { m.model.swap(m.study); }};
  std::set<std::string> seen = {to_text(study_hash(base))};
  for (const auto& change : changes) {
    StoreManifest other = base;
    change(other);
    CHECK(seen.insert(to_text(study_hash(other))).second);
    CHECK_FALSE(differences(base, other).empty());
  }
  StoreManifest noted = base;
  noted.study_name = "other";
  noted.details["when"] = "today";
  CHECK(study_hash(noted) == study_hash(base));
  CHECK(differences(base, noted).empty());
  // Stored: it stands in the files of users.
  CHECK(to_text(study_hash(base)) == "3f329a0d022526765f0db4861a34942b");
}

TEST_CASE("texts that move from one field to the next give another hash", "[store_manifest]") {
  StoreManifest a = small_manifest();
  StoreManifest b = a;
  a.factors = {"ab", "c"};
  b.factors = {"a", "bc"};
  CHECK_FALSE(study_hash(a) == study_hash(b));
  a.factors = {"a", ""};
  b.factors = {"a"};
  CHECK_FALSE(study_hash(a) == study_hash(b));
}

TEST_CASE("differing manifests say what differs, with both values", "[store_manifest]") {
  const StoreManifest here = small_manifest();
  StoreManifest there = here;
  there.seed = 43;
  there.columns[2].unit = "min";
  there.factors = {"b2.capacity", "b3"};
  there.model = R"({"machine":{"weld":{"cycle":43,"drift":true}},"list":[1,5,3]})";
  CHECK(differences(here, there) ==
        std::vector<std::string>{
            "seed: 42 here, 43 there", "columns.lead_time_s.unit: \"s\" here, \"min\" there",
            "factors[0]: \"b1.capacity\" here, \"b2.capacity\" there", "factors[1]: nothing here, \"b3\" there",
            "model.list[1]: 2 here, 5 there", "model.machine.weld.cv: 0.15 here, nothing there",
            "model.machine.weld.cycle: 41 here, 43 there", "model.machine.weld.drift: nothing here, true there"});
}

TEST_CASE("of many differences the first few are named and the others counted", "[store_manifest]") {
  StoreManifest here = small_manifest();
  StoreManifest there = here;
  here.study = "[1,1,1,1,1,1,1,1]";
  there.study = "[2,2,2,2,2,2,2,2]";
  const std::vector<std::string> found = differences(here, there);
  REQUIRE(found.size() == 6);
  CHECK(found[0] == "study[0]: 1 here, 2 there");
  CHECK(found[5] == "study: 3 more differences");
}

TEST_CASE("texts that are no JSON, or the same JSON, are told apart too", "[store_manifest]") {
  StoreManifest here = small_manifest();
  StoreManifest there = here;
  here.study = "{\"a\":1}";
  there.study = "{ \"a\": 1 }";
  CHECK(differences(here, there) == std::vector<std::string>{"study: the same values, written in another way"});
  there.study = "grüße " + std::string(100, 'x');
  CHECK(differences(here, there) ==
        std::vector<std::string>{"study: {\"a\":1} here, grüße " + std::string(52, 'x') + "… there"});
}

TEST_CASE("a manifest of a newer format is refused politely", "[store_manifest]") {
  const std::string text =
      replaced(twin::to_json(small_manifest()), "\"twin_store_format\": 1", "\"twin_store_format\": 2");
  CHECK(error_of([&] { (void)twin::parse_manifest(text, "m.json"); }) ==
        "cannot read 'm.json': it is of store format 2, and this version of libtwin knows format 1; a newer version "
        "reads "
        "it");
}

TEST_CASE("what is no manifest is refused with the reason", "[store_manifest]") {
  const auto error = [](const std::string& text) { return error_of([&] { (void)twin::parse_manifest(text, "m"); }); };
  const std::string text = twin::to_json(small_manifest());
  CHECK(error("") == "cannot read 'm': it is not JSON");
  CHECK(error(text.substr(0, text.size() / 2)) == "cannot read 'm': it is not JSON");
  CHECK(error("[]") == "cannot read 'm': it is not the manifest of a result store");
  CHECK(error("{\"name\": \"web app\"}") == "cannot read 'm': it is not the manifest of a result store");
  CHECK(error("{\"twin_store_format\": 1}") == "cannot read 'm': it has no 'study_name'");
  CHECK(error(replaced(text, "\"seed\": 42", "\"seed\": -42")) == "cannot read 'm': its 'seed' is of another type");
  CHECK(error(replaced(text, "\"seed\": 42", "\"seed\": 4.5")) == "cannot read 'm': its 'seed' is of another type");
  CHECK(error(replaced(text, "\"unit\": \"s\"", "\"unit\": 1")) == "cannot read 'm': its 'columns' is of another type");
  CHECK(error(replaced(text, "\"rows_per_block\": 10", "\"rows_per_block\": 0")) ==
        "cannot read 'm': rows_per_block is 0");
  CHECK(error(replaced(text, "\"seed\": 42", "\"seed\": 43")) ==
        "cannot read 'm': its fields do not fit its study hash: it was edited or damaged");
}

TEST_CASE("manifests that cannot be used say why", "[store_manifest]") {
  StoreManifest manifest = small_manifest();
  CHECK(problems(manifest).empty());
  manifest.columns = {{.name = "a"}, {.name = "a"}, {.name = "status"}, {.name = ""}};
  CHECK(problems(manifest) == std::vector<std::string>{"two columns are called 'a'",
                                                       "a column is called 'status', which exports add",
                                                       "a column has no name"});
  manifest.columns.clear();
  manifest.rows = std::uint64_t{1} << 60;
  manifest.rows_per_block = 1;
  CHECK(problems(manifest) ==
        std::vector<std::string>{"there is no column",
                                 "1152921504606846976 rows in blocks of 1 are more than 100000000 blocks"});
  manifest = small_manifest();
  manifest.rows = manifest.rows_per_block = 1'000'000'000;
  CHECK(problems(manifest) == std::vector<std::string>{"a block of 1000000000 rows and 3 columns has more than 4 GiB"});
  manifest = small_manifest();
  manifest.study_name = "\xff";
  CHECK_THROWS_AS(twin::to_json(manifest), std::logic_error);
}
