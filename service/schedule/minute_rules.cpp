// The rules of a day's plan counted again minute by minute, by none of the code that made it.
#include <algorithm>

#include "base/text.hpp"
#include "service/schedule/minute_day.hpp"

namespace cryobank::schedule {
namespace {

class DayJudge {
 public:
  DayJudge(const MinuteDay& day, const MinutePlan& plan) : day_(day), plan_(plan) {}

  std::vector<std::string> judge() {
    for (int c = 0; c < static_cast<int>(day_.chains.size()); ++c) one_chain(c);
    machines();
    people();
    return std::move(out_);
  }

 private:
  const MinuteStep& step_of(const MinuteSlot& slot) const {
    return day_.chains[static_cast<std::size_t>(slot.chain)]
        .steps[static_cast<std::size_t>(slot.step)];
  }

  void one_chain(int index) {
    const MinuteChain& chain = day_.chains[static_cast<std::size_t>(index)];
    const auto say = [&](const MinuteSlot& slot, std::string_view what) {
      out_.push_back(cat(chain.name, ", ", step_of(slot).name, ": ", what));
    };
    std::vector<const MinuteSlot*> slots(chain.steps.size(), nullptr);
    for (const MinuteSlot& slot : plan_.slots) {
      if (slot.chain == index) slots[static_cast<std::size_t>(slot.step)] = &slot;
    }
    for (std::size_t k = chain.done; k < chain.steps.size(); ++k) {
      if (slots[k] == nullptr) {
        out_.push_back(cat(chain.name, ": a step without a time"));
        return;
      }
      const MinuteSlot& slot = *slots[k];
      if (!slot.running && slot.start < std::max(day_.now, k == 0 ? chain.earliest : 0)) {
        say(slot, "too early");
      }
      if (!slot.running && slot.end - slot.start != chain.steps[k].minutes) say(slot, "cut short");
      const bool any = k > chain.done || chain.done > 0;
      const int before = k > chain.done ? slots[k - 1]->end : chain.done_at;
      if (any && slot.start < before) say(slot, "before the step before it ended");
      const int within = chain.steps[k].within;
      if (any && within >= 0 && slot.start > std::max(before + within, day_.now)) {
        say(slot, "waits for too long");
      }
    }
  }

  void machines() {
    for (int m = 0; m < static_cast<int>(day_.machines.size()); ++m) {
      for (int t = day_.now; t < kDayHorizon; ++t) {
        int used = 0, planned = 0;
        for (const MinuteSlot& slot : plan_.slots) {
          const MinuteStep& step = step_of(slot);
          if (step.machine != m || t < slot.start || t >= slot.end + step.clearance) continue;
          ++used;
          planned += slot.running ? 0 : 1;
        }
        // What has begun may be more than there should be; nothing is planned on top of it.
        if (planned == 0 || used <= day_.machines[static_cast<std::size_t>(m)].count) continue;
        out_.push_back(cat(day_.machines[static_cast<std::size_t>(m)].name, " at minute ", t,
                           ": two patients"));
        break;
      }
    }
  }

  void people() {
    for (const MinuteSlot& slot : plan_.slots) {
      const int skill = step_of(slot).skill;
      if (skill < 0 || slot.person < 0) continue;
      const MinutePerson& who = day_.people[static_cast<std::size_t>(slot.person)];
      const std::string name = cat(who.name, ", ", step_of(slot).name);
      if (std::find(who.skills.begin(), who.skills.end(), skill) == who.skills.end()) {
        out_.push_back(cat(name, ": cannot do it"));
      }
      if (slot.start < who.from || (slot.end > who.until && !slot.running)) {
        out_.push_back(cat(name, ": is not there"));
      }
      for (const MinuteSlot& other : plan_.slots) {
        if (&other == &slot || other.person != slot.person) continue;
        if (other.start < slot.end && slot.start < other.end) {
          out_.push_back(cat(name, ": does two things at once"));
        }
      }
    }
  }

  const MinuteDay& day_;
  const MinutePlan& plan_;
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> violations(const MinuteDay& day, const MinutePlan& plan) {
  return DayJudge(day, plan).judge();
}

}  // namespace cryobank::schedule
