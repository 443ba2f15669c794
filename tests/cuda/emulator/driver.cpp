// The CUDA driver's functions that PyCUDA calls, for devices that are this processor.
//
// Everything is synchronous: a stream's work is done when the call returns. Settings come from the
// environment at cuInit: CUDA_EMULATOR_CHECK, _ORDER (sequential, reverse, random:SEED), _MEMORY
// (bytes) and _DEVICES (how many).
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "emulator.h"

struct CUctx_st {
  CUdevice device;
};

struct CUevent_st {
  timespec time;
};

struct CUstream_st {};

using namespace emulator;

namespace {

constexpr int max_devices = 8;
CUctx_st contexts[max_devices] = {{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}};
int devices = 1;
thread_local std::vector<CUcontext> context_stack;
std::recursive_mutex lock;
std::string error_text;

using Lock = std::lock_guard<std::recursive_mutex>;

CUcontext current() { return context_stack.empty() ? nullptr : context_stack.back(); }

void set_order_by_name(const char *name) {
  if (!strncmp(name, "random", 6))
    set_order(Order::random, name[6] == ':' ? atoi(name + 7) : 1);
  else
    set_order(strcmp(name, "reverse") ? Order::sequential : Order::reverse, 0);
}

int attribute(CUdevice_attribute which) {
  // An H100's.
  switch (which) {
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK: return max_block;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: return 1024;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: return 64;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: return 2147483647;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: return 65535;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: return 48 << 10;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: return dynamic_shared_capacity;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: return 233472;
    case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: return 64 << 10;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE: return warp_size;
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR: return 65536;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: return 132;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: return 2048;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR: return 32;
    case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING: return 1;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: return 9;
    default: return 0;
  }
}

// Either what the host holds, or device memory, which must be ours.
bool usable(CUdeviceptr pointer, size_t bytes, const char *operation) {
  return !bytes || holds_variable((char *)pointer, bytes) || accessible(pointer, bytes, operation);
}

template <class T>
CUresult fill(CUdeviceptr target, T value, size_t count) {
  Lock held(lock);
  if (!usable(target, count * sizeof(T), "a memset")) return CUDA_ERROR_INVALID_VALUE;
  std::fill_n((T *)target, count, value);
  mark_initialised(target, count * sizeof(T));
  return CUDA_SUCCESS;
}

// One row of a copy in two or three dimensions.
bool copy_row(bool to_host, void *target, bool from_host, const void *source, size_t bytes) {
  auto to = (CUdeviceptr)target, from = (CUdeviceptr)source;
  if (!to_host && !usable(to, bytes, "a copy to")) return false;
  if (!from_host && !usable(from, bytes, "a copy from")) return false;
  memmove(target, source, bytes);
  if (!to_host && from_host) mark_initialised(to, bytes);
  if (!to_host && !from_host) copy_initialised(to, from, bytes);
  return true;
}

// The arguments of a launch as the kernel's entry reads them, or none if they do not fit.
bool pack_arguments(const Kernel &kernel, void **parameters, void **extra,
                    std::vector<char> *packed) {
  size_t needed = 0;
  for (const Argument &argument : kernel.arguments)
    needed = std::max(needed, argument.offset + argument.size);
  packed->assign(needed + 1, 0);
  if (parameters) {
    for (size_t i = 0; i < kernel.arguments.size(); ++i)
      memcpy(packed->data() + kernel.arguments[i].offset, parameters[i], kernel.arguments[i].size);
    return true;
  }
  const void *buffer = nullptr;
  size_t size = 0;
  for (int i = 0; extra && extra[i] != CU_LAUNCH_PARAM_END; i += 2) {
    if (extra[i] == CU_LAUNCH_PARAM_BUFFER_POINTER) buffer = extra[i + 1];
    if (extra[i] == CU_LAUNCH_PARAM_BUFFER_SIZE) size = *(const size_t *)extra[i + 1];
  }
  if (size != needed) {
    report("arguments", format("%s takes %zu bytes of arguments, was launched with %zu",
                               kernel.name.c_str(), needed, size));
    return false;
  }
  if (size) memcpy(packed->data(), buffer, size);
  return true;
}

bool fits(const Kernel &kernel, const Image &image, Index grid, Index block, size_t shared) {
  size_t threads = size_t(block.x) * block.y * block.z;
  return threads && threads <= max_block && block.z <= 64 && grid.x && grid.x <= 2147483647u &&
         grid.y && grid.y <= 65535 && grid.z && grid.z <= 65535 &&
         shared + image.shared_size <= kernel.dynamic_limit;
}

}  // namespace

