// signature check: every signature of a record; and the hash of a signing secret.
#include <sys/random.h>
#include <unistd.h>

#include <array>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/secret.hpp"
#include "inventory/record/backup/rebuild.hpp"
#include "inventory/record/signature_check.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/login_io.hpp"
#include "service/ctl/print_io.hpp"
#include "service/repair/record_files_io.hpp"

namespace cryobank::ctl {
namespace {

Result<std::string> read_secret() {
  TRY_ASSIGN(auto first, ask_new_secret("signing secret:", "secrets"));
  if (first.size() < config::kSecretMin || first.size() > config::kSecretMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a secret of ", config::kSecretMin, " to ", config::kSecretMax,
                          " bytes, came ", first.size()));
  }
  return first;
}

void print_signature(const Globals& globals, const inventory::CheckedSignature& found) {
  if (globals.json) {
    Json line = Json::object().set("signature", found.id).set("sequence", found.sequence);
    line.set("at", format_utc(found.at)).set("act", found.act);
    line.set("signer", found.signer).set("witness", found.witness);
    line.set("holds", found.fault.empty()).set("fault", found.fault).set("purged", found.purged);
    return print_json(line);
  }
  std::string text = cat(found.sequence, " ", format_utc(found.at), " ", found.id, ": ",
                         cell(found.signer["name"]), " (", cell(found.signer["user"]), "), \"",
                         cell(found.signer["meaning"]), "\", ", found.act);
  if (found.witness.is_object()) {
    text += cat("; ", cell(found.witness["name"]), " (", cell(found.witness["user"]), "), \"",
                cell(found.witness["meaning"]), "\"");
  }
  if (const Json& session = found.signer["session"]; !session.is_null() && session != Json("")) {
    text += cat(" (by secret, in the session of ", cell(session), ")");
  }
  if (found.purged) text += " (what it was about was purged)";
  print_line(cat(text, found.fault.empty() ? ": holds" : cat(": DOES NOT HOLD, ", found.fault)));
}

int check_signatures(const Globals& globals, const std::string& file) {
  config::SiteConfig site;
  config::Faults faults;
  const bool good = service::load_site(file, site, faults);
  service::print_faults(faults);
  if (!good) return kRefused;
  auto store = inventory::open_store(service::record_files(site).store);
  if (!store) return refuse(store.error());
  inventory::SignatureCheck check(site, [&globals](const inventory::CheckedSignature& found) {
    print_signature(globals, found);
  });
  const auto entries = inventory::entries_of(inventory::scan_of(**store));
  const Status read = entries([&check](std::string_view entry) { return check.feed(entry); });
  if (!read) return refuse(read.error());
  tell(cat(check.signatures(), " signatures, ", check.faults(), " do not hold"));
  return check.faults() == 0 ? kDone : kRefused;
}

}  // namespace

Result<std::string> ask_secret_hash() {
  TRY_ASSIGN(const auto secret, read_secret());
  std::array<std::uint8_t, config::kSaltLength> salt{};
  CHECK(getrandom(salt.data(), salt.size(), 0) == static_cast<ssize_t>(salt.size()));
  return config::hash_secret(secret, salt);
}

void add_signature(CLI::App& app, Globals& globals) {
  auto* signature = app.add_subcommand("signature", "electronic signatures");
  signature->require_subcommand(1);
  auto* check = signature->add_subcommand(
      "check", "every signature of the record, and whether it still holds; the daemon stopped");
  auto options = with_options(check);
  check->add_option("--config", options->file, "site file")->required();
  on_chosen(check, globals,
            [&globals, options] { return check_signatures(globals, options->file); });
  auto* end = signature->add_subcommand(
      "end", "end your signing sessions: the next signature needs user and secret");
  on_chosen(end, globals, [&globals] {
    return send_command(globals, "signature/end", make_command(Json::object(), {}, {}), true);
  });
}

}  // namespace cryobank::ctl
