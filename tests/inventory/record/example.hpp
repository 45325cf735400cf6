// The worked example of docs/journal-format.md: three entries, a key made of the bytes 0 to 31.
#pragma once

#include <string>
#include <vector>

#include "base/text.hpp"
#include "inventory/record/journal.hpp"
#include "inventory/record/sign_io.hpp"

namespace cryobank::inventory {

inline SigningKey example_key() {
  auto key = SigningKey::parse(
      "PRIVATE+KEY+cryobank/v1/example+bfa4e905+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f");
  CHECK(key.ok());
  return std::move(*key);
}

inline std::vector<std::string> example_entries(Journal& journal) {
  const auto context = [](std::string_view time, std::int64_t mono_s, std::string_view command) {
    CommandContext one;
    one.now = {Instant{} + seconds(mono_s), *parse_utc(time)};
    one.actor = {UserId("operator"), {"operator"}, {}, {}};
    one.command = command;
    one.device = "terminal-2";
    return one;
  };
  CommandContext first =
      context("2026-11-22T03:04:05.678Z", 120, "0d7a6c1e-4d6f-4b1c-9a39-0c8e1b1f3a01");
  first.reason = "new course";
  CommandContext second =
      context("2026-11-22T03:09:41.002Z", 456, "0d7a6c1e-4d6f-4b1c-9a39-0c8e1b1f3a02");
  second.actor.witness = UserId("witness");
  second.actor.witness_roles = {"witness"};
  const CommandContext third =
      context("2026-11-22T03:10:02.417Z", 477, "0d7a6c1e-4d6f-4b1c-9a39-0c8e1b1f3a03");
  Json course;
  course.set("course", "C-17").set("doses", 12).set("patient", "P-4711");
  Json stored;
  stored.set("aliquot", "A-17-01").set("code", "NK170001");
  stored.set("place", "F1.R2.B3").set("position", "C4");
  Json exposed;
  exposed.set("aliquot", "A-17-01").set("seconds", Milli{41'500}).set("warmest", whole(-152));
  std::vector<std::string> entries;
  for (const auto& [fact, who] :
       {std::pair(Fact{fact::kCourseRegistered, course}, first),
        std::pair(Fact::read("inventory", "aliquot-stored", stored), second),
        std::pair(Fact::read("inventory", "exposure-recorded", exposed), third)}) {
    entries.push_back(*journal.append(fact, who, "synchronised").value);
  }
  return entries;
}

}  // namespace cryobank::inventory
