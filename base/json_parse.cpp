// The one file that wraps the JSON parser (nlohmann, SAX interface).
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"

namespace cryobank {
namespace {

// Builds a Json from parser events. Returning false stops the parser; `error_` says why.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return put(Json()); }
  bool boolean(bool value) override { return put(Json(value)); }
  bool number_integer(number_integer_t value) override {
    return put(Json(static_cast<std::int64_t>(value)));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value >= (1ULL << 63)) return fail("expected a number within 64 bits");
    return put(Json(static_cast<std::int64_t>(value)));
  }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    const auto value = parse_exact_milli(text);
    if (!value) return fail(value.error().context);
    return put(Json(*value));
  }
  bool string(string_t& value) override { return put(Json(std::move(value))); }
  bool binary(binary_t& /*value*/) override { return fail("binary values are not JSON"); }

  bool start_object(std::size_t /*count*/) override { return open(Json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*count*/) override { return open(Json::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    if (stack_.back().value.has(value))
      return fail(cat("key \"", clip(value, 64), "\" comes twice"));
    stack_.back().key = std::move(value);
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception& cause) override {
    constexpr int kNumberOverflow = 406;
    if (cause.id == kNumberOverflow) {
      return fail(cat("expected a number within 64 bits, came ", clip(token, 40)));
    }
    return fail(cat("expected JSON, it breaks off at byte ", position));
  }

  Json take() { return std::move(root_); }
  const std::string& error() const { return error_; }

 private:
  struct Level {
    Json value;
    std::string key;
  };

  bool open(Json container) {
    if (stack_.size() >= kJsonDepthMax) {
      return fail(cat("expected at most ", kJsonDepthMax, " nested levels"));
    }
    stack_.push_back({std::move(container), {}});
    return true;
  }

  bool close() {
    Json value = std::move(stack_.back().value);
    stack_.pop_back();
    return put(std::move(value));
  }

  bool put(Json value) {
    if (stack_.empty()) {
      root_ = std::move(value);
    } else if (stack_.back().value.is_array()) {
      stack_.back().value.push(std::move(value));
    } else {
      stack_.back().value.set(stack_.back().key, std::move(value));
    }
    return true;
  }

  bool fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
    return false;
  }

  Json root_;
  std::vector<Level> stack_;
  std::string error_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, std::size_t size_max) {
  if (text.size() > size_max) {
    return make_error(ErrorCode::too_large,
                      cat("expected at most ", size_max, " bytes of JSON, came ", text.size()));
  }
  if (!is_utf8(text)) return make_error(ErrorCode::malformed, "expected UTF-8 text");
  Builder builder;
  try {
    if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return builder.take();
  } catch (const std::exception&) {
    return make_error(ErrorCode::malformed, "expected JSON");
  }
  return make_error(ErrorCode::malformed, builder.error());
}

}  // namespace cryobank
