// Plan decided: what a person knows already, since it was in a proposal that was thrown away or
// accepted: causes that stop doses, and courses in freezers in danger. It is a document of the
// record ("plan/decided"), so that after a restart nothing is proposed twice. Each is named with
// what makes it this one and not another of the same words: the thaw that was planned, the hold,
// when the freezer's alarm began.
#pragma once

#include <set>
#include <string>

#include "service/core/plan/plan_stopped.hpp"

namespace cryobank::core {

struct SeenCauses {
  std::set<std::string> causes;   // of stopped doses, and of those that change places
  std::set<std::string> threats;  // freezers and courses
};

std::string cause_of(const StoppedDose& stopped);
std::string mark_of(const Threat& threat);
// Of one that puts doses back, with which ones; empty: it moves nothing.
std::string cause_of(const Threat& threat);
// As the record has it.
SeenCauses seen_causes(const inventory::View& view);
Json to_json(const SeenCauses& decided);

}  // namespace cryobank::core
