-- What a page sends, by the integration page: three events, one of which keeps no session, and no profile id. A fifth of the
-- requests opens a session of somebody new. Run by wrk, see wrk.py.
local BODY = [[{"source":{"id":"shop"},"session":{"id":"%s"},"context":{"system":"webstore-backend",]]
  .. [["webstore":{"url":"http://magento-store.com","name":"Shoe store"},"client":{"browser":"Mozilla Firefox"}},]]
  .. [["properties":{},"events":[{"type":"page-view","properties":{"pageTitle":"My Page"},]]
  .. [["options":{"saveSession":false,"debugger":false},"context":{"tag":"product-details-page"}},]]
  .. [[{"type":"consent-granted","properties":{"marketing":false,"general":true},"options":{"profile":true}},]]
  .. [[{"type":"product-in-basket","properties":{"product":"Adidas sneakers","price":34.43},"options":{"profile":false}}],]]
  .. [["options":{}}]]
local SESSIONS_MAX = 50000
local known, opened = {}, 0
local before, after = "", ""

-- With KNOWN, those who come back are any of so many copies of a thousand visits, see size.py.
local KNOWN, MADE = tonumber(os.getenv("KNOWN") or "0"), 1000

local function session()
  local comes_back = math.random() >= 0.2
  if comes_back and KNOWN > 0 then
    return string.format("%08x-0000-4000-8000-%012x", math.random(KNOWN), math.random(MADE) - 1)
  end
  if comes_back and #known > 0 then return known[math.random(#known)] end
  opened = opened + 1
  local id = string.format("%08x-%04x-4000-8000-%012x", math.random(0, 0x7fffffff), math.random(0, 0xffff), opened)
  known[#known < SESSIONS_MAX and #known + 1 or math.random(SESSIONS_MAX)] = id
  return id
end

-- All session ids are of one length, so that a request is three texts in a row: what wrk takes of the processor, the servers lack.
function init()
  math.randomseed(os.time())
  local whole = wrk.format("POST", "/track", { ["Content-Type"] = "application/json" }, string.format(BODY, string.rep("?", 36)))
  before, after = whole:match("^(.-)" .. string.rep("%?", 36) .. "(.*)$")
end

function request() return before .. session() .. after end

function done(summary, latency)
  local refused = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format('{"requests": %d, "seconds": %.3f, "refused": %d, "p50": %.3f, "p99": %.3f, "longest": %.3f}\n',
    summary.requests, summary.duration / 1e6, refused, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
