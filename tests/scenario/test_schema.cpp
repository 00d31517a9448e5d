// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include <tests/scenario/text.hpp>
#include <tests/support/catch.hpp>

using namespace twin;
using Json = nlohmann::json;

namespace {

std::set<std::string> keys_of(const Json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

/// The keys that the reader says it knows when it meets one it does not: "it knows a, b or c".
std::set<std::string> keys_of_reader(const std::string& text) {
  for (const Diagnostic& d : read(text).diagnostics) {
    const std::string lead = d.hint.find("it knows ") == 0 ? "it knows " : "sections are ";
    if (d.code != "E010" || d.hint.find(lead) != 0) continue;
    std::string list = d.hint.substr(lead.size());
    if (const std::size_t last = list.rfind(" or "); last != std::string::npos) list.replace(last, 4, ", ");
    std::set<std::string> keys;
    for (std::size_t begin = 0; begin < list.size();) {
      const std::size_t end = std::min(list.find(", ", begin), list.size());
      keys.insert(list.substr(begin, end - begin));
      begin = end + 2;
    }
    return keys;
  }
  return {};
}

}  // namespace

TEST_CASE("the schema has every key that the reader knows, and no other") {
  const Json schema = Json::parse(scenario_schema());
  const Json& sections = schema["properties"];
  CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
  CHECK(keys_of(sections) == keys_of_reader("format = 1\n[qqqqqqqqqqqq]\n"));
  for (const char* section :
       {"source", "machine", "assembly", "disassembly", "process", "buffer", "sink", "crew", "product"}) {
    const std::string text = std::string("format = 1\n[") + section + ".x]\nqqqqqqqqqqqq = 1\n";
    INFO(section);
    CHECK(keys_of(sections[section]["additionalProperties"]["properties"]) == keys_of_reader(text));
  }
  for (const char* section : {"factory", "run", "design", "replicate", "select", "goal"}) {
    INFO(section);
    CHECK(keys_of(sections[section]["properties"]) ==
          keys_of_reader(std::string("format = 1\n[") + section + "]\nqqqqqqqqqqqq = 1\n"));
  }
  CHECK(keys_of(sections["refine"]["items"]["properties"]) ==
        keys_of_reader("format = 1\n[[refine]]\nqqqqqqqqqqqq = 1\n"));
  CHECK(keys_of(schema["definitions"]["failure"]["properties"]) ==
        keys_of_reader("format = 1\n[machine.x.failure.y]\nqqqqqqqqqqqq = 1\n"));
}

TEST_CASE("every reference of the schema leads somewhere, and keys are described") {
  const Json schema = Json::parse(scenario_schema());
  const std::string text = schema.dump();
  std::size_t count = 0;
  const std::string mark = "#/definitions/";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::size_t begin = at + mark.size();
    CHECK(schema["definitions"].contains(text.substr(begin, text.find('"', begin) - begin)));
    ++count;
  }
  CHECK(count > 20);
  for (const auto& [key, value] : schema["properties"]["machine"]["additionalProperties"]["properties"].items()) {
    INFO(key);
    CHECK(value["description"].get<std::string>().size() > 5);
  }
  const auto clocks = schema["definitions"]["failure"]["properties"]["clock"]["enum"].get<std::set<std::string>>();
  CHECK(clocks == std::set<std::string>{"busy", "calendar", "cycles"});
}
