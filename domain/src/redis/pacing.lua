-- Takes units from all of some buckets, or from none. Each bucket is one moment, "tat": that at which it will be full
-- again (the generic cell rate algorithm); the clock is this server's.
-- KEYS: since when this server remembers; then one key for each bucket.
-- ARGV: how far the asking clock is ahead, and the longest wait that is any use (microseconds); then for each bucket:
--       units, microseconds for one unit to come back, units in a full bucket, whether what is saved up is void,
--       and the pace won back each microsecond.
-- Returns the wait in microseconds, and 1 where the units were taken, 0 where nothing was.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2] + ARGV[1]
local longest, is_blocked, rows = 0, false, {}

-- A server that was flushed or begun anew does not know what the last minute saw: its buckets begin empty. Later one that
-- is not there was not used for an hour, and is full. What begins empty begins a second late: not all processes notice at
-- once that the server is back, and those who did not use their own part still.
local late = 1000000
local since = tonumber(redis.call('GET', KEYS[1]))
if not since or since > now then
  since = now
  redis.call('SET', KEYS[1], string.format('%.0f', now))
end

for i = 2, #KEYS do
  local at = 3 + (i - 2) * 5
  local units, period, burst = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local void, back = ARGV[at + 3] == '1', tonumber(ARGV[at + 4])
  local row = redis.call('HMGET', KEYS[i], 'tat', 'blocked', 'pace', 'slowed')
  local depth = burst * period
  local tat = math.max(tonumber(row[1]) or (now - since < 60000000 and now + depth + late or now), now)
  if void then tat = math.max(tat, now + depth + late) end
  local blocked = (tonumber(row[2]) or 0) - now
  if blocked > 0 then
    is_blocked = true
    longest = math.max(longest, blocked)
  end
  if units > 0 then
    local pace = math.min(1, (tonumber(row[3]) or 1) + back * (now - (tonumber(row[4]) or now)))
    local cost = units * period / pace
    -- What costs more than a full bucket goes into debt: late is better than never.
    longest = math.max(longest, tat + math.min(cost, depth) - depth - now)
    tat = tat + cost
  end
  rows[i] = { tat, math.max(tat - now, blocked, 0) }
end

longest = math.ceil(longest)
if is_blocked or longest > tonumber(ARGV[2]) then return { longest, 0 } end
for i = 2, #KEYS do
  redis.call('HSET', KEYS[i], 'tat', string.format('%.0f', math.ceil(rows[i][1])))
  redis.call('PEXPIRE', KEYS[i], string.format('%.0f', math.ceil(rows[i][2] / 1000) + 3600000))
end
return { longest, 1 }
