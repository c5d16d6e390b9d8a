-- What:    writes what PostgreSQL holds of a quota into its mirror: absolute values, and only where (epoch, version) is
--          not older than what is there, so that retries, reorderings and many gateways end with the same mirror.
--          An equal one only refreshes `at`, Redis' time in milliseconds. Put together with clock.lua.
-- KEYS:    per mirror: its hash
-- ARGV:    per mirror: limit ("" is unlimited), settled, held, version, epoch, seconds until it is swept
-- Returns: per mirror 1 written, 0 refreshed, -1 older than what is there (nothing changed)
-- Example: KEYS cg:live:{c:ctr_a}:quota:generation:2026-11  ARGV 50 12 3 41 1 900  ->  {1}

local at_ms = string.format('%.0f', math.floor(clock_us() / 1000))
local written = {}

for i = 1, #KEYS do
  local key, first = KEYS[i], (i - 1) * 6
  local version, epoch = tonumber(ARGV[first + 4]), tonumber(ARGV[first + 5])
  local there = redis.call('HMGET', key, 'version', 'epoch')
  local there_version, there_epoch = tonumber(there[1]), tonumber(there[2])
  if there_version and (epoch < there_epoch or (epoch == there_epoch and version < there_version)) then
    written[i] = -1
  else
    if there_version == version and there_epoch == epoch then
      redis.call('HSET', key, 'at', at_ms)
      written[i] = 0
    else
      redis.call('HSET', key, 'limit', ARGV[first + 1], 'settled', ARGV[first + 2], 'held', ARGV[first + 3],
        'version', ARGV[first + 4], 'epoch', ARGV[first + 5], 'at', at_ms)
      written[i] = 1
    end
    redis.call('EXPIRE', key, ARGV[first + 6])
  end
end
return written
