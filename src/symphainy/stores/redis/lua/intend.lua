-- Enters ARGV[1] into the index KEYS[1], at this instant or, with ARGV[2] (seconds) and ARGV[3] (now), so much later
-- by the store's clock. Answers this instant.
local function intend(KEYS, ARGV)
  local now = server_time()
  local score = ARGV[2] and now_of(ARGV[3]) + tonumber(ARGV[2]) or now
  redis.call('ZADD', KEYS[1], string.format('%.17g', score), ARGV[1])
  return { 'ok', struct.pack('>d', now) }
end
