#include "inventory/commands/make_job.hpp"

#include <algorithm>

#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/reach.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kAtRobot = "at_robot";

Result<Move> robot_move(const View& view, const VialRoute& route) {
  for (const Spot& spot : {route.from, route.to}) {
    TRY(reach(view, spot));
  }
  return move_of(view, route);
}

// Robots that share no aisle: none is sent where another one goes.
Status check_routes(const View& view, const DeviceId& robot, const std::vector<VialRoute>& routes) {
  const config::DeviceConfig* device = view.robot(robot);
  if (device == nullptr) return {};
  for (const VialRoute& route : routes) {
    TRY(check_goes_to(view, *device, route.from.place));
    TRY(check_goes_to(view, *device, route.to.place));
  }
  return {};
}

bool lists(const std::vector<std::string>& kinds, JobKind kind) {
  return std::find(kinds.begin(), kinds.end(), name_of(kind)) != kinds.end();
}

// Where an order says how: the command itself, or its part that stores.
const Json& order_of(const Ask& ask) {
  return ask.body["store"].is_object() ? ask.body["store"] : ask.body;
}

// What moves a robot is ordered at it, where the site says so; only showing it is not.
Status check_ordered_there(const Ask& ask, JobKind kind, const DeviceId& robot) {
  const Json& order = order_of(ask);
  const bool needed = lists(ask.view().site().orders.at_robot, kind);
  return check_at_robot(ask, order, robot, needed && !flag_of(order, "dry_run"));
}

Job begin_job(const Ask& ask, JobKind kind, const DeviceId& robot) {
  Job job;
  job.id = JobId(cat("job-", count_of(ask.view().counters(), "jobs") + 1));
  job.kind = kind;
  job.robot = robot;
  if (lists(ask.view().site().orders.approval, kind)) job.state = JobState::created;
  job.priority = kind == JobKind::thaw ? kThawPriority : kStorePriority;
  job.due = ask.now();
  job.made_at = ask.now();
  job.command = ask.context.command;
  job.by = ask.context.actor.user;
  return job;
}

}  // namespace

Move move_of(const View& view, const VialRoute& route) {
  Move move;
  move.aliquot = route.aliquot.id;
  move.code = route.aliquot.code;
  move.from = route.from.place;
  move.from_at = route.from.position;
  move.from_position = view.label_of(route.from);
  move.to = route.to.place;
  move.to_at = route.to.position;
  move.to_position = view.label_of(route.to);
  return move;
}

Status check_at_robot(const Ask& ask, const Json& body, const DeviceId& robot, bool needed) {
  if (robot.empty() || (!body.has("at_robot") && (!needed || ask.by_schedule()))) return {};
  return check_robot_code(body, kAtRobot, robot);
}

Status check_robot_code(const Json& body, std::string_view key, const DeviceId& robot) {
  const auto code = body.get_string(key);
  if (code && strip_scan(*code) == robot.str()) return {};
  return make_error(ErrorCode::mismatch, cat("expected \"", key, "\", the code of ", robot.str(),
                                             " scanned at the robot, came ",
                                             code ? clip(strip_scan(*code), 64) : "none"));
}

void put_shown_code(Json& fact, const Json& body, std::string_view key) {
  if (const auto code = body.get_string(key)) put_text(fact, kAtRobot, strip_scan(*code));
}

Result<Job> make_scan_job(Ask& ask, const config::DeviceConfig& robot, const Place& box) {
  TRY(check_ordered_there(ask, JobKind::scan, robot.id));
  const View view = ask.view();
  Job job = begin_job(ask, JobKind::scan, robot.id);
  const Spot first{box.id, view.type_of(box).fill_order().front()};
  TRY(check_goes_to(view, robot, box.id));
  TRY(reach(view, first));
  Move move;
  move.from = move.to = box.id;
  move.from_at = move.to_at = first.position;
  move.from_position = move.to_position = view.label_of(first);
  job.moves.push_back(std::move(move));
  Json data = act(ask);
  data.set("job", to_json(job));
  put_shown_code(data, order_of(ask), kAtRobot);
  TRY(ask.trial.add({fact::kJobCreated, std::move(data)}));
  return job;
}

Result<Job> make_job(Ask& ask, const Order& order, const Course& course,
                     const std::vector<VialRoute>& routes) {
  if (routes.empty() || routes.size() > kMovesMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", kMovesMax, " vials to move, came ", routes.size()));
  }
  TRY(check_ordered_there(ask, order.kind, order.robot));
  TRY(check_routes(ask.view(), order.robot, routes));
  Job job = begin_job(ask, order.kind, order.robot);
  job.course = course.id;
  job.dose = order.dose;
  job.purpose = order.purpose;
  for (const VialRoute& route : routes) {
    TRY(check_not_in_job(ask.view(), route.aliquot));
    TRY_ASSIGN(auto move, robot_move(ask.view(), route));
    job.moves.push_back(std::move(move));
  }
  Json data = act(ask);
  data.set("job", to_json(job));
  put_flag(data, "overridden", order.overridden);
  put_shown_code(data, order_of(ask), kAtRobot);
  TRY(ask.trial.add({fact::kJobCreated, std::move(data)}));
  return job;
}

