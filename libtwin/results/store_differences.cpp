// SPDX-License-Identifier: Apache-2.0
// In what two manifests differ, in the user's words.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <libtwin/results/manifest_fields.hpp>

namespace twin {
namespace {

using Json = nlohmann::json;

// What a reader takes in at a glance; the count of the rest follows.
constexpr std::size_t kMostPlaces = 5;
constexpr std::size_t kLongestValue = 60;

/// A long value by its beginning, never cut within a character of UTF-8.
std::string shortened(std::string text) {
  if (text.size() <= kLongestValue) return text;
  std::size_t end = kLongestValue;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string both(const std::string& place, const std::string& here, const std::string& there) {
  return place + ": " + shortened(here) + " here, " + shortened(there) + " there";
}

std::string in_words(const Json* value) {
  return value == nullptr ? "nothing" : value->dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Collects the places at which two JSON values differ, as paths: `machine.weld.cycle`, `columns[2]`.
class Walk {
 public:
  void compare(const std::string& place, const Json* here, const Json* there) {
    if (here != nullptr && there != nullptr && *here == *there) return;
    if (both_are(here, there, Json::value_t::object)) return compare_objects(place, *here, *there);
    if (both_are(here, there, Json::value_t::array)) return compare_arrays(place, *here, *there);
    if (places_.size() < kMostPlaces) places_.push_back(both(place, in_words(here), in_words(there)));
    ++count_;
  }

  [[nodiscard]] std::vector<std::string> report(const std::string& name) const {
    std::vector<std::string> all = places_;
    if (count_ > places_.size()) all.push_back(fmt::format("{}: {} more differences", name, count_ - places_.size()));
    return all;
  }

 private:
  static bool both_are(const Json* here, const Json* there, Json::value_t type) {
    return here != nullptr && there != nullptr && here->type() == type && there->type() == type;
  }

  void compare_objects(const std::string& place, const Json& here, const Json& there) {
    for (const auto& item : here.items()) {
      const auto found = there.find(item.key());
      compare(place + "." + item.key(), &item.value(), found == there.end() ? nullptr : &*found);
    }
    for (const auto& item : there.items()) {
      if (!here.contains(item.key())) compare(place + "." + item.key(), nullptr, &item.value());
    }
  }

  void compare_arrays(const std::string& place, const Json& here, const Json& there) {
    for (std::size_t k = 0; k < std::max(here.size(), there.size()); ++k) {
      const Json* const mine = k < here.size() ? &here[k] : nullptr;
      const Json* const theirs = k < there.size() ? &there[k] : nullptr;
      compare(place + item_name(k, mine, theirs), mine, theirs);
    }
  }

  /// Items that say their name go by it: `.press`; others by their place: `[2]`.
  static std::string item_name(std::size_t k, const Json* here, const Json* there) {
    const auto name_of = [](const Json* item) {
      const bool has_name =
          item != nullptr && item->is_object() && item->contains("name") && item->at("name").is_string();
      return has_name ? item->at("name").get<std::string>() : std::string();
    };
    const std::string name = name_of(here);
    return !name.empty() && name == name_of(there) ? "." + name : fmt::format("[{}]", k);
  }

  std::vector<std::string> places_;
  std::size_t count_ = 0;
};

std::vector<std::string> differences_of_texts(const std::string& name, const std::string& here,
                                              const std::string& there) {
  const Json a = Json::parse(here, nullptr, false);
  const Json b = Json::parse(there, nullptr, false);
  if (a.is_discarded() || b.is_discarded()) return {both(name, here, there)};
  Walk walk;
  walk.compare(name, &a, &b);
  const std::vector<std::string> found = walk.report(name);
  return found.empty() ? std::vector{name + ": the same values, written in another way"} : found;
}

Json as_json(const auto& value) { return value; }

Json as_json(const std::vector<TableColumn>& columns) {
  Json list = Json::array();
  for (const TableColumn& column : columns) {
    list.push_back({{"name", column.name}, {"unit", column.unit}, {"texts", column.texts}});
  }
  return list;
}

}  // namespace

std::vector<std::string> differences(const StoreManifest& here, const StoreManifest& there) {
  std::vector<Json> values;
  detail::visit_fields(there,
                       [&](const char*, const auto& value, detail::FieldRole) { values.push_back(as_json(value)); });
  std::vector<std::string> all;
  auto other = values.begin();
  detail::visit_fields(here, [&](const char* name, const auto& value, detail::FieldRole role) {
    const Json mine = as_json(value);
    const Json& theirs = *other++;
    if (role == detail::FieldRole::note || mine == theirs) return;
    if (role == detail::FieldRole::decides_json) {
      const auto found = differences_of_texts(name, mine.get<std::string>(), theirs.get<std::string>());
      all.insert(all.end(), found.begin(), found.end());
      return;
    }
    Walk walk;
    walk.compare(name, &mine, &theirs);
    const auto found = walk.report(name);
    all.insert(all.end(), found.begin(), found.end());
  });
  return all;
}

}  // namespace twin
