// Parts of the core, in the order in which they need each other. For core.cpp, tests and checkers.
#pragma once

#include <vector>

#include "service/core/backups.hpp"
#include "service/core/bank.hpp"
#include "service/core/checkpoints.hpp"
#include "service/core/command_flow.hpp"
#include "service/core/core.hpp"
#include "service/core/decider.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "service/core/desk/thaw_desk.hpp"
#include "service/core/health.hpp"
#include "service/core/job_runner.hpp"
#include "service/core/machine_desk.hpp"
#include "service/core/page_tests.hpp"
#include "service/core/plan/plan_day.hpp"
#include "service/core/plan/plan_desk.hpp"
#include "service/core/plan/plan_feeds.hpp"
#include "service/core/plan/plan_forecast.hpp"
#include "service/core/publisher.hpp"
#include "service/core/recorder.hpp"
#include "service/core/site_reload.hpp"
#include "service/core/watch/culture_watch.hpp"
#include "service/core/watch/custody_alarms.hpp"
#include "service/core/watch/exposure_watch.hpp"
#include "service/core/watch/name_watch.hpp"
#include "service/core/watch/reservation_clock.hpp"
#include "service/core/watch/standing_watch.hpp"
#include "service/core/watch/stay_watch.hpp"
#include "service/core/watch/unknown_watch.hpp"
#include "service/core/watch/warm_watch.hpp"
#include "service/wire/list_desk.hpp"

namespace cryobank::core {

struct Core::Parts {
  Parts(const config::SiteConfig& config, Epoch epoch, std::uint64_t seed);

  Bank bank;
  EventLog events;
  Retained retained;
  Points points;
  Publisher publisher;
  CommandMemory memory;
  PlanAnchor clock;
  ListDesk lists;
  PlanDesk plans;
  FeedDesk feeds;
  Decider decider;
  Recorder recorder;
  AlarmDesk alarms;
  CommandFlow commands;
  JobRunner jobs;
  ThawDesk thaws;
  CultureWatch cultures;
  ForecastWatch forecasts;
  DayDesk day;
  ShipmentWatch shipments;
  StayWatch stays;
  ExposureWatch exposures;
  StandingWatch standing;
  ReservationClock reservations;
  UnknownWatch unknowns;
  WarmWatch warm;
  MachineDesk machines;
  Health health;
  SiteReload reload;
  Checkpoints checkpoints;
  Backups backups;
  PageTests page_tests;
  // Alarm facts that were durable when the last run ended, but not yet applied to the board:
  // rows "m/apply/<hex16 journal sequence>".
  std::vector<std::pair<std::string, Fact>> unapplied;
  // What a tool did to the stopped record and the journal does not tell yet: rows "m/owed/<name>".
  std::vector<std::pair<std::string, Fact>> owed;
  Unrecorded left;  // by a run without a record
  bool started = false;
  bool stopped = false;
};

}  // namespace cryobank::core
