#include "base/look_alike.hpp"

#include <algorithm>

namespace cryobank {

char look_alike(char c) {
  switch (c) {
    case 'O':
    case 'o':
      return '0';
    case 'I':
    case 'i':
    case 'L':
    case 'l':
      return '1';
    default:
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
}

std::string look_alike_key(std::string_view code) {
  std::string key(code);
  std::ranges::transform(key, key.begin(), [](char c) { return look_alike(c); });
  return key;
}

bool look_alike(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return look_alike(x) == look_alike(y); });
}

}  // namespace cryobank
