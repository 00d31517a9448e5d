// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <libtwin/model/checks.hpp>
#include <libtwin/model/factory.hpp>

namespace twin::detail {
namespace {

/// Shares that people write add up to 1 only nearly: 0.1 + 0.2 + 0.7 is not 1.
constexpr double kShareTolerance = 1e-9;

std::string path_of(const Arrow& arrow) { return "flow." + arrow.from + "->" + arrow.to; }
std::string text_of(const Arrow& arrow) { return "'" + arrow.from + " -> " + arrow.to + "'"; }
std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

/// The checks of the arrows of one factory.
class FlowCheck {
 public:
  FlowCheck(const Factory& factory, Names& names, Findings& findings)
      : factory_(factory), names_(names), findings_(findings) {
    for (const Element& element : names_.elements) element_names_.push_back(element.name);
  }

  void check_all() {
    for (std::size_t i = 0; i < factory_.arrows.size(); ++i) check_arrow(i);
    for (const Element& element : names_.elements) {
      check_ends(element);
      check_choice(element);
      if (element.kind == ElementKind::station) check_parts(element, factory_.stations[element.index]);
      if (element.kind == ElementKind::buffer) check_counting(element, factory_.buffers[element.index]);
    }
  }

 private:
  void mistake(const Arrow& arrow, std::string message, std::string hint) {
    findings_.add("E042", path_of(arrow), std::move(message), std::move(hint));
  }
  void mistake(const Element& element, std::string message, std::string hint) {
    findings_.add("E042", element.path, std::move(message), std::move(hint));
  }

  Element* find(const Arrow& arrow, std::string_view name) {
    const auto place = names_.element_by_name.find(name);
    if (place != names_.element_by_name.end()) return &names_.elements[place->second];
    if (!is_reported_.insert(name).second) return nullptr;
    findings_.add("E012", path_of(arrow), "unknown element " + quoted(name) + " in the arrow " + text_of(arrow),
                  findings_.suggest(name, element_names_, "declare it, for example as " + table_of(name)));
    return nullptr;
  }

  /// What an undeclared name looks like by its place in the flow.
  std::string table_of(std::string_view name) {
    const auto table = [&](const char* kind) { return "[" + std::string(kind) + "." + std::string(name) + "]"; };
    if (begins_.empty()) {
      for (const Arrow& arrow : factory_.arrows) {
        begins_.insert(arrow.from);
        ends_.insert(arrow.to);
      }
    }
    if (!begins_.contains(name)) return table("sink");
    return ends_.contains(name) ? table("machine") + " or " + table("buffer") : table("source");
  }

  void check_arrow(std::size_t index) {
    const Arrow& arrow = factory_.arrows[index];
    Element* const from = find(arrow, arrow.from);
    Element* const to = find(arrow, arrow.to);
    check_condition(arrow);
    if (from == nullptr || to == nullptr) return;
    from->arrows_out.push_back(index);
    to->arrows_in.push_back(index);
    check_neighbours(arrow, *from, *to);
    check_twice(arrow);
  }

  void check_condition(const Arrow& arrow) {
    if (arrow.route == RouteKind::share && !is_share(arrow)) {
      findings_.add("E022", path_of(arrow),
                    "the share of the arrow " + text_of(arrow) + " is " + number_text(arrow.share) +
                        (arrow.name.empty() ? "" : ": " + quoted(arrow.name) + " has no value"),
                    "use a share from 0 to 1, such as 0.03 or '3 %'");
    } else if (arrow.route == RouteKind::product && !names_.products.contains(arrow.name)) {
      findings_.add("E041", path_of(arrow),
                    "unknown product " + quoted(arrow.name) + " in the condition of " + text_of(arrow),
                    findings_.suggest(arrow.name, names_.products, "declare it, or name it in the mix of a source"));
    } else if (arrow.route == RouteKind::call && arrow.name.empty()) {
      findings_.add("E041", path_of(arrow), "the arrow " + text_of(arrow) + " calls a rule without a name",
                    "name the routing rule that is given to compile");
    }
  }

  static bool is_share(const Arrow& arrow) { return arrow.share >= 0 && arrow.share <= 1; }

  void check_neighbours(const Arrow& arrow, const Element& from, const Element& to) {
    if (&from == &to) {
      mistake(arrow, quoted(from.name) + " feeds itself", "put a buffer between, so that a part has a place to wait");
    } else if (to.kind == ElementKind::source) {
      mistake(arrow, "the arrow " + text_of(arrow) + " leads into a source", "parts begin at a source; turn it round");
    } else if (from.kind == ElementKind::sink) {
      mistake(arrow, "the arrow " + text_of(arrow) + " leads out of a sink", "parts end at a sink; turn it round");
    } else if (from.kind == ElementKind::buffer && to.kind == ElementKind::buffer) {
      mistake(arrow, "the arrow " + text_of(arrow) + " leads from a buffer to a buffer",
              "put a machine between, or make them one buffer");
    } else if (from.kind == ElementKind::source && to.kind == ElementKind::sink) {
      mistake(arrow, "the arrow " + text_of(arrow) + " leads from a source straight to a sink",
              "put a machine between");
    } else if (from.kind == ElementKind::source && to.kind == ElementKind::buffer &&
               !has_arrivals(factory_.sources[from.index])) {
      mistake(arrow, quoted(from.name) + " is never starved and would fill the buffer " + quoted(to.name) + " at once",
              "arrows from a never-starved source go to machines; or give it arrivals");
    }
  }

