// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include <libtwin/stats/confidence.hpp>

/// How numbers and texts of results stand in JSON, the same in all files.
namespace twin::detail {

using Json = nlohmann::ordered_json;

/// What does not exist (NaN, infinity) is null.
inline Json json_number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

inline Json json_estimate(const Estimate& e, double scale = 1) {
  return {{"mean", json_number(e.mean * scale)}, {"half_width", json_number(e.half_width * scale)}, {"n", e.n}};
}

/// Texts that are not UTF-8 do not keep a result from being written.
inline std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// The word of an enumerator.
template <class Enum>
std::string json_word(Enum value) {
  return std::string(enum_names(value)[static_cast<std::size_t>(value)]);
}

}  // namespace twin::detail
