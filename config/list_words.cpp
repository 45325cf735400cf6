#include "config/list_words.hpp"

#include "base/text.hpp"

namespace cryobank::config {

std::string name_key(std::string_view text) {
  std::string key = lower_ascii(trim(text));
  std::erase_if(key, [](char c) { return c == ' ' || c == '_'; });
  if (key.size() > 1) std::erase(key, '-');
  return key;
}

}  // namespace cryobank::config
