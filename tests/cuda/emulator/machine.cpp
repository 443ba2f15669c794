// Runs the threads of a launch on one processor, one block after another.
//
// A fibre runs thread after thread for as long as none of them waits, so a kernel without barriers
// is a plain loop. A thread that waits at a barrier or in a warp operation keeps its fibre, and
// whoever can run goes on: a thread that was set free, or one that has not begun, on another fibre.
// When none can, the block is done, or it hangs, which is reported.
#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>

#include "emulator.h"

extern "C" {
__attribute__((visibility("default"))) emulator::Builtins emulator_builtins;
// Saves the callee-saved registers on the running stack, its pointer in *save, and goes to `to`.
void emulator_switch(void **save, void *to);
}

asm(R"(
.text
.type emulator_switch, @function
emulator_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");

namespace emulator {

Progress progress;
const Launch *launch = nullptr;

namespace {

enum class State : uint8_t { running, ready, at_barrier, at_warp, done };

struct Fibre {
  char *stack;
  void *pointer;
};

struct Thread {
  Index index;
  State state;
  Fibre *fibre;
  int line, operation, source;
  unsigned mask;
  uint64_t value;
};

constexpr size_t stack_size = 256 << 10;

std::vector<Fibre *> fibres, idle_fibres;
Fibre *fibre = nullptr;  // the running one
void *host = nullptr;    // the stack pointer of who launched

Thread threads[max_block];
unsigned block_size;
std::vector<unsigned> block_order, thread_order;
unsigned begun;  // how many of thread_order have begun
std::vector<unsigned> ready;
size_t ready_head;
unsigned ended, at_barrier, at_warp;

Order order = Order::sequential;
std::mt19937 generator;
bool failed;

void arrange(std::vector<unsigned> &numbers, size_t size) {
  if (order == Order::sequential && numbers.size() == size) return;
  numbers.resize(size);
  std::iota(numbers.begin(), numbers.end(), 0u);
  if (order == Order::reverse) std::reverse(numbers.begin(), numbers.end());
  if (order == Order::random) std::shuffle(numbers.begin(), numbers.end(), generator);
}

void run_threads();

void reset(Fibre *f, size_t number) {
  // Equal depths of different stacks would fall into the same few sets of the cache.
  uintptr_t top = (uintptr_t)f->stack + stack_size - 64 - number % 32 * 1088;
  void **slot = (void **)(top & ~uintptr_t(15));
  *--slot = nullptr;  // the alignment that a call leaves behind
  *--slot = (void *)run_threads;
  for (int i = 0; i < 6; ++i) *--slot = nullptr;
  f->pointer = slot;
}

Fibre *take_fibre() {
  if (idle_fibres.empty()) {
    Fibre *f = new Fibre;
    f->stack = (char *)mmap(nullptr, stack_size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mprotect(f->stack, 4096, PROT_NONE);
    reset(f, fibres.size());
    fibres.push_back(f);
    return f;
  }
  Fibre *f = idle_fibres.back();
  idle_fibres.pop_back();
  return f;
}

void enter(Fibre *f) {
  fibre = f;
  progress.stack_begin = f->stack;
  progress.stack_end = f->stack + stack_size;
}

void set_current(unsigned number) {
  Thread &thread = threads[number];
  thread.state = State::running;
  progress.thread = number;
  emulator_builtins.thread = thread.index;
  emulator_builtins.lane = number % warp_size;
}

std::string where_threads_are() {
  std::string text;
  for (State state : {State::at_barrier, State::at_warp}) {
    unsigned count = 0;
    int line = 0;
    for (unsigned i = 0; i < block_size; ++i)
      if (threads[i].state == state) ++count, line = threads[i].line;
    const char *what = state == State::at_barrier ? "at a barrier" : "in a warp operation";
    if (count) text += format("%u threads wait %s (line %d), ", count, what, line);
  }
  return text + format("%u have ended", ended);
}

void set_free(unsigned number) {
  threads[number].state = State::ready;
  ready.push_back(number);
}

bool release_barrier() {
  if (!at_barrier) return false;
  if (at_warp) {
    report("deadlock", where_threads_are());
    failed = true;
    return false;
  }
  int line = 0;
  unsigned any = 0, all = 1, sum = 0;
  for (unsigned i = 0; i < block_size; ++i) {
    Thread &thread = threads[i];
    if (thread.state != State::at_barrier) continue;
    if (line && line != thread.line) {
      report("barrier", format("threads of a block wait at different barriers, lines %d and %d", line,
                               thread.line), {nullptr, line});
      failed = true;
      return false;
    }
    line = thread.line;
    any |= thread.value != 0;
    all &= thread.value != 0;
    sum += thread.value != 0;
  }
  if (ended && checking())
    report("barrier", where_threads_are(), {nullptr, line});
  const unsigned results[] = {any, all, sum};
  for (unsigned number : thread_order)
    if (threads[number].state == State::at_barrier) {
      threads[number].value = results[threads[number].operation];
      set_free(number);
    }
  at_barrier = 0;
  for (unsigned w = 0; w * warp_size < block_size; ++w)
    progress.warps[w].barrier_clock = ++progress.warps[w].clock;
  return true;
}

// Leaves the running stack for whoever can go on; `save` keeps the place.
void leave(void **save) {
  do {
    if (ready_head < ready.size()) {
      unsigned number = ready[ready_head++];
      if (ready_head == ready.size()) ready.clear(), ready_head = 0;
      set_current(number);
      Fibre *next = threads[number].fibre;
      if (next == fibre) return;
      enter(next);
      return emulator_switch(save, next->pointer);
    }
    if (begun < block_size) {
      enter(take_fibre());
      return emulator_switch(save, fibre->pointer);
    }
  } while (release_barrier());
  if (!failed && ended < block_size) {
    report("deadlock", where_threads_are());
    failed = true;
  }
  emulator_switch(save, host);
}

void wait(State state, int line, int operation, uint64_t value) {
  Thread &thread = threads[progress.thread];
  thread.state = state;
  thread.fibre = fibre;
  thread.line = line;
  thread.operation = operation;
  thread.value = value;
}

// Sets the lanes of `mask` free if all of them that are alive wait for the same.
void release_warp(unsigned w, unsigned mask) {
  Warp &warp = progress.warps[w];
  unsigned present = mask & warp.alive;
  if (!present || (warp.waiting & present) != present) return;
  Thread *lanes = threads + w * warp_size;
  const Thread &first = lanes[__builtin_ctz(present)];
  uint64_t values[warp_size];
  uint64_t ballot = 0;
  for (unsigned rest = present; rest; rest &= rest - 1) {
    unsigned lane = __builtin_ctz(rest);
    if (lanes[lane].mask != first.mask || lanes[lane].operation != first.operation) return;
    values[lane] = lanes[lane].value;
    ballot |= uint64_t(values[lane] != 0) << lane;
  }
  for (unsigned rest = present; rest; rest &= rest - 1) {
    Thread &thread = lanes[__builtin_ctz(rest)];
    if (thread.source < 0) {
      thread.value = ballot;
    } else if (present >> thread.source & 1) {
      thread.value = values[thread.source];
    } else {
      thread.value = ~uint64_t(0);
      if (checking())
        report("warp", format("lane %d reads lane %d, which takes no part",
                              int(&thread - lanes), thread.source), {nullptr, thread.line});
    }
    set_free(w * warp_size + (&thread - lanes));
    --at_warp;
  }
  warp.waiting &= ~present;
  ++warp.clock;
}

void end_thread() {
  unsigned number = progress.thread, w = number / warp_size;
  threads[number].state = State::done;
  ++ended;
  progress.warps[w].alive &= ~(1u << number % warp_size);
  // Lanes that waited for this one go on without it.
  for (unsigned rest = progress.warps[w].waiting; rest; rest &= rest - 1) {
    const Thread &waiting = threads[w * warp_size + __builtin_ctz(rest)];
    if (waiting.state == State::at_warp) release_warp(w, waiting.mask);
  }
}

// The main function of every fibre. It never returns: an idle fibre is left in `leave`.
void run_threads() {
  for (;;) {
    set_current(thread_order[begun++]);
    launch->entry(launch->arguments);
    end_thread();
    if (ready.empty() && begun < block_size) continue;
    Fibre *self = fibre;
    idle_fibres.push_back(self);
    leave(&self->pointer);
  }
}

void run_block(unsigned number) {
  emulator_builtins.block = {number % launch->grid.x, number / launch->grid.x % launch->grid.y,
                             number / launch->grid.x / launch->grid.y};
  ++progress.run;
  begun = ended = at_barrier = at_warp = 0;
  ready.clear();
  ready_head = 0;
  arrange(thread_order, block_size);
  for (unsigned w = 0; w * warp_size < block_size; ++w) {
    unsigned lanes = std::min(warp_size, block_size - w * warp_size);
    progress.warps[w] = {unsigned((uint64_t(1) << lanes) - 1), 0, 1, 1};
  }
  // NaN and -1: what a kernel should not have read is seen in its results.
  if (launch->dynamic_shared) memset(dynamic_shared_memory(), 0xFF, launch->dynamic_shared);
  if (launch->image->shared_size) memset(launch->image->shared, 0xFF, launch->image->shared_size);
  leave(&host);
}

void abandon_fibres() {
  idle_fibres = fibres;
  for (size_t i = 0; i < fibres.size(); ++i) reset(fibres[i], i);
}

void on_fault(int signal, siginfo_t *info, void *) {
  report("fault", signal == SIGFPE
         ? std::string("an integer division by zero")
         : format("an access to address %p, which is no device memory or misaligned", info->si_addr));
  fail();
}

// Catches a kernel's memory faults, and gives the process its own handlers back at the end.
class FaultGuard {
  static constexpr int signals[] = {SIGSEGV, SIGBUS, SIGFPE};
  struct sigaction before[3];
  stack_t stack_before;

 public:
  FaultGuard() {
    static char *memory = new char[64 << 10];
    stack_t stack = {};
    stack.ss_sp = memory;
    stack.ss_size = 64 << 10;
    sigaltstack(&stack, &stack_before);
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (int i = 0; i < 3; ++i) sigaction(signals[i], &action, &before[i]);
  }
  ~FaultGuard() {
    for (int i = 0; i < 3; ++i) sigaction(signals[i], &before[i], nullptr);
    sigaltstack(&stack_before, nullptr);
  }
};

}  // namespace

char *dynamic_shared_memory() {
  // With a page on each side that no kernel may touch.
  static char *memory = [] {
    size_t room = (dynamic_shared_capacity + 4095) / 4096 * 4096;
    char *whole = (char *)mmap(nullptr, room + 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(whole + 4096, room, PROT_READ | PROT_WRITE);
    return whole + 4096;
  }();
  return memory;
}

void set_order(Order value, unsigned seed) {
  order = value;
  generator.seed(seed);
  block_order.clear();
  thread_order.clear();
}

Index thread_index(unsigned number) { return threads[number].index; }

void fail() {
  failed = true;
  void *nowhere;
  emulator_switch(&nowhere, host);
  __builtin_unreachable();
}

bool run(const Launch &work) {
  FaultGuard guard;
  launch = &work;
  failed = false;
  block_size = work.block.x * work.block.y * work.block.z;
  unsigned number = 0;
  for (unsigned z = 0; z < work.block.z; ++z)
    for (unsigned y = 0; y < work.block.y; ++y)
      for (unsigned x = 0; x < work.block.x; ++x) threads[number++].index = {x, y, z};
  emulator_builtins.block_dim = work.block;
  emulator_builtins.grid_dim = work.grid;
  progress.first_run = progress.run + 1;
  progress.running = true;
  begin_checks(work);
  arrange(block_order, size_t(work.grid.x) * work.grid.y * work.grid.z);
  for (unsigned block : block_order) {
    run_block(block);
    if (failed) break;
  }
  progress.running = false;
  if (failed) abandon_fibres();
  launch = nullptr;
  return !failed;
}

// ---- what device.h calls

extern "C" {

char *emulator_dynamic_shared() { return dynamic_shared_memory(); }

// Operations: 0 or, 1 and, 2 count.
int emulator_barrier(int predicate, int operation, int line) {
  wait(State::at_barrier, line, operation, predicate != 0);
  ++at_barrier;
  Fibre *self = fibre;
  leave(&self->pointer);
  return (int)threads[progress.thread].value;
}

// With a source, the value of that lane; without (-1), a bit for each lane whose value is not 0.
uint64_t emulator_warp(unsigned mask, uint64_t value, int source, int operation, int line) {
  unsigned lane = emulator_builtins.lane, w = progress.thread / warp_size;
  if (!(mask >> lane & 1)) {
    report("warp", format("lane %u is not in its own mask %08x", lane, mask), {nullptr, line});
    fail();
  }
  wait(State::at_warp, line, operation, value);
  threads[progress.thread].mask = mask;
  threads[progress.thread].source = source;
  progress.warps[w].waiting |= 1u << lane;
  ++at_warp;
  release_warp(w, mask);
  Fibre *self = fibre;
  leave(&self->pointer);
  return threads[progress.thread].value;
}

void emulator_trap(const char *what, int line) {
  report("trap", what, {nullptr, line});
  fail();
}

}  // extern "C"

}  // namespace emulator
