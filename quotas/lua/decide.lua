-- What:    decides one or many requests in one step: of each, all windows are checked before any is counted in, and a
--          refused one consumes nothing. Requests are decided in the order given, each seeing those before it.
--          Reads the quota mirrors that an admitted request asks for. Put together with clock.lua and window.lua.
-- KEYS:    per request: one window a policy, then one hash a mirror; all of one hash slot
-- ARGV:    per request: number of policies, number of mirrors; then per policy: limit, window in seconds,
--          cost (0 only looks), enforce (0 counts and refuses nobody)
-- Returns: per request {verdict, now, then per policy: remaining, reset, wait, then per mirror: a row or nil}
--          verdict 1 admitted, 0 refused, -1 a key holds something that is no window (nothing was counted);
--          now: Redis' seconds, rounded up; reset: seconds until the oldest counted request leaves, 0 if none;
--          wait: 0 if it fits, seconds until it would if it doesn't, -1 if it doesn't and nobody is refused for it;
--          row: {limit or -1 for unlimited, settled, held, version, epoch, age in milliseconds}
-- Example: KEYS cg:live:{c:ctr_a}:window:minute  ARGV 1 0 100 60 1 1  ->  {{1, 1793491201, 99, 60, 0}}

local now_us = clock_us()
local now_seconds = math.ceil(now_us / 1000000)
local windows = {}
local replies = {}
local key_at, arg_at = 1, 1

local function mirror_row(key)
  local row = redis.pcall('HMGET', key, 'limit', 'settled', 'held', 'version', 'epoch', 'at')
  if row.err or not row[6] then
    return false
  end
  local age_ms = math.abs(math.floor(now_us / 1000) - tonumber(row[6]))
  return { tonumber(row[1]) or -1, tonumber(row[2]), tonumber(row[3]), tonumber(row[4]), tonumber(row[5]), age_ms }
end

while arg_at <= #ARGV do
  local policies, mirrors = tonumber(ARGV[arg_at]), tonumber(ARGV[arg_at + 1])
  local verdict, asked = 1, {}
  arg_at = arg_at + 2
  for i = 1, policies do
    local key, limit, cost = KEYS[key_at], tonumber(ARGV[arg_at]), tonumber(ARGV[arg_at + 2])
    local window = windows[key]
    if window == nil then
      window = open_window(key, tonumber(ARGV[arg_at + 1]) * 1000000, now_us)
      windows[key] = window
    end
    local policy = { window = window, limit = limit, cost = cost, wait = 0 }
    if not window then
      verdict = -1
    elseif cost > 0 and window.counted + cost > limit then
      if ARGV[arg_at + 3] == '1' then
        policy.wait = seconds_to_wait(window, limit, cost)
        verdict = math.min(verdict, 0)
      else
        policy.wait = -1
      end
    end
    asked[i] = policy
    key_at, arg_at = key_at + 1, arg_at + 4
  end

  local reply = { verdict, now_seconds }
  if verdict == 1 then
    for i = 1, policies do
      if asked[i].cost > 0 then
        count_in(asked[i].window, asked[i].cost)
      end
    end
  end
  if verdict >= 0 then
    for i = 1, policies do
      local policy = asked[i]
      reply[#reply + 1] = math.max(0, policy.limit - policy.window.counted)
      reply[#reply + 1] = seconds_to_reset(policy.window)
      reply[#reply + 1] = policy.wait
    end
  end
  for i = 1, mirrors do
    if verdict == 1 then
      reply[#reply + 1] = mirror_row(KEYS[key_at])
    end
    key_at = key_at + 1
  end
  replies[#replies + 1] = reply
end

for _, window in pairs(windows) do
  if window then
    save_window(window)
  end
end
return replies
