// Kernel files: what the stand-in nvcc calls a cubin is a shared object for this processor.
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "emulator.h"

namespace emulator {

namespace {

// Kernel files stay on disk while they are loaded: addr2line reads them.
class Folder {
  std::string path;
  pid_t owner = getpid();
  int made = 0;

 public:
  Folder() {
    std::string pattern = std::string(getenv("TMPDIR") ? getenv("TMPDIR") : P_tmpdir) +
                          "/cuda-emulator-XXXXXX";
    if (mkdtemp(&pattern[0])) path = pattern;
  }
  ~Folder() {
    // A child made by fork leaves the folder to its parent.
    if (!path.empty() && getpid() == owner) rmdir(path.c_str());
  }
  std::string next(const char *suffix) { return format("%s/%d%s", path.c_str(), made++, suffix); }
};

std::vector<std::unique_ptr<Module>> modules;

Folder &folder() {
  static Folder made;
  return made;
}

bool write_file(const std::string &path, const char *data, size_t size) {
  std::ofstream file(path, std::ios::binary);
  return bool(file.write(data, size));
}

bool open_image(const std::string &path, Image *image) {
  void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    fprintf(stderr, "cuda emulator: %s\n", dlerror());
    return false;
  }
  image->handle = handle;
  image->path = path;
  image->instrumented = dlsym(handle, "emulator_instrumented") != nullptr;
  struct link_map *map;
  dlinfo(handle, RTLD_DI_LINKMAP, &map);
  image->begin = (char *)map->l_addr;
  auto layout = (void (*)(char **, char **, char **))dlsym(handle, "emulator_layout");
  if (!layout) return false;
  char *shared_end;
  layout(&image->shared, &shared_end, &image->end);
  image->shared_size = shared_end - image->shared;
  return true;
}

void close_image(Image *image) {
  if (!image->handle) return;
  dlclose(image->handle);
  unlink(image->path.c_str());
  image->handle = nullptr;
}

// The text that the kernel file was made from, compiled again with the hooks of check mode.
std::unique_ptr<Image> build_checked(const Module &module) {
  auto text = (const char *)dlsym(module.plain.handle, "emulator_text");
  auto command = (const char *)dlsym(module.plain.handle, "emulator_command");
  std::string source = folder().next(".cu"), path = folder().next(".so");
  auto image = std::make_unique<Image>();
  bool built = write_file(source, text, strlen(text)) &&
               system(("CUDA_EMULATOR_CHECK=1 " + std::string(command) + " -o '" + path + "' '" +
                       source + "'").c_str()) == 0 &&
               open_image(path, image.get());
  unlink(source.c_str());
  return built ? std::move(image) : nullptr;
}

// Constants and device variables have a place in each image; the plain one's is the true one.
void copy_variables(const Module &module, bool to_checked) {
  for (const Variable &variable : module.variables) {
    auto other = (char *)dlsym(module.checked->handle, variable.name.c_str());
    if (other) memcpy(to_checked ? other : variable.address,
                      to_checked ? variable.address : other, variable.size);
  }
}

}  // namespace

Module *load_module(const void *data) {
  auto header = (const Elf64_Ehdr *)data;
  if (memcmp(data, ELFMAG, SELFMAG) || header->e_machine != EM_X86_64) return nullptr;
  // The section headers stand last.
  size_t size = header->e_shoff + size_t(header->e_shentsize) * header->e_shnum;
  std::string path = folder().next(".so");
  auto module = std::make_unique<Module>();
  if (!write_file(path, (const char *)data, size) || !open_image(path, &module->plain)) {
    unlink(path.c_str());
    return nullptr;
  }
  modules.push_back(std::move(module));
  return modules.back().get();
}

void unload_module(Module *module) {
  for (auto place = modules.begin(); place != modules.end(); ++place)
    if (place->get() == module) {
      close_image(&module->plain);
      if (module->checked) close_image(module->checked.get());
      modules.erase(place);
      return;
    }
}

Kernel *find_kernel(Module *module, const char *name) {
  for (auto &kernel : module->kernels)
    if (kernel->name == name) return kernel.get();
  auto describe = (size_t (*)(size_t *, size_t *))dlsym(
      module->plain.handle, (std::string("emulator_arguments_") + name).c_str());
  if (!describe) return nullptr;
  auto kernel = std::make_unique<Kernel>();
  kernel->module = module;
  kernel->name = name;
  size_t offsets[256], sizes[256], count = describe(offsets, sizes);
  for (size_t i = 0; i < count; ++i) kernel->arguments.push_back({offsets[i], sizes[i]});
  module->kernels.push_back(std::move(kernel));
  return module->kernels.back().get();
}

const Variable *find_variable(Module *module, const char *name) {
  for (const Variable &variable : module->variables)
    if (variable.name == name) return &variable;
  auto address = (char *)dlsym(module->plain.handle, name);
  Dl_info info;
  const Elf64_Sym *symbol = nullptr;
  if (!address || !dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) || !symbol)
    return nullptr;
  module->variables.push_back({name, address, symbol->st_size});
  return &module->variables.back();
}

Image *runnable_image(Module *module) {
  if (!checking() || module->plain.instrumented) return &module->plain;
  if (!module->checked) module->checked = build_checked(*module);
  return module->checked.get();
}

Entry find_entry(const Image &image, const std::string &kernel) {
  return (Entry)dlsym(image.handle, ("emulator_entry_" + kernel).c_str());
}

void before_launch(Module *module, const Image *image) {
  if (image != &module->plain) copy_variables(*module, true);
}

void after_launch(Module *module, const Image *image) {
  if (image != &module->plain) copy_variables(*module, false);
}

bool holds_variable(const char *address, size_t size) {
  for (auto &module : modules)
    for (const Variable &variable : module->variables)
      if (address >= variable.address && address + size <= variable.address + variable.size)
        return true;
  return false;
}

}  // namespace emulator
