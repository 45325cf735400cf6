#include "tests/inventory/bank.hpp"

#include <set>

#include "inventory/ledger/history.hpp"
#include "tests/base/fact_form.hpp"

namespace cryobank::inventory {
namespace {

using Layout = config::PlaceTypeConfig::Layout;

config::PlaceTypeConfig type(std::string id, Layout layout, int rows, int columns,
                             std::vector<std::string> holds) {
  config::PlaceTypeConfig made;
  made.id = std::move(id);
  made.layout = layout;
  made.rows = rows;
  made.columns = columns;
  made.holds = std::move(holds);
  return made;
}

config::PlaceConfig place(std::string id, std::string type_id, std::string parent,
                          std::string position) {
  config::PlaceConfig made;
  made.id = PlaceId(std::move(id));
  made.type = std::move(type_id);
  if (!parent.empty()) made.parent = PlaceId(std::move(parent));
  made.position = std::move(position);
  return made;
}

void add_freezer(config::SiteConfig& site, int number) {
  config::DeviceConfig device;
  device.id = DeviceId(cat("freezer-", number));
  device.kind = config::DeviceKind::freezer;
  site.devices.push_back(device);
  auto tank = place(device.id.str(), "freezer", "room", "");
  tank.device = device.id;
  site.places.push_back(tank);
  for (int r = 1; r <= 2; ++r) {
    const std::string rack = cat("f", number, "-r", r);
    site.places.push_back(place(rack, "rack", tank.id.str(), cat(r)));
    for (int b = 1; b <= 2; ++b) {
      auto box = place(cat(rack, "-b", b), "box", rack, cat(b));
      box.robot_location = {static_cast<std::uint16_t>(number), static_cast<std::uint16_t>(r),
                            static_cast<std::uint16_t>(b * 100 + 1)};
      site.places.push_back(box);
    }
  }
}

void add_robot(config::SiteConfig& site) {
  config::DeviceConfig robot;
  robot.id = DeviceId("robot-1");
  robot.kind = config::DeviceKind::robot;
  robot.transfer_port = PlaceId("port");
  robot.thaw_station = PlaceId("station");
  robot.gripper = PlaceId("gripper");
  site.devices.push_back(robot);
  auto port = place("port", "transfer-port", "room", "");
  port.robot_location = {901, 0, 1};
  auto station = place("station", "thaw-station", "room", "");
  station.robot_location = {902, 0, 1};
  auto gripper = place("gripper", "gripper", "room", "");
  gripper.device = robot.id;
  for (const auto& made : {port, station, gripper}) site.places.push_back(made);
}

config::SiteConfig make_site() {
  config::SiteConfig site;
  site.site = SiteId("test");
  site.place_types = {
      type("room", Layout::dimensionless, 1, 1,
           {"freezer", "transfer-port", "thaw-station", "gripper", "dock"}),
      type("freezer", Layout::linear, 1, 4, {"rack"}),
      type("rack", Layout::linear, 1, 5, {"box"}),
      type("box", Layout::grid, 9, 9, {"aliquot"}),
      type("transfer-port", Layout::linear, 1, 24, {"aliquot"}),
      type("thaw-station", Layout::linear, 1, 4, {"aliquot"}),
      type("gripper", Layout::linear, 1, 1, {"aliquot"}),
      type("dock", Layout::dimensionless, 1, 1, {"aliquot"}),
  };
  site.places.push_back(place("room", "room", "", ""));
  for (int f = 1; f <= 4; ++f) add_freezer(site, f);
  add_robot(site);
  site.places.push_back(place("dock", "dock", "room", ""));
  config::ProtocolConfig protocol;
  protocol.id = ProtocolId("nk-12");
  protocol.doses = 12;
  site.protocols.push_back(protocol);
  return site;
}

}  // namespace

const config::SiteConfig& small_site() {
  static const config::SiteConfig kSite = make_site();
  return kSite;
}

Bank::Bank(const config::SiteConfig& site) : site_(site), ledger_(std::make_unique<Ledger>(site)) {}

namespace {

using Pairs = std::vector<std::pair<std::string, std::optional<std::string>>>;

Pairs pairs_of(const std::vector<RowChange>& rows) {
  Pairs pairs;
  for (const RowChange& row : rows) pairs.emplace_back(row.key, row.value);
  return pairs;
}

}  // namespace

void Bank::keep(Draft& draft) {
  for (const RowChange& row : draft.rows()) {
    if (row.value) {
      rows[row.key] = *row.value;
    } else {
      rows.erase(row.key);
    }
  }
  touched = draft.touched();
  std::move(draft).absorb_into(*ledger_);
}

// Deciding and applying in one step comes to the same; of a million commands some are enough.
bool Bank::looks_twice() {
  ++told_;
  return told_ < 2000 || told_ % 16 == 0;
}

Result<Decision> Bank::tell(std::string_view verb, const Json& body) {
  CommandContext context;
  now = now + seconds(1);
  context.now = {{}, now};
  context.actor.user = UserId(user);
  context.actor.roles = roles;
  if (!witness.empty()) context.actor.witness = UserId(witness);
  context.reason = reason;
  context.signature = signature;
  context.witness_signature = witness_signature;
  context.asked_at = asked_at;
  context.command = "c0ffee00-0000-4000-8000-000000000001";
  Draft draft(*ledger_);
  auto decision = decide(draft, verb, body, context);
  if (!decision) {
    if (looks_twice()) {
      EXPECT_FALSE(decide_into(draft, verb, body, context).ok()) << verb;
    }
    EXPECT_TRUE(draft.rows().empty()) << verb << " was refused and left a trace";
    return decision;
  }
  EXPECT_EQ(draft.mark(), 0u) << verb << " changed the draft while it was decided";
  for (const Fact& fact : decision->facts) {
    const auto applied = draft.apply(fact);
    EXPECT_TRUE(applied.ok()) << verb << ": " << (applied ? "" : applied.error().context);
    EXPECT_EQ(form_fault(fact), "") << verb << ": " << fact.data.dump();
    facts.push_back(fact);
  }
  if (looks_twice()) {
    Draft other(*ledger_);
    EXPECT_TRUE(decide_into(other, verb, body, context).ok()) << verb;
    EXPECT_EQ(pairs_of(other.rows()), pairs_of(draft.rows())) << verb;
  }
  keep(draft);
  return decision;
}

Result<Decision> Bank::tell(std::string_view verb, std::string_view body) {
  const auto json = parse_json(body);
  EXPECT_TRUE(json.ok()) << body;
  return tell(verb, json ? *json : Json());
}

Json Bank::done(std::string_view verb, std::string_view body) {
  const auto decision = tell(verb, body);
  EXPECT_TRUE(decision.ok()) << verb << " " << body << ": "
                             << (decision ? "" : decision.error().context);
  return decision ? decision->reply : Json();
}

void Bank::refused(std::string_view verb, std::string_view body, ErrorCode code) {
  const auto before = rows;
  const auto decision = tell(verb, body);
  ASSERT_FALSE(decision.ok()) << verb << " " << body << " was done";
  EXPECT_EQ(name_of(decision.error().code), name_of(code)) << decision.error().context;
  EXPECT_FALSE(decision.error().context.empty());
  EXPECT_EQ(rows, before);
}

void Bank::mismatch(std::string_view verb, std::string_view body) {
  const auto decision = tell(verb, body);
  ASSERT_TRUE(decision.ok()) << decision.error().context;
  ASSERT_TRUE(decision->refused.has_value()) << decision->message;
  EXPECT_EQ(decision->refused->code, ErrorCode::mismatch);
}

void Bank::asked(std::string_view verb, std::string_view body, std::string_view meant) {
  const auto before = rows;
  const auto decision = tell(verb, body);
  ASSERT_TRUE(decision.ok()) << decision.error().context;
  ASSERT_TRUE(decision->refused.has_value()) << decision->message;
  EXPECT_EQ(decision->refused->code, ErrorCode::did_you_mean);
  EXPECT_EQ(decision->reply.string_or("did_you_mean", ""), meant);
  EXPECT_TRUE(decision->facts.empty());
  EXPECT_EQ(rows, before);
}

Status Bank::commit(const Fact& fact) {
  Draft draft(*ledger_);
  const auto applied = draft.apply(fact);
  if (!applied) return applied;
  EXPECT_EQ(form_fault(fact), "") << fact.data.dump();
  facts.push_back(fact);
  keep(draft);
  return {};
}

void Bank::run_jobs() {
  while (!ledger_->open_jobs().empty()) {
    const JobId id = ledger_->open_jobs().front();
    for (std::size_t i = 0; i < ledger_->find_job(id)->moves.size(); ++i) {
      now = now + seconds(10);
      const auto may = may_issue(*ledger_, id, i);
      ASSERT_TRUE(may.ok()) << may.error().context;
      const std::uint32_t sequence = next_sequence(*ledger_, ledger_->find_job(id)->robot);
      const std::string code = ledger_->find_job(id)->moves[i].code;
      ASSERT_TRUE(commit(move_issued(id, i, sequence, Epoch{1}, now)).ok());
      ASSERT_TRUE(commit(move_holding(id, i, code, now)).ok());
      ASSERT_TRUE(commit(move_done(id, i, code, now + seconds(8))).ok());
    }
  }
}

Aliquot Bank::aliquot(std::string_view id) const {
  const auto found = view().aliquot(AliquotId(std::string(id)));
  EXPECT_TRUE(found.has_value()) << id;
  return found ? *found : Aliquot();
}

std::string Bank::where(std::string_view id) const { return view().name_of(aliquot(id).spot); }

std::optional<Spot> Bank::was(const AliquotId& id, WallTime at) const {
  const KeyRange range = past_of(id, at);
  const auto row = rows.lower_bound(range.first);
  PastStay stay = present_stay(view(), aliquot(id.str()));
  if (row != rows.end() && row->first < range.last) {
    const auto past = read_past(row->first, row->second);
    EXPECT_TRUE(past.ok()) << row->second;
    if (past) stay = *past;
  }
  if (!stay.covers(at)) return std::nullopt;
  return stay.spot;
}

std::string Bank::dose_state(std::string_view course, std::string_view dose) const {
  const Course* found = view().course(CourseId(std::string(course)));
  const Dose* at = found == nullptr ? nullptr : found->find(DoseId(std::string(dose)));
  EXPECT_NE(at, nullptr) << course << " " << dose;
  return at == nullptr ? "" : std::string(name_of(at->state));
}

void Bank::expect_rebuilds() {
  Ledger from_rows(site_);
  for (const auto& [key, value] : rows) {
    const auto row = parse_json(value);
    ASSERT_TRUE(row.ok()) << key << ": " << row.error().context;
    EXPECT_EQ(row->dump(), value) << key << " is not in canonical form";
    if (key.starts_with(kHistoryPrefix)) continue;
    const auto loaded = from_rows.load_row(key, value);
    ASSERT_TRUE(loaded.ok()) << loaded.error().context;
  }
  const auto linked = from_rows.loaded();
  ASSERT_TRUE(linked.ok()) << linked.error().context;
  EXPECT_EQ(render_all(from_rows), render_all(*ledger_));
  expect_sound(from_rows);

  Bank replayed(site_);
  Draft draft(*replayed.ledger_);
  for (const Fact& fact : facts) {
    // Through text and back, as the journal keeps it.
    const auto data = parse_json(fact.data.dump());
    ASSERT_TRUE(data.ok());
    const auto applied = draft.apply(Fact::read(fact.stream, fact.type.str(), *data));
    ASSERT_TRUE(applied.ok()) << applied.error().context;
  }
  replayed.keep(draft);
  EXPECT_EQ(replayed.rows, rows);
}

namespace {

// Every aliquot of a place says so itself; counts each aliquot once for every place that has it.
void expect_place_agrees(const View& view, const PlaceId& id, std::map<AliquotId, int>& seen) {
  std::size_t here = 0;
  for (const AliquotId& aliquot : view.aliquots_in(id)) {
    ++seen[aliquot];
    ++here;
    const auto record = view.aliquot(aliquot);
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->spot.place, id) << aliquot.str();
    if (record->spot.position == kNoPosition) continue;
    EXPECT_EQ(view.occupant(record->spot), aliquot) << view.name_of(record->spot);
  }
  EXPECT_EQ(view.base().places.at(id).inside.aliquots, here) << id.str();
}

std::size_t expect_course_agrees(const View& view, const Course& course) {
  std::size_t aliquots = 0;
  for (const Dose& dose : course.doses) {
    for (const AliquotId& aliquot : dose.aliquots) {
      ++aliquots;
      const auto record = view.aliquot(aliquot);
      EXPECT_TRUE(record && record->course == course.id && record->dose == dose.number)
          << aliquot.str();
    }
  }
  return aliquots;
}

}  // namespace

