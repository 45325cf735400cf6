#include "inventory/ledger/job.hpp"

#include <algorithm>
#include <array>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/place_type.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"store", "thaw", "relocate", "scan",
                                                    "retrieve"};
constexpr std::array<std::string_view, 8> kJobStates = {
    "created", "queued", "running", "paused", "done", "failed", "unknown", "cancelled"};
constexpr std::array<std::string_view, 7> kMoveStates = {"planned", "issued",  "holding",  "done",
                                                         "failed",  "unknown", "cancelled"};
constexpr std::array<std::string_view, 3> kSetDowns = {"thawed", "back", "lost"};

template <class E, std::size_t N>
E word_in(RowReader& in, std::string_view key, const std::array<std::string_view, N>& names) {
  const auto found = std::ranges::find(names, in.text(key));
  if (found != names.end()) return static_cast<E>(found - names.begin());
  in.refuse(key, "one of its names");
  return E{};
}

int position_in(RowReader& in, std::string_view key) {
  return static_cast<int>(in.maybe_number(key, kNoPosition, 0, kPositionsMax));
}

Json encode_move(const Move& move) {
  Json row = Json::object();
  row.set("aliquot", move.aliquot.str());
  row.set("code", move.code);
  row.set("from", move.from.str());
  put_text(row, "from_position", move.from_position);
  put_number(row, "from_at", move.from_at, kNoPosition);
  row.set("to", move.to.str());
  put_number(row, "to_at", move.to_at, kNoPosition);
  put_text(row, "to_position", move.to_position);
  row.set("state", name_of(move.state));
  put_number(row, "sequence", move.sequence);
  put_number(row, "epoch", move.epoch);
  put_text(row, "outcome", move.outcome);
  return row;
}

// A scan's move names no vial.
Result<Move> decode_move(std::string_view key, const Json& row, JobKind kind) {
  RowReader in(key, row);
  Move move;
  if (kind != JobKind::scan) move.aliquot = in.id<AliquotId>("aliquot");
  if (kind == JobKind::scan && !in.any_text("aliquot").empty()) in.refuse("aliquot", "no vial");
  move.code = in.any_text("code");
  move.from = in.id<PlaceId>("from");
  move.from_position = in.maybe_text("from_position");
  move.to = in.id<PlaceId>("to");
  move.to_position = in.maybe_text("to_position");
  move.from_at = position_in(in, "from_at");
  move.to_at = position_in(in, "to_at");
  move.state = word_in<MoveState>(in, "state", kMoveStates);
  move.sequence = static_cast<std::uint32_t>(in.maybe_number("sequence", 0, 0, UINT32_MAX));
  move.epoch = static_cast<std::uint32_t>(in.maybe_number("epoch", 0, 0, UINT32_MAX));
  move.outcome = in.maybe_text("outcome");
  return in.whole(std::move(move));
}

Fact move_fact(const FactName& type, Json data) { return {type, std::move(data)}; }

}  // namespace

