// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/trace_file.hpp>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include <nlohmann/json.hpp>

#include <libtwin/core/time.hpp>

namespace twin::cli {
namespace {

static_assert(std::endian::native == std::endian::little, "records are written as they lie in memory");

using Json = nlohmann::ordered_json;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Writes next to the final name and takes that name at the end. Traces are long: they go to the disk as they come.
class TraceFile : public TraceSink {
 public:
  explicit TraceFile(const std::string& path) : path_(path) {
    // A pipe or a device cannot be replaced.
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    is_direct_ = std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
    written_to_ = is_direct_ ? path : path + ".part";
    file_.reset(std::fopen(written_to_.c_str(), "wb"));
    if (!file_) fail(errno);
  }

  ~TraceFile() override {
    if (file_ == nullptr || is_direct_) return;
    file_.reset();
    std::remove(written_to_.c_str());
  }

  void write_bytes(const void* data, std::size_t size) {
    if (error_ == 0 && std::fwrite(data, 1, size, file_.get()) != size) error_ = errno;
  }

  void finish() {
    if (error_ == 0 && std::fflush(file_.get()) != 0) error_ = errno;
    if (error_ == 0 && !is_direct_ && std::rename(written_to_.c_str(), path_.c_str()) != 0) error_ = errno;
    if (error_ != 0) fail(error_);
    file_.reset();
  }

 private:
  void write(std::span<const TraceRecord> records) override { write_bytes(records.data(), records.size_bytes()); }

  [[noreturn]] void fail(int error) const {
    throw FileError("cannot write the trace '" + path_ + "': " + std::strerror(error));
  }

  std::string path_;
  std::string written_to_;
  bool is_direct_ = false;
  int error_ = 0;
  std::unique_ptr<std::FILE, Close> file_;
};

Json server_of(const Compiled& compiled, const PlantLeaf& leaf) {
  static constexpr std::array kKinds{"server", "repair", "calendar", "source", "mark"};
  Json out{{"kind", kKinds[static_cast<std::size_t>(leaf.kind)]}};
  if (leaf.station >= compiled.plant.stations.size()) return out;
  const PlantStation& station = compiled.plant.stations[leaf.station];
  const auto& names = station.kind == PlantStationKind::source ? compiled.names.sources : compiled.names.stations;
  if (station.index < names.size()) out["name"] = names[station.index];
  if (leaf.kind == LeafKind::server) out["server"] = leaf.server;
  return out;
}

Json store_of(const Compiled& compiled, const PlantStore& store) {
  static constexpr std::array kKinds{"buffer", "handoff", "supply", "sink"};
  const PlantNames& n = compiled.names;
  const std::array lists{&n.buffers, static_cast<const std::vector<std::string>*>(nullptr), &n.sources, &n.sinks};
  const auto kind = static_cast<std::size_t>(store.kind);
  Json out{{"kind", kKinds[kind]}};
  if (lists[kind] != nullptr && store.index < lists[kind]->size()) out["name"] = (*lists[kind])[store.index];
  return out;
}

std::string header(const Compiled& compiled, const RunInput& input) {
  Json servers = Json::array();
  for (const PlantLeaf& leaf : compiled.plant.leaves) servers.push_back(server_of(compiled, leaf));
  Json stores = Json::array();
  for (const PlantStore& store : compiled.plant.stores) stores.push_back(store_of(compiled, store));
  const Json json{{"model", compiled.names.factory},
                  {"seed", input.seed},
                  {"replication", input.replication},
                  {"ticks_per_second", static_cast<std::int64_t>(kTicksPerSecond)},
                  {"kinds",
                   {"state", "create", "start", "finish", "depart", "enter", "leave", "sink", "scrap", "consume",
                    "lose", "supply"}},
                  {"states", enum_names(StationState::busy)},
                  {"servers", std::move(servers)},
                  {"stores", std::move(stores)}};
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.resize((text.size() + 15) / 16 * 16, ' ');
  return text;
}

}  // namespace

void write_trace(const std::string& path, const Compiled& compiled, RunInput input) {
  TraceFile file(path);
  const std::string text = header(compiled, input);
  const std::uint64_t length = text.size();
  file.write_bytes("TWINTRC1", 8);
  file.write_bytes(&length, sizeof length);
  file.write_bytes(text.data(), text.size());
  PlantState state(compiled.plant);
  input.trace = &file;
  run(state, input);
  file.finish();
}

}  // namespace twin::cli
