-- For wrk: a GET with the body in the file that NOTICE_BODY names. At the end one line for the harness: responses,
-- requests/s, p50 and p99 in milliseconds, connections and requests that failed, answers that were not 2xx.
local file = assert(io.open(os.getenv("NOTICE_BODY"), "rb"))
wrk.method = "GET"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "application/json"
file:close()

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("measured %d %.1f %.3f %.3f %d %d\n", summary.requests,
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
