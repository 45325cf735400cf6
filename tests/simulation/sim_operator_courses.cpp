// What people do with courses: bring, register, release, plan, and the way of a thawed dose.
#include <algorithm>
#include <utility>

#include "inventory/commands/hand_over.hpp"
#include "tests/simulation/bench.hpp"
#include "tests/simulation/sim_operator.hpp"

namespace cryobank::simulation {
namespace {

using inventory::Course;
using inventory::Dose;
using inventory::DoseState;

struct Size {
  std::string_view protocol;
  int doses;
};
constexpr Size kSizes[] = {{"single", 1}, {"ank-6", 6}, {"ank-12", 12}};

std::string vial_code(std::string_view course, int dose) {
  return cat(course, "-d", dose < 10 ? "0" : "", dose, "-1");
}

}  // namespace

// Vials first, then the command: a robot that is told early finds them.
bool SimOperator::register_course() {
  if (courses_ >= habits_.courses_max) return false;
  const Size& size = kSizes[prng_.below(std::size(kSizes))];
  const auto& vials = stage_.hardware.vials();
  for (int position = 1; position <= kPortPositions; ++position) {
    if (vials.contains(port_location(position))) return false;  // the port is in use
  }
  const std::string course = cat("c-", ++courses_);
  Json positions = Json::array();
  std::vector<std::string> codes;
  for (int dose = 1; dose <= size.doses; ++dose) {
    codes.push_back(vial_code(course, dose));
    positions.push(cat(dose));
    if (!stage_.put(port_location(dose), codes.back())) {
      stage_.wrong(cat("cannot put ", codes.back()));
    }
    stage_.in_hands.insert(codes.back());
  }
  Json body = Json::object().set("course", course).set("patient", cat("p-", courses_));
  body.set("protocol", size.protocol);
  body.set("store", Json::object().set("robot", kRobot).set("positions", std::move(positions)));
  // From the moment the record knows them, they are where it says; if it never does, they are taken
  // away again.
  stage_.after(kLookAfter, [this, codes] {
    for (const std::string& code : codes) {
      stage_.in_hands.insert(code);
      put_right(code);
    }
  });
  for (const std::string& code : codes) stage_.let_go(code);
  ask({"operator", "course/register", std::move(body)}, [](const Json&) {});
  return true;
}

bool SimOperator::release() {
  const Course* course = draw_course();
  if (course == nullptr) return false;
  ask({"quality", "course/release", Json::object().set("course", course->id.str())},
      [](const Json&) {});
  return true;
}

bool SimOperator::plan() {
  const Course* course = draw_course();
  if (course == nullptr) return false;
  const WallTime first = stage_.clock.now().wall + minutes(prng_.between(26 * 60, 52 * 60));
  Json body = Json::object().set("course", course->id.str());
  body.set("first_infusion", format_utc(first));
  ask({"physician", "course/plan", std::move(body)}, [](const Json&) {});
  return true;
}

bool SimOperator::next_step() {
  const Course* course = draw_course();
  if (course == nullptr) return false;
  for (const Dose& dose : course->doses) {
    switch (dose.state) {
      case DoseState::thawed:
        if (habits_.skilled && prng_.chance(1, 3)) return refreeze(*course, dose);
        reculture(*course, dose);
        return true;
      case DoseState::reculture:
        label_step(*course, dose, "dose/harvest");
        return true;
      case DoseState::harvested:
        label_step(*course, dose, "dose/issue");
        return true;
      case DoseState::issued:
        label_step(*course, dose, "dose/infuse");
        return true;
      case DoseState::expected:
      case DoseState::stored:
      case DoseState::planned:
      case DoseState::thawing:
      case DoseState::infused:
      case DoseState::returned:
      case DoseState::rejected:
        break;
    }
  }
  return false;
}

void SimOperator::reculture(const Course& course, const Dose& dose) {
  const inventory::View view(stage_.daemon->bank.ledger);
  std::vector<std::string> codes;
  Json scanned = Json::array();
  for (const AliquotId& id : dose.aliquots) {
    const auto aliquot = view.aliquot(id);
    if (!aliquot || aliquot->state != inventory::AliquotState::thawed) continue;
    if (stage_.in_hands.contains(aliquot->code)) return;
    codes.push_back(aliquot->code);
    scanned.push(aliquot->code);
  }
  for (const std::string& code : codes) {
    stage_.in_hands.insert(code);
    const auto here = find_vial(code);
    if (here) static_cast<void>(stage_.take(*here));
  }
  Json body = Json::object().set("course", course.id.str()).set("dose", dose.id.str());
  body.set("codes", std::move(scanned));
  ask({"operator", "dose/reculture", std::move(body)}, [this, codes](const Json&) {
    stage_.after(kLookAfter, [this, codes] {
      for (const std::string& code : codes) put_right(code);
    });
  });
}

void SimOperator::label_step(const Course& course, const Dose& dose, std::string_view verb) {
  Json body = Json::object().set("course", course.id.str()).set("dose", dose.id.str());
  body.set("code", inventory::dose_code(course.id, dose.id));
  const bool two = verb != "dose/harvest";
  ask({"operator", verb, std::move(body), two ? "witness" : ""}, [](const Json&) {});
}

bool SimOperator::store_left_over() {
  const inventory::View view(stage_.daemon->bank.ledger);
  for (const AliquotId& id : view.aliquots_in(PlaceId("transfer-port-1"))) {
    const auto aliquot = view.aliquot(id);
    if (stage_.in_hands.contains(aliquot->code)) continue;
    if (!view.jobs_of(aliquot->course).empty()) continue;
    Json body = Json::object().set("course", aliquot->course.str()).set("robot", kRobot);
    ask({"operator", "aliquot/store", std::move(body)}, [](const Json&) {});
    return true;
  }
  return false;
}

}  // namespace cryobank::simulation
