// Reports: what check mode found, and what ended a launch, as lines that the tests read.
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <set>
#include <tuple>

#include "emulator.h"

namespace emulator {

namespace {

std::string lines;
size_t count = 0;
std::set<std::tuple<std::string, std::string, const void *, int>> seen;

int line_of(const void *address, const Image &image) {
  // A return address is one past the call.
  std::string command = format("addr2line -s -e '%s' 0x%zx", image.path.c_str(),
                               static_cast<size_t>((const char *)address - image.begin - 1));
  FILE *pipe = popen(command.c_str(), "r");
  if (!pipe) return 0;
  char text[512] = "";
  if (!fgets(text, sizeof text, pipe)) text[0] = 0;
  pclose(pipe);
  const char *colon = strrchr(text, ':');
  return colon ? atoi(colon + 1) : 0;
}

}  // namespace

std::string format(const char *pattern, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, pattern);
  vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

void report(const char *kind, const std::string &what, Site site) {
  ++count;
  std::string kernel = launch ? launch->kernel->name : "";
  if (!seen.insert({kind, kernel, site.address, site.line}).second) return;
  if (site.address && launch) site.line = line_of(site.address, *launch->image);
  lines += format("%s\t%s\t%d\t%s\n", kind, kernel.c_str(), site.line, what.c_str());
}

size_t report_count() { return count; }

extern "C" const char *emulator_reports() { return lines.c_str(); }

extern "C" void emulator_clear_reports() {
  lines.clear();
  seen.clear();
}

}  // namespace emulator