void expect_sound(const Ledger& ledger) {
  const View view(ledger);
  std::map<AliquotId, int> seen;
  for (const auto& [id, node] : ledger.tables().places) expect_place_agrees(view, id, seen);
  std::size_t in_doses = 0;
  for (const auto& [id, course] : ledger.tables().courses) {
    in_doses += expect_course_agrees(view, course);
  }
  EXPECT_EQ(seen.size(), ledger.tables().aliquots.size());
  EXPECT_EQ(in_doses, ledger.tables().aliquots.size());
  for (const auto& [aliquot, places] : seen) {
    EXPECT_EQ(places, 1) << aliquot.str() << " is in " << places << " places";
  }
}

std::string render_all(const Ledger& ledger) {
  std::string out;
  for (const CourseId& id : all_courses(ledger)) out += render_course(ledger, id).dump() + "\n";
  for (const PlaceId& id : all_containers(ledger)) {
    out += render_container(ledger, id).dump() + "\n";
  }
  for (const JobId& id : retained_jobs(ledger)) out += render_job(ledger, id).dump() + "\n";
  for (const Day day : worklist_days(ledger, Zone())) {
    out += render_worklist(ledger, day, Zone()).dump() + "\n";
  }
  for (const JobId& id : ledger.open_jobs()) out += id.str() + "\n";
  return out + cat(next_due(ledger).ms);
}

}  // namespace cryobank::inventory