  void check_twice(const Arrow& arrow) {
    // One way may serve several products, and the rest besides.
    const bool is_special = arrow.route == RouteKind::product || arrow.route == RouteKind::otherwise;
    std::string key = arrow.from + '\n' + arrow.to;
    if (is_special) key += (arrow.route == RouteKind::product ? "\np" : "\no") + arrow.name;
    if (is_known_.insert(std::move(key)).second) return;
    mistake(arrow, "the arrow " + text_of(arrow) + " is there twice", "leave one of the two out");
  }

  void check_ends(const Element& element) {
    const bool is_process =
        element.kind == ElementKind::station && factory_.stations[element.index].kind == StationKind::process;
    if (is_process) return;
    if (element.arrows_in.empty() && element.kind != ElementKind::source) {
      mistake(element, "no arrow leads to " + quoted(element.name), "add one to the flow, or leave the element out");
    }
    if (element.arrows_out.empty() && element.kind != ElementKind::sink) {
      mistake(element, "no arrow leads out of " + quoted(element.name),
              "add one to the flow, for example '" + std::string(element.name) + " -> shipped' with a sink 'shipped'");
    }
  }

  /// Whether every way out is taken, so that there is nothing to choose.
  bool may_fan_out(const Element& element) const {
    if (element.kind == ElementKind::buffer) return true;
    if (element.kind != ElementKind::station) return false;
    const StationKind kind = factory_.stations[element.index].kind;
    return kind == StationKind::disassembly || kind == StationKind::process;
  }

  void check_choice(const Element& element) {
    if (element.arrows_out.empty() || element.kind == ElementKind::sink) return;
    const RouteKind kind = kind_of(element);
    const bool is_disassembly =
        element.kind == ElementKind::station && factory_.stations[element.index].kind == StationKind::disassembly;
    if (element.kind == ElementKind::buffer || is_disassembly) {
      refuse_conditions(element);
      return;
    }
    if (!is_of_one_kind(element, kind)) {
      mistake(element, "the ways out of " + quoted(element.name) + " mix conditions: " + conditions_of(element),
              "use one kind of condition for all ways out of an element; 'otherwise' goes with shares and products");
      return;
    }
    if (kind == RouteKind::always && element.arrows_out.size() > 1 && !may_fan_out(element)) {
      mistake(element,
              quoted(element.name) + " has " + std::to_string(element.arrows_out.size()) +
                  " ways out and nothing that chooses between them",
              "say how parts choose: a share, a product, shortest, round_robin");
    }
    if (kind == RouteKind::otherwise) {
      mistake(element, quoted(element.name) + " has 'otherwise' without a share or a product beside it",
              "leave ': otherwise' out, or add the other ways");
    }
    check_otherwise(element);
    if (kind == RouteKind::share) check_shares(element);
    if (kind == RouteKind::product || kind == RouteKind::call) check_names(element, kind);
  }

  void refuse_conditions(const Element& element) {
    for (const std::size_t i : element.arrows_out) {
      const Arrow& arrow = factory_.arrows[i];
      if (arrow.route == RouteKind::always) continue;
      if (element.kind == ElementKind::buffer) {
        mistake(arrow, "the arrow " + text_of(arrow) + " out of a buffer has a condition",
                "machines take from a buffer what they need; put the condition on the arrows into the buffers");
      } else {
        mistake(arrow, "the arrow " + text_of(arrow) + " out of a disassembly has a condition",
                "say with 'gives' how many parts go where");
      }
    }
  }

  /// What the ways out of an element choose by; `otherwise` only when there is nothing else.
  RouteKind kind_of(const Element& element) const {
    for (const std::size_t i : element.arrows_out) {
      if (factory_.arrows[i].route != RouteKind::otherwise) return factory_.arrows[i].route;
    }
    return RouteKind::otherwise;
  }

  bool is_of_one_kind(const Element& element, RouteKind kind) const {
    const bool has_rest = kind == RouteKind::share || kind == RouteKind::product;
    return std::all_of(element.arrows_out.begin(), element.arrows_out.end(), [&](std::size_t i) {
      const RouteKind route = factory_.arrows[i].route;
      return route == kind || (has_rest && route == RouteKind::otherwise);
    });
  }

  std::string conditions_of(const Element& element) const {
    std::string text;
    for (std::size_t kind = 0; kind < enum_names(RouteKind{}).size(); ++kind) {
      const bool is_used = std::any_of(element.arrows_out.begin(), element.arrows_out.end(), [&](std::size_t i) {
        return static_cast<std::size_t>(factory_.arrows[i].route) == kind;
      });
      if (is_used) text += (text.empty() ? "" : ", ") + std::string(enum_names(RouteKind{})[kind]);
    }
    return text;
  }

