#include "service/http_io.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::service {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using HttpClock = std::chrono::steady_clock;
using HttpReply = http::response<http::string_body>;

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const auto byte = [&bytes, i](std::size_t n) -> std::uint32_t {
      return i + n < bytes.size() ? bytes[i + n] : 0U;
    };
    const std::uint32_t word = (byte(0) << 16U) | (byte(1) << 8U) | byte(2);
    out.push_back(kDigits[(word >> 18U) & 63U]);
    out.push_back(kDigits[(word >> 12U) & 63U]);
    out.push_back(left > 1 ? kDigits[(word >> 6U) & 63U] : '=');
    out.push_back(left > 2 ? kDigits[word & 63U] : '=');
  }
  return out;
}

Result<std::string> read_page_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return make_error(ErrorCode::io, cat("[http] page: expected the staff's page, cannot read ",
                                         path, "; `scripts/page` builds it"));
  }
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (text.size() <= kPageBytesMax && !text.empty()) return text;
  return make_error(ErrorCode::invalid_value, cat("[http] page: expected 1 to ", kPageBytesMax,
                                                  " bytes, ", path, " has ", text.size()));
}

// Hashes of what stands between the tags, for the policy: only these scripts and styles may run.
std::string hashes_between(std::string_view page, std::string_view open, std::string_view close) {
  std::string out;
  for (std::size_t at = page.find(open); at != std::string_view::npos; at = page.find(open, at)) {
    const std::size_t begin = page.find('>', at);
    if (begin == std::string_view::npos) break;
    const std::size_t end = page.find(close, begin);
    if (end == std::string_view::npos) break;
    out += cat(" 'sha256-", base64(sha256(page.substr(begin + 1, end - begin - 1))), "'");
    at = end;
  }
  return out;
}

constexpr std::string_view kFeedPath = "/calendar/";
constexpr std::string_view kFeedEnd = ".ics";

bool same_digest(const Sha256& a, const Sha256& b) {
  unsigned differs = 0;
  for (std::size_t i = 0; i < a.size(); ++i) differs |= unsigned{a[i]} ^ unsigned { b[i] };
  return differs == 0;
}

struct ServedPage {
  std::string text;
  std::string packed;  // gzip, if index.html.gz lies beside it
  std::string policy;
  std::string tag;
  std::string settings;  // page.json
};

std::string websocket_sources(const config::HttpConfig& http) {
  if (!http.websocket_url.empty()) return cat(" ", http.websocket_url);
  if (http.websocket_port == 0) return " ws: wss:";
  return cat(" ws://127.0.0.1:", http.websocket_port, " ws://localhost:", http.websocket_port,
             " wss:");
}

Result<ServedPage> load_page(const config::SiteConfig& site) {
  ServedPage page;
  Json settings = Json::object().set("site", site.site.str());
  if (site.http.websocket_port != 0) settings.set("websocket_port", site.http.websocket_port);
  if (!site.http.websocket_url.empty()) settings.set("websocket_url", site.http.websocket_url);
  page.settings = settings.dump();
  if (site.http.page.empty()) return page;
  TRY_ASSIGN(std::string text, read_page_file(site.http.page));
  page.text = std::move(text);
  if (Result<std::string> packed = read_page_file(site.http.page + ".gz")) {
    page.packed = std::move(*packed);
  }
  page.policy =
      cat("default-src 'none'; script-src", hashes_between(page.text, "<script", "</script"),
          "; style-src", hashes_between(page.text, "<style", "</style"),
          "; img-src 'self' data:; connect-src 'self'", websocket_sources(site.http),
          "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  page.tag = cat("\"", to_hex(sha256(page.text)).substr(0, 32), "\"");
  return page;
}

}  // namespace

