#include "tests/simulation/record_checker.hpp"

#include <algorithm>
#include <utility>

#include "inventory/ledger/history.hpp"
#include "inventory/ledger/view.hpp"
#include "inventory/record/journal_format.hpp"
#include "tests/simulation/bench.hpp"
#include "tests/simulation/under_way.hpp"

namespace cryobank::simulation {
namespace {

using inventory::Aliquot;

// The history and the current state, in the order of their keys.
constexpr std::pair<std::string_view, std::string_view> kRanges[] = {
    {inventory::kHistoryPrefix, inventory::kHistoryEnd}, {"r/", "r0"}};

bool is_ledger_row(std::string_view key) {
  return !key.starts_with("r/alarm/") && !key.starts_with("r/device/");
}

std::string text_of(const devices::RobotLocation& at) { return cat(at[0], "/", at[1], "/", at[2]); }

}  // namespace

RecordChecker::RecordChecker(Stage& stage)
    : stage_(stage), ledger_(stage.site), rules_(stage), alarms_(stage) {
  const Status empty = ledger_.loaded();
  if (!empty) stage_.wrong(cat("an empty ledger is refused: ", empty.error().context));
}

void RecordChecker::follow() {
  const std::string first = inventory::journal_key(journal_.sequence() + 1);
  const Status read = stage_.store.scan(first, inventory::kJournalEnd,
                                        [this](std::string_view key, std::string_view bytes) {
                                          read_entry(key, bytes);
                                          return stage_.violations.empty();
                                        });
  if (!read) stage_.wrong(cat("the journal cannot be read: ", read.error().context));
}

void RecordChecker::read_entry(std::string_view key, std::string_view bytes) {
  const auto entry = inventory::parse_entry(bytes);
  if (!entry) return stage_.wrong(cat("entry ", key, ": ", entry.error().context));
  const RowChange again = journal_.append(entry->fact, entry->context, entry->clock_state);
  if (again.key != key || again.value != bytes) {
    return stage_.wrong(cat("entry ", key, " does not follow the one before: ", clip(bytes, 300)));
  }
  const Fact& fact = entry->fact;
  alarms_.after(fact);
  rules_.before(fact, ledger_);
  inventory::Draft draft(ledger_);
  const Status applied = draft.apply(fact);
  if (!applied && applied.error().code == ErrorCode::unknown_key) return;  // of another room
  if (!applied) return stage_.wrong(cat("entry ", key, ": ", applied.error().context));
  for (RowChange& row : draft.rows()) {
    if (row.value) {
      rows_.insert_or_assign(row.key, std::move(*row.value));
    } else {
      rows_.erase(row.key);
    }
  }
  std::move(draft).absorb_into(ledger_);
  rules_.after(key, fact, ledger_);
  if (fact.type != fact::kMoveIssued) return;
  const inventory::Job* job = ledger_.find_job(JobId(fact.data.string_or("job", "")));
  if (job == nullptr) return stage_.wrong(cat("entry ", key, ": a move of no job"));
  const Motion motion{job->robot.str(),
                      static_cast<std::uint32_t>(fact.data.integer_or("epoch", 0)),
                      static_cast<std::uint32_t>(fact.data.integer_or("sequence", 0))};
  issued_.emplace(motion, cat(job->id.str(), "/", fact.data.integer_or("move", -1)));
}

void RecordChecker::on_motions() {
  const auto& motions = stage_.hardware.motions();
  for (; motions_seen_ < motions.size(); ++motions_seen_) {
    const simulator::Hardware::Motion& motion = motions[motions_seen_];
    const std::string name =
        cat("motion ", motion.sequence, " of ", motion.robot, ", epoch ", motion.epoch);
    const Motion key{motion.robot, motion.epoch, motion.sequence};
    const auto issued = issued_.find(key);
    if (issued == issued_.end()) {
      stage_.wrong(cat(name, " was begun and no durable intent says so"));
    } else if (!moved_.emplace(issued->second, key).second) {
      stage_.wrong(cat(name, " is the second one of move ", issued->second));
    }
    if (!begun_.emplace(motion.robot, motion.sequence).second) {
      stage_.wrong(cat(name, " was begun twice"));
    }
  }
}

void RecordChecker::on_reply(const core::Publish& publish) {
  const Result<Json> reply = parse_json(publish.payload);
  if (!reply) return stage_.wrong(cat("a reply that is no JSON: ", clip(publish.payload, 200)));
  const std::string id = reply->string_or("id", "");
  const std::string status = reply->string_or("status", "");
  const auto earlier = done_.find(id);
  if (status != "done") {
    const bool again = status == "accepted" || status == "failed";
    if (earlier != done_.end() && again)
      stage_.wrong(cat("command ", id, " is done, then ", status));
    if (status != "accepted") return;
    // An alarm that is taken while nothing can be written: the reply says that it is not on record.
    if (reply->string_or("code", "") == "unavailable") return;
  } else if (earlier == done_.end()) {
    done_.emplace(id, publish.payload);
  } else if (earlier->second != publish.payload) {
    stage_.wrong(
        cat("command ", id, " has two answers: ", earlier->second, " and ", publish.payload));
  }
  if (forbidden_.contains(id)) {
    stage_.wrong(cat("a command that must be refused is ", status, ": ", publish.payload));
  }
  const auto row = stage_.store.get(core::CommandMemory::row_key(id));
  if (!row || !*row) return stage_.wrong(cat("command ", id, " is ", status, " and not durable"));
  const std::int64_t sequence = reply->integer_or("sequence", 0);
  if (sequence <= 0) return;
  const auto entry = stage_.store.get(inventory::journal_key(static_cast<std::uint64_t>(sequence)));
  if (!entry || !*entry) {
    stage_.wrong(cat("command ", id, " is ", status, " and entry ", sequence, " is not durable"));
  }
}

void RecordChecker::compare_rows() {
  const std::uint64_t last = journal_.sequence();
  const auto entry = stage_.store.get(inventory::journal_key(last));
  if (last > 0 && (!entry || !*entry)) {
    return stage_.wrong(cat("journal entry ", last, " was durable and has vanished"));
  }
  auto expected = rows_.begin();
  const auto differ = [this](std::string_view key, std::string_view what) {
    stage_.wrong(cat("row ", key, " is not what the journal makes: ", what));
  };
  const auto compare = [&](std::string_view key, std::string_view row) {
    if (!is_ledger_row(key)) return true;
    if (expected == rows_.end() || expected->first != key) {
      differ(expected == rows_.end() ? key : std::min(key, std::string_view(expected->first)),
             "missing here or there");
      return false;
    }
    if (expected->second != row) {
      differ(key, cat(clip(row, 300), " instead of ", clip(expected->second, 300)));
      return false;
    }
    ++expected;
    return true;
  };
  for (const auto& [begin, end] : kRanges) {
    const Status read = stage_.store.scan(begin, end, compare);
    if (!read) stage_.wrong(cat("rows cannot be read: ", read.error().context));
    if (!stage_.violations.empty()) return;
  }
  if (stage_.violations.empty() && expected != rows_.end()) differ(expected->first, "missing");
}

void RecordChecker::check_vial(const inventory::Ledger& ledger, const Aliquot& aliquot) {
  const std::string& place = aliquot.spot.place.str();
  if (place == inventory::kUnknownPlace || place == inventory::kExpectedPlace) return;
  const auto where = location_of(ledger, aliquot.spot);
  const auto& vials = stage_.hardware.vials();
  const auto there = where ? vials.find(*where) : vials.end();
  if (there != vials.end() && there->second == aliquot.code) return;
  const auto really = std::ranges::find_if(
      vials, [&aliquot](const auto& vial) { return vial.second == aliquot.code; });
  if (!where && really == vials.end()) return;
  stage_.wrong(cat("the record says that ", aliquot.code, " is in ",
                   inventory::View(ledger).name_of(aliquot.spot), ", but it is ",
                   really == vials.end() ? "nowhere" : cat("at ", text_of(really->first))));
}

void RecordChecker::compare_with_shelf() {
  std::set<std::string> codes;
  for (const auto& [where, code] : stage_.hardware.vials()) {
    if (!codes.insert(code).second) stage_.wrong(cat("vial ", code, " is in two places"));
  }
  const std::set<std::string> moving = under_way(ledger_);
  for (const auto& [id, course] : ledger_.tables().courses) {
    for (const inventory::Dose& dose : course.doses) {
      for (const AliquotId& member : dose.aliquots) compare_member(id, member, moving);
    }
  }
}

void RecordChecker::compare_member(const CourseId& course, const AliquotId& member,
                                   const std::set<std::string>& moving) {
  const inventory::View view(ledger_);
  const auto aliquot = view.aliquot(member);
  if (!aliquot) {
    return stage_.wrong(
        cat("course ", course.str(), " names ", member.str(), ", which is not there"));
  }
  const bool placed = aliquot->spot.position != inventory::kNoPosition;
  if (placed && view.occupant(aliquot->spot) != member) {
    stage_.wrong(cat(member.str(), " is not in the place that it is in"));
  }
  if (stage_.in_hands.contains(aliquot->code) || moving.contains(aliquot->code)) return;
  check_vial(ledger_, *aliquot);
}

void RecordChecker::check_reservations() {
  constexpr Duration kEndedWithin = minutes(2);
  const WallTime over = stage_.clock.now().wall - kEndedWithin;
  for (const auto& [until, spot] : ledger_.tables().reservations) {
    if (until >= over) return;
    stage_.wrong(cat("the reservation of ", inventory::View(ledger_).name_of(spot), " was over at ",
                     format_utc(until), " and still stands"));
  }
}

void RecordChecker::compare_ledgers() {
  if (stage_.daemon == nullptr) return;
  const inventory::Ledger& live = stage_.daemon->bank.ledger;
  for (const CourseId& course : inventory::all_courses(ledger_)) {
    if (inventory::render_course(live, course) == inventory::render_course(ledger_, course))
      continue;
    stage_.wrong(cat("the daemon and the journal tell course ", course.str(), " differently"));
  }
  for (const JobId& job : inventory::retained_jobs(ledger_)) {
    if (inventory::render_job(live, job) == inventory::render_job(ledger_, job)) continue;
    stage_.wrong(cat("the daemon and the journal tell job ", job.str(), " differently"));
  }
}

}  // namespace cryobank::simulation
