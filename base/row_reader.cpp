#include "base/row_reader.hpp"

#include <algorithm>

namespace cryobank {
namespace {

const Json::Array kNoItems;
const Json kNoObject = Json::object();

}  // namespace

RowReader::RowReader(std::string_view what, const Json& row) : what_(what), row_(&row) {
  if (row.is_object()) return;
  fault_ = make_error(ErrorCode::corrupt,
                      cat(clip(what, 120), ": expected an object, came ", row.kind_name()));
}

const Json* RowReader::ask(std::string_view key) {
  if (!row_->has(key)) return nullptr;
  asked_.push_back(key);
  return &(*row_)[key];
}

void RowReader::fault(std::string_view key, std::string_view expected, const Json* came) {
  if (fault_) return;
  const std::string shown = came == nullptr                         ? "nothing"
                            : came->is_array() || came->is_object() ? std::string(came->kind_name())
                                                                    : clip(came->dump(), 60);
  fault_ = make_error(ErrorCode::corrupt, cat(clip(what_, 120), ": expected ", expected, " at \"",
                                              clip(key, 60), "\", came ", shown));
}

void RowReader::fault_because(std::string_view key, std::string_view why) {
  if (fault_) return;
  fault_ =
      make_error(ErrorCode::corrupt, cat(clip(what_, 120), ": at \"", clip(key, 60), "\": ", why));
}

void RowReader::refuse(std::string_view key, std::string_view expected) {
  fault(key, expected, row_->has(key) ? &(*row_)[key] : nullptr);
}

void RowReader::check_asked() {
  if (fault_) return;
  for (const auto& [key, value] : row_->members()) {
    if (std::ranges::find(asked_, key) == asked_.end()) fault(key, "no such member", &value);
  }
}

std::string RowReader::any_text(std::string_view key) {
  const Json* value = ask(key);
  if (value != nullptr && value->is_string()) return value->string();
  fault(key, "a text", value);
  return {};
}

std::string RowReader::text(std::string_view key) {
  std::string value = any_text(key);
  if (value.empty()) refuse(key, "a text");
  return value;
}

std::string RowReader::maybe_text(std::string_view key) {
  return row_->has(key) ? any_text(key) : std::string();
}

std::int64_t RowReader::number(std::string_view key, std::int64_t low, std::int64_t high) {
  const Json* value = ask(key);
  const bool whole = value != nullptr && value->is_integer();
  if (whole && low <= value->integer() && value->integer() <= high) return value->integer();
  std::string expected = "a whole number";
  if (low != kLeast) expected += cat(" from ", low);
  if (high != kMost) expected += cat(" to ", high);
  fault(key, expected, value);
  return std::max<std::int64_t>(low, 0);
}

std::int64_t RowReader::maybe_number(std::string_view key, std::int64_t absent, std::int64_t low,
                                     std::int64_t high) {
  return row_->has(key) ? number(key, low, high) : absent;
}

bool RowReader::flag(std::string_view key) {
  const Json* value = ask(key);
  if (value != nullptr && value->is_bool()) return value->boolean();
  fault(key, "true or false", value);
  return false;
}

bool RowReader::maybe_flag(std::string_view key, bool absent) {
  return row_->has(key) ? flag(key) : absent;
}

WallTime RowReader::time(std::string_view key) {
  const Json* value = ask(key);
  if (value != nullptr && value->is_string()) {
    const auto parsed = parse_utc(value->string());
    if (parsed) return *parsed;
  }
  fault(key, "a time", value);
  return {};
}

WallTime RowReader::maybe_time(std::string_view key) {
  const Json* value = ask(key);
  return value == nullptr || value->is_null() ? WallTime{} : time(key);
}

Milli RowReader::milli(std::string_view key) {
  const Json* value = ask(key);
  if (value != nullptr && value->is_number()) return value->milli();
  fault(key, "a number", value);
  return {};
}

std::optional<Milli> RowReader::maybe_milli(std::string_view key) {
  const Json* value = ask(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return milli(key);
}

const Json::Array& RowReader::list(std::string_view key) {
  const Json* value = ask(key);
  if (value != nullptr && value->is_array()) return value->items();
  fault(key, "a list", value);
  return kNoItems;
}

const Json::Array& RowReader::maybe_list(std::string_view key) {
  return row_->has(key) ? list(key) : kNoItems;
}

const Json& RowReader::object(std::string_view key) {
  const Json* value = ask(key);
  if (value != nullptr && value->is_object()) return *value;
  fault(key, "an object", value);
  return kNoObject;
}

const Json* RowReader::maybe_object(std::string_view key) {
  const Json* value = ask(key);
  if (value == nullptr || value->is_null()) return nullptr;
  return &object(key);
}

std::vector<std::string> RowReader::texts(std::string_view key) {
  std::vector<std::string> all;
  for (const Json& item : list(key)) {
    if (item.is_string()) {
      all.push_back(item.string());
    } else {
      fault(key, "texts", &item);
    }
  }
  return all;
}

std::vector<std::string> RowReader::maybe_texts(std::string_view key) {
  return row_->has(key) ? texts(key) : std::vector<std::string>();
}

}  // namespace cryobank
