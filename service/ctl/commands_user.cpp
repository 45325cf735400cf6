// user: the staff list, its logins and its signing secrets. A change is checked with the whole site
// before it stays, and a secret is read from the terminal or standard input, never from the line.
#include <unistd.h>

#include <filesystem>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/broker_config.hpp"
#include "service/ctl/broker_password_io.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/login_io.hpp"
#include "service/ctl/print_io.hpp"
#include "service/ctl/staff_file.hpp"

namespace cryobank::ctl {
namespace {

constexpr int kStaffFileMode = 0640;
constexpr std::size_t kStaffFileMax = 4 * 1024 * 1024;

struct UserOptions {
  std::string config;
  std::string user;
  std::string name;
  std::vector<std::string> roles;
  std::vector<std::string> channels;
  std::vector<std::string> places;
  std::string passwords;
  std::string acl;
};

std::string words(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += cat(text.empty() ? "" : " ", item);
  return text;
}

template <class Ids>
std::vector<std::string> names_of(const Ids& ids) {
  std::vector<std::string> names;
  for (const auto& id : ids) names.push_back(id.str());
  return names;
}

int list_users(const Globals& globals, const std::string& file) {
  config::SiteConfig site;
  config::Faults faults;
  if (!service::load_site(file, site, faults)) return report_faults(globals, faults, file);
  Table table{{"user", "name", "roles", "channels", "places", "signs"}, {}};
  for (const config::UserConfig& user : site.users) {
    const std::string roles = words(user.roles);
    const std::string channels = words(names_of(user.channels));
    const std::string places = words(names_of(user.places));
    if (globals.json) {
      print_json(Json::object()
                     .set("user", user.id.str())
                     .set("name", user.name)
                     .set("roles", roles)
                     .set("channels", channels)
                     .set("places", places)
                     .set("signs", !user.signing_secret.empty()));
    }
    table.rows.push_back({user.id.str(), user.name.empty() ? "-" : user.name, roles,
                          channels.empty() ? "-" : channels, places.empty() ? "all" : places,
                          user.signing_secret.empty() ? "no" : "yes"});
  }
  if (!globals.json) print_table(table);
  return kDone;
}

const config::UserConfig* find_user(const config::SiteConfig& site, std::string_view id) {
  for (const config::UserConfig& user : site.users) {
    if (user.id.str() == id) return &user;
  }
  return nullptr;
}

// The broker's access list grants each person by name, so it changes with the staff list.
int renew_acl(const UserOptions& options, const config::SiteConfig& site) {
  const bool said = !options.acl.empty();
  std::string file = options.acl;
  if (!said && !options.passwords.empty()) {
    const auto beside = std::filesystem::path(options.passwords).parent_path() / "acl";
    std::error_code failed;
    if (std::filesystem::exists(beside, failed)) file = beside.string();
  }
  if (file.empty()) {
    print_line(
        "the broker's access list is as it was: --acl FILE, or cryobankctl broker config, "
        "makes it anew");
    return kDone;
  }
  const auto put = put_rendered(file, render_acl(site), false);
  if (!put) return refuse(put.error());
  return *put ? kDone : kRefused;
}

// Puts `changed` in the staff file's place if the whole site is good with it, and puts the old text
// back if it is not. The daemon reads the file only when it is told to.
Result<config::SiteConfig> change_staff(const UserOptions& options, const std::string& file,
                                        const std::string& before, const std::string& changed,
                                        std::string_view done) {
  TRY(write_file(file, changed, kStaffFileMode));
  config::SiteConfig site;
  config::Faults faults;
  if (service::load_site(options.config, site, faults)) {
    print_line(cat(done, "; the daemon takes it at its next reload: systemctl reload cryobankd"));
    return site;
  }
  service::print_faults(faults);
  TRY(write_file(file, before, kStaffFileMode));
  return make_error(ErrorCode::invalid_value, cat("nothing was changed in ", file));
}

struct Staff {
  config::SiteConfig site;
  std::string file;  // that holds the users
  std::string text;
};

Result<Staff> read_staff(const UserOptions& options, const config::UserConfig** user) {
  Staff staff;
  config::Faults faults;
  if (!service::load_site(options.config, staff.site, faults)) {
    service::print_faults(faults);
    return make_error(ErrorCode::invalid_value,
                      cat("expected a good site before it is changed: ", options.config));
  }
  const config::UserConfig* found = find_user(staff.site, options.user);
  staff.file = found != nullptr           ? found->file
               : staff.site.users.empty() ? options.config
                                          : staff.site.users.back().file;
  TRY_ASSIGN(auto text, read_file(staff.file, kStaffFileMax));
  staff.text = std::move(text);
  *user = found;
  return staff;
}

int tell_unknown(const UserOptions& options) {
  return refuse(make_error(ErrorCode::not_found,
                           cat("no user \"", clip(options.user, 60), "\" in ", options.config)));
}

Result<std::string> ask_password(const UserOptions& options) {
  return ask_new_secret(cat("broker password of ", options.user, ":"), "passwords");
}

int keep_password(const UserOptions& options, const std::string& secret) {
  if (const Status put = put_password(options.passwords, options.user, secret); !put) {
    return refuse(put.error());
  }
  print_line(cat("the login ", options.user, " has a new password in ", options.passwords,
                 "; the broker takes it at its next reload: systemctl reload mosquitto"));
  if (const std::string hint = hint_unreadable(options.passwords); !hint.empty()) tell(hint);
  return kDone;
}

int add_one(const UserOptions& options) {
  const auto id = UserId::parse(options.user);
  if (!id) return refuse(id.error());
  const config::UserConfig* found = nullptr;
  auto staff = read_staff(options, &found);
  if (!staff) return refuse(staff.error());
  if (found != nullptr) {
    return refuse(make_error(
        ErrorCode::already_exists,
        cat("user \"", options.user, "\" stands in ", found->file, ":", found->line, " already")));
  }
  const auto changed =
      add_user(staff->text, {*id, options.name, options.roles, options.channels, options.places});
  if (!changed) return refuse(changed.error());
  std::string secret;
  if (!options.passwords.empty()) {  // asked before anything is written
    auto asked = ask_password(options);
    if (!asked) return refuse(asked.error());
    secret = std::move(*asked);
  }
  const auto site = change_staff(
      options, staff->file, staff->text, *changed,
      cat("user ", options.user, " is in ", staff->file, " with ", words(options.roles)));
  if (!site) return refuse(site.error());
  const int kept = options.passwords.empty() ? kDone : keep_password(options, secret);
  const int renewed = renew_acl(options, *site);
  return kept != kDone ? kept : renewed;
}

int change_roles(const UserOptions& options) {
  const config::UserConfig* found = nullptr;
  auto staff = read_staff(options, &found);
  if (!staff) return refuse(staff.error());
  if (found == nullptr) return tell_unknown(options);
  const auto changed = set_roles(staff->text, found->line, found->id, options.roles);
  if (!changed) return refuse(changed.error());
  const auto site = change_staff(
      options, staff->file, staff->text, *changed,
      cat("user ", options.user, ": ", words(found->roles), " becomes ", words(options.roles)));
  return site ? renew_acl(options, *site) : refuse(site.error());
}

int remove_one(const UserOptions& options) {
  const config::UserConfig* found = nullptr;
  auto staff = read_staff(options, &found);
  if (!staff) return refuse(staff.error());
  if (found == nullptr) return tell_unknown(options);
  const auto changed = remove_user(staff->text, found->line, found->id);
  if (!changed) return refuse(changed.error());
  const auto site = change_staff(options, staff->file, staff->text, *changed,
                                 cat("user ", options.user, " is gone from ", staff->file));
  if (!site) return refuse(site.error());
  const int renewed = renew_acl(options, *site);
  if (options.passwords.empty()) return renewed;
  const auto dropped = drop_password(options.passwords, options.user);
  if (!dropped) return refuse(dropped.error());
  print_line(cat("its login is ", *dropped ? "gone from " : "not in ", options.passwords,
                 "; the broker takes it at its next reload: systemctl reload mosquitto"));
  return renewed;
}

int change_password(const UserOptions& options) {
  if (!is_id_text(options.user)) return refuse(bad_id("user", options.user));
  const auto secret = ask_password(options);
  return secret ? keep_password(options, *secret) : refuse(secret.error());
}

// Without a person the line for whoever keeps the staff list: nobody else need see the secret.
int make_secret(const Globals& globals, const UserOptions& options) {
  if (options.user.empty() != options.config.empty()) {
    tell("expected user secret alone, or a user and --config SITE");
    return kWrongUsage;
  }
  const config::UserConfig* found = nullptr;
  Staff staff;
  if (!options.user.empty()) {
    auto known = read_staff(options, &found);
    if (!known) return refuse(known.error());
    staff = std::move(*known);
    if (find_user(staff.site, options.user) == nullptr) return tell_unknown(options);
  }
  const auto hash = ask_secret_hash();
  if (!hash) return refuse(hash.error());
  if (options.user.empty()) {
    if (globals.json) {
      print_json(Json::object().set("signing_secret", *hash));
    } else {
      print_line(cat("signing_secret = \"", *hash, "\""));
    }
    return kDone;
  }
  found = find_user(staff.site, options.user);
  const auto changed = set_signing_secret(staff.text, found->line, found->id, *hash);
  if (!changed) return refuse(changed.error());
  const auto site = change_staff(options, staff.file, staff.text, *changed,
                                 cat("user ", options.user, " signs with a new secret"));
  return site ? kDone : refuse(site.error());
}

CLI::App* add_change(CLI::App* user, const char* name, const char* says,
                     const std::shared_ptr<UserOptions>& options) {
  auto* command = user->add_subcommand(name, says);
  command->add_option("user", options->user, "the login's name")->required();
  command->add_option("--config", options->config, "site file")->required();
  command->add_option("--acl", options->acl,
                      "the broker's access list, made anew; the one beside --passwords when not "
                      "given");
  return command;
}

}  // namespace

void add_user(CLI::App& app, Globals& globals) {
  auto* user = app.add_subcommand("user", "the staff list and its logins");
  user->require_subcommand(1);
  auto* list = user->add_subcommand("ls", "users, their roles, channels and places");
  auto staff = with_options(list);
  list->add_option("--config", staff->file, "site file")->required();
  on_chosen(list, globals, [&globals, staff] { return list_users(globals, staff->file); });

  auto added = std::make_shared<UserOptions>();
  auto* add = add_change(user, "add", "one more person", added);
  add->add_option("--role", added->roles, "a role; again for more")->required();
  add->add_option("--name", added->name, "as printed beside a signature");
  add->add_option("--channel", added->channels, "where this person is paged; again for more");
  add->add_option("--place", added->places, "may change what lies in it only; again for more");
  add->add_option("--passwords", added->passwords, "the broker's password file: asks for one");
  on_chosen(add, globals, [added] { return add_one(*added); });

  auto changed = std::make_shared<UserOptions>();
  auto* role = add_change(user, "role", "other roles, in the place of the old ones", changed);
  role->add_option("roles", changed->roles, "all roles of this person")->required();
  on_chosen(role, globals, [changed] { return change_roles(*changed); });

  auto removed = std::make_shared<UserOptions>();
  auto* remove = add_change(user, "remove", "a person leaves", removed);
  remove->add_option("--passwords", removed->passwords, "the broker's password file as well");
  on_chosen(remove, globals, [removed] { return remove_one(*removed); });

  auto secret = std::make_shared<UserOptions>();
  auto* password = user->add_subcommand(
      "passwd", "a login's password at the broker; asks twice, or reads one line from a pipe");
  password->add_option("user", secret->user, "the login's name")->required();
  password->add_option("--passwords", secret->passwords, "the broker's password file")->required();
  on_chosen(password, globals, [secret] { return change_password(*secret); });

  auto signing = std::make_shared<UserOptions>();
  auto* sign = user->add_subcommand(
      "secret",
      "a signing secret, asked for twice or read from a pipe: its hash for the staff list");
  sign->add_option("user", signing->user, "whose entry it is written into; else it is printed");
  sign->add_option("--config", signing->config, "site file, with a user");
  on_chosen(sign, globals, [&globals, signing] { return make_secret(globals, *signing); });
}

}  // namespace cryobank::ctl
