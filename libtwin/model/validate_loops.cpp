// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <libtwin/model/checks.hpp>
#include <libtwin/model/factory.hpp>

// A card counts only as long as each part that takes one at `from` gives one back at `to`, and no other part does.
namespace twin::detail {
namespace {

constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

/// The checks of one loop.
class LoopCheck {
 public:
  LoopCheck(const Factory& factory, const Names& names, Findings& findings, const CardLoop& loop)
      : factory_(factory), names_(names), findings_(findings), loop_(loop), path_("loop." + loop.name) {}

  void check() {
    first_ = find(loop_.from, "from");
    last_ = find(loop_.to, "to");
    if (first_ == kNowhere || last_ == kNowhere || !check_kinds()) return;
    behind_first_ = reached(first_, last_, Direction::forward);
    before_last_ = reached(last_, first_, Direction::backward);
    if (!behind_first_[last_]) {
      mistake(".to", "no way leads from " + quoted(loop_.from) + " to " + quoted(loop_.to),
              "name the elements in the order of the flow");
      return;
    }
    for (std::size_t k = 0; k < names_.elements.size(); ++k) {
      if (!is_inside(k)) continue;
      check_element(k);
      if (k != last_) check_ways_out(k);
      if (k != first_) check_ways_in(k);
    }
    if (element(last_).kind == ElementKind::buffer) check_takers();
  }

 private:
  enum class Direction : std::uint8_t { forward, backward };

  [[nodiscard]] const Element& element(std::size_t k) const { return names_.elements[k]; }
  [[nodiscard]] const Station& station(std::size_t k) const { return factory_.stations[element(k).index]; }
  [[nodiscard]] bool is_station(std::size_t k) const { return element(k).kind == ElementKind::station; }
  [[nodiscard]] bool is_kind(std::size_t k, StationKind kind) const { return is_station(k) && station(k).kind == kind; }
  [[nodiscard]] bool is_inside(std::size_t k) const { return behind_first_[k] && before_last_[k]; }
  [[nodiscard]] std::size_t number_of(std::string_view name) const { return names_.element_by_name.find(name)->second; }
  [[nodiscard]] std::size_t to_of(std::size_t arrow) const { return number_of(factory_.arrows[arrow].to); }
  [[nodiscard]] std::size_t from_of(std::size_t arrow) const { return number_of(factory_.arrows[arrow].from); }

  void mistake(const std::string& field, std::string message, std::string hint) {
    findings_.add("E043", path_ + field, std::move(message), std::move(hint));
  }

  std::size_t find(const std::string& name, const std::string& field) {
    const auto place = names_.element_by_name.find(name);
    if (place != names_.element_by_name.end()) return place->second;
    std::vector<std::string_view> known;
    for (const Element& e : names_.elements) known.push_back(e.name);
    findings_.add("E012", path_ + "." + field, "unknown element " + quoted(name) + " in the loop " + quoted(loop_.name),
                  findings_.suggest(name, known, "name an element of the flow"));
    return kNowhere;
  }

  bool check_kinds() {
    if (!is_station(first_)) {
      mistake(".from", quoted(loop_.from) + " is no station, and only a station takes a part with a card",
              "name the first station of the loop");
      return false;
    }
    if (!is_station(last_) && element(last_).kind != ElementKind::buffer) {
      mistake(".to", quoted(loop_.to) + " is no station and no buffer that a part leaves",
              "name the last station of the loop, or the buffer behind it");
      return false;
    }
    return true;
  }

  /// Elements that parts reach from `begin` without going through `end`, which is among them; against the arrows likewise.
  [[nodiscard]] std::vector<bool> reached(std::size_t begin, std::size_t end, Direction direction) const {
    std::vector<bool> is_reached(names_.elements.size(), false);
    std::vector<std::size_t> open{begin};
    is_reached[begin] = true;
    while (!open.empty()) {
      const std::size_t k = open.back();
      open.pop_back();
      if (k == end) continue;
      const bool is_forward = direction == Direction::forward;
      for (const std::size_t arrow : is_forward ? element(k).arrows_out : element(k).arrows_in) {
        const std::size_t other = is_forward ? to_of(arrow) : from_of(arrow);
        if (!is_reached[other]) open.push_back(other);
        is_reached[other] = true;
      }
    }
    return is_reached;
  }

