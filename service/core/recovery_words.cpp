#include "service/core/recovery_words.hpp"

#include "base/text.hpp"

namespace cryobank::core {

std::string say(GuideTongue tongue, const GuideSentence& sentence,
                std::initializer_list<std::pair<std::string_view, std::string_view>> put_in) {
  std::string out;
  std::string_view text = sentence.in(tongue);
  while (true) {
    const std::size_t open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = text.find('}', open);
    for (const auto& [name, value] : put_in) {
      if (name == text.substr(open + 1, close - open - 1)) out += value;
    }
    text.remove_prefix(close + 1);
  }
}

}  // namespace cryobank::core
