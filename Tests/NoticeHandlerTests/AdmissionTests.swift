import FastCGI
import Notice
import Testing

@testable import NoticeHandler

struct AdmissionTests {
  private func decide(
    _ request: TestRequest, path: String = "/notice", script: Bool = false, keys: [String] = []
  ) throws -> Admission.Decision {
    let served = try #require(ServedPath(path, servesScript: script))
    return Admission(servedPath: served, keys: SecretSet(keys)).decide(on: request)
  }

  @Test(arguments: [
    ("/notice", "/notice", true), ("/notice", "/notice/", true),
    ("/notice", "/notice/message", true), ("/notice", "/notice/room/left", true),
    ("/notice", "/notice?a=1", true), ("/notice", "/notice/?a=/x", true),
    ("/notice", "/noticeX", false), ("/notice", "/notic", false), ("/notice", "/", false),
    ("/notice", "/x/notice", false), ("/notice", "/x?/notice", false), ("/notice", "", false),
    ("/notice/", "/notice", true), ("/a/b", "/a/b/c", true), ("/a/b", "/a", false),
    ("/notice//", "/notice/x", true), ("/é/", "/é", true), ("/\u{600}/", "/x", false),
    ("/", "/", true), ("/", "/anything/at/all", true), ("//", "/x", true),
    ("/notice", "/notice/\u{301}x", true), ("/notice", "/notice\u{301}/x", false),
  ])
  func `the path and all below it is served`(path: String, uri: String, isServed: Bool) throws {
    switch try decide(TestRequest("POST", uri), path: path) {
    case .admitted: #expect(isServed)
    case .refused(let refusal):
      #expect(!isServed)
      #expect(refusal.response.status == .notFound)
    }
  }

  @Test(
    arguments: [
      // What the web server says instead of what the caller wrote.
      (["REQUEST_URI": "/%6Eotice/x", "DOCUMENT_URI": "/notice/x"], "/notice/x"),
      (["REQUEST_URI": "/hook", "SCRIPT_NAME": "/notice", "PATH_INFO": "/x"], "/notice/x"),
      (
        [
          "REQUEST_URI": "/cgi-bin/n.cgi/notice/x", "SCRIPT_NAME": "/cgi-bin/n.cgi",
          "PATH_INFO": "/notice/x",
        ], "/notice/x"
      ),
      // The script as the address.
      (["REQUEST_URI": "/cgi-bin/n.cgi", "SCRIPT_NAME": "/cgi-bin/n.cgi"], "/cgi-bin/n.cgi"),
      (
        ["REQUEST_URI": "/cgi-bin/n.cgi/x?q", "SCRIPT_NAME": "/cgi-bin/n.cgi", "PATH_INFO": "/x"],
        "/cgi-bin/n.cgi/x"
      ),
      (["REQUEST_URI": "/other", "SCRIPT_NAME": "/cgi-bin/n.cgi"], nil),
      (["REQUEST_URI": "/other"], nil),
    ] as [([String: String], String?)])
  func `a script finds its path wherever the web server says it`(
    parameters: [String: String], path: String?
  ) throws {
    var request = TestRequest()
    request.parameters.merge(parameters) { $1 }
    switch try decide(request, script: true) {
    case .admitted(let received): #expect(received.path == path)
    case .refused: #expect(path == nil)
    }
  }

  @Test(arguments: ["HEAD", "PUT", "DELETE", "OPTIONS", "get", ""])
  func `other methods are told which are allowed`(method: String) throws {
    guard case .refused(let refusal) = try decide(TestRequest(method)) else {
      Issue.record("admitted")
      return
    }
    #expect(refusal.response.status == .methodNotAllowed)
    #expect(refusal.response.fields == [Response.Field("Allow", "GET, POST")])
  }

  @Test(
    arguments: [
      ("/notice?key=one", "/notice", nil), ("/notice?a=1&key=two&b=2", "/notice", "a=1&b=2"),
      ("/notice/one", "/notice", nil), ("/notice/two/message", "/notice/message", nil),
      ("/notice/message/one", "/notice/message", nil), ("/notice/one/?x", "/notice/", "x"),
      ("/notice?%6bey=o%6Ee", "/notice", nil), ("/notice/%6Fne", "/notice", nil),
      ("/notice?key=wrong&key=one", "/notice", nil), ("/notice/one?key=two", "/notice", nil),
      ("/notice?key=a%2Fb%26c", "/notice", nil), ("/notice?key=a/b%26c&key", "/notice", nil),
      ("/notice?keys=1&key=one", "/notice", "keys=1"), ("/notice?KEY=one", "/notice", nil),
      // A key that stands somewhere else as well.
      ("/notice/one?secret=one&a=1", "/notice", "a=1"), ("/notice/one?one&one=x&a", "/notice", "a"),
      ("/notice/one?a=tw%6F&b=x=one", "/notice", nil),
      ("/notice/one/1/2/3/4/5/6/7/8/two", "/notice/1/2/3/4/5/6/7/8", nil),
    ] as [(String, String, String?)])
  func `a key lets in and is not kept`(uri: String, path: String, query: String?) throws {
    let decision = try decide(TestRequest("GET", uri), keys: ["one", "two", "a/b&c"])
    guard case .admitted(let received) = decision else {
      Issue.record("refused")
      return
    }
    #expect(received.path == path)
    #expect(received.query == query)
    #expect(received.method == "GET" && received.remote == "203.0.113.7")
  }

  @Test(arguments: [
    "/notice", "/notice?key=", "/notice?key", "/notice?key=on", "/notice?key=onee",
    "/notice?key=One", "/notice?key=one%00", "/notice?other=one", "/notice/on",
    "/notice/onee/message",
    "/notice//", "/notice?a=b?key=one", "/notice?key=one;", "/notice/1/2/3/4/5/6/7/8/one",
  ])
  func `without a right key nobody gets in`(uri: String) throws {
    guard case .refused(let refusal) = try decide(TestRequest("GET", uri), keys: ["one", "two"])
    else {
      Issue.record("admitted")
      return
    }
    #expect(refusal.response.status == .forbidden)
    #expect(refusal.kept == nil)
  }

  @Test func `a key that is asked for by nobody is not kept either`() throws {
    guard case .admitted(let received) = try decide(TestRequest("GET", "/notice?key=old&a=1"))
    else {
      Issue.record("refused")
      return
    }
    #expect(received.query == "a=1")
  }
}
