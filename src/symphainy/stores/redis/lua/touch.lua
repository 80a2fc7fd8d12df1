-- ARGV: now.
local function touch(KEYS, ARGV)
  local now = now_of(ARGV[1])
  if not live(KEYS[1], now) then
    return { 'SessionNotFound' }
  end
  redis.call('HSET', KEYS[1], 'a', struct.pack('>d', now))
  return { 'ok', unpack(head(KEYS[1])) }
end
