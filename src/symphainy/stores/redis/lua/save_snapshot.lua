-- KEYS: the session, its snapshot. ARGV: the snapshot, behind its seq. An older one is replaced, a newer one stays.
local function save_snapshot(KEYS, ARGV)
  local kept = redis.call('GETRANGE', KEYS[2], 0, 3)
  local newer = kept == '' or struct.unpack('>I4', ARGV[1]) > struct.unpack('>I4', kept)
  if newer and redis.call('EXISTS', KEYS[1]) == 1 then
    redis.call('SET', KEYS[2], ARGV[1])
  end
  return { 'ok' }
end