Result<const config::DeviceConfig*> need_robot(const Ask& ask, const Json& body) {
  TRY_ASSIGN(const auto id, maybe_id<DeviceId>(body, "robot"));
  const config::DeviceConfig* only = nullptr;
  std::size_t robots = 0;
  for (const auto& device : ask.view().site().devices) {
    if (device.kind != config::DeviceKind::robot) continue;
    if (device.id == id) return &device;
    ++robots;
    only = &device;
  }
  if (id.empty() && robots == 1) return only;
  return make_error(ErrorCode::not_found,
                    id.empty() ? cat("expected the id of one of ", robots, " robots at \"robot\"")
                               : cat("no robot ", id.str()));
}

Status put_into_port(Ask& ask, const config::DeviceConfig& robot,
                     const std::vector<AliquotId>& aliquots, const Json& positions) {
  const View view = ask.view();
  TRY_ASSIGN(const auto port, known_place(view, robot.transfer_port));
  const PlaceType& type = view.type_of(port);
  std::vector<int> chosen;
  if (positions.is_array()) {
    for (const Json& label : positions.items()) {
      TRY_ASSIGN(const auto spot,
                 need_spot(view, port.id, label.is_string() ? label.string() : ""));
      chosen.push_back(spot.position);
    }
  } else {
    for (const int position : type.fill_order()) {
      if (chosen.size() < aliquots.size() && is_free(view, port, position)) {
        chosen.push_back(position);
      }
    }
  }
  if (chosen.size() != aliquots.size()) {
    return make_error(ErrorCode::no_space,
                      cat("expected ", aliquots.size(), " free positions in transfer port ",
                          port.id.str(), ", came ", chosen.size()));
  }
  Json items = Json::array();
  for (std::size_t i = 0; i < aliquots.size(); ++i) {
    const Spot spot{port.id, chosen[i]};
    if (!is_free(view, port, spot.position)) {
      return make_error(ErrorCode::slot_taken, cat(view.name_of(spot), " is not free"));
    }
    Json item = spot_json(view, spot);
    item.set("aliquot", aliquots[i].str());
    items.push(std::move(item));
  }
  Json data = act(ask);
  data.set("items", std::move(items));
  return ask.trial.add(inventory_fact(fact::kAliquotsPlaced, std::move(data)));
}

Result<Stored> store_aliquots(Ask& ask, const config::DeviceConfig& robot, const Course& course,
                              const std::vector<AliquotId>& ids, const Json& order) {
  const View view = ask.view();
  Terms terms;
  TRY_ASSIGN(const auto strategy, read_strategy(view, order));
  terms.strategy = strategy;
  terms.waive_share = flag_of(order, "waive_share");
  terms.robot = &robot;
  std::vector<Aliquot> aliquots;
  for (const AliquotId& id : ids) {
    TRY_ASSIGN(auto aliquot, known_aliquot(view, id));
    if (aliquot.spot.place != robot.transfer_port) {
      return make_error(ErrorCode::conflict,
                        cat("expected aliquot ", id.str(), " in transfer port ",
                            robot.transfer_port.str(), ", it is in ", view.name_of(aliquot.spot)));
    }
    aliquots.push_back(std::move(aliquot));
  }
  std::stable_sort(aliquots.begin(), aliquots.end(), [](const Aliquot& a, const Aliquot& b) {
    return std::tuple(a.dose, a.spot.position) < std::tuple(b.dose, b.spot.position);
  });
  std::vector<Wanted> wanted;
  wanted.reserve(aliquots.size());
  for (const Aliquot& aliquot : aliquots) wanted.push_back({aliquot.id, aliquot.dose});
  TRY_ASSIGN(auto plan, allocate(view, course, wanted, terms));
  const std::vector<Spot> spots = spots_of(plan);
  std::vector<VialRoute> routes;
  for (std::size_t i = 0; i < aliquots.size(); ++i) {
    routes.push_back({aliquots[i], aliquots[i].spot, spots[i]});
  }
  TRY_ASSIGN(auto job, make_job(ask, {JobKind::store, robot.id, {}, false, {}}, course, routes));
  return Stored{std::move(job), terms.strategy, std::move(plan)};
}

void show(const View& view, const Course& course, const Stored& stored, Json& reply) {
  reply.set("placements", placements(stored.job));
  reply.set("strategy", name_of(stored.strategy));
  reply.set("plan", to_json(view, course, stored.plan));
}

Json placements(const Job& job) {
  Json list = Json::array();
  for (const Move& move : job.moves) {
    Json item = Json::object();
    item.set("aliquot", move.aliquot.str());
    item.set("code", move.code);
    item.set("place", move.to.str());
    put_text(item, "position", move.to_position);
    list.push(std::move(item));
  }
  return list;
}

}  // namespace cryobank::inventory
