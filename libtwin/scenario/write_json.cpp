// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <libtwin/scenario/read_model.hpp>
#include <libtwin/scenario/scenario.hpp>
#include <libtwin/scenario/write_tree.hpp>

namespace twin {
namespace {

using detail::Member;
using detail::Node;
using detail::NodeKind;
using Json = nlohmann::json;

Json json_of(const Node& node, std::string_view key);

/// A member of an ordered table: its key becomes `name`; a value that is no table becomes `is`.
Json named(const Member& member) {
  Json object = json_of(member.value, "");
  if (!member.value.is(NodeKind::table)) object = Json{{"is", std::move(object)}};
  object["name"] = member.key;
  return object;
}

Json json_of(const Node& node, std::string_view key) {
  switch (node.kind) {
    case NodeKind::table: {
      const bool ordered = detail::keeps_order(key);
      Json result = ordered ? Json::array() : Json::object();
      for (const Member& m : node.members) {
        if (ordered) {
          result.push_back(named(m));
        } else {
          result[m.key] = json_of(m.value, m.key);
        }
      }
      return result;
    }
    case NodeKind::array: {
      Json result = Json::array();
      for (const Node& item : node.items) result.push_back(json_of(item, ""));
      return result;
    }
    case NodeKind::text:
    case NodeKind::other:
      return node.text;
    case NodeKind::integer:
      return node.integer;
    case NodeKind::real:
      return node.real;
    case NodeKind::boolean:
      return node.boolean;
  }
  return {};
}

bool is_station(std::string_view section) {
  constexpr auto kKinds = enum_names(StationKind{});
  return std::find(kKinds.begin(), kKinds.end(), section) != kKinds.end();
}

}  // namespace

std::string write_json(const Scenario& scenario) {
  const Node root = detail::scenario_tree(scenario, detail::Extent::everything);
  Json document = Json::object();
  for (const Member& section : root.members) {
    if (is_station(section.key)) {
      for (const Member& m : section.value.members) {
        Json station = named(m);
        station["kind"] = section.key;
        document["station"].push_back(std::move(station));
      }
      continue;
    }
    Json value = json_of(section.value, section.key);
    if (detail::keeps_order(section.key) && document.contains(section.key)) {
      for (Json& item : value) document[section.key].push_back(std::move(item));
    } else {
      document[section.key] = std::move(value);
    }
  }
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace twin
