// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/located_checks.hpp>

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <libtwin/scenario/path.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

/// Finds the place of a path in the tree. Elements are looked up by hash: a file may hold ten thousand.
class Locator {
 public:
  Locator(const Reader& reader, const Node& root) : reader_(reader), root_(root) {
    for (const Member& section : root.members) {
      for (const Member& m : section.value.members) elements_.emplace(section.key + "." + path_part(m.key), &m);
    }
  }

  [[nodiscard]] Place find(const Diagnostic& d) const {
    if (d.path.starts_with("flow.")) return find_arrow(d);
    const auto parts = split_path(d.path);
    if (!parts || parts->size() < 2) return section_place(d.path);
    const auto found = elements_.find((*parts)[0] + "." + path_part((*parts)[1]));
    if (found == elements_.end()) return section_place(parts->front());
    const Member* member = found->second;
    for (std::size_t i = 2; i < parts->size() && member->value.is(NodeKind::table); ++i) {
      const Member* const next = find_member(member->value, (*parts)[i]);
      if (next == nullptr) return member->place;
      member = next;
    }
    const Node& value = member->value;
    if (value.is(NodeKind::table) || value.place.line == 0) return member->place;
    return value.is(NodeKind::text) && !value.text.empty() ? value.inside(0, value.text.size()) : value.place;
  }

 private:
  static const Member* find_member(const Node& table, const std::string& part) {
    for (const Member& m : table.members) {
      if (m.key == part || path_part(m.key) == path_part(part)) return &m;
    }
    return nullptr;
  }

  [[nodiscard]] Place section_place(const std::string& section) const {
    for (const Member& m : root_.members) {
      if (m.key == section) return m.place;
    }
    return {root_.place.file, 0, 0, 1};
  }

  [[nodiscard]] Place find_arrow(const Diagnostic& d) const {
    std::string path = d.path;
    if (path.ends_with(".share")) path.resize(path.size() - 6);
    const auto found = reader_.arrow_places.find(path);
    if (found == reader_.arrow_places.end()) return section_place("factory");
    const Reader::ArrowPlace& at = found->second;
    if (d.code == "E012") {
      const std::size_t arrow = path.find("->");
      const std::string to = path.substr(arrow + 2);
      return d.message.starts_with("unknown element '" + to + "'") ? at.to : at.from;
    }
    if (d.code == "E022" || d.code == "E041") return at.route;
    Place whole = at.from;
    if (at.to.column > at.from.column && at.to.line == at.from.line) {
      whole.length = at.to.column + at.to.length - at.from.column;
    }
    return whole;
  }

  const Reader& reader_;
  const Node& root_;
  std::unordered_map<std::string, const Member*> elements_;
};

/// The paths at which something is wrong already.
class ReportedPaths {
 public:
  explicit ReportedPaths(const std::vector<Diagnostic>& diagnostics) {
    for (const Diagnostic& d : diagnostics) {
      if (!d.path.empty()) paths_.insert(d.path);
    }
  }

  /// Whether the path itself, one above or one below it has been complained about.
  [[nodiscard]] bool covers(const std::string& path) const {
    if (path.empty()) return false;
    for (std::size_t end = path.find('.'); end != std::string::npos; end = path.find('.', end + 1)) {
      if (paths_.contains(path.substr(0, end))) return true;
    }
    const auto next = paths_.lower_bound(path);
    return next != paths_.end() && (*next == path || next->starts_with(path + "."));
  }

 private:
  std::set<std::string> paths_;
};

void put_at(const Reader& reader, const Place& place, Diagnostic& d) {
  if (place.file >= 0) d.file = reader.files[static_cast<std::size_t>(place.file)].name;
  d.line = place.line;
  d.column = place.column;
  d.length = place.length;
}

}  // namespace

void add_model_checks(Reader& reader, const Node& root, const Factory& factory) {
  std::vector<Diagnostic> found = validate(factory);
  if (found.empty()) return;
  const Locator locator(reader, root);
  const ReportedPaths reported(reader.diagnostics);
  for (Diagnostic& d : found) {
    if (reported.covers(d.path)) continue;
    put_at(reader, locator.find(d), d);
    reader.add(std::move(d));
  }
}

void locate(const Reader& reader, const Node& root, std::vector<Diagnostic>& findings) {
  if (findings.empty()) return;
  const Locator locator(reader, root);
  for (Diagnostic& d : findings) put_at(reader, locator.find(d), d);
}

}  // namespace twin::detail
