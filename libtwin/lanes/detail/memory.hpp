// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace twin::detail {

/// Doubles that begin at a cache line, as vectors want them. Grows, never shrinks; growing forgets what was there.
class LaneMemory {
 public:
  void resize(std::size_t size) {
    if (size <= capacity_) return;
    doubles_.reset(static_cast<double*>(::operator new(size * sizeof(double), kLine)));
    capacity_ = size;
  }
  [[nodiscard]] double* data() { return doubles_.get(); }
  [[nodiscard]] const double* data() const { return doubles_.get(); }

 private:
  static constexpr std::align_val_t kLine{64};
  struct Free {
    void operator()(double* p) const { ::operator delete(p, kLine); }
  };
  std::unique_ptr<double, Free> doubles_;
  std::size_t capacity_ = 0;
};

}  // namespace twin::detail
