// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <libtwin/stats/comparison.hpp>
#include <libtwin/stats/confidence.hpp>

/// Selecting the best of many designs by procedures that say which observations they want next. They know nothing of how a
/// design is simulated. What each one promises, and when to take which: docs/explanation/selection.md.
namespace twin {

/// Replications [first, first + count) of one design.
struct SampleRequest {
  std::uint32_t design = 0;
  std::uint32_t first = 0;
  std::uint32_t count = 0;

  friend bool operator==(const SampleRequest&, const SampleRequest&) = default;
};

/// Answers a whole round: one value for each observation, request by request and replication by replication. How it gets
/// them, over threads, lanes or machines, is its own affair. Replication r of a design must give the same value
/// whenever it is asked; whether it shares its random numbers with replication r of other designs is the
/// sampler's choice, and each procedure says below what it takes. A value that is not finite is a failed run. What it
/// throws goes through to the caller.
using Sampler = std::function<void(std::span<const SampleRequest> requests, std::span<double> values)>;

/// KN, fully sequential (Kim and Nelson 2001, with c = 1): after each replication of all contenders, those that trail another
/// by more than chance explains are out. Common random numbers are allowed and make it cheaper. Takes memory for the
/// pairs of the designs that the first screening leaves, and time for them at each replication.
struct KnProcedure {
  double delta = 0;          ///< > 0, in the unit of the values: smaller differences do not matter
  double alpha = 0.05;       ///< in (0, 1)
  std::uint32_t first = 20;  ///< >= 2: replications before the first screening

  /// Replications a round; screened one by one, so more changes the price only. 0: an eighth of those that a contender has, 4
  /// at least, so that rounds are few however many replications it takes.
  std::uint32_t ahead = 1;

  /// Gives up, without a guarantee, when the first screening leaves more pairs of designs than that; each takes 8 bytes.
  std::uint64_t most_pairs = 1U << 28U;
};

/// GSP, the good selection procedure (Ni, Ciocan, Henderson and Hunter 2017): a few rounds with much work in each, for many
/// designs and many machines. Designs must be independent: each replication on random numbers of its own.
struct GspProcedure {
  double delta = 0;                ///< > 0
  double alpha_screening = 0.025;  ///< errors of the screening, and of the last stage; they add up
  double alpha_last = 0.025;
  std::uint32_t first = 50;     ///< >= 2: replications that give the variances
  std::uint32_t batch = 100;    ///< >= 1: replications of a design between two screenings, on average over designs
  std::uint32_t batches = 10;   ///< screenings after the first
  std::uint32_t rivals = 1000;  ///< >= 1: each design is screened against so many leaders
};

/// OCBA (Chen, Lin, Yücesan and Chick 2000): spends a budget where it helps most to tell the best apart, by what is known so
/// far. No guarantee. Derived for independent designs.
struct OcbaProcedure {
  std::uint64_t budget = 0;  ///< observations in all; >= first * designs, < 2^32
  std::uint32_t first = 10;  ///< >= 2
  std::uint64_t step = 0;    ///< observations a round; 0: a hundredth of the budget
};

/// Sequential halving (Karnin, Koren and Somekh 2013): rounds of equal cost, the better half goes on. No guarantee. Means are
/// over all replications of a design, not over the last round's as in the paper, so that common random numbers pair.
struct HalvingProcedure {
  /// Observations in all; >= designs * ceil(log2(designs)). What does not divide is left.
  std::uint64_t budget = 0;
};

using SelectionProcedure = std::variant<KnProcedure, GspProcedure, OcbaProcedure, HalvingProcedure>;

struct SelectionOptions {
  SelectionProcedure procedure;
  Better better = Better::larger;

  /// Stops, and gives up the guarantee, before a stage that would bring the observations above it.
  std::uint64_t at_most = std::numeric_limits<std::uint64_t>::max();

  /// A round with more observations is asked for in parts. Changes no result.
  std::uint64_t round_limit = 1U << 22U;

  /// How delta is written in the words of the guarantee: times `shown_scale`, with `shown_unit` behind it.
  double shown_scale = 1;
  std::string shown_unit{};
};

enum class Standing : std::uint8_t { contender, out, failed };

/// What is known of one design. Scores are values, with the sign turned where smaller is better.
struct Candidate {
  std::uint32_t taken = 0;   ///< observations answered
  std::uint32_t wanted = 0;  ///< observations that the present stage needs
  std::uint32_t used = 0;    ///< observations in `mean` and `squares`
  std::uint32_t failed = 0;  ///< observations that were not finite
  std::uint32_t batch = 0;   ///< GSP: observations a round
  double mean = 0;           ///< of the scores
  double squares = 0;        ///< about the mean
  double variance = 0;       ///< GSP: of the first observations
  Standing standing = Standing::contender;

  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// A selection between two rounds. Plain values: copy or store it, and go on later or elsewhere to the same bits.
struct SelectionState {
  std::vector<Candidate> candidates;      ///< by design
  std::vector<std::uint32_t> contenders;  ///< ascending
  std::vector<SampleRequest> requests;    ///< the round that is asked; empty when the choice is made
  std::uint64_t observations = 0;         ///< answered
  std::uint32_t rounds = 0;               ///< answered
  std::uint32_t stage = 0;
  bool was_cut = false;       ///< by `at_most`, or for want of more than 2^32 replications: there is no guarantee
  bool has_too_many = false;  ///< KN: pairs of designs; it was cut
  double eta = 0;             ///< of screening, KN and GSP
  double h = 0;               ///< of GSP's last stage
  std::vector<double> block;  ///< KN: scores of the round, (contenders × replications)
  std::vector<double> pair_variances;  ///< KN: of differences; below the diagonal, by rows of `contenders`

  friend bool operator==(const SelectionState&, const SelectionState&) = default;
};

struct SelectionGuarantee {
  double probability = 0;  ///< 0 when there is none
  double delta = 0;
  std::string words;       ///< what is promised
  std::string conditions;  ///< when it holds; empty when there is none
};

struct SelectionResult {
  std::string procedure;

  /// None when all designs failed, or nothing was observed. Equal means: the lowest index.
  std::optional<std::uint32_t> design;

  /// Of the chosen design, over all its observations that were used. Optimistic: it was chosen for being high.
  Estimate estimate;
  SelectionGuarantee guarantee;
  std::uint64_t observations = 0;
  std::vector<std::uint32_t> by_design;
  std::uint32_t rounds = 0;

  /// Not screened out, from best to worst mean. Their order beyond the first carries no promise.
  std::vector<std::uint32_t> survivors;
  std::uint64_t failed_designs = 0;  ///< removed at their first failed observation
  std::uint64_t failed_observations = 0;
};

/// The first round's requests. @throws std::logic_error for no designs and options out of range.
[[nodiscard]] SelectionState start_selection(std::uint32_t designs, const SelectionOptions& options);

/// Takes the answers to `state.requests` and asks for the next round.
/// @throws std::logic_error when their number is wrong.
void take_round(SelectionState& state, const SelectionOptions& options, std::span<const double> values);

/// Before the choice is made: the best so far, without a guarantee.
[[nodiscard]] SelectionResult selection_result(const SelectionState& state, const SelectionOptions& options);

/// Round after round until the choice is made.
[[nodiscard]] SelectionResult select_best(std::uint32_t designs, const SelectionOptions& options,
                                          const Sampler& sampler);

}  // namespace twin
