// The HTTP server as a browser, a scraper and a probe see it, over real sockets.
#include "service/http_io.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <thread>

#include "base/checksum.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::service {
namespace {

int loopback_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(fd, reinterpret_cast<sockaddr*>(&here), sizeof here);
  socklen_t size = sizeof here;
  getsockname(fd, reinterpret_cast<sockaddr*>(&here), &size);
  close(fd);
  return ntohs(here.sin_port);
}

class HttpIo : public testing::Test {
 protected:
  void SetUp() override {
    site.site = *SiteId::parse("demo");
    site.http.port = loopback_port();
    site.http.websocket_port = 9001;
    site.http.page = folder.path() + "/index.html";
    std::ofstream(site.http.page) << "<html><style>p{}</style><script>go()</script></html>";
    ASSERT_TRUE(server.start(site));
  }
  void show(bool ready) { server.show({"cryobank_info 1\n", ready, R"({"status":"x"})"}); }

  // Sends the bytes and reads until the other end closes.
  std::string say(const std::string& bytes) const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(static_cast<std::uint16_t>(site.http.port));
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{5, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string answer;
    if (connect(fd, reinterpret_cast<sockaddr*>(&there), sizeof there) == 0) {
      send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      char part[4096];
      for (ssize_t n = 0; (n = recv(fd, part, sizeof part, 0)) > 0;)
        answer.append(part, static_cast<std::size_t>(n));
    }
    close(fd);
    return answer;
  }
  std::string get(const std::string& path, const std::string& headers = "") const {
    return say("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n");
  }

  TempDir folder;
  config::SiteConfig site;
  HttpServer server;
};

TEST_F(HttpIo, ServesThePageWithAPolicyThatNamesItsScriptsByHash) {
  const std::string answer = get("/");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  EXPECT_NE(answer.find("Content-Type: text/html"), std::string::npos);
  // sha256 of "go()" and "p{}" in base64.
  EXPECT_NE(answer.find("script-src 'sha256-"), std::string::npos);
  EXPECT_NE(answer.find("style-src 'sha256-"), std::string::npos);
  EXPECT_EQ(answer.find("unsafe-inline"), std::string::npos);
  EXPECT_NE(answer.find("connect-src 'self' ws://127.0.0.1:9001"), std::string::npos) << answer;
  EXPECT_NE(answer.find("<script>go()</script>"), std::string::npos);
}

TEST_F(HttpIo, AKnownPageIsNotSentAgain) {
  const std::string answer = get("/");
  const std::size_t at = answer.find("ETag: ");
  ASSERT_NE(at, std::string::npos);
  const std::string tag = answer.substr(at + 6, answer.find('\r', at) - at - 6);
  EXPECT_TRUE(get("/", "If-None-Match: " + tag + "\r\n").starts_with("HTTP/1.1 304"));
}

TEST_F(HttpIo, TellsThePageWhereTheBrokerIs) {
  EXPECT_NE(get("/page.json").find(R"({"site":"demo","websocket_port":9001})"), std::string::npos);
}

TEST_F(HttpIo, ReadyOnlyOnceTheCoreSaysSo) {
  EXPECT_TRUE(get("/readyz").starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(get("/metrics").starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(get("/livez").starts_with("HTTP/1.1 200"));
  show(true);
  EXPECT_TRUE(get("/readyz").starts_with("HTTP/1.1 200"));
  EXPECT_NE(get("/metrics").find("cryobank_info 1"), std::string::npos);
  show(false);
  EXPECT_TRUE(get("/readyz").starts_with("HTTP/1.1 503"));
}

TEST_F(HttpIo, TakesNoCommandAndKnowsNoOtherPath) {
  EXPECT_TRUE(say("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                  .starts_with("HTTP/1.1 405"));
  for (const char* path : {"/../etc/passwd", "/%2e%2e/x", "/index.htm", "//", "/metrics/x"}) {
    EXPECT_TRUE(get(path).starts_with("HTTP/1.1 404")) << path;
  }
}

core::ServedFeed feed_of(std::string_view secret, std::string text) {
  return {sha256(secret), "\"tag\"", std::make_shared<const std::string>(std::move(text))};
}

TEST_F(HttpIo, ACalendarIsServedAtItsSecretAddressAndAnyOtherIsNotThere) {
  EXPECT_TRUE(get("/calendar/open-sesame.ics").starts_with("HTTP/1.1 503")) << "it is starting";
  server.show(core::ShowFeeds{std::make_shared<std::vector<core::ServedFeed>>(
      std::vector{feed_of("open-sesame", "BEGIN:VCALENDAR\r\n"), feed_of("other", "x")})});
  const std::string answer = get("/calendar/open-sesame.ics");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
  EXPECT_NE(answer.find("Content-Type: text/calendar; charset=utf-8"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("BEGIN:VCALENDAR\r\n")) << answer;
  const std::string known = get("/calendar/open-sesame.ics", "If-None-Match: \"tag\"\r\n");
  EXPECT_TRUE(known.starts_with("HTTP/1.1 304")) << known;
  // A wrong secret is answered as what was never there, to the byte.
  const std::string nothing = get("/nothing-here");
  for (const char* path : {"/calendar/open-sesamf.ics", "/calendar/", "/calendar/.ics",
                           "/calendar/open-sesame.ics.ics", "/calendar/open", "/calendar"}) {
    EXPECT_EQ(get(path), nothing) << path;
  }
  EXPECT_EQ(get("/calendar/" + std::string(8'000, 'a')), nothing);
  EXPECT_TRUE(say("POST /calendar/open-sesame.ics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .starts_with("HTTP/1.1 405"));
  server.show(core::ShowFeeds{std::make_shared<std::vector<core::ServedFeed>>()});
  EXPECT_EQ(get("/calendar/open-sesame.ics"), nothing) << "it was revoked";
}

TEST_F(HttpIo, BadInputEndsTheConnectionAndNothingElse) {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\r\n\r\n"), std::string("GET\r\n\r\n"),
        "GET / HTTP/1.1\r\nX: " + std::string(40'000, 'a') + "\r\n\r\n",
        std::string("GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n")}) {
    say(bytes);
  }
  EXPECT_TRUE(get("/").starts_with("HTTP/1.1 200"));
}

TEST_F(HttpIo, APortInUseIsNamed) {
  HttpServer second;
  const Status started = second.start(site);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().context.find(std::to_string(site.http.port)), std::string::npos);
}

TEST_F(HttpIo, APageThatIsNotThereIsNamed) {
  site.http.page += "x";
  site.http.port = loopback_port();
  HttpServer second;
  const Status started = second.start(site);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().context.find(site.http.page), std::string::npos);
}

TEST_F(HttpIo, ManyAtOnceAreAllAnswered) {
  std::vector<std::jthread> askers;
  std::atomic<int> good{0};
  for (int i = 0; i < 50; ++i) {
    askers.emplace_back([&] { good += get("/").starts_with("HTTP/1.1 200") ? 1 : 0; });
  }
  askers.clear();
  EXPECT_EQ(good, 50);
}

}  // namespace
}  // namespace cryobank::service
