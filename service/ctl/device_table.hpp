// A device's points as a table for people: what each is called, its value by name where it has one,
// its unit as it is written. Pure; from the description and the point payloads of docs/mqtt.md.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {

// "Cel" is °C, "1" is nothing; every other UCUM code is written as it is.
std::string unit_text(std::string_view code);

// The value of a point as its description names it: "running" for 2, "lid, fill" for bits, else the
// number; "-" for no value.
std::string value_text(const Json& point, const Json& value);

// The id of the point that carries a meaning ("level"): by its word, else by its id; "" for none.
std::string point_that_means(const Json& description, std::string_view meaning);

// `points`: payloads by the point's id. Those that no description knows stand with their id alone.
Table points_table(const Json& description, const std::map<std::string, Json>& points);

}  // namespace cryobank::ctl
