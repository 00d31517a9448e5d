// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>
#include <vector>

#include <libtwin/core/id.hpp>
#include <libtwin/core/random.hpp>
#include <libtwin/core/states.hpp>
#include <libtwin/core/time.hpp>
#include <libtwin/engine/run_view.hpp>

namespace twin {

class ProcessContext;
struct PlantInput;
struct PlantOutlet;

namespace detail {

struct StateData;
struct Store;

/// What a suspended process waits for.
enum class ProcessWish : std::uint8_t { none, get, put, time, nothing };

/// The moves of the event loop that a process can make. They act at once, while the coroutine runs; a move that cannot be
/// made now is made later, by whoever brings the part or frees the place, and the coroutine suspends until then.
struct ProcessMoves {
  bool (*get)(void* loop, ProcessContext& context, std::uint32_t in);
  bool (*put)(void* loop, ProcessContext& context, std::uint32_t part, std::uint32_t out);
  void (*wait)(void* loop, ProcessContext& context, double seconds, StationState state);
  std::uint32_t (*create)(void* loop, ProcessContext& context, std::uint32_t product);
  void (*scrap)(void* loop, ProcessContext& context, std::uint32_t part);
};

/// A parameter of a coroutine: the context where it is one, else null.
struct FrameArgument {
  ProcessContext* context = nullptr;

  FrameArgument() = default;
  FrameArgument(ProcessContext& c) : context(&c) {}  // NOLINT(google-explicit-constructor)
  template <class Other>
  FrameArgument(const Other&) {}  // NOLINT(google-explicit-constructor)
};

/// Memory for coroutine frames, kept from run to run, so that a process costs one allocation in its life.
class FrameArena {
 public:
  void* take(std::size_t bytes);
  void give_back(void* frame);

 private:
  struct Block {
    std::vector<std::max_align_t> memory;
    bool in_use = false;
  };
  std::vector<Block> blocks_;
};

}  // namespace detail

/// A process written as a coroutine: a station whose behaviour is the user's own, on the engine's clock.
///
///     twin::Process press(twin::ProcessContext& self) {
///       for (;;) {
///         const twin::PartId part = co_await self.get();
///         co_await self.work(twin::exponential_draw(self.stream()) * 38.0);
///         co_await self.put(part);
///       }
///     }
///
/// (`exponential_draw` is in `libtwin/core/standard_draw.hpp`.)
///
/// It starts with the run, at time 0, and may return, after which it is idle for good. Exceptions leave `run`.
class [[nodiscard]] Process {
 public:
  struct promise_type {
    std::exception_ptr error;