  bool has_otherwise(const Element& element) const {
    return std::any_of(element.arrows_out.begin(), element.arrows_out.end(),
                       [&](std::size_t i) { return factory_.arrows[i].route == RouteKind::otherwise; });
  }

  void check_otherwise(const Element& element) {
    const auto count = std::count_if(element.arrows_out.begin(), element.arrows_out.end(),
                                     [&](std::size_t i) { return factory_.arrows[i].route == RouteKind::otherwise; });
    if (count < 2) return;
    mistake(element, quoted(element.name) + " has " + std::to_string(count) + " ways out for 'otherwise'",
            "keep one, and give the others a share or a product");
  }

  void check_shares(const Element& element) {
    double sum = 0;
    for (const std::size_t i : element.arrows_out) {
      if (factory_.arrows[i].route != RouteKind::share) continue;
      if (!is_share(factory_.arrows[i])) return;
      sum += factory_.arrows[i].share;
    }
    const bool has_rest = has_otherwise(element);
    if (sum <= 1 + kShareTolerance && (has_rest || sum >= 1 - kShareTolerance)) return;
    mistake(element, "the shares out of " + quoted(element.name) + " sum to " + number_text(sum),
            has_rest ? "shares beside an 'otherwise' sum to at most 1"
                     : "shares sum to 1; mark one way 'otherwise' and it takes the rest");
  }

  void check_names(const Element& element, RouteKind kind) {
    std::unordered_set<std::string_view> seen;
    for (const std::size_t i : element.arrows_out) {
      const Arrow& arrow = factory_.arrows[i];
      if (arrow.route != kind) continue;
      const bool is_new = seen.insert(arrow.name).second;
      if (kind == RouteKind::product && !is_new) {
        mistake(arrow, "the product " + quoted(arrow.name) + " has more than one way out of " + quoted(element.name),
                "give each product one way");
      } else if (kind == RouteKind::call && is_new && seen.size() > 1) {
        mistake(arrow,
                "the ways out of " + quoted(element.name) + " call different rules, such as " + quoted(arrow.name),
                "one rule chooses among all ways out of an element");
      }
    }
  }

  void check_parts(const Element& element, const Station& station) {
    std::unordered_set<std::string_view> before;
    std::unordered_set<std::string_view> after;
    if (!station.takes.empty()) {
      for (const std::size_t i : element.arrows_in) before.insert(factory_.arrows[i].from);
    }
    if (!station.gives.empty()) {
      for (const std::size_t i : element.arrows_out) after.insert(factory_.arrows[i].to);
    }
    if (station.has_field("takes")) check_keys(element, station.takes, "takes", "before", before);
    if (station.has_field("gives")) check_keys(element, station.gives, "gives", "after", after);
  }

  void check_keys(const Element& element, const std::map<std::string, std::int64_t>& counts, const std::string& field,
                  const std::string& where, const std::unordered_set<std::string_view>& neighbours) {
    for (const auto& [name, count] : counts) {
      if (neighbours.contains(name)) continue;
      findings_.add("E042", element.path + "." + field + "." + name,
                    "'" + field + "' names " + quoted(name) + ", which does not stand " + where + " " +
                        quoted(element.name) + " in the flow",
                    findings_.suggest(name, neighbours, "add the arrow to the flow, or leave the name out"));
    }
  }

  void check_counting(const Element& element, const Buffer& buffer) {
    if (buffer.counts != Counting::with_machine) return;
    const Station* const machine = only_machine_after(element);
    if (machine == nullptr) {
      findings_.add("E042", element.path + ".counts",
                    quoted(buffer.name) + " counts the machine it feeds, but does not feed exactly one machine",
                    "let it feed one machine, or set counts = \"waiting\"");
    } else if (buffer.capacity >= 0 && buffer.capacity < machine->servers) {  // unlimited is below 0
      findings_.add("E022", element.path + ".capacity",
                    "capacity is " + std::to_string(buffer.capacity) + ", less than the " +
                        std::to_string(machine->servers) + " places on the machine " + quoted(machine->name) +
                        " that it counts",
                    "use a capacity from " + std::to_string(machine->servers) + " up, or set counts = \"waiting\"");
    }
  }

  const Station* only_machine_after(const Element& element) const {
    if (element.arrows_out.size() != 1) return nullptr;
    const auto place = names_.element_by_name.find(factory_.arrows[element.arrows_out.front()].to);
    const Element& to = names_.elements[place->second];
    if (to.kind != ElementKind::station) return nullptr;
    const Station& station = factory_.stations[to.index];
    return station.kind == StationKind::machine ? &station : nullptr;
  }

  const Factory& factory_;
  Names& names_;
  Findings& findings_;
  std::vector<std::string_view> element_names_;
  std::unordered_set<std::string_view> is_reported_;
  std::unordered_set<std::string_view> begins_;  // of all arrows; filled when first asked for
  std::unordered_set<std::string_view> ends_;
  std::unordered_set<std::string> is_known_;
};

}  // namespace

void check_flow(const Factory& factory, Names& names, Findings& findings) {
  FlowCheck(factory, names, findings).check_all();
}

}  // namespace twin::detail
