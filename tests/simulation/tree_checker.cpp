#include "tests/simulation/tree_checker.hpp"

#include <utility>

#include "base/text.hpp"
#include "service/core/parts.hpp"

namespace cryobank::simulation {
namespace {

// Without the time of its sending.
std::string comparable(const std::string& payload) {
  Result<Json> json = parse_json(payload);
  if (!json || !json->is_object()) return payload;
  json->members().erase("at");
  return json->dump();
}

}  // namespace

void TreeChecker::begin() {
  connected_ = false;
  told_.clear();
}

void TreeChecker::on_publish(const core::Publish& publish) {
  if (publish.retain) told_.insert_or_assign(publish.topic, comparable(publish.payload));
}

void TreeChecker::look() {
  if (!connected_ || stage_.daemon == nullptr) return;
  ++looked_;
  for (const auto& [topic, payload] : stage_.daemon->retained.settled(stage_.clock.now())) {
    const auto told = told_.find(topic);
    if (told == told_.end()) return stage_.wrong(cat("nobody was told of ", topic));
    const std::string due = comparable(payload);
    if (told->second == due) continue;
    return stage_.wrong(
        cat("a change left ", topic, " as it was: told ", told->second, ", stands ", due));
  }
}

}  // namespace cryobank::simulation
