-- Counts a try before it is made, unless there were too many already.
-- KEYS: whose tries. ARGV: how far the asking clock is ahead, and how long a count holds (microseconds); then for each key
--       the most it may be.
-- Returns for how many microseconds there can be no more tries; 0 where this one is counted.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2] + ARGV[1]
local counts, wait = {}, 0
for i, key in ipairs(KEYS) do
  local row = redis.call('HMGET', key, 'tries', 'until')
  local tries, over = tonumber(row[1]) or 0, tonumber(row[2]) or 0
  if over <= now then tries, over = 0, now + ARGV[2] end
  if tries >= tonumber(ARGV[2 + i]) then wait = math.max(wait, over - now) end
  counts[i] = { tries, over }
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'tries', counts[i][1] + 1, 'until', string.format('%.0f', counts[i][2]))
  redis.call('PEXPIRE', key, string.format('%.0f', math.ceil((counts[i][2] - now) / 1000)))
end
return 0
