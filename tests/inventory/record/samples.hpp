// Journal entries and contexts that the record's tests share.
#pragma once

#include <string>

#include "base/text.hpp"
#include "inventory/record/journal.hpp"

namespace cryobank::inventory {

inline CommandContext sample_context() {
  CommandContext context;
  context.now = {Instant{5'000'000'000}, *parse_utc("2026-11-22T03:04:05.678Z")};
  context.actor = {UserId("operator"), {"operator"}, UserId("witness"), {"witness"}};
  context.command = "5b0c6a3e-0f57-4c05-9b54-3f6f0b0d7c11";
  context.reason = "first storage";
  context.device = "terminal-2";
  return context;
}

inline Json sample_data(int number) {
  Json data;
  data.set("aliquot", cat("A-", number));
  data.set("place", "F1.R1.B1");
  data.set("position", cat("A", number));
  return data;
}

inline RowChange append_sample(Journal& journal, int number) {
  CommandContext context = sample_context();
  context.now.mono = context.now.mono + seconds(number);
  context.now.wall = context.now.wall + seconds(number);
  return journal.append(Fact::read("inventory", "aliquot-stored", sample_data(number)), context,
                        "synchronised");
}

}  // namespace cryobank::inventory