std::string_view name_of(JobKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view name_of(JobState state) { return kJobStates[static_cast<std::size_t>(state)]; }
std::string_view name_of(MoveState state) { return kMoveStates[static_cast<std::size_t>(state)]; }
std::string_view name_of(SetDown how) { return kSetDowns[static_cast<std::size_t>(how)]; }

std::optional<SetDown> parse_set_down(std::string_view text) {
  const auto found = std::ranges::find(kSetDowns, text);
  if (found == kSetDowns.end()) return std::nullopt;
  return static_cast<SetDown>(found - kSetDowns.begin());
}

bool is_open(JobState state) { return state <= JobState::paused; }
bool is_open(MoveState state) { return state <= MoveState::holding; }

std::string row_key(const JobId& job) { return cat("r/job/", job.str()); }

Json to_json(const std::vector<ReadCode>& codes) {
  Json list = Json::array();
  for (const ReadCode& read : codes) list.push(read.unread ? Json() : Json(read.code));
  return list;
}

Result<std::vector<ReadCode>> decode_codes(const Json::Array& list) {
  if (list.size() > static_cast<std::size_t>(kPositionsMax)) {
    return make_error(ErrorCode::malformed, cat("expected up to ", kPositionsMax, " codes"));
  }
  std::vector<ReadCode> codes;
  for (const Json& item : list) {
    if (!item.is_null() && !item.is_string()) {
      return make_error(ErrorCode::malformed, "expected a text or null for each position");
    }
    codes.push_back({item.is_null(), item.is_null() ? std::string() : item.string()});
  }
  return codes;
}

Json to_json(const Job& job) {
  Json row = Json::object();
  row.set("job", job.id.str());
  row.set("kind", name_of(job.kind));
  row.set("state", name_of(job.state));
  put_text(row, "robot", job.robot.str());
  put_text(row, "course", job.course.str());
  put_text(row, "dose", job.dose.str());
  row.set("priority", job.priority);
  put_time(row, "due", job.due);
  put_text(row, "command", job.command);
  put_text(row, "by", job.by.str());
  put_text(row, "approved_by", job.approved_by.str());
  put_text(row, "purpose", job.purpose);
  put_time(row, "made_at", job.made_at);
  put_number(row, "ended", static_cast<std::int64_t>(job.ended));
  Json moves = Json::array();
  for (const Move& move : job.moves) moves.push(encode_move(move));
  row.set("moves", std::move(moves));
  if (!job.codes.empty()) row.set("codes", to_json(job.codes));
  return row;
}

Result<Job> decode_job(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Job job;
  job.id = in.id<JobId>("job");
  job.kind = word_in<JobKind>(in, "kind", kKinds);
  job.robot = job.kind == JobKind::thaw ? in.maybe_id<DeviceId>("robot") : in.id<DeviceId>("robot");
  job.state = word_in<JobState>(in, "state", kJobStates);
  job.course = in.maybe_id<CourseId>("course");
  job.dose = in.maybe_id<DoseId>("dose");
  job.priority = static_cast<int>(in.number("priority", RowReader::kIntMin, RowReader::kIntMax));
  job.due = in.maybe_time("due");
  job.command = in.maybe_text("command");
  job.by = in.maybe_id<UserId>("by");
  job.approved_by = in.maybe_id<UserId>("approved_by");
  job.purpose = in.maybe_text("purpose");
  job.made_at = in.maybe_time("made_at");
  job.ended = static_cast<std::uint64_t>(in.maybe_number("ended"));
  for (const Json& item : in.list("moves")) {
    TRY_ASSIGN(auto move, decode_move(key, item, job.kind));
    job.moves.push_back(std::move(move));
  }
  auto codes = decode_codes(in.maybe_list("codes"));
  if (!codes) return corrupt_row(key, codes.error().context);
  job.codes = std::move(*codes);
  return in.whole(std::move(job));
}

Json move_fact_data(const JobId& job, std::size_t move, WallTime at) {
  Json data = Json::object();
  data.set("job", job.str());
  data.set("move", static_cast<std::uint64_t>(move));
  put_time(data, "at", at);
  return data;
}

Fact move_issued(const JobId& job, std::size_t move, std::uint32_t sequence, Epoch epoch,
                 WallTime at) {
  Json data = move_fact_data(job, move, at);
  data.set("sequence", sequence);
  data.set("epoch", epoch.value);
  return move_fact(fact::kMoveIssued, std::move(data));
}

Fact move_holding(const JobId& job, std::size_t move, std::string_view observed_code, WallTime at) {
  Json data = move_fact_data(job, move, at);
  data.set("code", observed_code);
  return move_fact(fact::kMoveHolding, std::move(data));
}

Fact move_done(const JobId& job, std::size_t move, std::string_view observed_code, WallTime at) {
  Json data = move_fact_data(job, move, at);
  data.set("code", observed_code);
  return move_fact(fact::kMoveDone, std::move(data));
}

Fact move_not_delivered(const JobId& job, std::size_t move, WallTime at) {
  return move_fact(fact::kMoveNotDelivered, move_fact_data(job, move, at));
}

Fact move_failed(const JobId& job, std::size_t move, bool in_gripper, std::string_view reason,
                 WallTime at) {
  Json data = move_fact_data(job, move, at);
  data.set("in_gripper", in_gripper);
  data.set("reason", reason);
  return move_fact(fact::kMoveFailed, std::move(data));
}

Fact rack_scanned(const JobId& job, std::size_t move, const std::vector<ReadCode>& codes,
                  WallTime at) {
  Json data = move_fact_data(job, move, at);
  data.set("codes", to_json(codes));
  return move_fact(fact::kRackScanned, std::move(data));
}

Fact move_unknown(const JobId& job, std::size_t move, std::string_view observed_code,
                  std::string_view reason, WallTime at) {
  Json data = move_fact_data(job, move, at);
  put_text(data, "code", observed_code);
  data.set("reason", reason);
  return move_fact(fact::kMoveUnknown, std::move(data));
}

}  // namespace cryobank::inventory
