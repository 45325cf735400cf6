#include "base/command_schema.hpp"

#include <algorithm>
#include <array>

#include "base/ids.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "base/try.hpp"

namespace cryobank {
namespace {

constexpr std::size_t kShownMax = 40;

// No code, label or record carries who a patient is (21 CFR 1271.290(c)): whoever tries is told
// why, and not that the key is misspelt.
constexpr std::array<std::string_view, 17> kPersonal = {
    "name",      "patient_name", "first_name", "last_name",       "family_name", "given_name",
    "birthdate", "birth_date",   "dob",        "date_of_birth",   "mrn",         "ssn",
    "my_number", "address",      "phone",      "hospital_number", "insurance"};

std::string shown(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_array() || value.is_object()) return std::string(value.kind_name());
  return clip(value.dump(), kShownMax);
}

// One body on its way through its entry; `where` is the path to what is looked at.
class BodyCheck {
 public:
  explicit BodyCheck(std::string_view verb) : verb_(verb) {}

  Status shape(const Shape& shape, const Json& object, const std::string& where) const {
    for (const auto& [name, value] : object.members()) {
      const BodyKey* key = find_key(shape, name);
      if (key == nullptr) return unknown(shape, name, where);
      TRY(this->key(*key, value, path(where, name)));
    }
    for (const BodyKey& key : shape.keys) {
      TRY(presence(key, object, where));
    }
    for (const Choice& choice : shape.choices) {
      TRY(this->choice(choice, object, where));
    }
    return {};
  }

 private:
  static std::string path(std::string_view where, std::string_view name) {
    return where.empty() ? std::string(name) : cat(where, ".", name);
  }

  Error wrong(ErrorCode code, std::string_view expected, const std::string& where,
              std::string_view came) const {
    return make_error(
        code, cat(verb_, ": expected ", expected, " at \"", clip(where, 80), "\", came ", came));
  }

  Error unknown(const Shape& shape, std::string_view name, const std::string& where) const {
    const std::string key = clip(name, kShownMax);
    if (std::ranges::find(kPersonal, lower_ascii(name)) != kPersonal.end()) {
      return make_error(ErrorCode::unknown_key,
                        cat(verb_, ": expected pseudonyms only, came a field \"", key, "\""));
    }
    constexpr std::array<std::string_view, 1> kDryRun = {"dry_run"};
    if (find_key(shape, "dry_run") == nullptr && !nearest_word(name, kDryRun).empty()) {
      return make_error(ErrorCode::unknown_key,
                        cat(verb_, " has no dry run", in(where), ", came \"", key, "\""));
    }
    std::vector<std::string_view> names;
    for (const BodyKey& known : shape.keys) names.push_back(known.name);
    const std::string meant = suggestion(name, names);
    std::string all;
    for (const std::string_view known : names) all += cat(all.empty() ? "" : ", ", known);
    return make_error(ErrorCode::unknown_key,
                      cat(verb_, " has no key \"", key, "\"", in(where), meant,
                          !meant.empty() ? ""
                          : all.empty()  ? "; it has none"
                                         : cat("; it has ", all)));
  }

  static std::string in(const std::string& where) {
    return where.empty() ? std::string() : cat(" in \"", clip(where, 80), "\"");
  }

  Status presence(const BodyKey& key, const Json& object, const std::string& where) const {
    const bool there = object.has(key.name);
    const bool wanted = key.with.empty() || object.has(key.with);
    if (there && !wanted) {
      return make_error(ErrorCode::invalid_value,
                        cat(verb_, ": \"", path(where, key.name), "\" goes only with \"", key.with,
                            "\", which is not there"));
    }
    if (there || !key.required || !wanted) return {};
    const std::string expected = cat(kind_of(key), key.nullable ? " or null" : "");
    return wrong(ErrorCode::malformed, expected, path(where, key.name), "nothing");
  }

  Status choice(const Choice& choice, const Json& object, const std::string& where) const {
    std::string names;
    int there = 0;
    for (const std::string_view name : choice.keys) {
      names += cat(names.empty() ? "" : ", ", name);
      there += object.has(name) ? 1 : 0;
    }
    if (there == 1 || (there == 0 && !choice.needed)) return {};
    const ErrorCode code = there == 0 ? ErrorCode::malformed : ErrorCode::invalid_value;
    return make_error(code, cat(verb_, ": expected ", choice.needed ? "one" : "at most one", " of ",
                                names, in(where), ", came ", there));
  }

  Status key(const BodyKey& key, const Json& value, const std::string& where) const {
    if (value.is_null() && key.nullable) return {};
    if (key.other != nullptr && is_of(*key.other, value)) {
      return this->key(*key.other, value, where);
    }
    if (!is_of(key, value)) {
      std::string expected = kind_of(key);
      if (key.other != nullptr) expected += cat(" or ", kind_of(*key.other));
      if (key.nullable) expected += " or null";
      return wrong(ErrorCode::invalid_value, expected, where, shown(value));
    }
    switch (key.type) {
      case KeyType::text:
        return bytes(value.string(), key.high, where);
      case KeyType::code:
        return code(value.string(), where);
      case KeyType::id:
        return id(value.string(), where);
      case KeyType::time:
        return time(value.string(), where);
      case KeyType::word:
        return word(key, value.string(), where);
      case KeyType::integer:
      case KeyType::number:
        return range(key, value, where);
      case KeyType::list:
        return list(key, value, where);
      case KeyType::object:
        return shape(*key.shape, value, where);
      case KeyType::flag:
      case KeyType::command:
        return {};
    }
    CHECK(false);
  }

