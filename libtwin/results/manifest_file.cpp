// SPDX-License-Identifier: Apache-2.0
// The manifest as JSON.
#include <concepts>

#include <nlohmann/json.hpp>

#include <libtwin/core/check.hpp>
#include <libtwin/core/error.hpp>
#include <libtwin/results/manifest_fields.hpp>

namespace twin {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kHashField = "study_hash";

Json as_json(const auto& value) { return value; }

Json as_json(const std::vector<TableColumn>& columns) {
  Json list = Json::array();
  for (const TableColumn& column : columns) {
    list.push_back({{"name", column.name}, {"unit", column.unit}});
    if (!column.texts.empty()) list.back()["texts"] = column.texts;
  }
  return list;
}

/// Reads a value of the very type that was written: JSON libraries turn numbers into each other without a word.
class FieldReader {
 public:
  FieldReader(const Json& json, const std::string& path) : json_(json), path_(path) {}

  template <class Value>
  void read(const char* name, Value& value) const {
    const auto found = json_.find(name);
    if (found == json_.end()) refuse("it has no '" + std::string(name) + "'");
    if (!get(*found, value)) refuse("its '" + std::string(name) + "' is of another type");
  }

  [[noreturn]] void refuse(const std::string& why) const { throw FileError("cannot read '" + path_ + "': " + why); }

 private:
  static bool get(const Json& json, std::string& value) {
    if (!json.is_string()) return false;
    value = json.get<std::string>();
    return true;
  }
  template <std::integral Number>
  static bool get(const Json& json, Number& value) {
    if (!json.is_number_unsigned()) return false;
    value = static_cast<Number>(json.get<std::uint64_t>());
    return true;
  }
  static bool get(const Json& json, std::map<std::string, std::string>& value) {
    if (!json.is_object()) return false;
    for (const auto& item : json.items()) {
      if (!get(item.value(), value[item.key()])) return false;
    }
    return true;
  }
  static bool get(const Json& json, TableColumn& value) {
    return json.is_object() && json.contains("name") && get(json["name"], value.name) && json.contains("unit") &&
           get(json["unit"], value.unit) && (!json.contains("texts") || get(json["texts"], value.texts));
  }
  template <class Item>
  static bool get(const Json& json, std::vector<Item>& value) {
    if (!json.is_array()) return false;
    for (const Json& item : json) {
      if (!get(item, value.emplace_back())) return false;
    }
    return true;
  }

  const Json& json_;
  const std::string& path_;
};

void refuse_newer(const Json& json, const FieldReader& reader) {
  const auto found = json.is_object() ? json.find("twin_store_format") : json.end();
  if (!json.is_object() || found == json.end() || !found->is_number_unsigned()) {
    reader.refuse("it is not the manifest of a result store");
  }
  const auto format = found->get<std::uint64_t>();
  if (format > static_cast<std::uint64_t>(kStoreFormat)) {
    reader.refuse("it is of store format " + std::to_string(format) + ", and this version of libtwin knows format " +
                  std::to_string(kStoreFormat) + "; a newer version reads it");
  }
  if (format == 0) reader.refuse("there is no store format 0");
}

}  // namespace

std::string to_json(const StoreManifest& manifest) {
  Json json = Json::object();
  detail::visit_fields(manifest,
                       [&](const char* name, const auto& value, detail::FieldRole) { json[name] = as_json(value); });
  json[kHashField] = to_text(study_hash(manifest));
  try {
    return json.dump(2) + "\n";
  } catch (const Json::type_error&) {
    TWIN_CHECK(false, "the texts of a manifest are UTF-8");
  }
  return {};
}

StoreManifest parse_manifest(std::string_view text, const std::string& path) {
  const Json json = Json::parse(text, nullptr, false);
  const FieldReader reader(json, path);
  if (json.is_discarded()) reader.refuse("it is not JSON");
  refuse_newer(json, reader);
  StoreManifest manifest;
  detail::visit_fields(manifest, [&](const char* name, auto& value, detail::FieldRole) { reader.read(name, value); });
  if (const auto found = problems(manifest); !found.empty()) reader.refuse(found.front());
  std::string stored;
  reader.read(kHashField, stored);
  if (stored != to_text(study_hash(manifest))) {
    reader.refuse("its fields do not fit its study hash: it was edited or damaged");
  }
  return manifest;
}

}  // namespace twin
