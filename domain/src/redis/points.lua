-- Takes points out of somebody's bucket, or nothing where there are too few. A bucket that is not there is full.
-- KEYS: the bucket. ARGV: how far the asking clock is ahead (microseconds); points in a full bucket, points that flow in
--       each second, points wanted.
-- Returns what is left, in millionths of a point as a text, and 1 where the points were taken.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2] + ARGV[1]
local most, speed, wanted = ARGV[2] * 1000000, tonumber(ARGV[3]), ARGV[4] * 1000000
local row = redis.call('HMGET', KEYS[1], 'held', 'at')
local at = tonumber(row[2]) or now
local held = math.min((tonumber(row[1]) or most) + math.max(now - at, 0) * speed, most)
local taken = held >= wanted and 1 or 0
if taken == 1 then held = held - wanted end
if held < most then
  redis.call('HSET', KEYS[1], 'held', string.format('%.0f', held), 'at', string.format('%.0f', math.max(now, at)))
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((most - held) / speed / 1000) + 1000))
else
  redis.call('DEL', KEYS[1])
end
return { string.format('%.0f', held), taken }
