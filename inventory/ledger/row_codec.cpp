#include "inventory/ledger/row_codec.hpp"

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/aliquot.hpp"

namespace cryobank::inventory {

void RowWriter::key(std::string_view key) {
  CHECK(last_ < key);
  if (!last_.empty()) out_ += ',';
  last_ = key;
  out_ += '"';
  out_ += key;
  out_ += "\":";
}

RowWriter& RowWriter::text(std::string_view name, std::string_view value) {
  key(name);
  append_json_string(out_, value);
  return *this;
}

RowWriter& RowWriter::text_unless_empty(std::string_view name, std::string_view value) {
  return value.empty() ? *this : text(name, value);
}

RowWriter& RowWriter::number(std::string_view name, std::int64_t value) {
  key(name);
  append_number(out_, value);
  return *this;
}

RowWriter& RowWriter::number_unless(std::string_view name, std::int64_t value,
                                    std::int64_t unless) {
  return value == unless ? *this : number(name, value);
}

RowWriter& RowWriter::time(std::string_view name, WallTime value) {
  if (value.ms == 0) return *this;
  key(name);
  out_ += '"';
  append_utc(out_, value);
  out_ += '"';
  return *this;
}

RowWriter& RowWriter::json(std::string_view name, const Json& value) {
  key(name);
  value.dump_to(out_);
  return *this;
}

void put_text(Json& row, std::string_view key, std::string_view value) {
  if (!value.empty()) row.set(key, value);
}

void put_number(Json& row, std::string_view key, std::int64_t value, std::int64_t unless) {
  if (value != unless) row.set(key, value);
}

void put_time(Json& row, std::string_view key, WallTime value) {
  if (value.ms != 0) row.set(key, format_utc(value));
}

void put_flag(Json& row, std::string_view key, bool value) {
  if (value) row.set(key, true);
}

Json encode_stays(const std::vector<Stay>& stays) {
  Json list = Json::array();
  for (const Stay& stay : stays) {
    Json item = Json::object().set("inside", stay.inside.str());
    put_time(item, "from", stay.from);
    put_time(item, "until", stay.until);
    list.push(std::move(item));
  }
  return list;
}

Result<std::vector<Stay>> decode_stays(std::string_view key, const Json::Array& list) {
  std::vector<Stay> stays;
  for (const Json& item : list) {
    RowReader in(key, item);
    TRY_ASSIGN(auto stay, in.whole(Stay{in.id<PlaceId>("inside"), in.maybe_time("from"),
                                        in.maybe_time("until")}));
    stays.push_back(std::move(stay));
  }
  return stays;
}

Error corrupt_row(std::string_view key, std::string_view why) {
  return make_error(ErrorCode::corrupt, cat("row \"", clip(key, 120), "\": ", why));
}

}  // namespace cryobank::inventory
