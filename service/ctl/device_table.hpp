// A device's points as a table for people: what each is called, its value by name where it has one,
// its unit as it is written; and the wall, freezers and alarms worst first. From the retained
// topics of docs/mqtt.md and, for ages, the clock.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {

// "Cel" is °C, "1" is nothing; every other UCUM code is written as it is.
std::string unit_text(std::string_view code);

// The value of a point as its description names it: "running" for 2, "lid, fill" for bits, else the
// number; "-" for no value.
std::string value_text(const Json& point, const Json& value);

// The id of the point that carries a meaning ("level"): by its word, else by its id; "" for none.
std::string point_that_means(const Json& description, std::string_view meaning);

// Retained payloads by topic.
using RetainedTopics = std::map<std::string, Json>;

// 1 to 3 by the alarm's `priority`; 4 where it says none of them.
int priority_of(const Json& alarm);
// Worst first, as the page has it: what pages before what is silenced, what keeps people out, the
// priority, what nobody has taken, what still stands, the oldest.
std::string alarm_order(const Json& alarm);
// Whether it is true now: "active", "over", "over, latched", "not known" after a restart,
// "silenced".
std::string standing_text(const Json& alarm);
// Its text, behind DO NOT ENTER and why where nobody may go in to it.
std::string what_text(const Json& alarm);

std::vector<const Json*> alarms_of(const RetainedTopics& topics);
Table alarms_table(const std::vector<const Json*>& alarms, std::size_t most);
// A mark that stands in brackets is of an alarm that is over. `heard`: the newest reading of any of
// its points, as on the page.
Table freezers_table(const RetainedTopics& topics);

// `points`: payloads by the point's id. Those that no description knows stand with their id alone.
Table points_table(const Json& description, const std::map<std::string, Json>& points);

}  // namespace cryobank::ctl
