-- Takes ARGV[1] out of the index KEYS[1], if its score is still ARGV[2] and no intention can depend on it any more.
local function sweep(KEYS, ARGV)
  local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
  if score and tonumber(score) == tonumber(ARGV[2]) and server_time() - tonumber(score) > 2 * INTENTION_HOLDS then
    redis.call('ZREM', KEYS[1], ARGV[1])
  end
  return { 'ok' }
end
