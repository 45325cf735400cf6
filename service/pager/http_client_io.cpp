#include "service/pager/http_client_io.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/check.hpp"
#include "base/text.hpp"
#include "service/pager/dialog_io.hpp"

namespace cryobank::pager {
namespace {

struct CloseEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CloseList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct CloseUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

bool is_http_url(const std::string& url) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) return false;
  const std::unique_ptr<CURLU, CloseUrl> parsed(curl_url());
  return parsed != nullptr &&
         curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
}

// Once in the life of the program, before the first request of any thread.
bool library_is_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

// Fewer bytes than came end the transfer.
std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + count > kAnswerBytesMax) return 0;
  text.append(bytes, count);
  return count;
}

// One transfer, from its options to its end.
class Transfer {
 public:
  Transfer(const HttpRoute& route, Until until) {
    CHECK(library_is_ready());
    handle_.reset(curl_easy_init());
    CHECK(handle_ != nullptr);
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const long left_ms = std::clamp<std::int64_t>(left.count(), 1, 600'000);
    set(CURLOPT_URL, route.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_TIMEOUT_MS, left_ms);
    set(CURLOPT_CONNECTTIMEOUT_MS, left_ms);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_PROXY, route.proxy.c_str());  // "": none, whatever the environment says
    set(CURLOPT_USERAGENT, "cryobank-pager");
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, &answer_.body);
    if (!route.ca_file.empty()) set(CURLOPT_CAINFO, route.ca_file.c_str());
  }

  void ask(std::string_view method, const std::vector<std::string>& headers,
           std::string_view body) {
    add_header("Expect:");  // the body is short: it is not waited for a 100
    for (const std::string& header : headers) add_header(header);
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_CUSTOMREQUEST, std::string(method).c_str());
    if (method == "GET") return;
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_COPYPOSTFIELDS, body.data());
  }
  void only_connect() { set(CURLOPT_CONNECT_ONLY, 1L); }

  // Empty: done.
  std::string run() {
    const CURLcode code = curl_easy_perform(handle_.get());
    if (code == CURLE_OK) return {};
    if (code == CURLE_OPERATION_TIMEDOUT) return "no answer in time";
    if (code == CURLE_WRITE_ERROR) return "an answer without end";
    return clip(error_[0] != '\0' ? error_.data() : curl_easy_strerror(code), 200);
  }
  HttpAnswer answer() {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<int>(status);
    return std::move(answer_);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    CHECK(curl_easy_setopt(handle_.get(), option, value) == CURLE_OK);
  }
  void add_header(const std::string& header) {
    curl_slist* longer = curl_slist_append(headers_.get(), header.c_str());
    CHECK(longer != nullptr);
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }

  std::unique_ptr<CURL, CloseEasy> handle_;
  std::unique_ptr<curl_slist, CloseList> headers_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  HttpAnswer answer_;
};

}  // namespace

void read_route(config::TableReader& reader, HttpRoute& route, config::Need url) {
  reader.text("url", route.url, url);
  read_path(reader, "ca_file", route.ca_file);
  reader.text("proxy", route.proxy);
  if (!route.url.empty() && !is_http_url(route.url)) {
    reader.fault("url", cat("expected http://host[:port]/path or https://host[:port]/path, came \"",
                            clip(route.url, 80), "\""));
  }
  if (!route.proxy.empty() && !is_http_url(route.proxy)) {
    reader.fault("proxy", cat("expected http://host:port, came \"", clip(route.proxy, 80), "\""));
  }
}

std::optional<HttpAnswer> http_request(const HttpRoute& route, std::string_view method,
                                       const std::vector<std::string>& headers,
                                       std::string_view body, Until until, std::string& why) {
  Transfer transfer(route, until);
  transfer.ask(method, headers, body);
  why = transfer.run();
  if (!why.empty()) return std::nullopt;
  return transfer.answer();
}

std::string http_probe(const HttpRoute& route, Until until) {
  Transfer transfer(route, until);
  transfer.only_connect();
  return transfer.run();
}

std::string url_encoded(std::string_view text) {
  if (text.empty()) return {};
  const std::unique_ptr<char, decltype(&curl_free)> escaped(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), &curl_free);
  return escaped == nullptr ? std::string() : std::string(escaped.get());
}

}  // namespace cryobank::pager
