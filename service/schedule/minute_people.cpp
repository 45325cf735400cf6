#include "service/schedule/minute_people.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::schedule {
namespace {

const MinuteStep& step_of(const MinuteDay& day, const MinuteSlot& slot) {
  return day.chains[static_cast<std::size_t>(slot.chain)]
      .steps[static_cast<std::size_t>(slot.step)];
}

class Assigner {
 public:
  Assigner(const MinuteDay& day, MinutePlan& plan)
      : day_(day), plan_(plan), work_(day.people.size(), 0) {}

  void assign(MinuteSlot& slot) {
    const int skill = step_of(day_, slot).skill;
    if (skill < 0) return;
    int person = best_free(slot, skill, -1);
    if (person < 0) person = exchange(slot, skill);
    if (person < 0) {
      const MinuteChain& chain = day_.chains[static_cast<std::size_t>(slot.chain)];
      plan_.faults.push_back(
          cat("nobody is free for ", step_of(day_, slot).name, " of ", chain.name));
      return;
    }
    give(slot, person);
  }

 private:
  void give(MinuteSlot& slot, int person) {
    if (slot.person >= 0) work_[static_cast<std::size_t>(slot.person)] -= slot.end - slot.start;
    slot.person = person;
    work_[static_cast<std::size_t>(person)] += slot.end - slot.start;
  }

  // But for `except`, of a slot that is to be given up.
  bool is_free(int person, const MinuteSlot& slot, const MinuteSlot* except) const {
    const MinutePerson& who = day_.people[static_cast<std::size_t>(person)];
    // Whoever began a step ends it.
    if (slot.start < who.from || (slot.end > who.until && !slot.running)) return false;
    return std::ranges::none_of(plan_.slots, [&](const MinuteSlot& other) {
      return &other != except && &other != &slot && other.person == person &&
             other.start < slot.end && slot.start < other.end;
    });
  }

  int best_free(const MinuteSlot& slot, int skill, int not_this) const {
    int best = -1;
    for (int p = 0; p < static_cast<int>(day_.people.size()); ++p) {
      const MinutePerson& who = day_.people[static_cast<std::size_t>(p)];
      if (p == not_this || !has_skill(who, skill) || !is_free(p, slot, nullptr)) continue;
      const auto key = [this](int one) {
        const auto at = static_cast<std::size_t>(one);
        return std::pair(day_.people[at].skills.size(), work_[at]);
      };
      if (best < 0 || key(p) < key(best)) best = p;
    }
    return best;
  }

  // Somebody who would be free if another took over what he does then.
  int exchange(const MinuteSlot& slot, int skill) {
    for (MinuteSlot& other : plan_.slots) {
      if (other.person < 0 || other.running || &other == &slot) continue;
      const int person = other.person;
      if (!has_skill(day_.people[static_cast<std::size_t>(person)], skill)) continue;
      if (!is_free(person, slot, &other)) continue;
      const int instead = best_free(other, step_of(day_, other).skill, person);
      if (instead < 0) continue;
      give(other, instead);
      return person;
    }
    return -1;
  }

  const MinuteDay& day_;
  MinutePlan& plan_;
  std::vector<int> work_;  // minutes, by person
};

}  // namespace

bool has_skill(const MinutePerson& person, int skill) {
  return std::find(person.skills.begin(), person.skills.end(), skill) != person.skills.end();
}

void assign_people(const MinuteDay& day, MinutePlan& plan) {
  Assigner assigner(day, plan);
  for (MinuteSlot& slot : plan.slots) assigner.assign(slot);
}

}  // namespace cryobank::schedule
