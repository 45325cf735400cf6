// Every command of the table as a verb of its own with flags: `cryobankctl NOUN ACT`. The first
// needed key with a plain value is the argument, every key is a flag; what the table refuses is
// refused here, before anything is sent.
#include <map>

#include "base/command_schema.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"
#include "service/wire/command_table.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::size_t kValuesMax = 10'000;  // of one flag; a longer list is a file
constexpr std::int64_t kFileText = 65'536;  // a text key of so many bytes takes a whole file

// What was given on the line, by key.
struct VerbOptions {
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> flags;  // that were given, with --no-NAME as false
  std::string reason;
  std::string witness;
  std::string id;
  std::int64_t revision = -1;
  bool wait = false;
};

std::string flag_of(std::string_view key) {
  std::string flag = cat("--", key);
  for (char& c : flag) c = c == '_' ? '-' : c;
  return flag;
}

bool is_plain(const BodyKey& key) {
  return key.type != KeyType::list && key.type != KeyType::object && key.type != KeyType::command &&
         key.type != KeyType::flag;
}

Error bad_value(std::string_view key, std::string_view expected, std::string_view came) {
  return make_error(ErrorCode::invalid_value, cat("expected ", flag_of(key), " as ", expected,
                                                  ", came \"", clip(came, 60), "\""));
}

// JSON, or @FILE with JSON.
Result<Json> read_json(std::string_view key, const std::string& given) {
  std::string text = given;
  if (text.starts_with('@')) {
    TRY_ASSIGN(const auto file, read_text_file(text.substr(1), kJsonSizeMax));
    text = file;
  }
  auto json = parse_json(text);
  if (!json) return bad_value(key, "JSON or @FILE", given);
  return *json;
}

// A long text is a file as its machine wrote it: @FILE.
bool is_file_text(const BodyKey& key) { return key.type == KeyType::text && key.high >= kFileText; }

Result<Json> read_text(const BodyKey& key, const std::string& given) {
  if (!is_file_text(key) || !given.starts_with('@')) return Json(given);
  auto text = read_text_file(given.substr(1), static_cast<std::size_t>(key.high));
  return text ? Result<Json>(Json(std::move(*text))) : Result<Json>(text.error());
}

Result<Json> read_value(const BodyKey& key, const std::string& given) {
  switch (key.type) {
    case KeyType::text:
      return read_text(key, given);
    case KeyType::id:
    case KeyType::code:
    case KeyType::time:
    case KeyType::word:
      return Json(given);
    case KeyType::flag:
      if (given == "true" || given == "false") return Json(given == "true");
      return bad_value(key.name, "true or false", given);
    case KeyType::integer: {
      const auto number = parse_integer(given);
      if (!number) return bad_value(key.name, "a whole number", given);
      return Json(*number);
    }
    case KeyType::number: {
      const auto number = parse_milli(given);
      if (!number) return bad_value(key.name, "a number with at most three decimals", given);
      return Json::object().set("value", *number)["value"];
    }
    case KeyType::list:
    case KeyType::object:
    case KeyType::command:
      return read_json(key.name, given);
  }
  CHECK(false);
}

// A list is given as JSON, or item by item with the flag repeated.
Result<Json> read_list(const BodyKey& key, const std::vector<std::string>& given) {
  if (given.size() == 1 && (given.front().starts_with('[') || given.front().starts_with('@'))) {
    return read_json(key.name, given.front());
  }
  Json list = Json::array();
  for (const std::string& text : given) {
    TRY_ASSIGN(const auto item, read_value(*key.item, text));
    list.push(item);
  }
  return list;
}

Result<Json> read_key(const BodyKey& key, const std::vector<std::string>& given) {
  if (key.nullable && given.size() == 1 && given.front() == "null") return Json();
  auto value = key.type == KeyType::list ? read_list(key, given) : read_value(key, given.front());
  if (value || key.other == nullptr) return value;
  return read_key(*key.other, given);
}

Result<Json> body_of(const CommandSchema& schema, const VerbOptions& options) {
  Json body = Json::object();
  for (const BodyKey& key : schema.body.keys) {
    const std::string name(key.name);
    if (key.type == KeyType::flag) {
      const auto found = options.flags.find(name);
      if (found != options.flags.end()) body.set(name, found->second);
      continue;
    }
    const auto found = options.values.find(name);
    if (found == options.values.end() || found->second.empty()) continue;
    TRY_ASSIGN(auto value, read_key(key, found->second));
    body.set(name, std::move(value));
  }
  return body;
}

