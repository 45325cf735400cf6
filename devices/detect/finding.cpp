#include "devices/detect/finding.hpp"

#include <utility>

namespace cryobank::detect {

bool FindingBook::would_tell(Now now, std::string_view condition, int stage) const {
  const auto found = told_.find(condition);
  if (found == told_.end() || found->second.stage != stage) return true;
  return stage > 0 && now.mono - found->second.at >= kFiguresEvery;
}

void FindingBook::set(Now now, std::string_view condition, int stage, std::string text,
                      Findings& out) {
  if (!would_tell(now, condition, stage)) return;
  const auto found = told_.find(condition);
  if (found != told_.end() && found->second.stage == stage && found->second.text == text) {
    found->second.at = now.mono;
    return;
  }
  told_[std::string(condition)] = {stage, now.mono, text};
  out.push_back({std::string(condition), stage, std::move(text)});
}

int FindingBook::stage(std::string_view condition) const {
  const auto found = told_.find(condition);
  return found == told_.end() ? 0 : found->second.stage;
}

}  // namespace cryobank::detect
