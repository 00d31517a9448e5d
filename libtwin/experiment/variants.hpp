// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/scenario/expression.hpp>

namespace twin::detail {

/// What one design needs to run; valid until the worker prepares the next one.
struct PreparedRun {
  PlantState* state = nullptr;

  /// Horizon, warm-up, seed and changes are set.
  RunInput input;
};

/// Turns the designs of a study into plants that run. Numbers that a run can change go to the one compiled plant as
/// changes; anything else (servers, texts, the horizon) is written into a copy of the factory, which is compiled.
class Variants {
 public:
  /// @throws ModelError when the model as it stands, a binding or a factor is wrong.
  Variants(const Scenario& scenario, const DesignTable& design, const CompileOptions& code);

  [[nodiscard]] const Compiled& base() const { return base_; }

  /// Whether all designs run on the one compiled plant.
  [[nodiscard]] bool needs_no_compiling() const { return structural_.empty(); }

  /// A number for each design by its values, whatever its place in the table.
  [[nodiscard]] std::uint64_t key_of(std::size_t scenario) const;

  /// What one thread keeps from design to design.
  class Worker {
   public:
    explicit Worker(const Variants& variants) : all_(&variants) {}

    /// Nothing when no such factory can be. Exceptions of the user's code pass through.
    [[nodiscard]] std::optional<PreparedRun> prepare(std::size_t scenario);

   private:
    struct Entry {
      std::vector<double> structure;  ///< values of the structural targets
      std::uint64_t last_use = 0;
      RunSettings run;
      std::unique_ptr<Compiled> compiled;  ///< null for the base plant, and where there is none
      std::unique_ptr<PlantState> state;
      std::vector<std::uint32_t> slots;  ///< of the other targets
      bool is_whole = false;             ///< compiled with all values of one design, changeable or not
    };

    Entry& entry_for_structure();
    void fill(Entry& entry, bool with_all);
    [[nodiscard]] bool make_changes(const Entry& entry);

    const Variants* all_;
    std::size_t scenario_ = 0;
    std::vector<double> parameters_;
    std::vector<double> targets_;
    std::vector<double> structure_;
    std::vector<ValueChange> changes_;
    std::vector<Entry> entries_;
    std::uint64_t uses_ = 0;
  };

 private:
  /// A value of the model that designs change.
  struct Target {
    std::string path;

    /// Column of the design, or the binding that gives the value.
    std::size_t column = 0;
    const Expression* expression = nullptr;
    bool is_text = false;
  };

  void add_bindings(std::vector<Diagnostic>& mistakes);
  void add_columns(std::vector<Diagnostic>& mistakes);
  void sort_targets();
  void evaluate(std::size_t scenario, std::vector<double>& parameters, std::vector<double>& targets) const;
  [[nodiscard]] bool is_overridden(const std::string& path) const;

  const Scenario& scenario_;
  const DesignTable& design_;
  const CompileOptions& code_;
  Compiled base_;
  std::vector<double> nominals_;
  std::vector<int> parameter_of_column_;
  std::vector<std::unique_ptr<Expression>> expressions_;
  std::vector<Target> targets_;          ///< in the order in which they are written into a factory
  std::vector<std::size_t> structural_;  ///< indices of targets that need a compilation
  std::vector<std::size_t> changeable_;  ///< indices of the others
};

/// The slot of a path in a compiled factory; nothing when a run cannot change it.
[[nodiscard]] std::optional<std::uint32_t> slot_of(const Compiled& compiled, const std::string& path);

/// Whether a plant with these changes is one that `validate` would accept.
[[nodiscard]] bool are_possible(const Plant& plant, std::span<const ValueChange> changes);

}  // namespace twin::detail
