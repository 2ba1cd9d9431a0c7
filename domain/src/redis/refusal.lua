-- A cloud refused a call: everybody stays away from the bucket for as long as it asked, and slows down where it complained
-- about the pace.
-- KEYS: the bucket. ARGV: how far the asking clock is ahead, and the wait (microseconds); whether it was the pace; what
--       the pace is multiplied by, the least it can be, what of it is won back each microsecond, and within how many
--       microseconds complaints count as one.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2] + ARGV[1]
local row = redis.call('HMGET', KEYS[1], 'blocked', 'pace', 'slowed')
local blocked = math.max(tonumber(row[1]) or 0, now + ARGV[2])
redis.call('HSET', KEYS[1], 'blocked', string.format('%.0f', blocked))
local slowed = tonumber(row[3])
if ARGV[3] == '1' and (not slowed or now - slowed >= tonumber(ARGV[7])) then
  local pace = math.min(1, (tonumber(row[2]) or 1) + ARGV[6] * (now - (slowed or now)))
  pace = math.max(pace * ARGV[4], tonumber(ARGV[5]))
  redis.call('HSET', KEYS[1], 'pace', string.format('%.6f', pace), 'slowed', string.format('%.0f', now))
end
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil((blocked - now) / 1000) + 3600000))
return 1
