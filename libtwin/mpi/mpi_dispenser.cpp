// SPDX-License-Identifier: Apache-2.0
#include <libtwin/mpi/mpi_dispenser.hpp>

#include <mpi.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace twin {
namespace {

class MpiDispenser : public BlockDispenser {
 public:
  MpiDispenser() {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    const MPI_Aint bytes = rank_ == 0 ? sizeof(std::uint64_t) : 0;
    MPI_Win_allocate(bytes, sizeof(std::uint64_t), MPI_INFO_NULL, MPI_COMM_WORLD, &next_, &window_);
  }
  MpiDispenser(const MpiDispenser&) = delete;
  MpiDispenser& operator=(const MpiDispenser&) = delete;
  ~MpiDispenser() override { MPI_Win_free(&window_); }

  // Processes may have seen different blocks: the first one's list counts.
  void begin(std::vector<std::uint32_t> missing) override {
    auto count = static_cast<std::uint32_t>(missing.size());
    MPI_Bcast(&count, 1, MPI_UINT32_T, 0, MPI_COMM_WORLD);
    missing.resize(count);
    MPI_Bcast(missing.data(), static_cast<int>(count), MPI_UINT32_T, 0, MPI_COMM_WORLD);
    blocks_ = std::move(missing);
    if (rank_ == 0) {
      MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 0, 0, window_);
      *next_ = 0;
      MPI_Win_unlock(0, window_);
    }
    MPI_Barrier(MPI_COMM_WORLD);
  }

  std::vector<std::uint32_t> take(std::size_t wanted) override {
    const std::uint64_t step = wanted;
    std::uint64_t first = 0;
    MPI_Win_lock(MPI_LOCK_SHARED, 0, 0, window_);
    MPI_Fetch_and_op(&step, &first, MPI_UINT64_T, 0, 0, MPI_SUM, window_);
    MPI_Win_unlock(0, window_);
    first = std::min<std::uint64_t>(first, blocks_.size());
    const std::uint64_t end = std::min<std::uint64_t>(first + step, blocks_.size());
    return {blocks_.begin() + static_cast<std::ptrdiff_t>(first), blocks_.begin() + static_cast<std::ptrdiff_t>(end)};
  }

  void finish() override { MPI_Barrier(MPI_COMM_WORLD); }

 private:
  int rank_ = 0;
  std::uint64_t* next_ = nullptr;  // in the memory of process 0
  MPI_Win window_ = MPI_WIN_NULL;
  std::vector<std::uint32_t> blocks_;
};

}  // namespace

MpiSession::MpiSession(int* argc, char*** argv) {
  int provided = 0;
  MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
}

MpiSession::~MpiSession() { MPI_Finalize(); }

MpiPlace MpiSession::place() const {
  MpiPlace place;
  MPI_Comm_rank(MPI_COMM_WORLD, &place.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &place.size);
  return place;
}

void MpiSession::end_all(int code) { MPI_Abort(MPI_COMM_WORLD, code); }

std::unique_ptr<BlockDispenser> mpi_dispenser() { return std::make_unique<MpiDispenser>(); }

}  // namespace twin
