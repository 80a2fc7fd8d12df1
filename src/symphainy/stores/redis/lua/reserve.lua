-- A user's sessions: KEYS[1] is a sorted set of creations, 1 if it counts for the cap, 0 if it is known to have expired;
-- KEYS[2] when each was reserved, as long as its session may still be about to be created.
-- ARGV: the creation and its session, the cap or '', '1' if those that count have just been looked at.
local function reserve(KEYS, ARGV)
  local now = server_time()
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - 2 * INTENTION_HOLDS)
  if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
    if ARGV[2] ~= '' and redis.call('ZCOUNT', KEYS[1], 1, 1) >= tonumber(ARGV[2]) then
      return { ARGV[3] == '1' and 'TooMany' or 'LookFirst' }
    end
    redis.call('ZADD', KEYS[1], 1, ARGV[1])
  end
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('EXPIRE', KEYS[2], 4 * INTENTION_HOLDS)
  return { 'ok', struct.pack('>d', now) }
end