  void check_element(std::size_t k) {
    if (!is_station(k)) return;
    const Station& s = station(k);
    if (s.kind == StationKind::process) {
      mistake("", "the process " + quoted(s.name) + " lies in the loop, and what it does with parts is not known",
              "let the loop end before it or begin behind it");
    } else if (s.kind == StationKind::disassembly && k != last_) {
      mistake("", quoted(s.name) + " splits parts inside the loop, so that one card would come back more than once",
              "let the loop end at " + quoted(s.name) + " or before it");
    }
    const bool scraps_in_failure = std::any_of(s.failures.begin(), s.failures.end(), [](const FailureMode& mode) {
      return mode.part == FailureEffect::scrap;
    });
    if (s.scrap > 0 || scraps_in_failure) {
      mistake(
          "", quoted(s.name) + " scraps parts inside the loop, and their cards would be lost with them",
          "send them to a sink behind " + quoted(loop_.to) + " instead, or let the loop end before " + quoted(s.name));
    }
  }

  void check_ways_out(std::size_t k) {
    for (const std::size_t arrow : element(k).arrows_out) {
      const std::size_t to = to_of(arrow);
      const std::string way = quoted(factory_.arrows[arrow].from + " -> " + factory_.arrows[arrow].to);
      if (to == first_) {
        mistake("", "parts come back to " + quoted(loop_.from) + " by " + way + " and would take a second card",
                "let them come back behind " + quoted(loop_.from) + ", or let the loop end before that way");
      } else if (!is_inside(to)) {
        mistake("",
                "parts leave the loop by " + way + " and not by " + quoted(loop_.to) +
                    ": their cards would be lost with them",
                "let all ways lead to " + quoted(loop_.to) + ", or let the loop end at or before " +
                    quoted(element(k).name));
      }
    }
  }

  /// How many parts the element takes at a time from one before it.
  [[nodiscard]] std::int64_t taken_by(std::size_t k, const std::string& from) const {
    if (!is_kind(k, StationKind::assembly)) return 1;
    const auto takes = station(k).takes.find(from);
    return takes == station(k).takes.end() ? 1 : takes->second;
  }

  void check_ways_in(std::size_t k) {
    std::int64_t with_card = 0;
    for (const std::size_t arrow : element(k).arrows_in) {
      const Arrow& way = factory_.arrows[arrow];
      const std::size_t from = from_of(arrow);
      if (is_inside(from) && from != last_) {
        with_card += taken_by(k, way.from);
      } else if (!is_kind(k, StationKind::assembly)) {
        mistake("", "parts come into the loop by " + quoted(way.from + " -> " + way.to) + " without a card",
                "let them come in by " + quoted(loop_.from) + ", or let the loop begin before they come together");
      }
    }
    if (is_kind(k, StationKind::assembly) && with_card > 1) {
      mistake("", quoted(element(k).name) + " joins several parts of the loop, and only one card would come back",
              "let the loop end before " + quoted(element(k).name) + ", or begin at it");
    }
  }

  void check_takers() {
    for (const std::size_t arrow : element(last_).arrows_out) {
      if (!is_kind(to_of(arrow), StationKind::process)) continue;
      mistake(".to",
              "the process " + quoted(factory_.arrows[arrow].to) + " takes parts out of " + quoted(loop_.to) +
                  ", and what it does with parts is not known",
              "let the loop end at the station before " + quoted(loop_.to));
    }
  }

  const Factory& factory_;
  const Names& names_;
  Findings& findings_;
  const CardLoop& loop_;
  std::string path_;
  std::size_t first_ = kNowhere;
  std::size_t last_ = kNowhere;
  std::vector<bool> behind_first_;
  std::vector<bool> before_last_;
};

}  // namespace

void check_loops(const Factory& factory, const Names& names, Findings& findings) {
  for (const CardLoop& loop : factory.loops) LoopCheck(factory, names, findings, loop).check();
}

}  // namespace twin::detail
