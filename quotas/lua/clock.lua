-- What:    the clock of every window: Redis' own, in microseconds, so that no gateway's clock matters.
--          This part is put in front of the scripts that need it (quotas/scripts.py); tests put another in its place.
-- KEYS:    none
-- ARGV:    none
-- Returns: clock_us() -> whole microseconds since 1970
-- Example: clock_us() == 1793491200123456

local function clock_us()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end
