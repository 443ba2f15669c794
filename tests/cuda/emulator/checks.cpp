// Check mode: each access of an instrumented kernel is compared with those before it.
//
// g++ -fsanitize=thread puts a call before each load and store; the calls end here instead of in
// ThreadSanitizer. Two accesses to a byte, one of them a write, must be ordered: by a barrier or a
// warp operation within a block, by a published atomic between blocks, or by the end of a launch.
// Alignment, array bounds and division by zero come from -fsanitize's checks of those names.
#include <sys/mman.h>

#include <cstring>
#include <map>

#include "emulator.h"

extern "C" emulator::Builtins emulator_builtins;

namespace emulator {

namespace {

// Blocks of the launch that made an atomic access after a fence (the pattern "last block done"),
// and whether the running block has made an atomic access, so that it may see what those wrote.
std::vector<bool> published;
bool acquired;
uint32_t fence_run;
std::vector<bool> fenced;

std::map<const Image *, std::unique_ptr<Shadow>> static_shadows;
std::unique_ptr<Shadow> dynamic_shadow;
const Image *image;

struct Place {
  Shadow *shadow;
  size_t offset;
  uint32_t horizon;  // accesses of runs before this one do not count
  bool shared;
};

Index block_index(uint32_t run) {
  // Only runs of sequential launches can be named; of others, the number in order of execution.
  unsigned number = run - progress.first_run;
  return {number % launch->grid.x, number / launch->grid.x % launch->grid.y,
          number / launch->grid.x / launch->grid.y};
}

std::string name(Index i) { return format("(%u,%u,%u)", i.x, i.y, i.z); }

std::string current_thread() {
  return "thread " + name(emulator_builtins.thread) + " of block " + name(emulator_builtins.block);
}

std::string other_thread(const Access &other) {
  std::string text = "thread " + name(thread_index(other.thread));
  if (other.run == progress.run) return text + " of the same block";
  return text + " of block " + name(block_index(other.run)) + " in order of execution";
}

bool block_ordered(const Access &before) {
  return before.time < progress.warps[before.thread / warp_size].barrier_clock;
}

bool ordered(const Access &before) {
  if (before.run != progress.run)
    return acquired && published[before.run - progress.first_run];
  if (before.thread == progress.thread || block_ordered(before)) return true;
  unsigned w = before.thread / warp_size;
  return w == progress.thread / warp_size && before.time < progress.warps[w].clock;
}

Access now() {
  Access access;
  access.run = progress.run;
  access.thread = progress.thread;
  access.time = progress.warps[progress.thread / warp_size].clock;
  return access;
}

bool inside(const char *address, const char *begin, size_t size) {
  return address >= begin && address < begin + size;
}

// Finds the memory of an access; fails the launch if there is none. No shadow: nothing to check.
Place locate(const char *address, size_t size, const char *verb, Site site) {
  Place place = {nullptr, 0, progress.first_run, false};
  if (inside(address, progress.stack_begin, progress.stack_end - progress.stack_begin) ||
      inside(address, (const char *)&emulator_builtins, sizeof emulator_builtins))
    return place;
  const char *dynamic = dynamic_shared_memory();
  const char *shared = nullptr;
  size_t shared_size = 0;
  if (inside(address, dynamic - 4096, dynamic_shared_capacity + 8192)) {
    place.shadow = dynamic_shadow.get();
    shared = dynamic, shared_size = launch->dynamic_shared;
  } else if (inside(address, image->shared, image->shared_size)) {
    place.shadow = static_shadows[image].get();
    shared = image->shared, shared_size = image->shared_size;
  } else if (inside(address, image->begin, image->end - image->begin)) {
    return place;  // constants and the kernel's own variables
  }
  std::string complaint;
  if (shared) {
    place.shared = true;
    place.horizon = progress.run;
    place.offset = address - shared;
    if (place.offset + size <= shared_size && address >= shared) return place;
    complaint = format("%zu bytes at offset %td of shared memory of %zu bytes", size,
                       address - shared, shared_size);
  } else {
    place.shadow = shadow_of(address, size, &place.offset, &complaint);
    if (place.shadow) return place;
  }
  bool freed = complaint.find("freed") != std::string::npos;
  report(freed ? "freed" : "bounds", current_thread() + " " + verb + " " + complaint, site);
  fail();
}

void report_race(const char *verb, const char *other_verb, const Place &place, size_t size,
                 const Access &other, Site site) {
  report("race", format("%s %s %zu bytes at offset %zu of %s memory, which %s %s, unordered",
                        current_thread().c_str(), verb, size, place.offset,
                        place.shared ? "shared" : "global", other_thread(other).c_str(),
                        other_verb), site);
}

// Checks and notes one byte; true once something was reported, which is enough for an access.
class ByteCheck {
  const Place &place;
  const char *verb;
  size_t size;
  Kind kind;
  Site site;
  Access me = now();

 public:
  bool reported = false;

  ByteCheck(const Place &place, const char *verb, size_t size, Kind kind, Site site)
      : place(place), verb(verb), size(size), kind(kind), site(site) {}

  void operator()(size_t at) {
    Access &write = place.shadow->writes[at], &read = place.shadow->reads[at];
    uint8_t &flags = place.shadow->flags[at];
    bool written = write.run >= place.horizon, was_read = read.run >= place.horizon;
    if (place.shared && !written) flags &= ~Shadow::initialised;
    if (kind != Kind::write && !(flags & Shadow::initialised)) {
      complain_uninitialised();
      flags |= Shadow::initialised;
    }
    bool both_atomic = kind == Kind::atomic && flags & Shadow::atomic;
    if (written && !both_atomic && !ordered(write)) complain(write, "wrote");
    if (kind == Kind::read) {
      note_read(read, flags, was_read);
    } else {
      bool hidden_reader = flags & Shadow::several_readers && !(read.run == me.run &&
                                                                block_ordered(read));
      if (was_read && (hidden_reader || !ordered(read))) complain(read, "read");
      // An atomic access does not hide its own thread's plain write from the others.
      bool plain_before = written && !(flags & Shadow::atomic) &&
                          !(write.run == me.run && block_ordered(write));
      write = me;
      flags = Shadow::initialised;
      if (kind == Kind::atomic && !plain_before) flags |= Shadow::atomic;
      read.run = 0;
    }
  }

