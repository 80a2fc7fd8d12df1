-- ARGV: the token as it was found, and as it is after its use. Nothing happens to one that has changed meanwhile.
local function use_token(KEYS, ARGV)
  if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
  end
  return { 'ok' }
end
