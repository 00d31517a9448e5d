// SPDX-License-Identifier: Apache-2.0
//
// golden_hashes check|write FILE SCENARIOS
//
// Hashes the bits of all KPIs of every scenario, on 1, 2 and 7 threads, and compares with the stored hashes. The event engine
// makes the first; the others are made in lanes where that is possible.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>

#include <libtwin/core/random.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace {

class Hash {
 public:
  void add(std::uint64_t word) { value_ = twin::detail::mix(value_ ^ word) + twin::detail::kGolden; }

  // NaN has many bit patterns, and which one an operation gives is the processor's choice.
  void add(double x) { add(x != x ? std::uint64_t{0x7ff8} : std::bit_cast<std::uint64_t>(x)); }
  void add(const twin::Estimate& e) {
    add(e.mean);
    add(e.half_width);
    add(static_cast<std::uint64_t>(e.n));
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

twin::ExecutionOptions options_for(unsigned threads) {
  twin::ExecutionOptions options;
  options.threads = threads;
  options.engine = threads == 1 ? twin::EngineChoice::event : twin::EngineChoice::automatic;
  return options;
}

std::uint64_t hash_run(const twin::Scenario& scenario, unsigned threads) {
  twin::RunSettings settings = scenario.factory.run;
  settings.replications = 5;
  settings.horizon_s = std::min(settings.horizon_s, 40 * 3600.0);
  settings.warmup_s = std::min(settings.warmup_s, 0.25 * settings.horizon_s);
  settings.warmup_is_auto = false;
  settings.parts = std::min<std::int64_t>(settings.parts, 400);
  settings.warmup_parts = std::min<std::int64_t>(settings.warmup_parts, 100);
  const twin::ExecutionOptions options = options_for(threads);
  const twin::RunSummary run = twin::replicate(twin::compile(scenario.factory), settings, options);
  Hash hash;
  for (const double x : run.rows) hash.add(x);
  hash.add(run.throughput_per_s);
  hash.add(run.lead_time_s);
  hash.add(run.lead_p95_s);
  hash.add(run.operations);
  return hash.value();
}

std::uint64_t hash_study(twin::Scenario scenario, const std::string& folder, unsigned threads) {
  scenario.factory.run.horizon_s = std::min(scenario.factory.run.horizon_s, 12 * 3600.0);
  scenario.factory.run.warmup_s = std::min(scenario.factory.run.warmup_s, 3 * 3600.0);
  if (scenario.study->select) {
    // Short runs are noisy: with a wider delta the procedure still ends by itself.
    scenario.study->replications = 8;
    scenario.study->select->delta->value = 1.0 / 3600;
    scenario.study->select->at_most = 100'000;
  } else {
    scenario.study->replications = 2;
    scenario.study->refine = {{20, 6}};
  }
  const twin::ExecutionOptions options = options_for(threads);
  const twin::StudyResult study = twin::run_study(scenario, folder, options);
  Hash hash;
  for (const twin::StudyRow& row : study.rows) {
    for (const twin::Estimate& e : row.measures) hash.add(e);
  }
  for (const std::uint32_t k : study.ranking) hash.add(std::uint64_t{k});
  return hash.value();
}

/// The event engine would take minutes for the others.
bool is_small_study(const twin::Scenario& scenario, const std::string& folder) {
  return scenario.study && twin::make_design(scenario, folder).size() <= 5000;
}

using Hashes = std::map<std::string, std::uint64_t>;

Hashes read_hashes(const std::string& file) {
  Hashes hashes;
  std::ifstream in(file);
  std::string name;
  std::string value;
  while (in >> name >> value) hashes[name] = std::stoull(value, nullptr, 16);
  return hashes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: golden_hashes check|write FILE SCENARIOS\n");
    return 2;
  }
  const bool writes = std::string(argv[1]) == "write";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[3])) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  const Hashes stored = read_hashes(argv[2]);
  Hashes found;
  int wrong = 0;
  for (const auto& file : files) {
    const twin::ReadResult read = twin::read_scenario_file(file.string());
    const std::string name = file.stem().string();
    if (!read.ok()) {
      fmt::print("{}: cannot be read\n", name);
      ++wrong;
      continue;
    }
    for (const unsigned threads : {1U, 2U, 7U}) {
      const std::string folder = file.parent_path().string();
      const std::uint64_t hash = is_small_study(read.scenario, folder) ? hash_study(read.scenario, folder, threads)
                                                                       : hash_run(read.scenario, threads);
      if (threads == 1) {
        found[name] = hash;
      } else if (hash != found[name]) {
        fmt::print("{}: {} threads give {:016x}, one gives {:016x}\n", name, threads, hash, found[name]);
        ++wrong;
      }
    }
    const auto it = stored.find(name);
    if (writes) continue;
    if (it == stored.end()) {
      fmt::print("{}: {:016x} is not stored\n", name, found[name]);
      ++wrong;
    } else if (it->second != found[name]) {
      fmt::print("{}: {:016x}, stored is {:016x}\n", name, found[name], it->second);
      ++wrong;
    }
  }
  if (writes) {
    std::ofstream out(argv[2]);
    for (const auto& [name, hash] : found) out << fmt::format("{} {:016x}\n", name, hash);
  }
  fmt::print("{} scenarios, {} wrong\n", files.size(), wrong);
  return wrong == 0 && !files.empty() ? 0 : 1;
}
