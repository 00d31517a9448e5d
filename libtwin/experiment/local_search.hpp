// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <libtwin/experiment/lattice_points.hpp>
#include <libtwin/experiment/ledger.hpp>

namespace twin::detail {

struct SearchRules {
  /// Replications with which the comparison of a neighbourhood begins; they double while it is open.
  std::uint32_t first = 8;

  /// The most replications, with steps above the unit, and with steps of one unit.
  std::uint32_t most_coarse = 32;
  std::uint32_t most_fine = 128;

  /// Differences of the goal below this share of it do not matter.
  double precision = 0.001;

  /// The most designs of one neighbourhood.
  std::size_t most_neighbours = 512;
};

/// One search that goes from a design to a better neighbour, with large steps first (Hooke and Jeeves 1961; generating set
/// search, Kolda, Lewis and Torczon 2003), on means over common random numbers. It says which runs it wants and decides when
/// they are made, so that many searches share a batch.
///
/// Neighbours that trail by more than chance explains are dropped; the search moves when one leads by three standard
/// errors, else it asks for twice as many replications of those that are left. When they are all dropped, or there are
/// enough replications, the steps are halved.
class LocalSearch {
 public:
  /// Keeps references. @param level  where steps begin. @param rivals  further designs to compare with in every neighbourhood.
  LocalSearch(const Lattice& lattice, Ledger& ledger, std::uint32_t start, int level, const SearchRules& rules,
              std::vector<std::uint32_t> rivals = {});

  /// Wants the runs for the next decision from the ledger.
  void ask();

  /// Leaves out neighbours, the least promising first, until what it wants is at most so many runs. False when nothing is left
  /// to compare with.
  [[nodiscard]] bool ask_for_less(std::uint64_t runs);

  /// Decides, when they are made.
  void tell();
  void end() { is_over_ = true; }

  [[nodiscard]] bool is_over() const { return is_over_; }

  /// Whether it ended because no neighbour by the smallest steps, none left out, is better, as far as the replications tell.
  [[nodiscard]] bool is_at_optimum() const { return is_at_optimum_; }
  [[nodiscard]] std::uint32_t best() const { return centre_; }
  [[nodiscard]] int level() const { return level_; }
  [[nodiscard]] std::uint32_t moves() const { return moves_; }

 private:
  /// A neighbour that has not been dropped.
  struct Open {
    std::uint32_t design = 0;

    /// Feasible designs come before infeasible ones.
    int group = 0;
    double merit = 0;
    bool is_better = false;
    bool is_likely_better = false;
  };

  void begin_neighbourhood();
  [[nodiscard]] bool judge(Open& neighbour) const;
  void move_to(const Open& neighbour);
  void narrow();

  const Lattice& lattice_;
  Ledger& ledger_;
  SearchRules rules_;
  std::vector<std::uint32_t> rivals_;
  std::uint32_t centre_;
  int level_;
  int last_level_;
  std::set<std::uint32_t> visited_;
  std::vector<Open> open_;
  std::vector<Point> hints_;  ///< moves that did well, to be tried again from the new centre
  std::uint32_t count_ = 0;
  std::uint32_t moves_ = 0;
  bool has_neighbourhood_ = false;
  bool was_cut_ = false;  ///< some neighbours of the last neighbourhood were left out
  bool is_over_ = false;
  bool is_at_optimum_ = false;
};

}  // namespace twin::detail