 private:
  void note_read(Access &read, uint8_t &flags, bool was_read) {
    bool past = !was_read || (read.run == me.run && block_ordered(read));
    if (past)
      flags &= ~Shadow::several_readers;
    else if (read.run != me.run || read.thread != me.thread)
      flags |= Shadow::several_readers;
    read = me;
  }

  void complain(const Access &other, const char *other_verb) {
    if (!reported) report_race(verb, other_verb, place, size, other, site);
    reported = true;
  }

  void complain_uninitialised() {
    if (!reported)
      report("uninitialised", format("%s %s %zu bytes at offset %zu of %s memory that nothing wrote",
                                     current_thread().c_str(), verb, size, place.offset,
                                     place.shared ? "shared" : "global"), site);
    reported = true;
  }
};

void check(const char *address, size_t size, Kind kind, const void *return_address) {
  if (!progress.running || !checking()) return;
  const char *verb = kind == Kind::read ? "reads" : kind == Kind::write ? "writes" : "updates";
  Site site = {return_address, 0};
  Place place = locate(address, size, verb, site);
  if (!place.shadow) return;
  ByteCheck check_byte(place, verb, size, kind, site);
  for (size_t i = 0; i < size; ++i) check_byte(place.offset + i);
}

template <class T>
T *zeroed(size_t count) {
  return (T *)mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

// What g++ hands to the handlers of its other checks.
struct SourceLocation {
  const char *file;
  unsigned line, column;
};

void undefined(const char *kind, const char *what, const SourceLocation *at) {
  if (!progress.running) return;
  report(kind, current_thread() + " " + what, {nullptr, (int)at->line});
  fail();
}

}  // namespace

Shadow::Shadow(size_t bytes)
    : writes(zeroed<Access>(bytes)), reads(zeroed<Access>(bytes)), flags(zeroed<uint8_t>(bytes)),
      size(bytes) {}

Shadow::~Shadow() {
  munmap(writes, size * sizeof(Access));
  munmap(reads, size * sizeof(Access));
  munmap(flags, size);
}

void begin_checks(const Launch &work) {
  image = work.image;
  published.assign(size_t(work.grid.x) * work.grid.y * work.grid.z, false);
  acquired = false;
  if (!checking()) return;
  if (work.dynamic_shared && !dynamic_shadow)
    dynamic_shadow = std::make_unique<Shadow>(dynamic_shared_capacity);
  auto &shadow = static_shadows[image];
  if (image->shared_size && (!shadow || shadow->size != image->shared_size))
    shadow = std::make_unique<Shadow>(image->shared_size);
}

extern "C" {

#define CALLER __builtin_extract_return_addr(__builtin_return_address(0))
#define HOOKS(SIZE)                                                                             \
  void __tsan_read##SIZE(char *p) { check(p, SIZE, Kind::read, CALLER); }                       \
  void __tsan_write##SIZE(char *p) { check(p, SIZE, Kind::write, CALLER); }                     \
  void __tsan_unaligned_read##SIZE(char *p) { check(p, SIZE, Kind::read, CALLER); }             \
  void __tsan_unaligned_write##SIZE(char *p) { check(p, SIZE, Kind::write, CALLER); }           \
  void __tsan_volatile_read##SIZE(char *p) { check(p, SIZE, Kind::read, CALLER); }              \
  void __tsan_volatile_write##SIZE(char *p) { check(p, SIZE, Kind::write, CALLER); }            \
  void __tsan_unaligned_volatile_read##SIZE(char *p) { check(p, SIZE, Kind::read, CALLER); }    \
  void __tsan_unaligned_volatile_write##SIZE(char *p) { check(p, SIZE, Kind::write, CALLER); }
HOOKS(1) HOOKS(2) HOOKS(4) HOOKS(8) HOOKS(16)
void __tsan_read_range(char *p, size_t size) { check(p, size, Kind::read, CALLER); }
void __tsan_write_range(char *p, size_t size) { check(p, size, Kind::write, CALLER); }
void __tsan_init() {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void **, void *) {}
void __tsan_vptr_read(void **) {}

void __ubsan_handle_type_mismatch_v1(const SourceLocation *at, uintptr_t) {
  undefined("misaligned", "makes a misaligned access", at);
}
void __ubsan_handle_out_of_bounds(const SourceLocation *at, uintptr_t) {
  undefined("bounds", "indexes past the end of an array", at);
}
void __ubsan_handle_divrem_overflow(const SourceLocation *at, uintptr_t, uintptr_t) {
  undefined("division", "divides an integer by zero, or the least integer by -1", at);
}

// device.h calls these in instrumented kernels.
void emulator_atomic(const void *address, size_t size) {
  if (!progress.running || !checking()) return;
  check((const char *)address, size, Kind::atomic, CALLER);
  if (fence_run == progress.run && fenced[progress.thread])
    published[progress.run - progress.first_run] = true;
  acquired = true;
}

void emulator_fence() {
  if (!progress.running || !checking()) return;
  if (fence_run != progress.run) fenced.assign(max_block, false);
  fence_run = progress.run;
  fenced[progress.thread] = true;
}

}  // extern "C"

}  // namespace emulator