    Process get_return_object() { return Process(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { error = std::current_exception(); }

    // clang-format off
    // Not a template: compilers warn of a template that `operator delete` cannot match. Parameters of the coroutine
    // beyond the context, such as a lambda's own object, convert to nothing.
    static void* operator new(std::size_t bytes, detail::FrameArgument a, detail::FrameArgument b = {},
                              detail::FrameArgument c = {}, detail::FrameArgument d = {}) {
      return frame_memory(bytes, a.context ? a.context : b.context ? b.context : c.context ? c.context : d.context);
    }
    static void operator delete(void* frame, std::size_t) noexcept;
    // clang-format on

   private:
    static void* frame_memory(std::size_t bytes, ProcessContext* context);
  };

  explicit Process(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Process(Process&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Process& operator=(Process&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Process() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] std::coroutine_handle<promise_type> handle() const { return handle_; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

/// What a process sees of the plant, and how it acts on it. One for each process, valid for the whole run.
class alignas(64) ProcessContext {
 public:
  /// Takes a part from way in number `in` (in the order of the arrows); waits, *starved*, until there is one.
  [[nodiscard]] auto get(std::uint32_t in = 0) { return GetAwaiter{this, in}; }

  /// Gives a part to way out number `out`; waits, *blocked*, until there is room.
  /// @throws std::logic_error when no process holds the part: it was given away or destroyed before.
  [[nodiscard]] auto put(PartId part, std::uint32_t out = 0) { return PutAwaiter{this, part.index, out}; }

  /// Lets `seconds` pass in the given state. @pre 0 <= seconds; NaN and infinity end the run with `bad_number`.
  [[nodiscard]] auto wait(double seconds, StationState state) { return WaitAwaiter{this, seconds, state, false}; }

  /// `wait` as *busy*, and counts one operation when it ends.
  [[nodiscard]] auto work(double seconds) { return WaitAwaiter{this, seconds, StationState::busy, true}; }

  /// `wait` as *idle*.
  [[nodiscard]] auto idle(double seconds) { return wait(seconds, StationState::idle); }

  /// `wait` as *down*.
  [[nodiscard]] auto down(double seconds) { return wait(seconds, StationState::down); }

  /// Makes a new part, as a source does. @throws std::logic_error when there is no such product.
  [[nodiscard]] PartId create(ProductId product = ProductId{0});

  /// Destroys a part the process holds; it counts as scrap.
  /// @throws std::logic_error when no process holds the part: it was given away or destroyed before.
  void scrap(PartId part) { moves_->scrap(loop_, *this, part.index); }

  /// The process's own stream of random numbers.
  [[nodiscard]] Stream& stream() { return stream_; }

  [[nodiscard]] RunView run() const { return RunView(state_data_); }

  /// This process among the stations of the plant.
  [[nodiscard]] StationId station() const { return StationId{station_}; }

  /// Parts waiting before way in number `in`, parts blocked before it not counted.
  [[nodiscard]] std::uint32_t waiting(std::uint32_t in = 0) const;

  /// Parts waiting behind way out number `out`, and the places there are.
  [[nodiscard]] std::uint32_t level_out(std::uint32_t out = 0) const;
  [[nodiscard]] std::uint32_t places_out(std::uint32_t out = 0) const;

  struct GetAwaiter {
    ProcessContext* context;
    std::uint32_t in;
    [[nodiscard]] bool await_ready() const { return context->moves_->get(context->loop_, *context, in); }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    [[nodiscard]] PartId await_resume() const noexcept { return PartId{context->part_}; }
  };
  struct PutAwaiter {
    ProcessContext* context;
    std::uint32_t part;
    std::uint32_t out;
    [[nodiscard]] bool await_ready() const { return context->moves_->put(context->loop_, *context, part, out); }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    void await_resume() const noexcept {}
  };
  struct WaitAwaiter {
    ProcessContext* context;
    double seconds;
    StationState state;
    bool counts_operation;
    [[nodiscard]] bool await_ready() const {
      context->counts_operation_ = counts_operation;
      context->moves_->wait(context->loop_, *context, seconds, state);
      return false;
    }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    void await_resume() const noexcept {}
  };

  /// For the engine, which owns the other end.
  struct Access;

 private:
  friend struct Access;

  std::coroutine_handle<Process::promise_type> handle_;
  void* loop_ = nullptr;
  const detail::ProcessMoves* moves_ = nullptr;
  detail::Store* first_input_ = nullptr;
  detail::Store* first_outlet_ = nullptr;
  std::uint32_t part_ = Id<PartTag>::kNone;
  detail::ProcessWish wish_ = detail::ProcessWish::none;
  bool counts_operation_ = false;
  bool has_timer_ = false;

  /// How many more moves before the loop takes the process for one that never lets time pass.
  std::uint32_t moves_left_ = 0;
  std::uint32_t leaf_ = 0;
  std::uint32_t input_count_ = 0;
  std::uint32_t outlet_count_ = 0;
  Stream stream_;
  const PlantInput* inputs_ = nullptr;
  const PlantOutlet* outlets_ = nullptr;
  detail::StateData* state_data_ = nullptr;
  std::uint32_t station_ = 0;
};

}  // namespace twin
