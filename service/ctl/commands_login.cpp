// login, logout: who this person is, asked once and kept in a file of their own.
#include "base/text.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/login_io.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

int keep_login(const Globals& globals, bool check) {
  if (globals.access.user.empty()) {
    return refuse(make_error(ErrorCode::malformed, "expected --user, the login's name"));
  }
  Access access = globals.access;
  if (access.password.empty()) {
    const auto secret = ask_secret(cat("password of ", access.user, " at ", access.host, ":"));
    if (!secret) return refuse(secret.error());
    access.password = *secret;
  }
  if (check) {
    const auto session = Session::open(access);
    if (!session) return refuse(session.error());
  }
  const KeptLogin login{access.host, access.port,     access.site,
                        access.user, access.password, access.ca_file};
  if (const Status saved = save_login(globals.login, login); !saved) return refuse(saved.error());
  tell(cat("login \"", globals.login, "\" is kept: ", access.user, " of site ", access.site, " at ",
           access.host, ":", access.port));
  return kDone;
}

int list_logins(const Globals& globals) {
  Table table{{"login", "user", "site", "broker"}, {}};
  for (const std::string& name : login_names()) {
    const auto login = load_login(name);
    if (!login) {
      tell(cat(name, ": ", login.error().context));
      continue;
    }
    if (!login->has_value()) continue;
    const KeptLogin& kept = **login;
    table.rows.push_back({name, kept.user, kept.site, cat(kept.host, ":", kept.port)});
    if (globals.json) {
      print_json(Json::object()
                     .set("login", name)
                     .set("user", kept.user)
                     .set("site", kept.site)
                     .set("host", kept.host)
                     .set("port", static_cast<std::int64_t>(kept.port)));
    }
  }
  if (!globals.json) print_table(table);
  return kDone;
}

int drop_login(const Globals& globals) {
  const auto gone = forget_login(globals.login);
  if (!gone) return refuse(gone.error());
  if (!*gone) {
    return refuse(
        make_error(ErrorCode::not_found, cat("no login \"", globals.login, "\" is kept")));
  }
  tell(cat("login \"", globals.login, "\" is forgotten"));
  return kDone;
}

}  // namespace

void add_login(CLI::App& app, Globals& globals) {
  auto* login = app.add_subcommand(
      "login", "keep broker, site, user and password for the next commands (--login names it)");
  login->require_subcommand(0, 1);
  auto options = with_options(login);
  login->add_flag("--no-check", options->flag, "keep it without trying it at the broker");
  login->callback([&globals, options, login] {
    if (!login->get_subcommands().empty()) return;  // `login ls` leaves its own work
    globals.run = [&globals, options] { return keep_login(globals, !options->flag); };
  });
  auto* list = login->add_subcommand("ls", "the kept logins, without their passwords");
  on_chosen(list, globals, [&globals] { return list_logins(globals); });
  auto* logout = app.add_subcommand("logout", "forget the kept login (--login names it)");
  on_chosen(logout, globals, [&globals] { return drop_login(globals); });
}

}  // namespace cryobank::ctl
