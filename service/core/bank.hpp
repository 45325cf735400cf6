// Bank: the rooms of the floor below, made once and shared by the parts of this one, and the few
// values every part needs. No rule of its own.
#pragma once

#include <string>
#include <string_view>

#include "base/service_state.hpp"
#include "config/site_config.hpp"
#include "devices/fleet.hpp"
#include "inventory/ledger/ledger.hpp"
#include "inventory/record/journal.hpp"
#include "service/alarms/board.hpp"
#include "service/alarms/page/page_ledger.hpp"
#include "service/wire/effect.hpp"
#include "service/wire/topics.hpp"

namespace cryobank::core {

struct Bank {
  Bank(config::SiteConfig site, Epoch start, std::uint64_t seed)
      : config(std::move(site)),
        epoch(start),
        topics(config.site),
        fleet(config, start, seed),
        ledger(config),
        board(config),
        pages(config, board, start) {}

  // This run's own: people, channels, gateways, duties and calendars change with a reload
  // (site_reload.hpp), all else stays.
  config::SiteConfig config;
  Epoch epoch;
  Topics topics;
  devices::Fleet fleet;
  inventory::Ledger ledger;
  inventory::Journal journal;
  alarms::Board board;
  alarms::PageLedger pages;
  // What these said and nobody has looked at yet; the core empties them in each step.
  devices::FleetOutputs fleet_out;
  alarms::BoardOutputs board_out;
  alarms::LedgerOutputs pages_out;
  ClockState clock_state = ClockState::unsynchronised;
  // Why this run keeps nothing (its record cannot be opened); empty: it has its record. Machines
  // are watched and people are paged all the same, and what the broker shows of the record stays.
  std::string no_record;
  // Another daemon of this site showed itself lately: until then nobody is told that anything was
  // done, and no robot is moved, since two records would tell two truths. Machines are watched and
  // people are paged all the same.
  Instant doubled_until{};
  bool doubled(Instant now) const { return now < doubled_until; }
  std::string seal_key;  // of the alarms that the broker keeps (alarm_seal.hpp)
  EffectId last_effect = 0;

  EffectId next_effect() { return ++last_effect; }
};

inline void log(Effects& effects, LogLevel level, std::string text) {
  effects.push_back(Log{level, std::move(text)});
}

}  // namespace cryobank::core