  static bool is_of(const BodyKey& key, const Json& value) {
    switch (key.type) {
      case KeyType::text:
      case KeyType::id:
      case KeyType::code:
      case KeyType::time:
      case KeyType::word:
        return value.is_string();
      case KeyType::flag:
        return value.is_bool();
      case KeyType::integer:
        return value.is_integer();
      case KeyType::number:
        return value.is_number();
      case KeyType::list:
        return value.is_array();
      case KeyType::object:
      case KeyType::command:
        return value.is_object();
    }
    CHECK(false);
  }

  static std::string kind_of(const BodyKey& key) {
    switch (key.type) {
      case KeyType::text:
        return "a text";
      case KeyType::id:
        return "an id";
      case KeyType::code:
        return "a scanned code";
      case KeyType::time:
        return "a time (RFC 3339)";
      case KeyType::word:
        return words_of(key);
      case KeyType::flag:
        return "true or false";
      case KeyType::integer:
        return "a whole number";
      case KeyType::number:
        return "a number";
      case KeyType::list:
        return "a list";
      case KeyType::object:
      case KeyType::command:
        return "an object";
    }
    CHECK(false);
  }

  static std::string words_of(const BodyKey& key) {
    std::string out;
    for (std::size_t i = 0; i < key.words.size(); ++i) {
      if (i > 0) out += i + 1 == key.words.size() ? " or " : ", ";
      out += key.words[i];
    }
    return out;
  }

  Status bytes(const std::string& text, std::int64_t most, const std::string& where) const {
    if (static_cast<std::int64_t>(text.size()) <= most) return {};
    return wrong(ErrorCode::too_large, cat("at most ", most, " bytes"), where,
                 cat(text.size(), " bytes"));
  }

  Status code(const std::string& text, const std::string& where) const {
    if (!text.empty()) return bytes(text, kScannedMax, where);
    return wrong(ErrorCode::malformed, "a scanned code", where, "an empty text");
  }

  Status id(const std::string& text, const std::string& where) const {
    if (is_id_text(text)) return {};
    const Error bad = bad_id(where, text);
    return make_error(bad.code, cat(verb_, ": ", bad.context));
  }

  Status time(const std::string& text, const std::string& where) const {
    const auto parsed = parse_utc(text);
    if (parsed) return {};
    return make_error(parsed.error().code,
                      cat(verb_, ": at \"", where, "\": ", parsed.error().context));
  }

  Status word(const BodyKey& key, const std::string& text, const std::string& where) const {
    if (std::ranges::find(key.words, text) != key.words.end()) return {};
    return wrong(ErrorCode::invalid_value, words_of(key), where,
                 cat("\"", clip(text, kShownMax), "\"", suggestion(text, key.words)));
  }

  Status range(const BodyKey& key, const Json& value, const std::string& where) const {
    constexpr std::int64_t kWholeMax = kMilliMax / 1000;
    const bool fits = value.is_integer()
                          ? value.integer() >= key.low && value.integer() <= key.high
                          : whole(std::clamp(key.low, -kWholeMax, kWholeMax)) <= value.milli() &&
                                value.milli() <= whole(std::clamp(key.high, -kWholeMax, kWholeMax));
    if (fits) return {};
    return wrong(ErrorCode::invalid_value, cat(key.low, " to ", key.high), where, value.dump());
  }

  Status list(const BodyKey& key, const Json& value, const std::string& where) const {
    const auto count = static_cast<std::int64_t>(value.items().size());
    if (count < key.low || count > key.high) {
      return wrong(count < key.low ? ErrorCode::malformed : ErrorCode::too_large,
                   cat(key.low, " to ", key.high, " items"), where, cat(count));
    }
    for (std::int64_t i = 0; i < count; ++i) {
      const Json& one = value.items()[static_cast<std::size_t>(i)];
      TRY(this->key(*key.item, one, cat(where, "[", i, "]")));
    }
    return {};
  }

  std::string_view verb_;
};

}  // namespace

const CommandSchema* find_entry(std::span<const CommandSchema> entries, std::string_view verb) {
  const auto found = std::ranges::lower_bound(entries, verb, {}, &CommandSchema::verb);
  return found != entries.end() && found->verb == verb ? &*found : nullptr;
}

const BodyKey* find_key(const Shape& shape, std::string_view name) {
  const auto found = std::ranges::find(shape.keys, name, &BodyKey::name);
  return found == shape.keys.end() ? nullptr : &*found;
}

bool flag_of(const Json& body, std::string_view key, bool absent) {
  return body.has(key) ? body[key].boolean() : absent;
}

std::string text_of(const Json& body, std::string_view key) {
  return body.has(key) ? body[key].string() : std::string();
}

std::string any_text_of(const Json& body, std::string_view key) {
  return body[key].is_string() ? body[key].string() : std::string();
}

std::int64_t integer_of(const Json& body, std::string_view key, std::int64_t absent) {
  return body.has(key) ? body[key].integer() : absent;
}

bool has_dry_run(const CommandSchema& schema) {
  return find_key(schema.body, "dry_run") != nullptr;
}

Status check_body(const CommandSchema& schema, const Json& body) {
  if (!body.is_object()) {
    return make_error(ErrorCode::malformed, cat("expected an object as the body of ", schema.verb,
                                                ", came ", body.kind_name()));
  }
  return BodyCheck(schema.verb).shape(schema.body, body, "");
}

Status check_command(const CommandSchema& schema, const Json& body, std::int64_t expect_revision) {
  const Status fits = check_body(schema, body);
  if (!fits || expect_revision < 0) return fits;
  if (schema.revision == Revision::course && body.has("course")) return {};
  return make_error(
      ErrorCode::invalid_value,
      cat("expected no expect_revision: ", schema.verb,
          schema.revision == Revision::course ? " without a \"course\" in its body" : "",
          " has no revision to compare it with"));
}

}  // namespace cryobank
