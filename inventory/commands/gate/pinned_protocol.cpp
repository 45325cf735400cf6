#include "inventory/commands/gate/pinned_protocol.hpp"

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {

Result<const config::ProtocolConfig*> find_protocol(const config::SiteConfig& site,
                                                    const ProtocolId& id, int version) {
  const config::ProtocolConfig* found = site.find_protocol(id, version);
  if (found != nullptr) return found;
  std::string known;
  for (const config::ProtocolConfig& one : site.protocols) {
    known += cat(known.empty() ? "" : ", ", one.id.str(), " version ", one.version);
  }
  return make_error(
      ErrorCode::not_found,
      cat("no protocol ", id.str(), version == 0 ? "" : cat(" version ", version),
          ": this site has ([files] protocols) ", known.empty() ? "none" : clip(known, 400)));
}

Status check_share(const config::ProtocolConfig& protocol, const DoseId& dose,
                   const Fraction& fraction) {
  const bool half =
      protocol.dose_fraction.numerator() > 0 && protocol.dose_fraction < *Fraction::make(1, 1);
  if (!half) return {};
  TRY_ASSIGN(const auto share, Fraction::make(1, protocol.doses));
  if (fraction <= share) return {};
  return make_error(
      ErrorCode::invalid_value,
      cat("expected at most ", share.str(), " of the course in dose ", dose.str(),
          ", since protocol ", protocol.id.str(), " gives ", protocol.dose_fraction.str(),
          " of a dose ", protocol.doses, " times, came ", fraction.str(), ": register ",
          protocol.doses, " doses, or name each with its fraction"));
}

Error pinned_already(const Course& course) {
  return make_error(ErrorCode::conflict,
                    cat("course ", course.id.str(), " is given by protocol ", course.protocol.str(),
                        " version ", course.protocol_version,
                        ": what differs for its patient is an amendment (course/amend)"));
}

void put_protocol(Json& data, const config::ProtocolConfig& protocol) {
  data.set("protocol", protocol.id.str());
  data.set("protocol_version", protocol.version);
}

}  // namespace cryobank::inventory