class HttpServer::Parts {
 public:
  Status start(const config::SiteConfig& site) {
    if (site.http.port == 0) return {};
    TRY_ASSIGN(ServedPage page, load_page(site));
    page_ = std::move(page);
    beast::error_code error;
    const tcp::endpoint here(asio::ip::address_v4::loopback(),
                             static_cast<std::uint16_t>(site.http.port));
    acceptor_.open(here.protocol(), error);
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    acceptor_.bind(here, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return make_error(ErrorCode::io, cat("[http] port: expected a free port, 127.0.0.1:",
                                           site.http.port, " gave: ", error.message()));
    }
    accept();
    thread_ = std::jthread([this] {
      // Signals are for the loop's thread.
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_SETMASK, &all, nullptr);
      context_.run();
    });
    return {};
  }

  void show(core::Expose expose) {
    const std::lock_guard lock(mutex_);
    shown_ = std::move(expose);
    shown_at_ = HttpClock::now();
  }

  void show(core::ShowFeeds feeds) {
    const std::lock_guard lock(mutex_);
    feeds_ = std::move(feeds.feeds);
  }

  void stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  // One connection: reads a request, answers it, and so on until it is idle for too long.
  class Session : public std::enable_shared_from_this<Session> {
   public:
    Session(tcp::socket socket, Parts& parts) : stream_(std::move(socket)), parts_(parts) {
      ++parts_.connections_;
    }
    ~Session() { --parts_.connections_; }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void read() {
      parser_.emplace();
      parser_->header_limit(kHttpHeaderMax);
      parser_->body_limit(0);
      stream_.expires_after(std::chrono::seconds(kHttpIdle.seconds()));
      http::async_read(stream_, buffer_, *parser_,
                       [self = shared_from_this()](beast::error_code error, std::size_t) {
                         if (!error) self->answer();
                       });
    }

   private:
    void answer() {
      const auto request = parser_->release();
      reply_ =
          parts_.answer(request.method(), request.target(), request[http::field::accept_encoding],
                        request[http::field::if_none_match]);
      reply_.version(request.version());
      reply_.keep_alive(request.keep_alive());
      reply_.prepare_payload();
      if (request.method() == http::verb::head) reply_.body().clear();
      http::async_write(stream_, reply_,
                        [self = shared_from_this()](beast::error_code error, std::size_t) {
                          if (!error && self->reply_.keep_alive()) self->read();
                        });
    }

    beast::tcp_stream stream_;
    Parts& parts_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::empty_body>> parser_;
    HttpReply reply_;
  };

  void accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error && connections_ < kHttpConnectionsMax) {
        std::make_shared<Session>(std::move(socket), *this)->read();
      }
      accept();
    });
  }

  static HttpReply text_reply(http::status status, std::string_view type, std::string body) {
    HttpReply reply{status, 11};
    reply.set(http::field::content_type, type);
    reply.set(http::field::cache_control, "no-store");
    reply.set("X-Content-Type-Options", "nosniff");
    reply.body() = std::move(body);
    return reply;
  }

  HttpReply answer(http::verb method, std::string_view target, std::string_view accepts,
                   std::string_view known) {
    if (method != http::verb::get && method != http::verb::head) {
      HttpReply reply = text_reply(http::status::method_not_allowed, "text/plain; charset=utf-8",
                                   "only GET and HEAD; commands go over MQTT\n");
      reply.set(http::field::allow, "GET, HEAD");
      return reply;
    }
    const std::string_view path = target.substr(0, target.find('?'));
    if (path == "/" || path == "/index.html") return page_reply(accepts, known);
    if (path == "/page.json") {
      return text_reply(http::status::ok, "application/json", page_.settings);
    }
    if (path == "/metrics" || path == "/livez" || path == "/readyz") return probe_reply(path);
    if (path.starts_with(kFeedPath)) return feed_reply(path.substr(kFeedPath.size()), known);
    return nothing_there();
  }

  static HttpReply nothing_there() {
    return text_reply(http::status::not_found, "text/plain; charset=utf-8",
                      "expected /, /metrics, /livez or /readyz\n");
  }

  // Every feed is compared, and every byte of its hash: how long it takes tells nothing of any. A
  // wrong secret is told as what is not there.
  HttpReply feed_reply(std::string_view secret, std::string_view known) {
    if (secret.ends_with(kFeedEnd)) secret.remove_suffix(kFeedEnd.size());
    const Sha256 digest = sha256(secret);
    std::shared_ptr<const std::vector<core::ServedFeed>> feeds;
    {
      const std::lock_guard lock(mutex_);
      feeds = feeds_;
    }
    if (!feeds) {
      return text_reply(http::status::service_unavailable, "text/plain; charset=utf-8",
                        "the service is starting\n");
    }
    const core::ServedFeed* found = nullptr;
    for (const core::ServedFeed& feed : *feeds) {
      found = same_digest(feed.digest, digest) ? &feed : found;
    }
    if (found == nullptr) return nothing_there();
    const bool same = known == found->tag;
    HttpReply reply =
        text_reply(same ? http::status::not_modified : http::status::ok,
                   "text/calendar; charset=utf-8", same ? std::string() : *found->text);
    reply.set(http::field::etag, found->tag);
    reply.set(http::field::cache_control, "private, no-cache");
    reply.set("Referrer-Policy", "no-referrer");
    return reply;
  }

  HttpReply page_reply(std::string_view accepts, std::string_view known) const {
    if (page_.text.empty()) {
      return text_reply(http::status::not_found, "text/plain; charset=utf-8",
                        "no page is served: [http] page\n");
    }
    const bool same = known == page_.tag;
    const bool packed = accepts.find("gzip") != std::string_view::npos && !page_.packed.empty();
    HttpReply reply =
        text_reply(same ? http::status::not_modified : http::status::ok, "text/html; charset=utf-8",
                   same     ? std::string()
                   : packed ? page_.packed
                            : page_.text);
    if (packed && !same) reply.set(http::field::content_encoding, "gzip");
    reply.set(http::field::vary, "Accept-Encoding");
    reply.set(http::field::etag, page_.tag);
    reply.set(http::field::cache_control, "no-cache");
    reply.set("Content-Security-Policy", page_.policy);
    reply.set("Referrer-Policy", "no-referrer");
    reply.set("Cross-Origin-Opener-Policy", "same-origin");
    return reply;
  }

  HttpReply probe_reply(std::string_view path) {
    const std::lock_guard lock(mutex_);
    const auto age = HttpClock::now() - shown_at_;
    const bool fresh = !shown_.metrics.empty() && age < std::chrono::nanoseconds(kShownMax.ns);
    const auto verdict = [](bool good) {
      return good ? http::status::ok : http::status::service_unavailable;
    };
    if (path == "/metrics") {
      if (fresh) {
        return text_reply(http::status::ok, "text/plain; version=0.0.4; charset=utf-8",
                          shown_.metrics);
      }
      return text_reply(http::status::service_unavailable, "text/plain; charset=utf-8",
                        "the service has not said anything for 15 s\n");
    }
    if (path == "/livez") {
      // Before the first beat of a run it is starting, which is no reason to kill it.
      const bool live = fresh || shown_.metrics.empty();
      return text_reply(verdict(live), "application/health+json",
                        live ? R"({"status":"pass"})" : R"({"status":"fail"})");
    }
    const bool ready = fresh && shown_.ready;
    return text_reply(verdict(ready), "application/health+json",
                      fresh ? shown_.health : R"({"status":"fail"})");
  }

  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  ServedPage page_;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  core::Expose shown_;
  std::shared_ptr<const std::vector<core::ServedFeed>> feeds_;  // null: none were told yet
  HttpClock::time_point shown_at_;
  std::jthread thread_;
};

HttpServer::HttpServer() : parts_(std::make_unique<Parts>()) {}
HttpServer::~HttpServer() { stop(); }
Status HttpServer::start(const config::SiteConfig& site) { return parts_->start(site); }
void HttpServer::show(core::Expose expose) { parts_->show(std::move(expose)); }
void HttpServer::show(core::ShowFeeds feeds) { parts_->show(std::move(feeds)); }
void HttpServer::stop() { parts_->stop(); }

}  // namespace cryobank::service
