#include "service/wire/command_page.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/text.hpp"

namespace cryobank::core {
namespace {

Json shape_json(const Shape& shape);

std::string_view name_of(KeyType type) {
  switch (type) {
    case KeyType::text:
      return "text";
    case KeyType::id:
      return "id";
    case KeyType::code:
      return "code";
    case KeyType::flag:
      return "flag";
    case KeyType::integer:
      return "integer";
    case KeyType::number:
      return "number";
    case KeyType::time:
      return "time";
    case KeyType::word:
      return "word";
    case KeyType::list:
      return "list";
    case KeyType::object:
      return "object";
    case KeyType::command:
      return "command";
  }
  CHECK(false);
}

bool is_bounded(KeyType type) {
  return type == KeyType::text || type == KeyType::integer || type == KeyType::number ||
         type == KeyType::list;
}

Json strings(std::span<const std::string_view> texts) {
  Json list = Json::array();
  for (const std::string_view text : texts) list.push(text);
  return list;
}

Json key_json(const BodyKey& key) {
  Json json = Json::object().set("key", key.name).set("type", name_of(key.type));
  json.set("needed", key.required).set("null", key.nullable);
  json.set("with", key.with.empty() ? Json() : Json(key.with));
  if (!key.says.empty()) json.set("says", key.says);
  if (is_bounded(key.type)) json.set("low", key.low).set("high", key.high);
  if (!key.words.empty()) json.set("words", strings(key.words));
  if (key.item != nullptr) json.set("item", key_json(*key.item));
  if (key.shape != nullptr) json.set("object", shape_json(*key.shape));
  if (key.other != nullptr) json.set("other", key_json(*key.other));
  return json;
}

Json shape_json(const Shape& shape) {
  Json keys = Json::array();
  for (const BodyKey& key : shape.keys) keys.push(key_json(key));
  Json choices = Json::array();
  for (const Choice& choice : shape.choices) {
    choices.push(Json::object().set("keys", strings(choice.keys)).set("needed", choice.needed));
  }
  return Json::object().set("keys", std::move(keys)).set("choices", std::move(choices));
}

Json signing_json(const Signing& signing) {
  if (signing.meaning.empty()) return {};
  return Json::object()
      .set("meaning", signing.meaning)
      .set("witness_too", signing.witness_too)
      .set("only_override", signing.only_override);
}

Json command_json(const CommandSchema& schema) {
  Json json = Json::object().set("verb", schema.verb).set("says", schema.says);
  json.set("roles", strings(schema.roles)).set("witness", schema.witness);
  json.set("changes", schema.changes).set("dry_run", has_dry_run(schema));
  json.set("expect_revision", schema.revision == Revision::course ? Json("course") : Json());
  json.set("signature", signing_json(schema.signing)).set("body", shape_json(schema.body));
  const auto example = parse_json(schema.example);
  if (example) json.set("example", *example);
  return json;
}

Json typed(std::string_view type) { return Json::object().set("type", type); }

Json key_schema(const BodyKey& key) {
  switch (key.type) {
    case KeyType::text:
      return typed("string").set("maxLength", key.high);
    case KeyType::id:
      return typed("string").set("pattern", cat("^[A-Za-z0-9._-]{1,", kIdLengthMax, "}$"));
    case KeyType::code:
      return typed("string").set("minLength", 1).set("maxLength", kScannedMax);
    case KeyType::flag:
      return typed("boolean");
    case KeyType::integer:
      return typed("integer").set("minimum", key.low).set("maximum", key.high);
    case KeyType::number:
      return typed("number").set("minimum", key.low).set("maximum", key.high);
    case KeyType::time:
      return typed("string").set("format", "date-time");
    case KeyType::word:
      return Json::object().set("enum", strings(key.words));
    case KeyType::list:
      return typed("array")
          .set("items", key_schema(*key.item))
          .set("minItems", key.low)
          .set("maxItems", key.high);
    case KeyType::object:
      return json_schema(*key.shape);
    case KeyType::command:
      return typed("object");
  }
  CHECK(false);
}

Json forms_of(const BodyKey& key) {
  Json forms = Json::array().push(key_schema(key));
  if (key.other != nullptr) forms.push(key_schema(*key.other));
  if (key.nullable) forms.push(typed("null"));
  Json schema =
      forms.items().size() == 1 ? forms.items()[0] : Json::object().set("anyOf", std::move(forms));
  if (!key.says.empty()) schema.set("description", key.says);
  return schema;
}

Json needs(std::string_view name) {
  return Json::object().set("required", Json::array().push(name));
}

// One of the keys and no two of them; or none.
Json choice_schema(const Choice& choice) {
  Json ways = Json::array();
  for (const std::string_view name : choice.keys) ways.push(needs(name));
  if (choice.needed) return Json::object().set("oneOf", std::move(ways));
  Json any = Json::object().set("anyOf", ways);
  ways.push(Json::object().set("not", std::move(any)));
  return Json::object().set("oneOf", std::move(ways));
}

std::string grouped(std::int64_t number) {
  std::string digits = cat(number < 0 ? -number : number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return number < 0 ? cat("-", digits) : digits;
}

std::string range(const BodyKey& key) {
  return key.low == key.high ? grouped(key.low) : cat(grouped(key.low), " to ", grouped(key.high));
}

std::string words_of(const BodyKey& key) {
  std::string out;
  for (const std::string_view word : key.words) out += cat(out.empty() ? "" : ", ", "`", word, "`");
  return out;
}

std::string kind_of(const BodyKey& key) {
  switch (key.type) {
    case KeyType::text:
      return cat("text, at most ", grouped(key.high), " bytes");
    case KeyType::id:
      return "id";
    case KeyType::code:
      return "scanned code";
    case KeyType::flag:
      return "true or false";
    case KeyType::integer:
      return cat("whole number, ", range(key));
    case KeyType::number:
      return cat("number, ", range(key));
    case KeyType::time:
      return "time";
    case KeyType::word:
      return words_of(key);
    case KeyType::list:
      return cat("list of ", range(key), key.item->type == KeyType::object ? "" : ": ",
                 key.item->type == KeyType::object ? "" : kind_of(*key.item));
    case KeyType::object:
      return "object";
    case KeyType::command:
      return "body of another command";
  }
  CHECK(false);
}

std::string when_of(const BodyKey& key) {
  if (key.with.empty()) return key.required ? "yes" : "";
  return cat(key.required ? "with `" : "only with `", key.with, "`");
}

void add_rows(const Shape& shape, const std::string& prefix, std::string& out);

void add_inner_rows(const BodyKey& key, const std::string& path, std::string& out) {
  if (key.shape != nullptr) add_rows(*key.shape, cat(path, "."), out);
  if (key.item != nullptr && key.item->shape != nullptr) {
    add_rows(*key.item->shape, cat(path, "[]."), out);
  }
  if (key.other != nullptr) add_inner_rows(*key.other, path, out);
}

void add_rows(const Shape& shape, const std::string& prefix, std::string& out) {
  for (const BodyKey& key : shape.keys) {
    const std::string path = cat(prefix, key.name);
    std::string kind = kind_of(key);
    if (key.other != nullptr) kind += cat(" or ", kind_of(*key.other));
    if (key.nullable) kind += " or null";
    out += cat("| `", path, "` | ", when_of(key), " | ", kind, " | ", key.says, " |\n");
    add_inner_rows(key, path, out);
  }
}

std::string choices_of(const Shape& shape) {
  std::string out;
  for (const Choice& choice : shape.choices) {
    out += choice.needed ? "One of" : "At most one of";
    for (std::size_t i = 0; i < choice.keys.size(); ++i) {
      out += cat(i == 0                        ? " `"
                 : i + 1 == choice.keys.size() ? " and `"
                                               : ", `",
                 choice.keys[i], "`");
    }
    out += ". ";
  }
  return out;
}

std::string head_of(const CommandSchema& schema) {
  std::string out = "Roles: ";
  for (const std::string_view role : schema.roles) out += cat(out.size() > 7 ? ", " : "", role);
  out += schema.witness ? ". **Witness.**" : ".";
  const Signing& signing = schema.signing;
  if (!signing.meaning.empty()) {
    out += cat(signing.only_override ? " Signature with an override: \"" : " Signature: \"",
               signing.meaning, signing.witness_too ? "\", and the witness's." : "\".");
  }
  if (!schema.changes) out += " A question: nothing is recorded.";
  if (schema.revision == Revision::course) out += " `expect_revision`: of the course.";
  return out;
}

}  // namespace

Json json_schema(const Shape& shape) {
  Json properties = Json::object();
  Json required = Json::array();
  Json dependent = Json::object();
  for (const BodyKey& key : shape.keys) {
    properties.set(key.name, forms_of(key));
    if (key.with.empty()) {
      if (key.required) required.push(key.name);
      continue;
    }
    dependent.members()[std::string(key.name)].push(key.with);
    if (key.required) dependent.members()[std::string(key.with)].push(key.name);
  }
  Json all = Json::array();
  for (const Choice& choice : shape.choices) all.push(choice_schema(choice));
  Json schema = typed("object").set("additionalProperties", false);
  schema.set("properties", std::move(properties));
  if (!required.items().empty()) schema.set("required", std::move(required));
  if (!dependent.members().empty()) schema.set("dependentRequired", std::move(dependent));
  if (!all.items().empty()) schema.set("allOf", std::move(all));
  return schema;
}

Json commands_json(std::span<const CommandSchema> table) {
  Json commands = Json::array();
  for (const CommandSchema& schema : table) commands.push(command_json(schema));
  return Json::object().set("schema", "commands/1.0").set("commands", std::move(commands));
}

std::string bodies_yaml(std::span<const CommandSchema> table) {
  std::string out;
  for (const CommandSchema& schema : table) {
    std::string name(schema.verb);
    std::ranges::replace(name, '/', '.');
    out += cat("    Body.", name, ": ", json_schema(schema.body).dump(), "\n");
  }
  return out;
}

std::string command_section(const CommandSchema& schema) {
  std::string out = cat("## ", schema.verb, "\n", head_of(schema), "\n\n");
  const std::string prose = cat(choices_of(schema.body), schema.says);
  if (!prose.empty()) out += cat(trim(prose), "\n\n");
  if (!schema.body.keys.empty()) {
    out += "| key | needed | what | |\n|---|---|---|---|\n";
    add_rows(schema.body, "", out);
    out += "\n";
  }
  return out + cat("```\n", schema.example, "\n-> ", schema.reply, "\n```\n");
}

std::string commands_page(std::span<const CommandSchema> table) {
  std::string out;
  for (const CommandSchema& schema : table) {
    out += cat(out.empty() ? "" : "\n", command_section(schema));
  }
  return out;
}

std::string roles_page(std::span<const CommandSchema> table,
                       std::span<const std::string_view> roles) {
  std::string out = "| command | W |";
  std::string line = "|---|---|";
  for (const std::string_view role : roles) {
    out += cat(" ", role, " |");
    line += "---|";
  }
  out += cat("\n", line, "\n");
  for (const CommandSchema& schema : table) {
    out += cat("| `", schema.verb, "` | ", schema.witness ? "W" : "", " |");
    for (const std::string_view role : roles) {
      const bool may = std::ranges::find(schema.roles, role) != schema.roles.end();
      out += may ? " y |" : "  |";
    }
    out += "\n";
  }
  return out;
}

}  // namespace cryobank::core
