// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <libtwin/core/always_inline.hpp>
#include <libtwin/core/distribution.hpp>
#include <libtwin/core/standard_draw.hpp>

namespace twin {

/// How a variate is made from a standard draw. A closed set, so that the engine can `switch`.
enum class SampleForm : std::uint8_t {
  constant,     ///< a
  exponential,  ///< a E
  uniform,      ///< a + b U
  normal,       ///< max(0, a + b Z)
  lognormal,    ///< a exp(b Z)
  weibull,      ///< a E^b
  triangular,   ///< from U, by the inverse of the distribution function
  table,        ///< a + b q(Z), q an interpolated quantile function
  steps,        ///< a value of a list, by U
  call,         ///< a function of the user's program
};

/// A law made ready for sampling: constants computed, tables looked up. 40 bytes; cheap to copy.
///
/// Every form takes exactly one standard draw from the stream, whatever its parameters; `constant` takes none. Every variate
/// is max(0, offset + factor X) of a variate X that depends on the shape of the law alone, so that laws of one shape can
/// share their X.
struct Sampler {
  double a = 0.0;
  double b = 0.0;
  double c = 0.0;
  const double* table = nullptr;
  std::uint32_t table_size = 0;
  SampleForm form = SampleForm::constant;
};

/// Makes samplers and owns the tables they point into. A sampler lives as long as the cache that made it.
///
/// A table (about 16 kB, 1 ms) is built once per shape: laws that differ in scale only share it. Not thread-safe:
/// one cache a thread.
class SamplerCache {
 public:
  SamplerCache();
  ~SamplerCache();
  SamplerCache(SamplerCache&&) noexcept;
  SamplerCache& operator=(SamplerCache&&) noexcept;

  /// Allocates only when the shape is new.
  /// @param scale  multiplies every variate (ticks per second for durations, 1 for counts).
  /// @pre `problems(law)` is empty.
  [[nodiscard]] Sampler prepare(const Distribution& law, double scale);

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

/// The location and scale of a law.
struct AffineLaw {
  double offset = 0;
  double factor = 0;
};
[[nodiscard]] AffineLaw affine_law(const Sampler& sampler);

/// X: the variate of the law's shape at location 0 and scale 1. Takes what `sample` takes from the stream.
/// @pre the form is not `call`.
[[nodiscard]] double shape_variate(const Sampler& sampler, Stream& stream);

/// Equal for samplers of one cache that have the same X.
[[nodiscard]] std::pair<SampleForm, std::uint64_t> shape_key(const Sampler& sampler);

namespace detail {
[[gnu::noinline]] double sample_rare(const Sampler& sampler, Stream& stream);
}

/// One variate, >= 0, in the scale the sampler was prepared for.
/// @pre the form is not `call`.
TWIN_ALWAYS_INLINE inline double sample(const Sampler& sampler, Stream& stream) {
  if (sampler.form == SampleForm::exponential) [[likely]]
    return sampler.a * exponential_draw(stream);
  if (sampler.form == SampleForm::constant) return sampler.a;
  return detail::sample_rare(sampler, stream);
}

}  // namespace twin
