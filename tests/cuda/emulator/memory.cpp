// Device memory: allocations on the host's heap, with guards, and with shadows in check mode.
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <map>

#include "emulator.h"

namespace emulator {

namespace {

struct Allocation {
  char *base;
  size_t size;
  CUcontext context;
  // In check mode an allocation has pages of its own, between pages that nobody may touch, and its
  // addresses are never used again.
  bool own_pages;
  bool freed = false;
  std::unique_ptr<Shadow> shadow;
};

constexpr size_t alignment = 256, guard_size = 256, page_guard = 64 << 10;
constexpr unsigned char guard_byte = 0xCB, poison = 0xFF;

std::map<char *, Allocation> allocations;
Allocation *last = nullptr;
bool check_mode = false;
size_t limit = size_t(4) << 30, used = 0;

size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

// The allocation whose bytes, or those just past its end, hold `address`.
Allocation *nearest(const char *address) {
  auto next = allocations.upper_bound(const_cast<char *>(address));
  return next == allocations.begin() ? nullptr : &(--next)->second;
}

Allocation *find(const char *address) {
  if (!last || address < last->base || address >= last->base + last->size) {
    Allocation *found = nearest(address);
    if (!found || address >= found->base + found->size) return nullptr;
    last = found;
  }
  return last;
}

std::string describe(const char *address, size_t size) {
  const Allocation *near = nearest(address);
  if (!near || address > near->base + near->size + page_guard)
    return format("%zu bytes at %p, which is no device memory", size, address);
  return format("%zu bytes at offset %td of %s of %zu bytes", size, address - near->base,
                near->freed ? "a freed allocation" : "an allocation", near->size);
}

char *pages(size_t size) {
  size_t whole = round_up(size, 4096) + 2 * page_guard;
  void *memory = mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  // The end lies as near to the guard as the alignment allows.
  char *base = (char *)memory + page_guard + round_up(size, 4096) - round_up(size, alignment);
  mprotect((char *)memory + page_guard, round_up(size, 4096), PROT_READ | PROT_WRITE);
  return base;
}

void give_back(Allocation &allocation) {
  size_t room = round_up(allocation.size, 4096);
  char *first = allocation.base + round_up(allocation.size, alignment) - room;
  mprotect(first, room, PROT_NONE);
  madvise(first, room, MADV_DONTNEED);
}

}  // namespace

void set_checking(bool on) { check_mode = on; }
bool checking() { return check_mode; }
void set_memory_limit(size_t bytes) { limit = bytes; }
size_t memory_limit() { return limit; }
size_t memory_used() { return used; }

CUresult allocate(CUdeviceptr *pointer, size_t bytes, CUcontext context) {
  if (!bytes) return CUDA_ERROR_INVALID_VALUE;
  size_t room = round_up(bytes, alignment);
  if (room > limit || used > limit - room) return CUDA_ERROR_OUT_OF_MEMORY;
  char *base = check_mode ? pages(bytes) : (char *)aligned_alloc(alignment, room + guard_size);
  if (!base) return CUDA_ERROR_OUT_OF_MEMORY;
  memset(base, poison, bytes);
  if (!check_mode) memset(base + bytes, guard_byte, guard_size);
  Allocation &made = allocations[base];
  made = {base, bytes, context, check_mode, false, nullptr};
  if (check_mode) made.shadow = std::make_unique<Shadow>(bytes);
  used += room;
  *pointer = (CUdeviceptr)base;
  return CUDA_SUCCESS;
}

CUresult release(CUdeviceptr pointer) {
  auto found = allocations.find((char *)pointer);
  if (found == allocations.end() || found->second.freed) {
    report("free", format("%p is freed, which is no live allocation", (void *)pointer));
    return CUDA_ERROR_INVALID_VALUE;
  }
  Allocation &allocation = found->second;
  used -= round_up(allocation.size, alignment);
  last = nullptr;
  if (allocation.own_pages) {
    give_back(allocation);
    allocation.freed = true;
    allocation.shadow.reset();
    return CUDA_SUCCESS;
  }
  for (size_t i = 0; i < guard_size; ++i)
    if ((unsigned char)allocation.base[allocation.size + i] != guard_byte) {
      report("bounds", format("a kernel wrote past the end of an allocation of %zu bytes",
                              allocation.size));
      break;
    }
  free(allocation.base);
  allocations.erase(found);
  return CUDA_SUCCESS;
}

bool find_allocation(CUdeviceptr pointer, CUdeviceptr *base, size_t *size, CUcontext *context) {
  Allocation *found = find((char *)pointer);
  if (!found || found->freed) return false;
  if (base) *base = (CUdeviceptr)found->base;
  if (size) *size = found->size;
  if (context) *context = found->context;
  return true;
}

bool accessible(CUdeviceptr pointer, size_t bytes, const char *operation) {
  char *address = (char *)pointer;
  Allocation *found = find(address);
  if (found && !found->freed && bytes <= size_t(found->base + found->size - address)) return true;
  report(found && found->freed ? "freed" : "bounds", std::string(operation) + " of " +
         describe(address, bytes));
  return false;
}

void mark_initialised(CUdeviceptr pointer, size_t bytes) {
  Allocation *found = find((char *)pointer);
  if (found && found->shadow)
    memset(found->shadow->flags + ((char *)pointer - found->base), Shadow::initialised, bytes);
}

void copy_initialised(CUdeviceptr target, CUdeviceptr source, size_t bytes) {
  mark_initialised(target, bytes);
  Allocation *to = find((char *)target), *from = find((char *)source);
  if (to && from && to->shadow && from->shadow)
    for (size_t i = 0; i < bytes; ++i)
      to->shadow->flags[(char *)target - to->base + i] =
          from->shadow->flags[(char *)source - from->base + i] & Shadow::initialised;
}

Shadow *shadow_of(const char *address, size_t size, size_t *offset, std::string *complaint) {
  Allocation *found = find(address);
  if (!found || found->freed || size > size_t(found->base + found->size - address)) {
    *complaint = describe(address, size);
    return nullptr;
  }
  if (!found->shadow) {
    // Older than check mode: what its bytes are worth is not known.
    found->shadow = std::make_unique<Shadow>(found->size);
    memset(found->shadow->flags, Shadow::initialised, found->size);
  }
  *offset = address - found->base;
  return found->shadow.get();
}

}  // namespace emulator
