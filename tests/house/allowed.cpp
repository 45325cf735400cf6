#include "tests/house/allowed.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace cryobank::house {
namespace {

// Headers that hold values and algorithms only. Anything else is the outside.
const std::set<std::string_view> kPureHeaders = {
    "algorithm",   "array",   "bit",     "bitset", "charconv",   "compare",          "concepts",
    "cstddef",     "cstdint", "cstring", "deque",  "functional", "initializer_list", "iterator",
    "limits",      "list",    "map",     "memory", "numeric",    "optional",         "queue",
    "ranges",      "set",     "span",    "stack",  "string",     "string_view",      "tuple",
    "type_traits", "utility", "variant", "vector"};

// Pure code of others, and small parts of the standard library, each in the one place that wraps
// it. A file is allowed by its name, a folder by a name that ends with '/'.
struct Wrapper {
  std::string_view header;  // or the beginning of one, if it ends with '/'
  std::string_view place;
};
constexpr std::array kWrappers = {
    Wrapper{"nlohmann/", "base/json_parse.cpp"},
    Wrapper{"toml++/", "config/toml_document.cpp"},
    Wrapper{"openssl/", "base/checksum.cpp"},
    Wrapper{"openssl/", "config/secret.cpp"},
    Wrapper{"cstdio", "base/check.cpp"},
    Wrapper{"cstdlib", "base/check.cpp"},
    Wrapper{"chrono", "base/time.cpp"},
    Wrapper{"cmath", "devices/line/register_codec.cpp"},
    Wrapper{"cmath", "devices/simulator/"},
    Wrapper{"cmath", "config/toml_document.cpp"},
};

// Registers and TOML may hold IEEE floats, and the simulated physics is not a decision of ours.
constexpr std::array<std::string_view, 3> kFloatPlaces = {
    "devices/line/register_codec.", "devices/simulator/", "config/toml_document.cpp"};

struct Forbidden {
  std::string_view rule;
  bool only_of_std;  // an everyday word otherwise
};

const std::map<std::string_view, Forbidden> kForbidden = {
    {"system_clock", {"clock", false}},
    {"steady_clock", {"clock", false}},
    {"high_resolution_clock", {"clock", false}},
    {"utc_clock", {"clock", false}},
    {"clock_gettime", {"clock", false}},
    {"gettimeofday", {"clock", false}},
    {"localtime", {"clock", false}},
    {"gmtime", {"clock", false}},
    {"mktime", {"clock", false}},
    {"time", {"clock", true}},
    {"thread", {"thread", true}},
    {"jthread", {"thread", false}},
    {"mutex", {"thread", true}},
    {"shared_mutex", {"thread", false}},
    {"atomic", {"thread", true}},
    {"condition_variable", {"thread", false}},
    {"lock_guard", {"thread", false}},
    {"unique_lock", {"thread", false}},
    {"async", {"thread", true}},
    {"future", {"thread", true}},
    {"promise", {"thread", true}},
    {"call_once", {"thread", false}},
    {"sleep_for", {"thread", false}},
    {"usleep", {"thread", false}},
    {"co_await", {"thread", false}},
    {"unordered_map", {"unordered", false}},
    {"unordered_set", {"unordered", false}},
    {"unordered_multimap", {"unordered", false}},
    {"unordered_multiset", {"unordered", false}},
    {"hash", {"unordered", true}},
    {"random_device", {"random", false}},
    {"mt19937", {"random", false}},
    {"mt19937_64", {"random", false}},
    {"minstd_rand", {"random", false}},
    {"default_random_engine", {"random", false}},
    {"uniform_int_distribution", {"random", false}},
    {"uniform_real_distribution", {"random", false}},
    {"normal_distribution", {"random", false}},
    {"bernoulli_distribution", {"random", false}},
    {"rand", {"random", false}},
    {"srand", {"random", false}},
    {"random_shuffle", {"random", false}},
    {"shuffle", {"random", true}},
    {"sample", {"random", true}},
    {"getenv", {"environment", false}},
    {"secure_getenv", {"environment", false}},
    {"setenv", {"environment", false}},
    {"setlocale", {"environment", false}},
    {"locale", {"environment", true}},
    {"system", {"environment", true}},
    {"cout", {"stream", false}},
    {"cerr", {"stream", false}},
    {"clog", {"stream", false}},
    {"cin", {"stream", false}},
    {"ostringstream", {"stream", false}},
    {"istringstream", {"stream", false}},
    {"stringstream", {"stream", false}},
    {"ifstream", {"stream", false}},
    {"ofstream", {"stream", false}},
    {"fopen", {"stream", false}},
    {"printf", {"stream", false}},
    {"snprintf", {"stream", false}},
    {"fprintf", {"stream", false}},
    {"double", {"floating-point", false}},
    {"float", {"floating-point", false}},
    {"stod", {"floating-point", false}},
    {"strtod", {"floating-point", false}},
    {"throw", {"exception", false}},
    {"try", {"exception", false}},
    {"catch", {"exception", false}},
};

bool lies_in(std::string_view path, std::string_view place) {
  return place.ends_with('/') ? path.starts_with(place) : path == place;
}

bool wraps(std::string_view path, std::string_view header) {
  return std::ranges::any_of(kWrappers, [&](const Wrapper& wrapper) {
    const bool same = wrapper.header.ends_with('/') ? header.starts_with(wrapper.header)
                                                    : header == wrapper.header;
    return same && lies_in(path, wrapper.place);
  });
}

}  // namespace

bool wraps_foreign_code(std::string_view path) {
  return std::ranges::any_of(kWrappers, [&](const Wrapper& wrapper) {
    return wrapper.header.ends_with('/') && lies_in(path, wrapper.place);
  });
}

bool may_include_of_others(std::string_view path, std::string_view header) {
  if (header == "exception") return wraps_foreign_code(path);
  return kPureHeaders.contains(header) || wraps(path, header);
}

bool may_use_floats(std::string_view path) {
  return std::ranges::any_of(kFloatPlaces,
                             [&](std::string_view place) { return path.starts_with(place); });
}

std::string_view rule_against(std::string_view word, bool of_std) {
  const auto found = kForbidden.find(word);
  if (found == kForbidden.end() || (found->second.only_of_std && !of_std)) return {};
  return found->second.rule;
}

}  // namespace cryobank::house