int give(const Globals& globals, const CommandSchema& schema, const VerbOptions& options) {
  auto body = body_of(schema, options);
  const Status good = body ? check_command(schema, *body, options.revision) : Status(body.error());
  if (!good) {
    refuse(good.error());
    return kWrongUsage;
  }
  Json command = make_command(std::move(*body), options.reason, options.witness);
  if (!options.id.empty()) command.set("id", options.id);
  if (options.revision >= 0) command.set("expect_revision", options.revision);
  return send_command(globals, std::string(schema.verb), std::move(command), options.wait);
}

std::string help_of(const BodyKey& key) {
  std::string text(key.says);
  if (!key.words.empty()) {
    text += text.empty() ? "" : ": ";
    for (std::size_t i = 0; i < key.words.size(); ++i)
      text += cat(i == 0 ? "" : ", ", key.words[i]);
  }
  if (key.type == KeyType::list) text += text.empty() ? "again for more" : "; again for more";
  if (is_file_text(key)) text += text.empty() ? "@FILE" : "; @FILE";
  if (key.type == KeyType::object) text += text.empty() ? "JSON or @FILE" : "; JSON or @FILE";
  if (!key.with.empty()) text += cat(" (with ", flag_of(key.with), ")");
  if (key.required && key.with.empty()) text += text.empty() ? "needed" : " (needed)";
  return text;
}

void add_keys(CLI::App* command, const CommandSchema& schema,
              const std::shared_ptr<VerbOptions>& options) {
  bool has_argument = false;
  for (const BodyKey& key : schema.body.keys) {
    const std::string name(key.name);
    if (key.type == KeyType::flag) {
      // Left out says nothing, which is another word than false: "not fit", "not final".
      const auto say = [options, name](std::int64_t times) { options->flags[name] = times > 0; };
      command->add_flag_function(cat(flag_of(name), ",!--no-", flag_of(name).substr(2)), say,
                                 help_of(key));
      continue;
    }
    std::string names = flag_of(name);
    const bool argument = !has_argument && key.required && key.with.empty() && is_plain(key);
    if (argument) names += "," + name;
    has_argument |= argument;
    auto* option = command->add_option(names, options->values[name], help_of(key));
    option->expected(1, key.type == KeyType::list ? static_cast<int>(kValuesMax) : 1);
    option->allow_extra_args(false)->take_all();
  }
}

void add_verb(CLI::App* noun, Globals& globals, const CommandSchema& schema,
              const std::string& act) {
  auto* command = noun->add_subcommand(act, std::string(schema.says));
  auto options = std::make_shared<VerbOptions>();
  add_keys(command, schema, options);
  // A key of the body may have the name of a flag that every command has.
  const auto own = [&schema](std::string_view key) {
    return find_key(schema.body, key) != nullptr;
  };
  if (!own("reason")) command->add_option("--reason", options->reason, "why, for the journal");
  if (schema.witness && !own("witness")) {
    command->add_option("--witness", options->witness,
                        "second person, who confirms under their login");
  }
  if (schema.revision == Revision::course) {
    command->add_option("--expect-revision", options->revision,
                        "only if the course is still at this revision");
  }
  if (!own("id")) command->add_option("--id", options->id, "to send the same command again");
  if (!own("wait")) {
    command->add_flag("--wait", options->wait, "wait past `accepted` to the end");
  }
  on_chosen(command, globals,
            [&globals, &schema, options] { return give(globals, schema, *options); });
}

}  // namespace

void add_verbs(CLI::App& app, Globals& globals) {
  std::map<std::string, std::string> acts;  // of a noun, as its help tells them
  for (const CommandSchema& schema : core::command_table()) {
    const std::size_t slash = schema.verb.find('/');
    std::string& told = acts[std::string(schema.verb.substr(0, slash))];
    told += cat(told.empty() ? "" : ", ", schema.verb.substr(slash + 1));
  }
  for (const CommandSchema& schema : core::command_table()) {
    const std::size_t slash = schema.verb.find('/');
    const std::string noun(schema.verb.substr(0, slash));
    const std::string act(schema.verb.substr(slash + 1));
    CLI::App* group = find_subcommand(app, noun);
    if (group == nullptr) {
      group = app.add_subcommand(noun, acts[noun]);
      group->require_subcommand(1);
    }
    if (find_subcommand(*group, act) == nullptr) add_verb(group, globals, schema, act);
  }
}

}  // namespace cryobank::ctl
