-- What:    the strict sliding window: never more than N in any `length_us`, in one hash of at most 61 fields.
--          A window is cut into 60 buckets (one second each for a minute). A bucket leaves as a whole when its LAST
--          request is `length_us` old, so nothing is forgotten early; each bucket is written once and dropped once, so
--          a decision costs O(1) amortised, whatever the limit.
--          Field `head` is "<counted> <gap> <newest> <newest count> <skew>": requests counted in all, microseconds
--          between the last request of the oldest bucket and the newest request, the newest request's time and its
--          bucket's count, and what was added to Redis' clock because it stepped back.
--          Field `<bucket % 64>` is a closed bucket: (count * 64 + buckets to the next one) * width + microseconds of
--          its last request within it. Exact up to 140 million requests in one second.
--          Should the clock step back, the window's own time stands still for that moment and runs on from there.
-- KEYS:    a window's key, given to open_window
-- ARGV:    none
-- Returns: open_window(key, length_us, now_us) -> window, or false where the key holds something else
--          window.counted, count_in(window, cost), seconds_to_reset(window), seconds_to_wait(window, limit, cost),
--          save_window(window): only this one and count_in write
-- Example: three requests at 12.25 s, 12.75 s and 14.5 s: head = "3 1750000 14500000 1 0", "12" = (2 * 64 + 2) * 1000000 + 750000

local RING = 64
local BUCKETS = 60
local floor, ceil = math.floor, math.ceil

local function bucket_of(window, time_us)
  return floor(time_us / window.width_us)
end

-- A closed bucket that somebody deleted counts nothing and leads to the newest: too strict for a minute, then whole again.
local function closed_bucket(window, bucket)
  local value = tonumber(redis.call('HGET', window.key, bucket % RING))
  if not value then
    return 0, bucket_of(window, window.newest_us) - bucket, bucket * window.width_us
  end
  local rest = value % (RING * window.width_us)
  local step = floor(rest / window.width_us)
  return floor(value / (RING * window.width_us)), step, bucket * window.width_us + rest % window.width_us
end

local function last_of(window, bucket)
  if bucket >= bucket_of(window, window.newest_us) then
    return window.newest_us
  end
  local _, _, last_us = closed_bucket(window, bucket)
  return last_us
end

local function forget_what_left(window)
  if window.newest_us + window.length_us <= window.now_us then
    window.now_us = window.now_us - window.skew_us -- nothing is counted that Redis' own time could forget too early
    window.counted, window.skew_us, window.emptied, window.changed = 0, 0, true, true
    return
  end
  while window.oldest_us + window.length_us <= window.now_us do
    local bucket = bucket_of(window, window.oldest_us)
    local count, step = closed_bucket(window, bucket)
    window.counted = window.counted - count
    window.left[#window.left + 1] = bucket % RING
    window.oldest_us = last_of(window, bucket + step)
    window.changed = true
  end
end

local function open_window(key, length_us, now_us)
  local window = { key = key, length_us = length_us, width_us = length_us / BUCKETS, now_us = now_us, counted = 0, skew_us = 0, left = {} }
  local head = redis.pcall('HGET', key, 'head')
  if not head then
    return window
  end
  if type(head) ~= 'string' then
    return false
  end
  local counted, gap, newest, newest_count, skew = string.match(head, '^(%d+) (%d+) (%d+) (%d+) (%d+)$')
  if not counted then
    return false
  end
  window.counted, window.newest_us, window.newest_count = tonumber(counted), tonumber(newest), tonumber(newest_count)
  window.oldest_us, window.skew_us = window.newest_us - tonumber(gap), tonumber(skew)
  window.now_us = now_us + window.skew_us
  if window.now_us < window.newest_us then
    window.skew_us = window.newest_us - now_us
    window.now_us, window.changed = window.newest_us, true
  end
  forget_what_left(window)
  return window
end

local function count_in(window, cost)
  local now_us, bucket = window.now_us, bucket_of(window, window.now_us)
  if window.counted == 0 then
    window.oldest_us, window.newest_count, window.opened = now_us, cost, true
  else
    local newest = bucket_of(window, window.newest_us)
    if bucket == newest then
      window.newest_count = window.newest_count + cost
      if bucket_of(window, window.oldest_us) == newest then
        window.oldest_us = now_us
      end
    else
      local value = (window.newest_count * RING + bucket - newest) * window.width_us + window.newest_us % window.width_us
      redis.call('HSET', window.key, newest % RING, string.format('%.0f', value))
      window.newest_count, window.opened = cost, true
    end
  end
  window.newest_us, window.counted, window.changed = now_us, window.counted + cost, true
end

local function seconds_until_left(window, time_us)
  return ceil((time_us + window.length_us - window.now_us) / 1000000)
end

local function seconds_to_reset(window)
  return window.counted == 0 and 0 or seconds_until_left(window, window.oldest_us)
end

-- Until so much has left that `cost` fits; the whole length where it never can.
local function seconds_to_wait(window, limit, cost)
  if cost > limit then
    return window.length_us / 1000000
  end
  local too_many = window.counted + cost - limit
  local bucket, newest = bucket_of(window, window.oldest_us), bucket_of(window, window.newest_us)
  while bucket < newest do
    local count, step, last_us = closed_bucket(window, bucket)
    too_many = too_many - count
    if too_many <= 0 then
      return seconds_until_left(window, last_us)
    end
    bucket = bucket + step
  end
  return seconds_until_left(window, window.newest_us)
end

local function save_window(window)
  if not window.changed then
    return
  end
  if window.emptied then
    redis.call('DEL', window.key)
  end
  if window.counted == 0 then
    return
  end
  if #window.left > 0 and not window.emptied then
    redis.call('HDEL', window.key, unpack(window.left))
  end
  local gap_us = window.newest_us - window.oldest_us
  redis.call('HSET', window.key, 'head',
    string.format('%.0f %.0f %.0f %.0f %.0f', window.counted, gap_us, window.newest_us, window.newest_count, window.skew_us))
  if window.opened then
    redis.call('PEXPIRE', window.key, ceil((window.length_us + 2 * window.width_us) / 1000))
  end
end
