// What the parts of the emulator share: the running launch, device memory and reports.
#pragma once

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace emulator {

constexpr unsigned warp_size = 32;
constexpr unsigned max_block = 1024;

struct Index {
  unsigned x, y, z;
};

// What a kernel reads as threadIdx, blockIdx, blockDim and gridDim. device.h states the layout too.
struct Builtins {
  Index thread, block, block_dim, grid_dim;
  unsigned lane;
};

// ---- reports.cpp

// Where a report comes from: a return address in the kernel's code, or a line that is known.
struct Site {
  const void *address = nullptr;
  int line = 0;
};

// One line for the tests, once per kind and place; `what` goes on with the thread if one runs.
void report(const char *kind, const std::string &what, Site site = {});
size_t report_count();
std::string format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

// ---- module.cpp

// A kernel file as a shared object, with or without the hooks of check mode.
struct Image {
  void *handle = nullptr;
  std::string path;
  char *begin = nullptr, *end = nullptr;
  char *shared = nullptr;
  size_t shared_size = 0;
  bool instrumented = false;
};

struct Argument {
  size_t offset, size;
};

struct Module;

struct Kernel {
  Module *module;
  std::string name;
  std::vector<Argument> arguments;
  size_t dynamic_limit = 48 << 10;
};

struct Variable {
  std::string name;
  char *address;
  size_t size;
};

struct Module {
  Image plain;
  std::unique_ptr<Image> checked;
  std::vector<std::unique_ptr<Kernel>> kernels;
  std::vector<Variable> variables;
};

Module *load_module(const void *image);
void unload_module(Module *module);
Kernel *find_kernel(Module *module, const char *name);
const Variable *find_variable(Module *module, const char *name);

// The image that a launch runs: the one with hooks in check mode, built when first asked for.
Image *runnable_image(Module *module);
using Entry = void (*)(const char *);
Entry find_entry(const Image &image, const std::string &kernel);
// Carry the module's variables to the image that runs, and back.
void before_launch(Module *module, const Image *image);
void after_launch(Module *module, const Image *image);
// True if the bytes lie in a variable that find_variable gave out.
bool holds_variable(const char *address, size_t size);

// ---- machine.cpp

enum class Order { sequential, reverse, random };

struct Launch {
  const Kernel *kernel;
  const Image *image;
  Entry entry;
  const char *arguments;
  Index grid, block;
  size_t dynamic_shared;
};

struct Warp {
  unsigned alive, waiting;
  // Counts the warp's synchronisations; what came before `barrier_clock`, the whole block has seen.
  uint32_t clock, barrier_clock;
};

// The state of the launch that check mode compares accesses by. A run is one block of one launch.
struct Progress {
  bool running = false;
  uint32_t run = 0, first_run = 1;
  unsigned thread = 0;
  const char *stack_begin = nullptr, *stack_end = nullptr;
  Warp warps[max_block / warp_size] = {};
};

extern Progress progress;
extern const Launch *launch;

char *dynamic_shared_memory();
constexpr size_t dynamic_shared_capacity = 232448;  // of an H100

void set_order(Order order, unsigned seed);
// True if every thread of every block came to its end.
bool run(const Launch &launch);
// Ends the launch from inside a thread.
[[noreturn]] void fail();
Index thread_index(unsigned number);

// ---- memory.cpp

enum class Kind { read, write, atomic };

void set_checking(bool on);
bool checking();
void set_memory_limit(size_t bytes);
size_t memory_limit();
size_t memory_used();

CUresult allocate(CUdeviceptr *pointer, size_t bytes, CUcontext context);
CUresult release(CUdeviceptr pointer);
bool find_allocation(CUdeviceptr pointer, CUdeviceptr *base, size_t *size, CUcontext *context);
// True if [pointer, pointer + bytes) lies in live device memory; reports what does not.
bool accessible(CUdeviceptr pointer, size_t bytes, const char *operation);
void mark_initialised(CUdeviceptr pointer, size_t bytes);
void copy_initialised(CUdeviceptr target, CUdeviceptr source, size_t bytes);

// ---- checks.cpp

// One access by one thread, compared with those before it.
struct Access {
  uint32_t run = 0;
  uint32_t thread : 10, time : 22;
};

// For each byte of a memory: who wrote and who read it last.
struct Shadow {
  static constexpr uint8_t initialised = 1, atomic = 2, several_readers = 4;
  Access *writes, *reads;
  uint8_t *flags;
  size_t size;
  explicit Shadow(size_t bytes);
  ~Shadow();
  Shadow(const Shadow &) = delete;
};

// Called by machine.cpp when a block begins.
void begin_checks(const Launch &launch);

// The device memory that holds `address`, and what to say if none does (memory.cpp).
Shadow *shadow_of(const char *address, size_t size, size_t *offset, std::string *complaint);

}  // namespace emulator
