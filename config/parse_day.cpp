// [[plan.step]], [[plan.machine]], [[plan.person]] and [[plan.courier]].
#include <algorithm>
#include <array>

#include "config/parse.hpp"

namespace cryobank::config {
namespace {

constexpr int kStepMinutesMax = 12 * 60;

constexpr std::array<Word<DayStepConfig::Of>, 2> kStepOf{
    {{"thaw", DayStepConfig::Of::thaw}, {"harvest", DayStepConfig::Of::harvest}}};
constexpr std::array<Word<DayStepConfig::Ends>, 4> kStepEnds{
    {{"thawed", DayStepConfig::Ends::thawed},
     {"recultured", DayStepConfig::Ends::recultured},
     {"harvested", DayStepConfig::Ends::harvested},
     {"issued", DayStepConfig::Ends::issued}}};

void read_step(std::string_view file, const TomlNode& node, Faults& faults, DayConfig& day) {
  DayStepConfig step;
  step.line = node.line;
  TableReader reader(file, "[[plan.step]]", node, faults);
  reader.text("id", step.id, Need::required);
  reader.choice("of", step.of, kStepOf, Need::required);
  reader.integer("minutes", step.minutes, 1, kStepMinutesMax, Need::required);
  reader.text("machine", step.machine);
  reader.text("skill", step.skill);
  reader.integer("within_minutes", step.within, 0, kStepMinutesMax);
  reader.integer("clearance_minutes", step.clearance, 0, kStepMinutesMax);
  reader.choice("ends", step.ends, kStepEnds);
  if (step.clearance > 0 && step.machine.empty()) {
    reader.fault("clearance_minutes", "expected a machine that is cleared");
  }
  const bool of_thaw =
      step.ends == DayStepConfig::Ends::thawed || step.ends == DayStepConfig::Ends::recultured;
  if (step.ends != DayStepConfig::Ends::nothing &&
      of_thaw != (step.of == DayStepConfig::Of::thaw)) {
    reader.fault("ends",
                 "expected thawed or recultured of a thaw, harvested or issued of a harvest");
  }
  reader.finish();
  day.steps.push_back(std::move(step));
}

void read_machine(std::string_view file, const TomlNode& node, Faults& faults, DayConfig& day) {
  DayMachineConfig machine;
  machine.line = node.line;
  TableReader reader(file, "[[plan.machine]]", node, faults);
  reader.text("id", machine.id, Need::required);
  reader.integer("count", machine.count, 1, 100);
  reader.finish();
  day.machines.push_back(std::move(machine));
}

void read_person(std::string_view file, const TomlNode& node, Faults& faults, DayConfig& day) {
  DayPersonConfig person;
  person.line = node.line;
  TableReader reader(file, "[[plan.person]]", node, faults);
  reader.id("user", person.user, Need::required);
  reader.texts("skills", person.skills);
  reader.id("calendar", person.calendar);
  reader.minute_of_day("from", person.from_minute);
  reader.minute_of_day("until", person.until_minute);
  if (const std::vector<TomlNode>* days = reader.array("absent")) {
    for (const TomlNode& one : *days) reader.day(one, "absent", person.absent);
  }
  if (person.from_minute >= person.until_minute) {
    reader.fault("until", "expected a time after \"from\"");
  }
  reader.finish();
  day.people.push_back(std::move(person));
}

void read_courier(std::string_view file, const TomlNode& node, Faults& faults, DayConfig& day) {
  CourierConfig courier;
  courier.line = node.line;
  TableReader reader(file, "[[plan.courier]]", node, faults);
  reader.text("id", courier.id, Need::required);
  reader.text("clinic", courier.clinic);
  reader.minutes_of_day("leaves", courier.leaves);
  reader.integer("minutes", courier.minutes, 0, 24 * 60, Need::required);
  reader.integer("places", courier.places, 1, 1'000);
  if (courier.leaves.empty() || courier.leaves.size() > kCourierRunsMax) {
    reader.fault("leaves", cat("expected 1 to ", kCourierRunsMax, " times of day"));
  }
  std::sort(courier.leaves.begin(), courier.leaves.end());
  reader.finish();
  day.couriers.push_back(std::move(courier));
}

}  // namespace

void parse_day_work(std::string_view file, TableReader& plan, Faults& faults, DayConfig& day) {
  day.file = std::string(file);
  for (const TomlNode* node : plan.tables("step")) read_step(file, *node, faults, day);
  for (const TomlNode* node : plan.tables("machine")) read_machine(file, *node, faults, day);
  for (const TomlNode* node : plan.tables("person")) read_person(file, *node, faults, day);
  for (const TomlNode* node : plan.tables("courier")) read_courier(file, *node, faults, day);
}

}  // namespace cryobank::config
