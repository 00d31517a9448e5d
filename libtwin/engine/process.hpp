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

/// What a suspended process wants the engine to do next.
enum class ProcessWish : std::uint8_t { none, get, put, wait, done };

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

    // Not a template: compilers warn of a template that `operator delete` cannot match. Parameters of the coroutine
    // beyond the context, such as a lambda's own object, convert to nothing.
    static void* operator new (std::size_t bytes, detail::FrameArgument a, detail::FrameArgument b = {},
                               detail::FrameArgument c = {}, detail::FrameArgument d = {}) {
      return frame_memory(bytes, a.context ? a.context : b.context ? b.context : c.context ? c.context : d.context);
    }
    static void operator delete(void* frame, std::size_t) noexcept;

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
class ProcessContext {
 public:
  /// Takes a part from way in number `in` (in the order of the arrows); waits, *starved*, until there is one.
  auto get(std::uint32_t in = 0) {
    wish_ = detail::ProcessWish::get;
    port_ = in;
    return GetAwaiter{this};
  }

  /// Gives a part to way out number `out`; waits, *blocked*, until there is room.
  auto put(PartId part, std::uint32_t out = 0) {
    wish_ = detail::ProcessWish::put;
    port_ = out;
    part_ = part.index;
    return PutAwaiter{this};
  }

  /// Lets `seconds` pass in the given state. @pre 0 <= seconds; NaN and infinity end the run with `bad_number`.
  auto wait(double seconds, StationState state) {
    wish_ = detail::ProcessWish::wait;
    seconds_ = seconds;
    state_ = state;
    return WaitAwaiter{};
  }

  /// `wait` as *busy*, and counts one operation when it ends.
  auto work(double seconds) {
    counts_operation_ = true;
    return wait(seconds, StationState::busy);
  }

  /// `wait` as *idle*.
  auto idle(double seconds) { return wait(seconds, StationState::idle); }

  /// `wait` as *down*.
  auto down(double seconds) { return wait(seconds, StationState::down); }

  /// Makes a new part, as a source does. @pre the product exists.
  [[nodiscard]] PartId create(ProductId product = ProductId{0});

  /// Destroys a part the process holds; it counts as scrap.
  void scrap(PartId part);

  /// The process's own stream of random numbers.
  [[nodiscard]] Stream& stream() { return stream_; }

  [[nodiscard]] const RunView& run() const { return view_; }

  /// This process among the stations of the plant.
  [[nodiscard]] StationId station() const { return StationId{station_}; }

  /// Parts waiting before way in number `in`, parts blocked before it not counted.
  [[nodiscard]] std::uint32_t waiting(std::uint32_t in = 0) const;

  /// Parts waiting behind way out number `out`, and the places there are.
  [[nodiscard]] std::uint32_t level_out(std::uint32_t out = 0) const;
  [[nodiscard]] std::uint32_t places_out(std::uint32_t out = 0) const;

  /// A part that is there is taken, and a place that is free is used, without leaving the coroutine.
  struct GetAwaiter {
    ProcessContext* context;
    [[nodiscard]] bool await_ready() const noexcept { return context->take_now(); }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    [[nodiscard]] PartId await_resume() const noexcept { return PartId{context->part_}; }
  };
  struct PutAwaiter {
    ProcessContext* context;
    [[nodiscard]] bool await_ready() const noexcept { return context->put_now(); }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    void await_resume() const noexcept {}
  };
  struct WaitAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    void await_resume() const noexcept {}
  };

  /// For the engine, which owns the other end of the wishes.
  struct Access;

 private:
  friend struct Access;

  /// The moves that touch nobody else: a part from a store where no producer is blocked, a part into a place that no
  /// consumer waits for. False when it takes more than that.
  bool take_now() noexcept;
  bool put_now() noexcept;

  std::coroutine_handle<Process::promise_type> handle_;
  double seconds_ = 0;
  std::uint32_t port_ = 0;
  std::uint32_t part_ = Id<PartTag>::kNone;
  detail::ProcessWish wish_ = detail::ProcessWish::none;
  StationState state_ = StationState::idle;
  bool counts_operation_ = false;
  bool is_traced_ = false;

  /// Now and then a move goes by way of the engine, so that a process that never waits cannot keep it for ever.
  std::uint8_t moves_ = 0;
  std::uint32_t leaf_ = 0;
  std::uint32_t station_ = 0;
  detail::StateData* state_data_ = nullptr;
  detail::Store* stores_ = nullptr;
  const PlantInput* inputs_ = nullptr;
  const PlantOutlet* outlets_ = nullptr;
  std::uint32_t input_count_ = 0;
  std::uint32_t outlet_count_ = 0;
  detail::FrameArena* arena_ = nullptr;
  Stream stream_;
  RunView view_;
};

}  // namespace twin