extern "C" {

// ---- for the tests

void emulator_set_checking(int on) { set_checking(on); }
void emulator_set_order(const char *name) { set_order_by_name(name); }
void emulator_set_memory(size_t bytes) { set_memory_limit(bytes); }
size_t emulator_get_memory() { return memory_limit(); }
size_t emulator_memory_used() { return memory_used(); }

// ---- devices and contexts

CUresult cuInit(unsigned) {
  static std::once_flag once;
  std::call_once(once, [] {
    if (const char *text = getenv("CUDA_EMULATOR_CHECK")) set_checking(atoi(text));
    if (const char *text = getenv("CUDA_EMULATOR_ORDER")) set_order_by_name(text);
    if (const char *text = getenv("CUDA_EMULATOR_MEMORY")) set_memory_limit(atoll(text));
    if (const char *text = getenv("CUDA_EMULATOR_DEVICES"))
      devices = std::clamp(atoi(text), 0, max_devices);
  });
  return devices ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}

CUresult cuDriverGetVersion(int *version) {
  *version = CUDA_VERSION;
  return CUDA_SUCCESS;
}

CUresult cuGetErrorName(CUresult error, const char **name) {
  return cuGetErrorString(error, name);
}

CUresult cuGetErrorString(CUresult error, const char **text) {
  switch (error) {
    case CUDA_ERROR_LAUNCH_FAILED: error_text = "the kernel failed"; break;
    case CUDA_ERROR_NOT_SUPPORTED: error_text = "not supported by the emulator"; break;
    case CUDA_ERROR_OUT_OF_MEMORY: error_text = "out of memory"; break;
    case CUDA_ERROR_INVALID_VALUE: error_text = "invalid argument"; break;
    case CUDA_ERROR_INVALID_CONTEXT: error_text = "invalid device context"; break;
    case CUDA_ERROR_INVALID_DEVICE: error_text = "invalid device ordinal"; break;
    case CUDA_ERROR_INVALID_IMAGE: error_text = "device kernel image is invalid"; break;
    case CUDA_ERROR_NOT_FOUND: error_text = "named symbol not found"; break;
    case CUDA_ERROR_NO_DEVICE: error_text = "no CUDA-capable device is detected"; break;
    default: error_text = format("error %d", (int)error);
  }
  *text = error_text.c_str();
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int *count) {
  *count = devices;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  if (ordinal < 0 || ordinal >= devices) return CUDA_ERROR_INVALID_DEVICE;
  *device = ordinal;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char *name, int length, CUdevice) {
  snprintf(name, length, "CUDA emulator");
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetPCIBusId(char *id, int length, CUdevice device) {
  snprintf(id, length, "0000:%02d:00.0", device);
  return CUDA_SUCCESS;
}

CUresult cuDeviceTotalMem(size_t *bytes, CUdevice) {
  *bytes = memory_limit();
  return CUDA_SUCCESS;
}

CUresult cuDeviceComputeCapability(int *major, int *minor, CUdevice) {
  *major = 9;
  *minor = 0;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute which, CUdevice) {
  *value = attribute(which);
  return CUDA_SUCCESS;
}

CUresult cuDeviceCanAccessPeer(int *can, CUdevice one, CUdevice other) {
  *can = one != other;
  return CUDA_SUCCESS;
}

CUresult cuCtxEnablePeerAccess(CUcontext, unsigned) { return CUDA_SUCCESS; }
CUresult cuCtxDisablePeerAccess(CUcontext) { return CUDA_SUCCESS; }

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
  if (device < 0 || device >= devices) return CUDA_ERROR_INVALID_DEVICE;
  *context = &contexts[device];
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice) { return CUDA_SUCCESS; }

static CUresult create_context(CUcontext *context, CUdevice device) {
  CUresult result = cuDevicePrimaryCtxRetain(context, device);
  if (!result) context_stack.push_back(*context);
  return result;
}

#if CUDA_VERSION >= 13000
CUresult cuCtxCreate(CUcontext *context, CUctxCreateParams *, unsigned, CUdevice device) {
  return create_context(context, device);
}
#else
CUresult cuCtxCreate(CUcontext *context, unsigned, CUdevice device) {
  return create_context(context, device);
}
#endif

CUresult cuCtxDestroy(CUcontext context) {
  // All contexts of a device are its primary one, which others may use: only this use of it ends.
  if (current() == context) context_stack.pop_back();
  return CUDA_SUCCESS;
}

CUresult cuCtxPushCurrent(CUcontext context) {
  context_stack.push_back(context);
  return CUDA_SUCCESS;
}

CUresult cuCtxPopCurrent(CUcontext *context) {
  if (context_stack.empty()) return CUDA_ERROR_INVALID_CONTEXT;
  if (context) *context = current();
  context_stack.pop_back();
  return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext *context) {
  *context = current();
  return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext context) {
  if (!context_stack.empty()) context_stack.pop_back();
  if (context) context_stack.push_back(context);
  return CUDA_SUCCESS;
}

CUresult cuCtxGetDevice(CUdevice *device) {
  if (!current()) return CUDA_ERROR_INVALID_CONTEXT;
  *device = current()->device;
  return CUDA_SUCCESS;
}

CUresult cuCtxAttach(CUcontext *context, unsigned) {
  *context = current();
  return *context ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

CUresult cuCtxDetach(CUcontext context) { return cuCtxDestroy(context); }
CUresult cuCtxSynchronize() { return current() ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT; }

CUresult cuCtxGetApiVersion(CUcontext, unsigned *version) {
  *version = CUDA_VERSION;
  return CUDA_SUCCESS;
}

CUresult cuCtxGetLimit(size_t *value, CUlimit) {
  *value = 0;
  return CUDA_SUCCESS;
}

CUresult cuCtxSetLimit(CUlimit, size_t) { return CUDA_SUCCESS; }

// ---- memory

CUresult cuMemAlloc(CUdeviceptr *pointer, size_t bytes) {
  if (!current()) return CUDA_ERROR_INVALID_CONTEXT;
  Lock held(lock);
  return allocate(pointer, bytes, current());
}

CUresult cuMemAllocPitch(CUdeviceptr *pointer, size_t *pitch, size_t width, size_t height,
                         unsigned) {
  *pitch = (width + 511) / 512 * 512;
  return cuMemAlloc(pointer, *pitch * height);
}

CUresult cuMemFree(CUdeviceptr pointer) {
  Lock held(lock);
  return release(pointer);
}

CUresult cuMemGetInfo(size_t *free_bytes, size_t *total) {
  *total = memory_limit();
  *free_bytes = memory_limit() - std::min(memory_used(), memory_limit());
  return CUDA_SUCCESS;
}

CUresult cuMemGetAddressRange(CUdeviceptr *base, size_t *size, CUdeviceptr pointer) {
  Lock held(lock);
  return find_allocation(pointer, base, size, nullptr) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuPointerGetAttribute(void *value, CUpointer_attribute which, CUdeviceptr pointer) {
  Lock held(lock);
  CUcontext context;
  if (!find_allocation(pointer, nullptr, nullptr, &context)) return CUDA_ERROR_INVALID_VALUE;
  switch (which) {
    case CU_POINTER_ATTRIBUTE_CONTEXT: *(CUcontext *)value = context; break;
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE: *(unsigned *)value = CU_MEMORYTYPE_DEVICE; break;
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER: *(CUdeviceptr *)value = pointer; break;
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: *(int *)value = context->device; break;
    default: return CUDA_ERROR_NOT_SUPPORTED;
  }
  return CUDA_SUCCESS;
}

CUresult cuMemHostAlloc(void **pointer, size_t bytes, unsigned) {
  *pointer = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
  return *pointer ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

CUresult cuMemFreeHost(void *pointer) {
  free(pointer);
  return CUDA_SUCCESS;
}

CUresult cuMemHostRegister(void *, size_t, unsigned) { return CUDA_SUCCESS; }
CUresult cuMemHostUnregister(void *) { return CUDA_SUCCESS; }

CUresult cuMemcpyHtoD(CUdeviceptr target, const void *source, size_t bytes) {
  Lock held(lock);
  return copy_row(false, (void *)target, true, source, bytes) ? CUDA_SUCCESS
                                                              : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemcpyDtoH(void *target, CUdeviceptr source, size_t bytes) {
  Lock held(lock);
  return copy_row(true, target, false, (const void *)source, bytes) ? CUDA_SUCCESS
                                                                    : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemcpyDtoD(CUdeviceptr target, CUdeviceptr source, size_t bytes) {
  Lock held(lock);
  return copy_row(false, (void *)target, false, (const void *)source, bytes)
             ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemcpyPeer(CUdeviceptr target, CUcontext, CUdeviceptr source, CUcontext, size_t bytes) {
  return cuMemcpyDtoD(target, source, bytes);
}

CUresult cuMemcpyHtoDAsync(CUdeviceptr target, const void *source, size_t bytes, CUstream) {
  return cuMemcpyHtoD(target, source, bytes);
}

CUresult cuMemcpyDtoHAsync(void *target, CUdeviceptr source, size_t bytes, CUstream) {
  return cuMemcpyDtoH(target, source, bytes);
}

CUresult cuMemcpyDtoDAsync(CUdeviceptr target, CUdeviceptr source, size_t bytes, CUstream) {
  return cuMemcpyDtoD(target, source, bytes);
}

CUresult cuMemcpyPeerAsync(CUdeviceptr target, CUcontext, CUdeviceptr source, CUcontext,
                           size_t bytes, CUstream) {
  return cuMemcpyDtoD(target, source, bytes);
}

CUresult cuMemcpy3D(const CUDA_MEMCPY3D *copy) {
  Lock held(lock);
  bool from_host = copy->srcMemoryType == CU_MEMORYTYPE_HOST;
  bool to_host = copy->dstMemoryType == CU_MEMORYTYPE_HOST;
  auto source = from_host ? (const char *)copy->srcHost : (const char *)copy->srcDevice;
  auto target = to_host ? (char *)copy->dstHost : (char *)copy->dstDevice;
  for (size_t z = 0; z < copy->Depth; ++z)
    for (size_t y = 0; y < copy->Height; ++y) {
      size_t to = ((copy->dstZ + z) * copy->dstHeight + copy->dstY + y) * copy->dstPitch;
      size_t from = ((copy->srcZ + z) * copy->srcHeight + copy->srcY + y) * copy->srcPitch;
      if (!copy_row(to_host, target + to + copy->dstXInBytes, from_host,
                    source + from + copy->srcXInBytes, copy->WidthInBytes))
        return CUDA_ERROR_INVALID_VALUE;
    }
  return CUDA_SUCCESS;
}

CUresult cuMemcpy2D(const CUDA_MEMCPY2D *copy) {
  CUDA_MEMCPY3D whole = {};
  whole.srcXInBytes = copy->srcXInBytes, whole.srcY = copy->srcY;
  whole.srcMemoryType = copy->srcMemoryType, whole.srcPitch = copy->srcPitch;
  whole.srcHost = copy->srcHost, whole.srcDevice = copy->srcDevice;
  whole.dstXInBytes = copy->dstXInBytes, whole.dstY = copy->dstY;
  whole.dstMemoryType = copy->dstMemoryType, whole.dstPitch = copy->dstPitch;
  whole.dstHost = copy->dstHost, whole.dstDevice = copy->dstDevice;
  whole.WidthInBytes = copy->WidthInBytes, whole.Height = copy->Height, whole.Depth = 1;
  return cuMemcpy3D(&whole);
}

CUresult cuMemcpy3DAsync(const CUDA_MEMCPY3D *copy, CUstream) { return cuMemcpy3D(copy); }
CUresult cuMemcpy2DUnaligned(const CUDA_MEMCPY2D *copy) { return cuMemcpy2D(copy); }
CUresult cuMemcpy2DAsync(const CUDA_MEMCPY2D *copy, CUstream) { return cuMemcpy2D(copy); }

CUresult cuMemsetD8(CUdeviceptr target, unsigned char value, size_t count) {
  return fill(target, value, count);
}

CUresult cuMemsetD16(CUdeviceptr target, unsigned short value, size_t count) {
  return fill(target, value, count);
}

CUresult cuMemsetD32(CUdeviceptr target, unsigned value, size_t count) {
  return fill(target, value, count);
}

CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t count, CUstream) {
  return fill(target, value, count);
}

CUresult cuMemsetD16Async(CUdeviceptr target, unsigned short value, size_t count, CUstream) {
  return fill(target, value, count);
}

CUresult cuMemsetD32Async(CUdeviceptr target, unsigned value, size_t count, CUstream) {
  return fill(target, value, count);
}

// ---- streams and events

CUresult cuStreamCreate(CUstream *stream, unsigned) {
  *stream = new CUstream_st;
  return CUDA_SUCCESS;
}

CUresult cuStreamDestroy(CUstream stream) {
  delete stream;
  return CUDA_SUCCESS;
}

CUresult cuStreamSynchronize(CUstream) { return CUDA_SUCCESS; }
CUresult cuStreamQuery(CUstream) { return CUDA_SUCCESS; }
CUresult cuStreamWaitEvent(CUstream, CUevent, unsigned) { return CUDA_SUCCESS; }

CUresult cuEventCreate(CUevent *event, unsigned) {
  *event = new CUevent_st();
  return CUDA_SUCCESS;
}

CUresult cuEventDestroy(CUevent event) {
  delete event;
  return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent event, CUstream) {
  clock_gettime(CLOCK_MONOTONIC, &event->time);
  return CUDA_SUCCESS;
}

CUresult cuEventQuery(CUevent) { return CUDA_SUCCESS; }
CUresult cuEventSynchronize(CUevent) { return CUDA_SUCCESS; }

CUresult cuEventElapsedTime(float *milliseconds, CUevent from, CUevent to) {
  *milliseconds = (to->time.tv_sec - from->time.tv_sec) * 1e3 +
                  (to->time.tv_nsec - from->time.tv_nsec) * 1e-6;
  return CUDA_SUCCESS;
}

// ---- modules and launches

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned, CUjit_option *,
                            void **) {
  Lock held(lock);
  *module = (CUmodule)load_module(image);
  return *module ? CUDA_SUCCESS : CUDA_ERROR_INVALID_IMAGE;
}

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
  return cuModuleLoadDataEx(module, image, 0, nullptr, nullptr);
}

CUresult cuModuleUnload(CUmodule module) {
  Lock held(lock);
  unload_module((Module *)module);
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
  Lock held(lock);
  *function = (CUfunction)find_kernel((Module *)module, name);
  return *function ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}

CUresult cuModuleGetGlobal(CUdeviceptr *pointer, size_t *bytes, CUmodule module,
                           const char *name) {
  Lock held(lock);
  const Variable *variable = find_variable((Module *)module, name);
  if (!variable) return CUDA_ERROR_NOT_FOUND;
  if (pointer) *pointer = (CUdeviceptr)variable->address;
  if (bytes) *bytes = variable->size;
  return CUDA_SUCCESS;
}

CUresult cuFuncGetAttribute(int *value, CUfunction_attribute which, CUfunction function) {
  auto kernel = (const Kernel *)function;
  switch (which) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = max_block; break;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: *value = kernel->module->plain.shared_size; break;
    case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = 32; break;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = kernel->dynamic_limit; break;
    default: *value = 0;
  }
  return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute which, int value) {
  if (which == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) {
    if (value < 0 || (size_t)value > dynamic_shared_capacity) return CUDA_ERROR_INVALID_VALUE;
    ((Kernel *)function)->dynamic_limit = std::max(value, 48 << 10);
  }
  return CUDA_SUCCESS;
}

CUresult cuFuncSetCacheConfig(CUfunction, CUfunc_cache) { return CUDA_SUCCESS; }

// PyCUDA calls these beside cuLaunchKernel, which is told all that they say.
CUresult cuFuncSetBlockShape(CUfunction, int, int, int) { return CUDA_SUCCESS; }
CUresult cuFuncSetSharedSize(CUfunction, unsigned) { return CUDA_SUCCESS; }

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                        unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared,
                        CUstream, void **parameters, void **extra) {
  Lock held(lock);
  auto kernel = (const Kernel *)function;
  size_t reports_before = report_count();
  Index grid = {grid_x, grid_y, grid_z}, block = {block_x, block_y, block_z};
  std::vector<char> arguments;
  if (!fits(*kernel, kernel->module->plain, grid, block, shared) ||
      !pack_arguments(*kernel, parameters, extra, &arguments))
    return CUDA_ERROR_INVALID_VALUE;
  const Image *image = runnable_image(kernel->module);
  if (!image) return CUDA_ERROR_INVALID_IMAGE;
  Launch work = {kernel, image, find_entry(*image, kernel->name), arguments.data(), grid, block,
                 shared};
  before_launch(kernel->module, image);
  bool ended = run(work);
  after_launch(kernel->module, image);
  return ended && report_count() == reports_before ? CUDA_SUCCESS : CUDA_ERROR_LAUNCH_FAILED;
}

CUresult cuProfilerStart() { return CUDA_SUCCESS; }
CUresult cuProfilerStop() { return CUDA_SUCCESS; }

}  // extern "C"
